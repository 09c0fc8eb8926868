"""Which queue a call goes to, given what the flow passed, the rules and the snapshot. Pure.

The same contact with the same snapshot always gets the same queue: nothing here is random, the contact's id decides
between queues by rendezvous hashing, in proportion to their weights. The time decides only what is closed and whether
the load is too old to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import log

from call_routing.rules import Rules
from shared.digest import blake2b
from shared.snapshot import NOTHING_KNOWN, Load, Snapshot, queue_id
from shared.typed import NamedTuple

NO_LOAD = Load()


class Choice(NamedTuple):
    """A queue by name and ARN, both empty if none may be had, and why. degraded: chosen without load or hours."""

    queue: str
    arn: str
    reason: str
    degraded: bool


class Call(NamedTuple):
    """What the flow says of a call. candidates: ARNs of queues by name. default: a name, or empty."""

    contact_id: str
    candidates: Mapping[str, str]
    asked: Mapping[str, str]
    default: str = ""


def decide(call: Call, rules: Rules, snapshot: Snapshot | None, now: float) -> Choice:
    """The queue for this call; never one that is known to be closed, and none if all are.

    Queues are tried in groups: the VIP queues, those of the first rule that holds, the flow's default, all others by
    weight. The first group with a queue that is open and has room decides; a group without one tries what its queues
    overflow to. If no queue has room, the first group with an open queue decides.

    A snapshot that is missing or too old says nothing of load: then weights alone decide, and the choice is degraded.
    Its hours still count as long as they reach.
    """
    standing = _Standing(call, rules, snapshot or NOTHING_KNOWN, now)
    if not call.candidates:
        return Choice("", "", "no-queue-passed", degraded=False)
    if not standing.allowed:
        return Choice("", "", "no-queue-for-brand", degraded=False)
    return standing.with_room() or standing.without_room() or Choice("", "", "all-closed", not standing.fresh)


class _Standing:
    """One decision: which queues are allowed, which of them are open and have room."""

    def __init__(self, call: Call, rules: Rules, snapshot: Snapshot, now: float) -> None:
        self.call = call
        self.rules = rules
        self.snapshot = snapshot
        self.fresh = snapshot.is_fresh(now)
        self.allowed = _of_brand(call, rules)
        self.open = {name: snapshot.open_at(queue_id(arn), now) for name, arn in self.allowed.items()}

    def groups(self) -> Iterator[tuple[str, list[str]]]:
        """Reason and names, in the order in which they are tried."""
        rules, asked = self.rules, self.call.asked
        if rules.vip is not None and rules.vip.when.holds(asked):
            yield rules.vip.reason, self._among(rules.vip.queues)
        for rule in rules.rules:
            names = self._among(rule.queues)
            if names and rule.when.holds(asked):
                yield rule.reason, names
                break
        if self.call.default in self.allowed:
            yield "default", [self.call.default]
        kept = rules.kept()
        shared = [name for name in self.allowed if rules.weights.get(name, 0 if name in kept else 1) > 0]
        # Only if a flow passed nothing but queues that are kept for others does it mean these.
        yield "weight", shared or ([] if self.call.default in self.allowed else list(self.allowed))

    def with_room(self) -> Choice | None:
        """The first group with a queue that is open and has room, itself or by overflow."""
        for certain in (True, False):  # a queue whose hours are not known only if none is known to be open
            for reason, names in self.groups():
                chosen = self._best(name for name in names if self._ready(name, certain=certain))
                if chosen is not None:
                    return self._choice(chosen, reason)
                for level in self._overflow(names):
                    chosen = self._best(name for name in level if self._ready(name, certain=certain))
                    if chosen is not None:
                        return self._choice(chosen, "overflow")
        return None

    def without_room(self) -> Choice | None:
        """The first group with an open queue: whoever waits in a full one is better off than who is sent away."""
        for certain in (True, False):
            for _, names in self.groups():
                for level in (names, *self._overflow(names)):
                    chosen = self._best(name for name in level if self._is_open(name, certain=certain))
                    if chosen is not None:
                        return self._choice(chosen, "over-capacity")
        return None

    def _among(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.allowed]

    def _overflow(self, names: list[str]) -> Iterator[list[str]]:
        """What these queues overflow to, then what that overflows to, each queue once."""
        seen = set(names)
        level = names
        while level:
            level = [
                name
                for name in dict.fromkeys(over for full in level for over in self.rules.overflow.get(full, ()))
                if name not in seen
            ]
            seen.update(level)
            yield self._among(level)

    def _is_open(self, name: str, *, certain: bool) -> bool:
        return self.open[name] is (True if certain else None)

    def _ready(self, name: str, *, certain: bool) -> bool:
        if not self._is_open(name, certain=certain):
            return False
        limits = self.rules.capacity.get(name)
        if limits is None or not self.fresh:
            return True
        load = self._load(name)
        most, oldest = limits.max_contacts_in_queue, limits.max_oldest_contact_age
        return (
            (most is None or load.contacts_in_queue < most)
            and (oldest is None or load.oldest_contact_age < oldest)
            and load.agents_staffed >= limits.min_agents_staffed
        )

    def _load(self, name: str) -> Load:
        return self.snapshot.load.get(queue_id(self.allowed[name]), NO_LOAD)

    def _best(self, names: Iterable[str]) -> str | None:
        """One of these by weight; None if there is none."""
        weights = {name: self.rules.weights.get(name, 1) for name in names}
        positive = {name: weight for name, weight in weights.items() if weight} or dict.fromkeys(weights, 1)
        return min(positive, key=lambda name: self._distance(name, positive[name]), default=None)

    def _distance(self, name: str, weight: int) -> tuple[float, str]:
        """How far the contact is from a queue: the nearest wins, each in proportion to its weight.

        The load lightens a queue: one in which as many wait as agents are staffed gets half of its share.
        """
        load = self._load(name) if self.fresh else NO_LOAD
        waiting = load.contacts_in_queue / max(load.agents_staffed, 1)
        digest = blake2b(f"{self.call.contact_id}\0{name}".encode(errors="replace"), digest_size=8).digest()
        uniform = (int.from_bytes(digest, "big") + 0.5) / 2**64
        return -log(uniform) * (1 + waiting) / weight, name

    def _choice(self, name: str, reason: str) -> Choice:
        return Choice(name, self.allowed[name], reason, not self.fresh or self.open[name] is None)


def _of_brand(call: Call, rules: Rules) -> Mapping[str, str]:
    """The candidates of the call's brand. A call of no brand that we know may use what belongs to none, if there is any;
    else all.
    """
    queues = rules.brand.queues
    if not queues:
        return call.candidates
    own = queues.get(call.asked.get(rules.brand.parameter, ""))
    if own is not None:
        return {name: arn for name, arn in call.candidates.items() if name in own}
    branded = frozenset().union(*queues.values())
    return {name: arn for name, arn in call.candidates.items() if name not in branded} or call.candidates
