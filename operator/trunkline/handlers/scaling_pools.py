"""Queues whose agents answer each other's calls, as the center's routing profiles say: which are one pool, and what that is
worth. Pure; for the pass and for the planner's commands alike.

Without `spec.staffing` the queues that profiles connect are a pool, and its part of the calls is that of its queues: as
they were counted, else an equal part each. With it pools are as it writes them, and what they share is told beside. How many
agents have which profile stands nowhere in a manifest: each profile is taken to have agents in proportion to the
calls that it answers, those of a queue divided evenly among its profiles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from random import Random
from typing import Any

from trunkline.api.counted import counted
from trunkline.api.routing_profiles import Channel, RoutingProfile
from trunkline.capacity.center import Center
from trunkline.capacity.day import Day
from trunkline.capacity.pooling import Bounds, QueueLoad, as_routed, bounds, pools
from trunkline.capacity.simulation import Crew
from trunkline.capacity.workload import Pool
from trunkline.handlers.scaling_center import ALL

CALLS = 12_000  # simulated for each candidate: the answer stays within a second
SEED = 1
COUNTED = "shares of the queues: CONTACTS_QUEUED of a week"
EQUAL = "shares of the queues: equal parts, since nobody counted their contacts"
MOST = 31  # pools, and one of all other queues
MOST_LINES, MOST_QUEUES = 32, 16  # in status, and of one line
LARGEST = 1_000.0  # Erlangs that are still simulated

Profiles = Mapping[str, tuple[tuple[str, ...], ...]]
"""By name: queues of calls by urgency, those of one priority together."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Pools or queues that share agents, in the slot in which they have most calls. simulated: as routed, None if not asked. share: of the
    calls that go to agents, None where the policy says it."""

    pools: tuple[str, ...]
    slot: int
    pooled: int
    separate: int
    simulated: int | None
    share: float | None = None

    def text(self) -> str:
        """A sentence."""
        routed = f", simulated as routed {self.simulated:,}" if self.simulated is not None else ""
        return (
            f"{' and '.join(self.pools)} share agents: {self.pooled:,} if everybody answers everything, "
            f"{self.separate:,} apart{routed}"
        )


@dataclass(frozen=True, slots=True)
class QueuePool:
    """Queues that profiles connect, with the part that each has of the calls that go to agents."""

    name: str
    shares: Mapping[str, float]

    @property
    def share(self) -> float:
        """Of all its queues."""
        return sum(self.shares.values())


def profiles_of(routing_profiles: Sequence[RoutingProfile]) -> Profiles:
    """The queues that agents are offered calls of."""
    found = {}
    for profile in routing_profiles:
        voice = sorted(
            ((one.priority, str(one.queue)) for one in profile.queues or () if one.channel is Channel.VOICE),
        )
        found[str(profile.name)] = tuple(
            tuple(queue for _, queue in group) for _, group in groupby(voice, key=lambda one: one[0])
        )
    return found


def queue_pools(profiles: Profiles, queued: Mapping[str, float] | None = None) -> tuple[QueuePool, ...]:
    """The pools of a center, the largest first. queued: contacts of a week by queue, None if nobody counted them.

    What is beyond the largest 32 is one pool more: a plan takes its time for each.
    """
    answers = {name: [queue for group in groups for queue in group] for name, groups in profiles.items()}
    groups = pools({name: queues for name, queues in answers.items() if queues}, queued or ())
    measured = sum((queued or {}).values()) > 0.0
    weights = {queue: (queued or {}).get(queue, 0.0) if measured else 1.0 for group in groups for queue in group}
    whole = sum(weights.values())
    found = [
        {queue: weights[queue] / whole for queue in group}
        for group in groups
        if sum(weights[one] for one in group) > 0.0
    ]
    found.sort(key=lambda shares: -sum(shares.values()))
    rest = {queue: share for shares in found[MOST:] for queue, share in shares.items()}
    kept = [*found[:MOST], *([rest] if rest else [])]
    return tuple(QueuePool(_name(shares, len(kept)), shares) for shares in kept)


def _name(shares: Mapping[str, float], of: int) -> str:
    first, *others = sorted(shares)
    return ALL if of == 1 else f"{first} and {len(others)} more" if others else first


def pooled(center: Center, found: Sequence[QueuePool]) -> Center:
    """The center with these pools, of which the policy says nothing; as it is, if there are none."""
    if not found:
        return center
    whole = max(1.0, sum(one.share for one in found))  # a share too many of the last digit
    there = (Pool(one.name, tuple(sorted(one.shares)), one.share / whole, center.workload) for one in found)
    return replace(center, pools=tuple(there))


def within(center: Center, day: Day, found: Sequence[QueuePool]) -> Iterator[Shared]:
    """Each of these pools with its queues apart and together, in its busiest slot."""
    for one in found:
        planned = day.pools[one.name]
        slot = max(range(len(planned.slots)), key=lambda index: planned.slots[index].erlangs)
        erlangs = planned.slots[slot].erlangs
        loads = [
            QueueLoad(queue, erlangs * share / one.share, planned.workload)
            for queue, share in sorted(one.shares.items())
        ]
        bound = bounds(loads, center.objectives)
        yield Shared(tuple(sorted(one.shares)), slot, bound.pooled.agents, bound.most, None, one.share)


def shared(center: Center, day: Day, profiles: Profiles, *, simulated: bool = True) -> Iterator[Shared]:
    """Each group of pools that profiles connect. simulated: where the bounds are far apart, which takes a second."""
    pool_of = {queue: pool.name for pool in center.pools for queue in pool.queues}
    answers = {name: tuple(_pools_of(group, pool_of) for group in groups) for name, groups in profiles.items()}
    flat = {name: [pool for group in groups for pool in group] for name, groups in answers.items()}
    for group in pools({name: names for name, names in flat.items() if names}):
        if len(group) > 1:
            near = [groups for groups in answers.values() if set(sum(groups, ())) & set(group)]
            yield _shared(center, day, group, near, simulated)


def lines(found: Iterable[Shared], starts: Sequence[datetime], measured: bool) -> Iterator[dict[str, Any]]:
    """`status.pools`. starts: of the day's slots. measured: whether the shares of queues are."""
    for one in islice(found, MOST_LINES):
        line: dict[str, Any] = {
            "queues": list(one.pools[:MOST_QUEUES]),
            "agentsPooled": one.pooled,
            "agentsSeparate": one.separate,
            "at": f"{starts[one.slot]:%Y-%m-%dT%H:%M:%SZ}",
        }
        if one.share is not None:
            line["sharePercent"] = round(100.0 * one.share)
            line["message"] = COUNTED if measured else EQUAL
        if (more := len(one.pools) - MOST_QUEUES) > 0:
            said = f"; {line['message']}" if "message" in line else ""
            line["message"] = f"and {counted(more, 'queue')} more{said}"
        yield line


