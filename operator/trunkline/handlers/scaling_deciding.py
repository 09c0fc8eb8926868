"""One pass's decisions: sources asked, the past learned, every field decided, shared limits split, needs and dates told.

Reads only. What cannot be read is said, and the rest goes on; what is not known is never lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.api.center import ContactCenter
from trunkline.api.scaling_levers import LeverField
from trunkline.api.scaling_policy import Mode, ScalingPolicySpec
from trunkline.blueprints.scaling import Bounds
from trunkline.capacity.center import Center
from trunkline.capacity.cost.prices import PriceList
from trunkline.capacity.demand import Amount, Judged, Now, State, Volumes, contradictions
from trunkline.capacity.demand import together as maximum
from trunkline.capacity.tiers import tasks
from trunkline.capacity.workload import Workload
from trunkline.drivers.reads import together
from trunkline.engine.driver import Reader
from trunkline.handlers import scaling_bill, scaling_demand, scaling_history, scaling_measuring, scaling_score
from trunkline.handlers.port import Inputs, Named, Snapshot
from trunkline.handlers.queries import Prometheus
from trunkline.handlers.scaling_aside import aside
from trunkline.handlers.scaling_asking import Measurer
from trunkline.handlers.scaling_caches import caches_of, placed, with_caches
from trunkline.handlers.scaling_center import calls_per_second, center, workload
from trunkline.handlers.scaling_conflicts import alone
from trunkline.handlers.scaling_decision import Decided, Deciding, Seen, bounds, tiers_held, tiers_of
from trunkline.handlers.scaling_fields import Fields
from trunkline.handlers.scaling_figures import Breached
from trunkline.handlers.scaling_levers import moved
from trunkline.handlers.scaling_memory import PolicyMemory
from trunkline.handlers.scaling_needs import Growing, breaches, day_of, outlined, quota_of
from trunkline.handlers.scaling_pools import pooled
from trunkline.handlers.scaling_queues import Queues
from trunkline.handlers.scaling_shared import Shared
from trunkline.handlers.scaling_sharing import Share, Sharer, shares
from trunkline.handlers.scaling_standing import standing_of, told
from trunkline.handlers.scaling_status import Report
from trunkline.handlers.scaling_streams import recommended, streams_of, with_streams
from trunkline.handlers.scaling_streams import standing as standing_streams

AHEAD = timedelta(hours=49)


@dataclass(slots=True)
class Decisions:
    """What decisions are made from. place: account and region."""

    inputs: Inputs
    aws: Reader
    prometheus: Prometheus
    spec: ScalingPolicySpec
    center: ContactCenter
    target: Snapshot
    memory: PolicyMemory
    shared: Shared
    place: tuple[str, str]
    now: datetime
    prices: PriceList | None = None

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.spec.time_zone)


@dataclass(frozen=True, slots=True)
class Made:
    """What was decided. bounds: what AWS is to be told of it. watches: what was read by name."""

    report: Report
    deciding: Deciding
    bounds: tuple[Bounds, ...]
    watches: frozenset[Named]

    def carried_out(self) -> None:
        """The decisions hold from now on; in mode Recommend they are thought of as if they did. A pause decides nothing."""
        self.deciding.memory.auto = self.deciding.spec.mode is Mode.AUTO
        for one in self.report.decided:
            if not one.moved.problem:
                self.deciding.note(one)


async def decide_all(of: Decisions) -> Made:
    """Raises PassEndedError."""
    spec, memory = of.spec, of.memory
    instance_arn, queue_ids = scaling_history.instance_of(of.target.status)
    measurer = Measurer(of.aws, of.inputs, spec, of.center, instance_arn, queue_ids, of.now)
    await scaling_measuring.measure(measurer, memory.measuring)
    calls = workload(spec.workload, scaling_measuring.taken(memory.measuring, spec.workload))
    memory.learned.reached = scaling_history.reached(spec, calls)
    await _learn(of, instance_arn, queue_ids)
    asking = scaling_demand.Asking(
        of.inputs, of.aws, of.prometheus, instance_arn.rpartition("/")[2], calls, of.zone, of.now
    )
    booked = scaling_demand.booked(spec, calls, of.zone, of.now, AHEAD)
    measured = await scaling_demand.metrics(spec, asking, memory)
    foreseen = scaling_history.judged(spec, memory.learned, calls, of.now)
    sources = [*scaling_demand.stated(spec, booked, asking), *measured]
    if foreseen is not None:
        sources.append(foreseen)
    now = maximum(_counted(source) for source in sources)
    seen = Seen(
        of.now,
        now.rate,
        calls,
        live=scaling_demand.live(measured, memory, of.now),
        floor=max((source.rate or 0.0 for source in sources if source not in measured or source.failed), default=0.0),
        constant=calls_per_second(spec.demand.constant, calls) if spec.demand.constant is not None else 0.0,
        booked=booked,
        measured=bool(measured),
        hold=_holds(memory, of.now) or any(source.failed for source in measured),
        blind=memory.learned.blind,
    )
    forecaster = await aside(scaling_history.learn, spec, of.zone, memory.learned, of.now)
    if forecaster is not None and not forecaster.thin:
        before, after = scaling_history.seen_from(forecaster, scaling_demand.last_hour(memory, of.now), of.now)
        seen = replace(seen, before=before, outlook=after)
    return await _decided(of, seen, replace(now, sources=tuple(sources), hold=seen.hold), instance_arn)


def _holds(memory: PolicyMemory, now: datetime) -> bool:
    """Whether this process does not know yet what an earlier one knew."""
    return memory.put_back(now) or memory.measuring.unread or memory.learned.blind


def _counted(source: Judged) -> Judged:
    """A forecast that is there counts by what it foresees, in the decision; only its fallback is a number of now."""
    plain = source.name == scaling_history.NAME and source.state is not State.FALLBACK
    return replace(source, rate=0.0) if plain and source.rate is None else source


async def _learn(of: Decisions, instance_arn: str, queue_ids: tuple[str, ...]) -> None:
    forecast = of.spec.demand.forecast
    if forecast is not None:
        past = scaling_history.Past(forecast, instance_arn, queue_ids, of.zone, of.prometheus)
        await scaling_history.read_history(of.inputs, of.aws, past, of.memory.learned, of.now)


async def _decided(of: Decisions, seen: Seen, now: Now, instance_arn: str) -> Made:
    spec, memory = of.spec, of.memory
    tiers = tiers_of(spec, seen.calls)
    memory.tiers = tiers_held(tiers, now.rate, memory.tiers)
    caches = caches_of(of.inputs, spec)
    fields = alone(of.inputs, spec.target_ref.name, moved(spec, of.center))
    fields = placed(fields, caches, of.center.spec, seen.calls)
    standing = dict(
        zip(
            (one.name for one in fields),
            await together(standing_of(of.aws, of.inputs, of.target, one, of.now) for one in fields),
            strict=True,
        )
    )
    levers = Fields(fields, standing, told(of.inputs.snapshot.status))
    deciding = Deciding(spec, seen, memory, memory.tiers, tiers)
    decided = levers.decided(deciding)
    shared = await _shares(of, decided)
    if granted := {name: most for share in shared for name, most in share.granted.items()}:
        decided = levers.cut(deciding, decided, granted)
    billed = _month(of, seen, decided)
    if billed is not None and (limits := scaling_bill.caps(spec, billed, decided)):
        deciding.caps = {name: most for name, most in limits.items() if name not in _free(decided)}
        decided = levers.cut(deciding, decided, deciding.granted)
    memory.scoring = scaling_score.judged(memory.scoring, seen, decided, of.zone)
    queues = Queues(spec, of.center, of.target, memory, of.now, of.inputs.snapshot.generation)
    there = queues.pools()
    model = pooled(center(spec, scaling_measuring.taken(memory.measuring, spec.workload)), there)
    model = with_caches(model, spec, caches, _shards(decided, caches))
    streams = streams_of(of.center.spec)
    memory.streams = await standing_streams(of.aws, streams, memory.streams, of.now)
    model = with_streams(model, streams, memory.streams[1])
    quota = await quota_of(of.aws, memory, instance_arn, of.now)
    day = await aside(day_of, model, seen, spec, decided, quota)
    report = Report(
        spec=spec,
        now=now,
        line_seconds=seen.calls.line_seconds,
        outlined=outlined(seen, spec, decided, memory.learned),
        decided=decided,
        problems=(),
        day=day,
        shares=shared,
        breaches=await _breaches(of, model, quota),
        tiers={tier.name: tasks((tier,), memory.tiers) for tier in tiers if tier.name in memory.tiers},
        warnings=(*_of_clock(of), *_warnings(of, seen.calls), *recommended(day, of.now)),
        month=billed,
        score=tuple(_score(of)),
        pools=await queues.told(model, day, there),
        measured=tuple(map(scaling_measuring.written, scaling_measuring.lines(memory.measuring, spec.workload))),
    )
    named = scaling_history.named_history(spec)
    return Made(report, deciding, bounds(decided, blind=seen.blind), frozenset({named} if named is not None else ()))


def _shards(decided: tuple[Decided, ...], caches: Mapping[str, Snapshot]) -> Mapping[str, int]:
    """Of caches: as they stand, or as their specs say."""
    said = {name: (snapshot.spec.get("nodes") or {}).get("shards") for name, snapshot in caches.items()}
    found = {name: shards for name, shards in said.items() if isinstance(shards, int)}
    stand = {one.moved.cache: one.standing for one in decided if one.moved.field is LeverField.SHARDS}
    return found | {name: shards for name, shards in stand.items() if shards is not None}


def _free(decided: tuple[Decided, ...]) -> frozenset[str]:
    """Fields that cost nothing: a budget saves nothing there."""
    return frozenset(one.moved.name for one in decided if one.moved.field is LeverField.RESERVED_CONCURRENCY)


async def _shares(of: Decisions, decided: tuple[Decided, ...]) -> tuple[Share, ...]:
    """Of what is decided together with all other policies of the same account."""
    key = of.inputs.snapshot.key
    if of.spec.mode is not Mode.AUTO:
        of.shared.forget(key)
        return ()
    sharer = Sharer(key, of.spec.priority, of.aws, of.memory, of.shared, of.place, of.now)
    return await shares(sharer, decided)


async def _breaches(of: Decisions, model: Center, quota: float | None) -> tuple[Breached, ...]:
    """Once a day: dates do not move by the minute, and searching for them costs more than all else."""
    learned = of.memory.learned
    key = (
        of.now.astimezone(of.zone).date(),
        of.inputs.snapshot.generation,
        quota,
        learned.digest,
        bool(learned.counts),
    )
    if of.memory.breaches is None or of.memory.breaches[0] != key:
        found = await aside(breaches, Growing(of.spec, learned, of.zone, of.now), model, quota)
        of.memory.breaches = (key, found)
    return of.memory.breaches[1]


def _score(of: Decisions) -> list[dict[str, Any]]:
    before = of.inputs.snapshot.status.get("score") or ()
    return scaling_score.written(of.memory.scoring, before, of.now.astimezone(of.zone).date())


def _month(of: Decisions, seen: Seen, decided: tuple[Decided, ...]) -> scaling_bill.Month | None:
    if of.prices is None:
        return None
    known = scaling_history.volumes(of.memory.learned, of.now)
    billed = scaling_bill.Calls(of.center, seen, known[0] if known else None)
    return scaling_bill.month(of.prices, of.place[1], billed, decided)


# --- what does not fit together


def _of_clock(of: Decisions) -> list[str]:
    latest = of.memory.latest
    if latest is None or not of.memory.put_back(of.now):
        return []
    return [f"the operator's clock was put back: nothing is lowered until it is {latest:%Y-%m-%dT%H:%M:%SZ} again"]


def _warnings(of: Decisions, calls: Workload) -> list[str]:
    said: dict[str, Amount] = {}
    demand = of.spec.demand
    amounts: list[tuple[str, Any]] = [("spec.demand.constant", demand.constant)]
    amounts += [(f"spec.demand.schedules[name={one.name}]", one) for one in demand.schedules or ()]
    amounts += [(f"spec.demand.metrics[name={one.name}].fallback", one.fallback) for one in demand.metrics or ()]
    for path, amount in amounts:
        if amount is not None:
            said[path] = (
                Amount(concurrent=float(amount.concurrent_calls))
                if amount.concurrent_calls is not None
                else Amount(rate=(amount.calls_per_hour or 0) / 3600.0)
            )
    known = scaling_history.volumes(of.memory.learned, of.now)
    pools = of.spec.staffing or ()
    agents = [pool.agents for pool in pools]
    return list(
        contradictions(
            Volumes(
                said,
                calls.line_seconds,
                calls.handle_seconds,
                1.0 - calls.contained_share,
                known[0] if known else None,
                known[1] if known else None,
                sum(count or 0 for count in agents) if agents and None not in agents else None,
            )
        )
    )
