"""The planner's table of half hours and the engineer's table of layers, as rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil, exp, inf, log

from trunkline.capacity.breach import Breach, Trend, breach, growth_until
from trunkline.capacity.center import Center, Target
from trunkline.capacity.day import Day, LayerDay, plan
from trunkline.capacity.layers_data import Use
from trunkline.capacity.limits import DAY as DAY_SECONDS
from trunkline.capacity.limits import Layer
from trunkline.capacity.workload import Traffic

MOST_GROWTH = 8.0  # times today's calls, beyond which no date is worth printing
YEARS = 3.0
STAYS = 8.0  # mean durations


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A half hour of a pool. Agents are on the phone; given, over and what callers meet are None or of those needed if
    nobody said how many there are. Shares are 0 to 1, times seconds."""

    pool: str
    start: datetime
    offered: float
    handle_seconds: float
    erlangs: float
    agents: int
    binds: str
    rostered: int
    given: int | None
    over: int | None
    service_level: float
    wait_seconds: float
    abandoned: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer at its peak. binding: growth reaches it first. fits: how many times the day's calls it takes."""

    layer: str
    resource: str
    at: datetime
    need: float
    have: float | None
    limit: float | None
    limit_source: str
    headroom: float | None
    unit: str
    lead_days: float | None
    breach: Breach | None
    binding: bool
    binds: str
    formula: str

    @property
    def exceeded(self) -> bool:
        """Whether it needs more than its limit today."""
        return self.limit is not None and self.need > self.limit


def pool_rows(day: Day, starts: Sequence[datetime]) -> Iterator[PoolRow]:
    """Each pool's half hours."""
    for name, pool in day.pools.items():
        for index, slot in enumerate(pool.slots):
            met = pool.service(index)
            yield PoolRow(
                name,
                starts[index],
                slot.calls,
                pool.workload.handle_seconds,
                slot.erlangs,
                slot.agents,
                slot.binds.value if slot.agents else "",
                slot.rostered,
                slot.given,
                slot.over,
                met.answered_in_time,
                met.mean_wait_seconds,
                met.abandoned,
                met.occupancy,
            )


@dataclass(frozen=True, slots=True)
class Growth:
    """percent_per_year: None if nobody said it. today: the planned day, from which it counts. trend: of the weeks so far, if known."""

    percent_per_year: float | None
    today: date
    trend: Trend | None = None


def layer_rows(center: Center, day: Day, starts: Sequence[datetime], growth: Growth) -> Iterator[LayerRow]:
    """Each layer where its need is highest, and the day on which growth takes it past its limit."""
    binding = day.binding
    for layer in day.layers:
        standing = layer.standing
        limit = standing.limit
        yield LayerRow(
            layer=standing.need.layer.value,
            resource=standing.need.resource,
            at=starts[layer.peak],
            need=standing.need.value,
            have=standing.have,
            limit=None if limit is None else limit.value,
            limit_source="" if limit is None else limit.source,
            headroom=standing.headroom,
            unit=standing.need.unit,
            lead_days=None if limit is None else limit.lead_seconds / DAY_SECONDS,
            breach=_breach(center, day, layer, growth),
            binding=layer is binding,
            binds=standing.need.binds,
            formula=standing.need.formula,
        )


def _breach(center: Center, day: Day, layer: LayerDay, growth: Growth) -> Breach | None:
    """None where there is no limit, or no growth to reach it by.

    The trend of a history gives a range; growth that is stated without one is certain, and gives one date.
    """
    standing = layer.standing
    if standing.limit is None:
        return None
    if standing.need.value > standing.limit.value:
        return Breach(growth.today, growth.today, growth.today, growth.today)
    if growth.trend is not None:
        times = growth_until(lambda factor: _need(center, day, layer, factor), standing.limit.value, MOST_GROWTH)
        if times == inf:
            return None
        return breach(growth.trend, times * growth.trend.at(growth.today), growth.today, standing.limit.lead_seconds)
    rate = log(1.0 + growth.percent_per_year / 100.0) if growth.percent_per_year is not None else 0.0
    if rate <= 0.0:
        return None
    most = min(MOST_GROWTH, exp(rate * YEARS))
    times = growth_until(lambda factor: _need(center, day, layer, factor), standing.limit.value, most)
    if times == inf:
        return None
    found = growth.today + timedelta(days=int(365.0 * log(max(1.0, times)) / rate))
    lead = timedelta(days=standing.limit.lead_seconds / DAY_SECONDS)
    return Breach(found, found, found, max(growth.today, found - lead))


def _need(center: Center, day: Day, layer: LayerDay, factor: float) -> float:
    """The layer's need on the same day with so many times its calls, and the agents that there are."""
    need = layer.standing.need
    traffic = day.traffic[layer.peak].times(factor)
    if need.layer is Layer.LAMBDA or need.layer is Layer.CACHE_CONNECTIONS:
        functions = [use for use in center.uses if use.layer is Layer.PROVISIONED]
        return sum(_of_use(center, use, traffic) for use in functions)
    for use in center.uses:
        if use.layer is need.layer and use.name == need.resource:
            return _of_use(center, use, traffic)
    calls_only = replace(center, uses=())
    # The evening before is like this one, as in the plan of the day: calls of long ago are still there at midnight.
    slots = range(layer.peak - _slots_before(center, day), layer.peak + 2)
    around = [day.traffic[slot % len(day.traffic)].times(factor) for slot in slots]
    again = plan(calls_only, around, day.slot_seconds, redials=day.redials)
    return next(max(one.values) for one in again.layers if one.standing.need.layer is need.layer)


def _slots_before(center: Center, day: Day) -> int:
    """So many that hardly one of a thousand calls that came earlier is still there."""
    held = [center.workload.self_service_seconds + pool.workload.handle_seconds for pool in center.pools]
    return max(8, ceil(STAYS * max(held, default=0.0) / day.slot_seconds))


def _of_use(center: Center, use: Use, traffic: Traffic) -> float:
    headroom = center.headroom(Target(use.layer, use.name))
    return use.value(headroom.rate(traffic), headroom)
