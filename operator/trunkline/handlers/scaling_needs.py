"""What the next two days ask of every layer, and when growth passes what nobody can move at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from trunkline.api.scaling_levers import LeverField
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.breach import breach
from trunkline.capacity.center import Center, Target
from trunkline.capacity.day import Day, plan
from trunkline.capacity.limits import DEFAULTS, Layer, Limit
from trunkline.capacity.workload import Traffic
from trunkline.drivers.scaling_reads import concurrent_calls_quota
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.scaling_counts import weekly_trend
from trunkline.handlers.scaling_decision import COVER, Decided, Seen
from trunkline.handlers.scaling_figures import Breached, Outlined
from trunkline.handlers.scaling_memory import Learned, PolicyMemory

SLOT = timedelta(minutes=30)
SLOTS = 96
FURTHEST_GROWTH = 16.0
QUOTA_AGAIN = timedelta(hours=1)
_LAYERS = {
    LeverField.PROVISIONED_CONCURRENCY: Layer.PROVISIONED,
    LeverField.RESERVED_CONCURRENCY: Layer.RESERVED,
    LeverField.READ_CAPACITY_UNITS: Layer.READS,
    LeverField.WRITE_CAPACITY_UNITS: Layer.WRITES,
    LeverField.WARM_READ_UNITS: Layer.WARM_READS,
    LeverField.WARM_WRITE_UNITS: Layer.WARM_WRITES,
}


async def quota_of(aws: Reader, memory: PolicyMemory, instance_arn: str, now: datetime) -> float | None:
    """Concurrent calls that the instance may have; None if AWS does not say."""
    if not instance_arn:
        return None
    if memory.quota is None or not timedelta(0) <= now - memory.quota[0] < QUOTA_AGAIN:
        try:
            memory.quota = (now, await concurrent_calls_quota(aws, instance_arn))
        except CallRefusedError:
            return memory.quota[1] if memory.quota is not None else None
    return memory.quota[1]


def traffic_of(seen: Seen, cover: float) -> tuple[Traffic, ...]:
    """The next 48 hours by half hours; of now, what is there."""
    found = []
    for number in range(SLOTS):
        instant = seen.now + number * SLOT
        stated = seen.stated(instant)
        expected = max(stated, seen.outlook.expected(instant) if seen.outlook is not None else 0.0)
        high = max(stated, seen.outlook.high(instant, cover) if seen.outlook is not None else 0.0)
        if number == 0:
            expected = max(expected, seen.rate)
        found.append(Traffic(expected, max(expected, high)))
    return tuple(found)


def day_of(
    model: Center, seen: Seen, spec: ScalingPolicySpec, decided: Sequence[Decided], quota: float | None
) -> Day | None:
    """Every layer through the next 48 hours; None where the model cannot be asked."""
    limits, have = dict(model.limits), dict(model.have)
    if quota is not None:
        source = "Service Quotas, of the instance"
        limits[Target(Layer.CALLS)] = DEFAULTS[Layer.CALLS].at(quota, source)
    for one in decided:
        layer = _LAYERS.get(one.moved.field)
        if layer is not None and one.standing is not None:
            lever = one.moved.lever
            name = f"{lever.table}/{lever.index}" if lever.index else lever.table or lever.function or ""
            have[Target(layer, name)] = float(one.standing)
    return plan(replace(model, limits=limits, have=have), traffic_of(seen, _cover(spec)), SLOT.total_seconds())


def outlined(seen: Seen, spec: ScalingPolicySpec, decided: Sequence[Decided], learned: Learned) -> Outlined | None:
    """The forecast in a few numbers; None without one."""
    outlook = seen.outlook
    if outlook is None:
        return None
    lead = timedelta(seconds=max((one.moved.lead_seconds for one in decided), default=600.0))
    cover = _cover(spec)
    instants = [seen.now + number * SLOT for number in range(SLOTS)]
    peak_at = max(instants, key=lambda instant: outlook.high(instant, cover))
    at_slot = peak_at.replace(minute=peak_at.minute // 30 * 30, second=0, microsecond=0)
    return Outlined(
        outlook.expected(seen.now + lead),
        outlook.high(seen.now + lead, cover),
        outlook.high(peak_at, cover),
        at_slot,
        len({at.date() for at in learned.counts}),
    )


def _cover(spec: ScalingPolicySpec) -> float:
    return COVER if spec.demand.forecast is None else spec.demand.forecast.cover_percent / 100.0


@dataclass(frozen=True, slots=True)
class Growing:
    """Whose growth it is, as of when."""

    spec: ScalingPolicySpec
    learned: Learned
    zone: tzinfo
    now: datetime


def breaches(of: Growing, model: Center, quota: float | None) -> tuple[Breached, ...]:
    """When growth passes the quota of calls and the agents, as ranges of dates."""
    today = of.now.astimezone(of.zone).date()
    growing = of.spec.demand.forecast is not None
    trend = weekly_trend(of.learned.counts.items(), of.spec.demand, today, of.zone) if growing else None
    if trend is None:
        return ()
    busiest = _busiest(of.learned, of.now)
    if busiest <= 0.0:
        return ()
    limits: list[Limit] = []
    if quota is not None:
        limits.append(DEFAULTS[Layer.CALLS].at(quota, "Service Quotas"))
    agents = [pool.agents for pool in model.pools]
    if agents and None not in agents:
        limits.append(
            Limit(
                Layer.AGENTS,
                float(sum(count or 0 for count in agents)),
                "agents",
                "spec.staffing",
                42 * 86_400.0,
                adjustable=True,
            )
        )
    found = []
    for limit in limits:
        factor = _growth(_needs(model, busiest, limit.layer), limit.value)
        if factor is None:
            continue
        dates = breach(trend, trend.at(today) * max(factor, 1e-9), today, limit.lead_seconds)
        if dates.earliest is None or dates.earliest > today + timedelta(days=730):
            continue
        found.append(
            Breached(
                limit.layer.value,
                _text(dates.earliest),
                _text(dates.expected),
                _text(dates.latest),
                _text(dates.request_by),
                f"{limit.value:,.0f} {limit.unit} last until {_text(dates.expected) or 'some day'}: ask for more by {_text(dates.request_by)}",
            )
        )
    return tuple(found)


def _growth(need: Callable[[float], float], limit: float) -> float | None:
    """How many times today's calls fill a limit; None if that is too far away to speak of. Needs grow nearly as calls
    do, so one look where it should be is enough: each costs a staffing of all pools.
    """
    today = need(1.0)
    if today <= 0.0 or limit / today > FURTHEST_GROWTH:
        return None
    first = limit / today
    there = need(first)
    return first * limit / there if there > 0.0 else first


def _needs(model: Center, rate: float, layer: Layer) -> Callable[[float], float]:
    """What a layer needs at so many times a rate."""

    def need(times: float) -> float:
        day = plan(model, (Traffic(rate * times, rate * times),), SLOT.total_seconds(), cyclic=True)
        return max((one.standing.need.value for one in day.layers if one.standing.need.layer is layer), default=0.0)

    return need


def _busiest(learned: Learned, now: datetime) -> float:
    """Calls a second of the busiest half hour of the last 28 days."""
    since = now - timedelta(days=28)
    counted = max((count for at, count in learned.counts.items() if at > since), default=0.0)
    return counted / learned.reached / SLOT.total_seconds()


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
