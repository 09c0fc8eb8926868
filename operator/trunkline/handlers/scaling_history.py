"""What a policy's forecast learns from: read where the policy says, learned once a day, updated by the last hour.

A history that cannot be read keeps the last forecast, and is said; a forecast alone never lowers anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from trunkline.api.scaling_demand import Forecast, PrometheusHistory
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.demand import Fallback as FallbackAmount
from trunkline.capacity.demand import Judged, Reading, Source, judge
from trunkline.capacity.forecast.calendar import Calendar
from trunkline.capacity.forecast.history import Clock, History
from trunkline.capacity.forecast.model import LEAST_DAYS, Forecaster
from trunkline.capacity.forecast.outlook import Outlook, expected_calls, outlook, updated
from trunkline.capacity.workload import Workload
from trunkline.drivers.scaling_reads import HISTORY_DAYS, contacts
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.port import Content, Inputs, Named
from trunkline.handlers.port import Source as ContentSource
from trunkline.handlers.queries import NoPrometheus, Prometheus, QueryFailedError, Question, Span
from trunkline.handlers.scaling_center import calls_per_second
from trunkline.handlers.scaling_counts import DAY, LEARNED_DAYS, HistoryError, growth_a_day, occasions, read_counts
from trunkline.handlers.scaling_memory import Learned

HALF_HOUR = timedelta(minutes=30)
AGAIN = timedelta(minutes=30)
"""How often the past is read on: AWS counts by the half hour."""
OVERLAP = timedelta(hours=3)
LEAST_REACHED = 0.01
NAME = "forecast"


@dataclass(frozen=True, slots=True)
class Past:
    """Where the history of a policy is. instance_arn, queue_ids: of the target, empty before they exist."""

    forecast: Forecast
    instance_arn: str
    queue_ids: tuple[str, ...]
    zone: tzinfo
    prometheus: Prometheus = field(default_factory=NoPrometheus)


def named_history(spec: ScalingPolicySpec) -> Named | None:
    """The ConfigMap key that a policy's history is in, if it is."""
    forecast = spec.demand.forecast
    reference = forecast.history.config_map_key_ref if forecast is not None else None
    return None if reference is None else Named(ContentSource.CONFIG_MAP, reference.name, reference.key)


async def read_history(inputs: Inputs, aws: Reader, past: Past, learned: Learned, now: datetime) -> None:
    """Reads on where something new can be there. What goes wrong is noted in `learned`, and nothing is forgotten but what
    another source said.
    """
    if learned.source not in (None, past.forecast.history):
        learned.counts, learned.read_at, learned.digest, learned.forecaster = {}, None, "", None
    learned.source = past.forecast.history
    try:
        await _read(inputs, aws, past, learned, now)
    except HistoryError as error:
        learned.problem = str(error)
    except CallRefusedError as error:
        learned.problem = error.refusal.message or str(error.refusal)
    else:
        learned.problem = ""


async def _read(inputs: Inputs, aws: Reader, past: Past, learned: Learned, now: datetime) -> None:
    history = past.forecast.history
    if history.config_map_key_ref is not None:
        reference = history.config_map_key_ref
        content = await inputs.content(Named(ContentSource.CONFIG_MAP, reference.name, reference.key))
        _read_text(content, f"ConfigMap {reference.name}, {reference.key}", past.zone, learned, now)
    elif history.connect is not None:
        await _read_connect(aws, past, learned, now)
    elif history.prometheus is not None:
        await _read_prometheus(inputs, past, history.prometheus, learned, now)


def _read_text(content: Content, source: str, zone: tzinfo, learned: Learned, now: datetime) -> None:
    if content.value is None:
        raise HistoryError(content.problem)
    digest = hashlib.sha256(content.value.encode()).hexdigest()
    if digest != learned.digest:
        counts = read_counts(content.value, source, zone)
        learned.counts = {start.astimezone(UTC): calls for start, calls in counts}
        learned.digest, learned.forecaster = digest, None
    learned.read_at = now


async def _read_connect(aws: Reader, past: Past, learned: Learned, now: datetime) -> None:
    if learned.read_at is not None and now - learned.read_at < AGAIN:
        return
    if not past.instance_arn or not past.queue_ids:
        raise HistoryError("the target has no instance or no queues yet")
    since = now - HISTORY_DAYS * DAY if learned.read_at is None else learned.read_at - OVERLAP
    found = await contacts(aws, past.instance_arn, past.queue_ids, since, now)
    learned.counts |= {at: count for at, count in found if at + HALF_HOUR <= now}
    learned.counts = {at: count for at, count in learned.counts.items() if at > now - LEARNED_DAYS * DAY}
    learned.read_at = now


