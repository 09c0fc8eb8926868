"""Queues that share agents: which are one pool, and between which bounds its staffing lies. Pure.

Queues whose agents answer every call of all of them need the fewest agents, queues each with its own need the most. What
routing profiles really make of it is between, and simulated where the two are far apart. "Pooling" in queueing: W. Whitt,
"Understanding the Efficiency of Multi-Server Service Systems", Management Science 38 (1992).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from trunkline.capacity.simulation import Crew, Line, simulate
from trunkline.capacity.staffing import Staffing, exact
from trunkline.capacity.workload import Objectives, Workload

FAR_APART = 0.05  # of the pooled staff
CALLS = 60_000  # of a simulated candidate: a service level of 80 % is then known to about half a percent


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """Erlangs that a queue asks of its agents, and what its calls are."""

    name: str
    erlangs: float
    workload: Workload


@dataclass(frozen=True, slots=True)
class Bounds:
    """Staffing of a pool. pooled: everybody answers everything. separate: each queue has its own. simulated: as routed.

    simulated is None where the bounds are within 5 % of each other, or nobody told how calls are routed.
    """

    pooled: Staffing
    separate: Mapping[str, Staffing]
    simulated: int | None = None

    @property
    def most(self) -> int:
        """Agents of separate queues."""
        return sum(staffing.agents for staffing in self.separate.values())

    @property
    def far_apart(self) -> bool:
        """Whether it matters how calls are routed."""
        return self.most > (1.0 + FAR_APART) * self.pooled.agents

    @property
    def agents(self) -> int:
        """What to plan with: as simulated, else pooled."""
        return self.pooled.agents if self.simulated is None else self.simulated


def pools(profiles: Mapping[str, Iterable[str]], queues: Iterable[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Queues that are connected through routing profiles, as sorted groups. queues: names that no profile may have."""
    group: dict[str, set[str]] = {name: {name} for name in queues}
    for names in profiles.values():
        joined = set().union(*(group.get(name, {name}) for name in names))
        for name in joined:
            group[name] = joined
    return tuple(sorted({tuple(sorted(names)) for names in group.values() if names}))


def bounds(loads: Sequence[QueueLoad], objectives: Objectives) -> Bounds:
    """Pooled and separate staffing. Raises ValueError for a pool without queues."""
    return Bounds(
        exact(sum(load.erlangs for load in loads), mixed(loads), objectives),
        {load.name: exact(load.erlangs, load.workload, objectives) for load in loads},
    )


def mixed(loads: Sequence[QueueLoad]) -> Workload:
    """The calls of several queues as if they were of one: means weighted by how many there are of each."""
    if not loads:
        raise ValueError("a pool has at least one queue")
    rates = [load.erlangs / load.workload.handle_seconds if load.workload.handle_seconds else 0.0 for load in loads]
    total = sum(rates)
    if len(loads) == 1 or total <= 0.0:
        return loads[0].workload

    def mean(seconds: Callable[[Workload], float]) -> float:
        return sum(rate * seconds(load.workload) for rate, load in zip(rates, loads, strict=True) if rate > 0.0) / total

    return replace(
        loads[0].workload,
        talk_seconds=mean(lambda calls: calls.talk_seconds),
        after_contact_seconds=mean(lambda calls: calls.after_contact_seconds),
        patience_seconds=mean(lambda calls: calls.patience_seconds),
    )


def as_routed(
    loads: Sequence[QueueLoad], crews: Sequence[Crew], objectives: Objectives, random: Random, calls: int = CALLS
) -> Bounds:
    """The bounds, and where they are far apart the fewest agents that keep every queue's promises, simulated.

    crews: their agents are the proportion in which the total is divided. Every candidate meets the same calls.
    """
    found = bounds(loads, objectives)
    if not found.far_apart:
        return found
    seed = random.getrandbits(64)
    lines = [
        Line(
            load.name,
            load.erlangs / load.workload.handle_seconds,
            load.workload.handle_seconds,
            load.workload.patience_seconds,
        )
        for load in loads
        if load.erlangs > 0.0
    ]

    def kept(agents: int) -> bool:
        met = simulate(lines, divided(agents, crews), objectives.answer_seconds, calls, Random(seed))
        level, most = objectives.service_level_share, objectives.max_abandoned_share
        return all(
            (level is None or one.answered_in_time >= level) and (most is None or one.abandoned <= most)
            for one in met.values()
        )

    # The bounds hold for the formulas' calls: a crew of the wrong size may need more than separate queues do.
    low, high = found.pooled.agents - 1, found.most
    while not kept(high) and high < 2 * found.most:
        low, high = high, high + max(1, found.most // 20)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if kept(middle) else (middle, high)
    return replace(found, simulated=high)


def divided(agents: int, crews: Sequence[Crew]) -> tuple[Crew, ...]:
    """So many agents in the crews' proportion: whole ones, the rest to the largest fractions."""
    total = sum(crew.agents for crew in crews)
    if total <= 0:
        raise ValueError("crews need agents: their numbers are the proportion to divide by")
    exact_parts = [agents * crew.agents / total for crew in crews]
    whole = [int(part) for part in exact_parts]
    rest = sorted(range(len(crews)), key=lambda index: whole[index] - exact_parts[index])
    for index in rest[: agents - sum(whole)]:
        whole[index] += 1
    return tuple(replace(crew, agents=count) for crew, count in zip(crews, whole, strict=True))