def _shared(
    center: Center,
    day: Day,
    group: tuple[str, ...],
    answers: Sequence[tuple[tuple[str, ...], ...]],
    simulated: bool,
) -> Shared:
    slots = range(len(day.traffic))
    slot = max(slots, key=lambda index: sum(day.pools[name].slots[index].erlangs for name in group))
    loads = [QueueLoad(name, day.pools[name].slots[slot].erlangs, day.pools[name].workload) for name in group]
    found: Bounds = bounds(loads, center.objectives)
    crews = _crews(loads, answers)
    answered = {name for crew in crews for names in crew.queues for name in names}
    small = answered >= set(group) and sum(load.erlangs for load in loads) <= LARGEST
    if simulated and found.far_apart and small:
        found = as_routed(loads, crews, center.objectives, Random(SEED), CALLS)
    return Shared(group, slot, found.pooled.agents, found.most, found.simulated)


def _crews(loads: Sequence[QueueLoad], answers: Sequence[tuple[tuple[str, ...], ...]]) -> list[Crew]:
    among: dict[str, int] = defaultdict(int)
    for groups in answers:
        for name in set(sum(groups, ())):
            among[name] += 1
    weight = {load.name: load.erlangs / among[load.name] for load in loads if among[load.name]}
    return [
        Crew(max(1, round(100 * sum(weight.get(name, 0.0) for name in set(sum(groups, ()))))), groups)
        for groups in answers
    ]


def _pools_of(queues: Sequence[str], pool_of: Mapping[str, str]) -> tuple[str, ...]:
    """Pools, each once, in the order of their first queue."""
    return tuple(dict.fromkeys(pool_of[queue] for queue in queues if queue in pool_of))
