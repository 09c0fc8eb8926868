"""The demand of now: every source of a policy asked, judged, and the maximum taken.

What a source costs in time is bounded, and what goes wrong with one is a word in status, never the end of a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from trunkline.api.cron import Cron
from trunkline.api.scaling_demand import CloudWatchMetric, Measure, Metric, PrometheusQuery, WhenMissing
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.backtest.ours import SLOPE_MINUTES
from trunkline.capacity.decision import Live
from trunkline.capacity.demand import Booked, Fallback, Judged, Reading, Remembered, Source, State, judge
from trunkline.capacity.windows import Window
from trunkline.capacity.workload import Workload
from trunkline.drivers.reads import together
from trunkline.drivers.scaling_reads import MetricQuery, latest
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.port import Inputs, Named
from trunkline.handlers.port import Source as ContentSource
from trunkline.handlers.queries import Prometheus, QueryFailedError, Question
from trunkline.handlers.scaling_center import SECONDS_OF_HOUR, calls_per_second
from trunkline.handlers.scaling_memory import PolicyMemory

CONSTANT = "constant"
CONNECT = "AWS/Connect"
MOST_CALLS = 1_000_000.0
"""At the same time: as many as a spec may state. A metric that says more is broken, whatever it counts."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What asking needs. instance_id: of the target, for metrics of Amazon Connect that name no dimensions."""

    inputs: Inputs
    aws: Reader
    prometheus: Prometheus
    instance_id: str
    calls: Workload
    zone: tzinfo
    now: datetime


async def metrics(spec: ScalingPolicySpec, asking: Asking, memory: PolicyMemory) -> tuple[Judged, ...]:
    """Every metric, judged and remembered."""
    asked = spec.demand.metrics or ()
    readings = await together(_read(metric, asking) for metric in asked)
    found = []
    for metric, reading in zip(asked, readings, strict=True):
        fallback = None
        if metric.fallback is not None:
            fallback = Fallback(metric.fallback.failure_threshold, calls_per_second(metric.fallback, asking.calls))
        source = Source(
            metric.name,
            float(metric.max_age_seconds),
            metric.when_missing is WhenMissing.ZERO,
            fallback=fallback,
            most_rate=MOST_CALLS / max(1.0, asking.calls.line_seconds),
        )
        judged, memory.sources[metric.name] = judge(
            source, reading, memory.sources.get(metric.name, Remembered()), asking.now
        )
        found.append(judged)
    return tuple(found)


async def _read(metric: Metric, asking: Asking) -> Reading:
    try:
        if metric.cloud_watch is not None:
            return await _cloud_watch(metric, metric.cloud_watch, asking)
        if metric.prometheus is not None:
            return await _prometheus(metric, metric.prometheus, asking)
    except CallRefusedError as error:
        return Reading(problem=error.refusal.message or str(error.refusal))
    except QueryFailedError as error:
        return Reading(problem=str(error))
    return Reading(problem="it names no source")


async def _cloud_watch(metric: Metric, of: CloudWatchMetric, asking: Asking) -> Reading:
    dimensions = tuple((dimension.name, dimension.value) for dimension in of.dimensions or ())
    if of.dimensions is None and of.namespace == CONNECT:
        if not asking.instance_id:
            return Reading(problem="the target has no instance yet")
        dimensions = (("InstanceId", asking.instance_id), ("MetricGroup", "VoiceCalls"))
    query = MetricQuery(of.namespace, of.metric_name, dimensions, of.statistic, of.period_seconds)
    point = await latest(asking.aws, query, asking.now, float(metric.max_age_seconds))
    if point is None:
        return Reading()
    return Reading(_rate(point.value, metric.measures, float(of.period_seconds), asking.calls), point.at)


async def _prometheus(metric: Metric, of: PrometheusQuery, asking: Asking) -> Reading:
    token = ""
    if of.auth is not None:
        reference = of.auth.bearer_token.secret_key_ref
        content = await asking.inputs.content(Named(ContentSource.SECRET, reference.name, reference.key))
        if content.value is None:
            return Reading(problem=content.problem)
        token = content.value.strip()
    number = await asking.prometheus.number(Question(of.server_address, of.query, float(of.timeout_seconds), token))
    if number is None:
        return Reading()
    return Reading(_rate(number.value, metric.measures, 60.0, asking.calls), datetime.fromtimestamp(number.at, UTC))


def _rate(value: float, measures: Measure, period: float, calls: Workload) -> float:
    if measures is Measure.CALLS_PER_HOUR:
        return value / SECONDS_OF_HOUR
    if measures is Measure.CALLS_PER_PERIOD:
        return value / period
    return value / calls.line_seconds if calls.line_seconds > 0.0 else 0.0


def stated(spec: ScalingPolicySpec, booked: Iterable[Booked], asking: Asking) -> Iterator[Judged]:
    """What the spec says of now: its constant, and the windows that are open."""
    if spec.demand.constant is not None:
        yield Judged(CONSTANT, State.FRESH, calls_per_second(spec.demand.constant, asking.calls))
    for one in booked:
        open_ = one.holds(asking.now)
        yield Judged(one.name, State.FRESH if open_ else State.INACTIVE, one.rate if open_ else 0.0)


def booked(
    spec: ScalingPolicySpec, calls: Workload, zone: tzinfo, now: datetime, ahead: timedelta
) -> tuple[Booked, ...]:
    """The windows of the schedules from now on."""
    return tuple(
        Booked(
            schedule.name,
            calls_per_second(schedule, calls),
            tuple(Window(Cron.parse(schedule.start), Cron.parse(schedule.end)).spans(now, now + ahead, zone)),
        )
        for schedule in spec.demand.schedules or ()
    )


def live(measured: Iterable[Judged], memory: PolicyMemory, now: datetime) -> Live | None:
    """What metrics say of now, and how it has been changing; None if one of them has failed, or there is none."""
    known = tuple(measured)
    if not known or any(source.failed or source.rate is None for source in known):
        return None
    rate = max(source.rate or 0.0 for source in known)
    while memory.live and memory.live[-1][0] > now - timedelta(seconds=45):  # also a clock that was set back
        memory.live.pop()
    memory.live.append((now, rate))
    since = now - timedelta(minutes=SLOPE_MINUTES, seconds=15)
    earlier = next(((at, value) for at, value in memory.live if at >= since), (now, rate))
    seconds = (now - earlier[0]).total_seconds()
    return Live(rate, (rate - earlier[1]) / seconds if seconds > 0.0 else 0.0)


def last_hour(memory: PolicyMemory, now: datetime) -> list[tuple[datetime, float]]:
    """Live rates of the last hour with the time at which they were measured."""
    return [(at, rate) for at, rate in memory.live if now - timedelta(hours=1) < at <= now]
