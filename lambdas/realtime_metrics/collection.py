"""What is asked of Connect, and when: load in every round, queues and each hours of operation every five minutes.

Remembers between rounds and invocations what it was told; what could not be asked keeps its last answer with its time.
Per account and Region Connect allows 5 calls a second for load and 2 for queues and hours, which everything in the
account shares: calls are spaced, and hours that are due are spread over rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from realtime_metrics import opening
from realtime_metrics.pace import Pace
from shared.failure import DefectError
from shared.snapshot import Hours, Load, Queue, Snapshot
from shared.typed import TYPE_CHECKING, NamedTuple, Protocol
from shared.unavailable import UNAVAILABLE, reason_of

if TYPE_CHECKING:
    from datetime import date

    from shared.deadline import Deadline

RENEW_SECONDS = 300
HOURS_SECONDS = 4.0  # most of a round that hours may take
LOAD_PACE = 0.25
CONFIGURATION_PACE = 0.6
QUEUES_PER_CALL = 100  # GetCurrentMetricData's filter
# What the load of a queue that was deleted after it was listed may be refused with.
GONE = frozenset({"ResourceNotFoundException", "InvalidParameterException", "InvalidRequestException"})


class LocalHours(NamedTuple):
    """An hours of operation as Connect says it. zone: of the IANA database."""

    zone: str
    slots: tuple[opening.Slot, ...]


class Center(Protocol):
    """Connect, for one instance. Every method raises UnavailableError, DeadlineExceededError, DefectError."""

    def queues(self, deadline: Deadline, before_call: Callable[[], None]) -> Mapping[str, Queue]:
        """All standard queues by id. `before_call` is called before each page."""

    def load(
        self, queue_ids: tuple[str, ...], deadline: Deadline, before_call: Callable[[], None]
    ) -> Mapping[str, Load]:
        """The load of at most QUEUES_PER_CALL queues; what has none is missing."""

    def hours(self, hours_id: str, first: date, last: date, deadline: Deadline) -> LocalHours:
        """When it is open on these dates."""


Count = Callable[[str], None]


class Collection:
    """What is known of an instance. One per environment of Lambda."""

    def __init__(
        self,
        center: Center,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        wait: Callable[[float], object],
    ) -> None:
        self._center = center
        self._wall = wall
        self._load_pace = Pace(LOAD_PACE, clock=clock, wait=wait)
        self._queues_pace = Pace(CONFIGURATION_PACE, clock=clock, wait=wait)
        self._hours_pace = Pace(CONFIGURATION_PACE, clock=clock, wait=wait)
        self._queues: Mapping[str, Queue] = {}
        self._queues_at = float("-inf")
        self._hours: dict[str, Hours] = {}
        self._gone: dict[str, float] = {}
        self._tried: dict[str, float] = {}
        self.defects: list[DefectError] = []

    def take(self, standing: Snapshot, deadline: Deadline, count: Count) -> Snapshot:
        """The next snapshot. standing: the last one written, perhaps by another environment. count: of a metric, by
        name. Raises UnavailableError or
        DeadlineExceededError if the load could not be asked for; a defect is kept in `defects`, or raised if
        there is no load because of it.
        """
        self._learn(standing)
        self._renew_queues(self._wall(), deadline, count)
        self._renew_hours(self._wall(), deadline, count)
        taken_at = int(self._wall())  # before the first of the calls: the load is at least this new
        load = self._load(deadline)
        return Snapshot(taken_at, load, self._queues, self._hours_in_use())

    def forget_queues(self) -> None:
        """Ask for the list of queues in the next round."""
        self._queues_at = float("-inf")

    def _learn(self, standing: Snapshot) -> None:
        if not self._queues:
            self._queues = standing.queues
        for name, hours in standing.hours.items():
            if name not in self._hours or self._hours[name].asked_at < hours.asked_at:
                self._hours[name] = hours

    def _renew_queues(self, now: float, deadline: Deadline, count: Count) -> None:
        if now - self._queues_at < RENEW_SECONDS:
            return
        try:
            self._queues = self._center.queues(deadline, lambda: self._queues_pace.keep(deadline))
            self._queues_at = now
        except UNAVAILABLE as error:
            count(f"Queues.{reason_of(error)}")
        except DefectError as error:
            self.defects.append(error)

    def _renew_hours(self, now: float, deadline: Deadline, count: Count) -> None:
        share = deadline.within(HOURS_SECONDS)
        first, last = opening.dates_around(now)
        for name in self._due(now):
            try:
                self._hours_pace.keep(share)
                self._tried[name] = now
                local = self._center.hours(name, first, last, share)
                zone = opening.zone_named(local.zone)
            except UNAVAILABLE as error:
                if share.remaining() > CONFIGURATION_PACE:  # else the share was used up, and the next round goes on
                    count(f"Hours.{reason_of(error)}")
                return
            except DefectError as error:
                self._gone[name] = now
                if error.code == "ResourceNotFoundException":
                    self.forget_queues()
                else:
                    self.defects.append(error)
                continue
            self._gone.pop(name, None)
            self._hours[name] = Hours(int(now), opening.known_until(last, zone), opening.spans(local.slots, zone))

    def _due(self, now: float) -> list[str]:
        """The hours to ask for, those known least first; what was asked for in vain lets the others go before it."""
        asked = {
            queue.hours: max(
                self._hours[queue.hours].asked_at if queue.hours in self._hours else float("-inf"),
                self._gone.get(queue.hours, float("-inf")),
            )
            for queue in self._queues.values()
            if queue.enabled
        }
        due = [name for name, at in asked.items() if now - at >= RENEW_SECONDS]
        return sorted(due, key=lambda name: max(asked[name], self._tried.get(name, float("-inf"))))

    def _load(self, deadline: Deadline) -> Mapping[str, Load]:
        wanted = sorted(name for name, queue in self._queues.items() if queue.enabled)
        found: dict[str, Load] = {}
        try:
            for first in range(0, len(wanted), QUEUES_PER_CALL):
                chunk = tuple(wanted[first : first + QUEUES_PER_CALL])
                found.update(self._center.load(chunk, deadline, lambda: self._load_pace.keep(deadline)))
        except DefectError as error:
            if error.code in GONE:
                self.forget_queues()
            raise
        return found

    def _hours_in_use(self) -> Mapping[str, Hours]:
        used = {queue.hours for queue in self._queues.values()}
        return {name: hours for name, hours in self._hours.items() if name in used}
