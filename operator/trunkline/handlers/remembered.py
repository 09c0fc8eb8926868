"""What a handler remembers of one object between passes. Lost at a restart; nothing here is needed to be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.engine.driver import Caller
from trunkline.engine.graph import Graph
from trunkline.engine.memory import Memory
from trunkline.engine.plan import Answer
from trunkline.engine.record import Record
from trunkline.engine.resource import Blueprint
from trunkline.engine.result import State
from trunkline.handlers.port import Key

Operation = tuple[str, str]  # service, operation


@dataclass(frozen=True, slots=True)
class Built:
    """What an object means, as long as its inputs stay."""

    blueprint: Blueprint
    graph: Graph


@dataclass(slots=True)
class Remembered:
    """fingerprint: of all inputs of the last pass; as long as it stays, what was settled need not be read again.

    calls: reads of the last full pass, by operation: what a drift check of this object costs. deep_at: when the reads
    that cost a call per resource were last made. states: of the last pass, for transitions.
    """

    uid: str
    memory: Memory
    record: Record
    fingerprint: str = ""
    pending: bool = False
    deep_at: float = 0.0
    calls: Counter[Operation] = field(default_factory=Counter)
    states: dict[str, State] = field(default_factory=dict)
    instance: dict[str, str] = field(default_factory=dict)
    built: Built | None = None
    last_plan: dict[str, Any] = field(default_factory=dict)


class CountingCaller:
    """Passes calls on, counts the reads, and sees to it that the finalizer stands before anything is made."""

    def __init__(self, caller: Caller, ensure_finalizer: Callable[[], Awaitable[None]]) -> None:
        self._caller = caller
        self._ensure_finalizer = ensure_finalizer
        self._ensured = False
        self.reads: Counter[Operation] = Counter()
        self.mutations = 0

    async def read(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        """As the gate's."""
        self.reads[service, operation] += 1
        return await self._caller.read(service, operation, params)

    async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        """As the gate's."""
        if not self._ensured:
            await self._ensure_finalizer()
            self._ensured = True
        self.mutations += 1
        return await self._caller.mutate(service, operation, params)


class Fleet:
    """What all objects of one account and region cost in reads a round: the drift period follows from it."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[str, str], dict[str, Counter[Operation]]] = {}
        self._totals: dict[tuple[str, str], Counter[Operation]] = {}
        self._claims: dict[tuple[str, str, str], dict[Key, bool]] = {}
        self._claimed: dict[Key, tuple[str, str, str]] = {}

    def count(self, account: str, region: str, uid: str, calls: Counter[Operation]) -> dict[Operation, float]:
        """Notes what one object costs; answers the cost of all of its account and region."""
        place = (account, region)
        objects = self._by_place.setdefault(place, {})
        total = self._totals.setdefault(place, Counter())
        total.subtract(objects.get(uid, Counter()))
        objects[uid] = calls
        total.update(calls)
        return {operation: float(number) for operation, number in total.items() if number > 0}

    def size(self, account: str, region: str) -> int:
        """How many objects share the call rates of an account and region."""
        return len(self._by_place.get((account, region), ()))

    def writer(self, account: str, region: str, instance_id: str, key: Key, *, maker: bool) -> Key:
        """Which of the objects that would write what an instance has only one of does: the one that makes the instance,
        or else the first by name.
        """
        self.renounce(key)
        instance = (account, region, instance_id)
        claims = self._claims.setdefault(instance, {})
        claims[key] = maker
        self._claimed[key] = instance
        return min(claims, key=lambda claimant: (not claims[claimant], claimant))

    def renounce(self, key: Key) -> None:
        """The object names no instance any more."""
        instance = self._claimed.pop(key, None)
        if instance is None:
            return
        claims = self._claims[instance]
        del claims[key]
        if not claims:
            del self._claims[instance]

    def forget(self, uid: str) -> None:
        """The object is gone."""
        for place, objects in self._by_place.items():
            if (calls := objects.pop(uid, None)) is not None:
                self._totals[place].subtract(calls)