async def _read_prometheus(inputs: Inputs, past: Past, of: PrometheusHistory, learned: Learned, now: datetime) -> None:
    """A sample at the end of each half hour has its calls."""
    if learned.read_at is not None and now - learned.read_at < AGAIN:
        return
    token = ""
    if of.auth is not None:
        reference = of.auth.bearer_token.secret_key_ref
        content = await inputs.content(Named(ContentSource.SECRET, reference.name, reference.key))
        if content.value is None:
            raise HistoryError(content.problem)
        token = content.value.strip()
    since = now - of.days * DAY if learned.read_at is None else learned.read_at - OVERLAP
    step = HALF_HOUR.total_seconds()
    span = Span(since.timestamp() // step * step, now.timestamp() // step * step, step)
    question = Question(of.server_address, of.query, float(of.timeout_seconds), token)
    try:
        numbers = await past.prometheus.series(question, span)
    except QueryFailedError as error:
        raise HistoryError(str(error)) from None
    learned.counts |= {datetime.fromtimestamp(one.at, UTC) - HALF_HOUR: max(0.0, one.value) for one in numbers}
    learned.counts = {at: count for at, count in learned.counts.items() if at > now - LEARNED_DAYS * DAY}
    learned.read_at = now


def learn(spec: ScalingPolicySpec, zone: tzinfo, learned: Learned, now: datetime) -> Forecaster | None:
    """What the days before today teach; once a day, or when the history, the events or the clock are others."""
    today = now.astimezone(zone).date()
    if not learned.counts or spec.demand.forecast is None:
        return None
    share = round(learned.reached, 2)
    key = (today, (share, spec.time_zone, spec.demand.events, spec.demand.forecast.growth_percent_per_year))
    if learned.forecaster is None or learned.today != key:
        clock = Clock(zone)
        forecaster = Forecaster(clock, Calendar(occasions(spec.demand)), growth_a_day(spec.demand))
        whole = _whole(learned.counts) if spec.demand.forecast.history.connect is not None else learned.counts
        counts = [(at, count / share) for at, count in whole.items()]
        forecaster.learn_all(History.counted(counts, clock).before(today))
        learned.forecaster, learned.today = forecaster, key
    return learned.forecaster


def _whole(counts: Mapping[datetime, float]) -> Mapping[datetime, float]:
    """Connect leaves out half hours without a contact: they are zero, and a day without any teaches that it was closed.
    What a file or Prometheus leaves out nobody counted: an outage of the counting must not teach that nobody calls.
    """
    first, last = min(counts), max(counts)
    slots = range(int((last - first) / HALF_HOUR) + 1)
    return {first + number * HALF_HOUR: 0.0 for number in slots} | dict(counts)


def seen_from(forecaster: Forecaster, live: list[tuple[datetime, float]], now: datetime) -> tuple[Outlook, Outlook]:
    """The next days as they looked in the morning, and as they look now, after the last hour's live rates."""
    before = outlook(forecaster, now)
    steps = [(expected_calls(before, at - timedelta(seconds=60), 60.0), rate * 60.0) for at, rate in live]
    return before, updated(before, steps, now) if steps else before


def judged(spec: ScalingPolicySpec, learned: Learned, calls: Workload, now: datetime) -> Judged | None:
    """The forecast as a source of demand: what it counts for now is the decision's own affair, so it has no rate unless
    its fallback holds.
    """
    forecast = spec.demand.forecast
    if forecast is None:
        return None
    fallback = None
    if forecast.fallback is not None:
        fallback = FallbackAmount(forecast.fallback.failure_threshold, calls_per_second(forecast.fallback, calls))
    problem = learned.problem
    if not problem and learned.forecaster is not None and (thin := learned.forecaster.thin):
        problem = thin
    reading = Reading(problem=problem) if problem else Reading(0.0, now)
    found, learned.state = judge(
        Source(NAME, AGAIN.total_seconds() * 4, fallback=fallback), reading, learned.state, now
    )
    return found


def reached(spec: ScalingPolicySpec, calls: Workload) -> float:
    """Of calls, those that the history counts. Amazon Connect counts contacts by their queue; others count what they say."""
    forecast = spec.demand.forecast
    by_queue = forecast is not None and forecast.history.connect is not None
    return max(LEAST_REACHED, 1.0 - calls.contained_share) if by_queue else 1.0


def volumes(learned: Learned, now: datetime) -> tuple[float, float] | None:
    """Calls of the last 30 days, and of their busiest hour; None if there is less. Counted anew where half an hour has
    ended or the history was read on: a pass a minute must not count thousands of half hours each time.
    """
    half_hours = int(now.timestamp() // HALF_HOUR.total_seconds())
    read_at = None if learned.digest else learned.read_at  # a text is compared at each pass, and read if it is another
    key = (half_hours, read_at, learned.digest, len(learned.counts))
    if learned.month is None or learned.month[0] != key:
        learned.month = (key, _counted(learned.counts, now))
    counted = learned.month[1]
    return None if counted is None else (counted[0] / learned.reached, counted[1] / learned.reached)


def _counted(counts: Mapping[datetime, float], now: datetime) -> tuple[float, float] | None:
    since = now - 30 * DAY
    recent = {at: count for at, count in counts.items() if at > since}
    if not recent or min(counts) > now - LEAST_DAYS * DAY:
        return None
    return sum(recent.values()), max(recent[at] + recent.get(at + HALF_HOUR, 0.0) for at in recent)


def queues_of(status: Mapping[str, Any]) -> dict[str, str]:
    """Names in the spec by the ids of a target's queues."""
    items = (item for item in status.get("resources") or () if item.get("kind") == "queue" and item.get("id"))
    return {str(item["id"]): str(item.get("name")) for item in items}


def instance_of(status: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """ARN of a target's instance and the ids of its queues, as its status says."""
    queues = sorted(
        str(item.get("id")) for item in status.get("resources") or () if item.get("kind") == "queue" and item.get("id")
    )
    return str((status.get("instance") or {}).get("arn") or ""), tuple(queues)
