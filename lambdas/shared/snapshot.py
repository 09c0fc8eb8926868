"""The snapshot of an instance's queues: load, status and opening hours, as realtime_metrics writes it and call_routing
reads it. Pure but for the one read of `Snapshots`.

One item, SNAPSHOT#<instance ARN> / LATEST, with four attributes beside its keys and Type: `TakenAt` (when the load was
asked for, seconds since the epoch), `Generation` (counts the writes), `Holder` and `HeldUntil` (which run writes), and
`Body`, compact JSON:

    {"load": {"<queue id>": [contacts in queue, age of the oldest in s, agents staffed, agents available]},
     "queues": {"<queue id>": ["<hours id>", 1 if enabled else 0]},
     "hours": {"<hours id>": [asked at, known until, [[opens, closes], ...]]}}

Moments are whole seconds since the epoch, so a reader needs no time zones. A thousand queues are about 80 KB of the
400 KB that an item may have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from shared import access_patterns, entities, keys
from shared.failure import DefectError
from shared.typed import TYPE_CHECKING, Any, NamedTuple
from shared.unavailable import UNAVAILABLE, reason_of

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.dynamodb import DynamoDB
    from shared.entities import Item

FRESH_SECONDS = 60  # an older load says nothing about who waits now
KEPT_SECONDS = 3.0  # a copy in memory; load is asked for every ten seconds
RETRY_SECONDS = 1.0  # after a read that failed, so that a dead table does not cost every caller the wait
READ_SECONDS = 0.25


class Load(NamedTuple):
    """What goes on in a queue. The age of the oldest contact is in seconds."""

    contacts_in_queue: int = 0
    oldest_contact_age: int = 0
    agents_staffed: int = 0
    agents_available: int = 0


class Hours(NamedTuple):
    """When an hours of operation is open, as far as it is known: asked at and known until, seconds since the epoch, and
    the spans [opens, closes) in between.
    """

    asked_at: int
    known_until: int
    spans: tuple[tuple[int, int], ...]

    def open_at(self, now: float) -> bool | None:
        """Whether it is open; None where it is not known."""
        if now >= self.known_until:
            return None
        return any(opens <= now < closes for opens, closes in self.spans)


class Queue(NamedTuple):
    """A queue of the instance. hours: the id of its hours of operation."""

    hours: str
    enabled: bool = True


class Snapshot(NamedTuple):
    """All queues of an instance at one moment."""

    taken_at: int
    load: Mapping[str, Load]
    queues: Mapping[str, Queue]
    hours: Mapping[str, Hours]

    def is_fresh(self, now: float) -> bool:
        """Whether the load may decide."""
        return now - self.taken_at <= FRESH_SECONDS

    def open_at(self, queue_id: str, now: float) -> bool | None:
        """Whether a queue takes contacts: enabled, and within its hours. None if that is not known."""
        queue = self.queues.get(queue_id)
        if queue is None:
            return None
        if not queue.enabled:
            return False
        hours = self.hours.get(queue.hours)
        return None if hours is None else hours.open_at(now)


NOTHING_KNOWN = Snapshot(0, {}, {}, {})


class Written(NamedTuple):
    """A snapshot as it stands in the table, with what decides who may write the next one."""

    snapshot: Snapshot
    generation: int
    holder: str
    held_until: int


def queue_id(arn: str) -> str:
    """The id in a queue's ARN, `.../instance/<id>/queue/<id>`; an id stays what it is."""
    return arn.rpartition("/")[2]


def item(instance: str, written: Written) -> dict[str, Mapping[str, Any]]:
    """The item of a snapshot."""
    snapshot = written.snapshot
    body = {
        "load": {name: list(load) for name, load in snapshot.load.items()},
        "queues": {name: [queue.hours, int(queue.enabled)] for name, queue in snapshot.queues.items()},
        "hours": {name: [h.asked_at, h.known_until, h.spans] for name, h in snapshot.hours.items()},
    }
    return entities.item(
        entities.SNAPSHOT,
        keys.snapshot(instance),
        {
            "TakenAt": entities.number(snapshot.taken_at),
            "Generation": entities.number(written.generation),
            "Holder": entities.text(written.holder),
            "HeldUntil": entities.number(written.held_until),
            "Body": entities.text(json.dumps(body, separators=(",", ":"))),
        },
    )


def written_in(found: Item) -> Written:
    """The snapshot in an item. Raises DefectError("UnreadableSnapshot") if it is not one."""
    try:
        body = json.loads(found["Body"]["S"])
        snapshot = Snapshot(
            int(found["TakenAt"]["N"]),
            {name: Load(*map(_whole, load)) for name, load in body["load"].items()},
            {name: Queue(str(hours), bool(enabled)) for name, (hours, enabled) in body["queues"].items()},
            {
                name: Hours(
                    _whole(asked_at),
                    _whole(known_until),
                    tuple((_whole(opens), _whole(closes)) for opens, closes in spans),
                )
                for name, (asked_at, known_until, spans) in body["hours"].items()
            },
        )
        return Written(snapshot, int(found["Generation"]["N"]), found["Holder"]["S"], int(found["HeldUntil"]["N"]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise DefectError("UnreadableSnapshot") from None


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("no whole number")
    return value


class Snapshots:
    """The newest snapshot, read at most every few seconds. One per environment of Lambda."""

    def __init__(
        self, dynamodb: DynamoDB, table: str, instance: str, *, clock: Callable[[], float], jitter: Callable[[], float]
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._key = keys.snapshot(instance)
        self._clock = clock
        self._jitter = jitter
        self._held: Snapshot | None = None
        self._next = float("-inf")

    def latest(self, deadline: Deadline) -> tuple[Snapshot | None, str]:
        """The snapshot, None if there has never been one, and why a read failed ("" if none did). After a failure the
        one read before is answered; its age tells. Raises DefectError.

        One that cannot be read, because a newer or older version wrote it, is a failure too ("corrupt"): calls go on by
        weights while versions are rolled, as they do while there is none.
        """
        now = self._clock()
        if now < self._next:
            return self._held, ""
        try:
            found = access_patterns.LATEST_SNAPSHOT.get(
                self._dynamodb, self._table, self._key, deadline.within(READ_SECONDS)
            )
        except UNAVAILABLE as error:
            self._next = self._clock() + RETRY_SECONDS
            return self._held, reason_of(error)
        try:
            self._held = None if found is None else written_in(found).snapshot
        except DefectError:
            self._next = self._clock() + RETRY_SECONDS
            return self._held, "corrupt"
        self._next = self._clock() + KEPT_SECONDS * (0.9 + 0.2 * self._jitter())
        return self._held, ""
