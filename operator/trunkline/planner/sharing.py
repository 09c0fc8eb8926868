"""Pools whose agents answer each other's queues, as the center's routing profiles say: what sharing them is worth. Pure.

How many agents have which profile stands nowhere in a manifest: each profile is taken to have agents in proportion to the
calls that it answers, those of a queue divided evenly among its profiles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random

from trunkline.api.routing_profiles import Channel, RoutingProfile
from trunkline.capacity.center import Center
from trunkline.capacity.day import Day
from trunkline.capacity.pooling import Bounds, QueueLoad, as_routed, bounds, pools
from trunkline.capacity.simulation import Crew

CALLS = 12_000  # simulated for each candidate: the answer stays within a second
SEED = 1
LARGEST = 1_000.0  # Erlangs that are still simulated

Profiles = Mapping[str, tuple[tuple[str, ...], ...]]
"""By name: queues of calls by urgency, those of one priority together."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Pools that share agents, in the slot in which they have most calls. simulated: as routed, None if not asked."""

    pools: tuple[str, ...]
    slot: int
    pooled: int
    separate: int
    simulated: int | None

    def text(self) -> str:
        """A sentence."""
        routed = f", simulated as routed {self.simulated:,}" if self.simulated is not None else ""
        return (
            f"{' and '.join(self.pools)} share agents: {self.pooled:,} if everybody answers everything, "
            f"{self.separate:,} apart{routed}"
        )


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


def shared(center: Center, day: Day, profiles: Profiles) -> Iterator[Shared]:
    """Each group of pools that profiles connect."""
    pool_of = {queue: pool.name for pool in center.pools for queue in pool.queues}
    answers = {name: tuple(_pools_of(group, pool_of) for group in groups) for name, groups in profiles.items()}
    flat = {name: [pool for group in groups for pool in group] for name, groups in answers.items()}
    for group in pools({name: names for name, names in flat.items() if names}):
        if len(group) > 1:
            yield _shared(
                center, day, group, [groups for groups in answers.values() if set(sum(groups, ())) & set(group)]
            )


def _shared(center: Center, day: Day, group: tuple[str, ...], answers: Sequence[tuple[tuple[str, ...], ...]]) -> Shared:
    slots = range(len(day.traffic))
    slot = max(slots, key=lambda index: sum(day.pools[name].slots[index].erlangs for name in group))
    loads = [QueueLoad(name, day.pools[name].slots[slot].erlangs, day.pools[name].workload) for name in group]
    found: Bounds = bounds(loads, center.objectives)
    crews = _crews(loads, answers)
    answered = {name for crew in crews for names in crew.queues for name in names}
    if found.far_apart and answered >= set(group) and sum(load.erlangs for load in loads) <= LARGEST:
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
