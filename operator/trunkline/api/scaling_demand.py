"""Where a ScalingPolicy's demand comes from: constants, schedules, metrics, a forecast, known days.

Every source says one of two things: calls at the same time, or calls an hour. Metrics of Amazon Connect:
https://docs.aws.amazon.com/connect/latest/adminguide/monitoring-cloudwatch.html. The meaning of a fallback follows KEDA,
https://keda.sh/docs/latest/reference/scaledobject-spec/#fallback, except that it never lowers capacity.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.cache_settings import SecretKey
from trunkline.api.common import (
    ATOMIC,
    ConfigMapKey,
    Date,
    Flag,
    Handle,
    Model,
    Rule,
    absent,
    default,
    entries,
    example,
    integer,
    list_map,
    only_one_of,
    required,
    text,
)
from trunkline.api.cron import PATTERN

MAX_SCHEDULES = 50
MAX_METRICS = 10
MAX_EVENTS = 200

_CONCURRENT = Annotated[int, integer(0, 1_000_000)]
_HOURLY = Annotated[int, integer(0, 100_000_000)]
CronText = Annotated[str, text(120, least=9, pattern=PATTERN), example('"0 8 * * MON-FRI"')]
Query = Annotated[str, text(4096), example("sum(rate(calls_total[5m])) * 3600")]
ServerAddress = Annotated[
    str,
    text(512, pattern="^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$"),
    example("http://prometheus.monitoring:9090"),
]


class Measure(StrEnum):
    CONCURRENT_CALLS = "ConcurrentCalls"
    CALLS_PER_HOUR = "CallsPerHour"
    CALLS_PER_PERIOD = "CallsPerPeriod"


class WhenMissing(StrEnum):
    FAIL = "Fail"
    ZERO = "Zero"


class Amount(Model):
    """So many calls."""

    rules = (only_one_of("concurrentCalls", "callsPerHour"),)

    concurrent_calls: _CONCURRENT | None = absent("Calls at the same time.", "callsPerHour is written")
    calls_per_hour: _HOURLY | None = absent("Calls that begin in an hour.", "concurrentCalls is written")


class Schedule(Amount):
    """Calls that are expected in a window that comes again."""

    name: Handle = required("Name of the window.")
    start: CronText = required(
        "When it begins, as cron: minute, hour, day of month, month, day of week; in spec.timeZone. A time that the clock skips is the first instant after, one that comes twice is the first."
    )
    end: CronText = required("When it ends, as cron. One that comes twice is the second.")


class Fallback(Amount):
    """What a source that has failed is taken for. Capacity is never lowered for it."""

    failure_threshold: Annotated[int, integer(1, 100)] = required("Failures in a row until the fallback holds.")


class Dimension(Model):
    """A dimension of a CloudWatch metric."""

    name: Annotated[str, text(255), example("InstanceId")] = required("Name, as AWS spells it.")
    value: Annotated[str, text(1024)] = required("Value.")


class CloudWatchMetric(Model):
    """A metric of Amazon CloudWatch, in the target's account and region."""

    namespace: Annotated[str, text(255, pattern="^[^:].*$"), example("AWS/Connect")] = default(
        "AWS/Connect", "Namespace."
    )
    metric_name: Annotated[str, text(255), example("ConcurrentCalls")] = required("Name of the metric.")
    dimensions: Annotated[tuple[Dimension, ...], entries(30), ATOMIC] | None = absent(
        "Dimensions.", "of AWS/Connect the target's InstanceId with the MetricGroup VoiceCalls; of another none"
    )
    statistic: Annotated[str, text(16, pattern="^[A-Z][A-Za-z0-9.]*$"), example("Maximum")] = default(
        "Maximum", "Statistic, as AWS spells it; Sum for CallsPerInterval."
    )
    period_seconds: Annotated[int, integer(60, 3_600)] = default(60, "Period, a multiple of 60.")

    rules = (
        Rule(
            "self.periodSeconds % 60 == 0",
            "AWS keeps these metrics by the minute: write a multiple of 60",
            ".periodSeconds",
            holds=lambda metric: metric.period_seconds % 60 == 0,
        ),
    )


class BearerToken(Model):
    """A token that is sent as Authorization: Bearer."""

    secret_key_ref: SecretKey = required("Where it stands.")


class PrometheusAuth(Model):
    """How to sign in."""

    bearer_token: BearerToken = required("A token.")


class PrometheusQuery(Model):
    """A query of a Prometheus server, or of what speaks its HTTP API. It has to answer one number."""

    server_address: ServerAddress = required("Address of the server.")
    query: Query = required("PromQL that answers one number.")
    timeout_seconds: Annotated[int, integer(1, 30)] = default(5, "Seconds until it counts as failed.")
    auth: PrometheusAuth | None = absent("How to sign in.", "it asks nobody")


class Metric(Model):
    """A metric of what goes on now."""

    rules = (
        only_one_of("cloudWatch", "prometheus"),
        Rule(
            "self.measures != 'CallsPerPeriod' || has(self.cloudWatch)",
            "CallsPerPeriod is of the period of a cloudWatch metric: write ConcurrentCalls or CallsPerHour",
            ".measures",
            holds=lambda metric: metric.measures is not Measure.CALLS_PER_PERIOD or metric.cloud_watch is not None,
        ),
    )

    name: Handle = required("Name of the metric.")
    cloud_watch: CloudWatchMetric | None = absent("A metric of Amazon CloudWatch.", "prometheus is written")
    prometheus: PrometheusQuery | None = absent("A query of Prometheus.", "cloudWatch is written")
    measures: Measure = default(
        Measure.CONCURRENT_CALLS,
        "What its number is: calls at the same time, calls an hour, or calls in each period of the metric (CallsPerInterval).",
    )
    max_age_seconds: Annotated[int, integer(60, 86_400)] = default(180, "A number that is older has failed.")
    when_missing: WhenMissing = default(
        WhenMissing.FAIL, "What no number at all means: Fail, or Zero for a metric that is silent when nobody calls."
    )
    fallback: Fallback | None = absent(
        "What holds once it has failed for a while.", "capacity stays at least where it is, until it answers again"
    )


class ConnectHistory(Model):
    """Contacts as Amazon Connect counted them, up to three months back."""


class PrometheusHistory(PrometheusQuery):
    """Calls that began in each half hour, by a range query."""

    days: Annotated[int, integer(14, 400)] = default(90, "How far back.")


class History(Model):
    """What a forecast learns from."""

    rules = (only_one_of("connect", "configMapKeyRef", "prometheus"),)

    connect: ConnectHistory | None = absent(
        "Write connect: {} for the target's own contacts; AWS keeps three months.", "another source is written"
    )
    config_map_key_ref: ConfigMapKey | None = absent(
        'CSV with the columns start and calls, a line per half hour: "2026-11-02T08:30-05:00,412".',
        "another source is written",
    )
    prometheus: PrometheusHistory | None = absent("A query of Prometheus.", "another source is written")


class Forecast(Model):
    """What will come, by weekday and time of day, level, calendar and growth."""

    history: History = required("What it learns from.")
    cover_percent: Annotated[int, integer(50, 99)] = default(
        99, "Share of half hours that shall stay at or below what is planned for."
    )
    growth_percent_per_year: Annotated[int, integer(-90, 1000)] | None = absent(
        "Growth of the calls.", "as the history shows"
    )
    fallback: Fallback | None = absent(
        "What holds once its history could not be read for a while.", "the last forecast, and then live demand alone"
    )


class Event(Model):
    """A day that is unlike other days."""

    rules = (
        Rule(
            "(has(self.closed) && self.closed) != has(self.percent)",
            "write closed: true, or the percent of a usual day that will call",
            holds=lambda event: bool(event.closed) != (event.percent is not None),
        ),
        Rule(
            "!has(self.lastDate) || self.lastDate >= self.date",
            "lastDate must not be before date",
            ".lastDate",
            holds=lambda event: event.last_date is None or event.last_date >= event.date,
        ),
    )

    name: Handle = required("Name of the event.")
    date: Date = required('First day, "YYYY-MM-DD", in spec.timeZone.')
    last_date: Date | None = absent("Last day.", "one day")
    closed: Flag | None = absent("Nobody is there; the day after has more calls for it.", "percent is written")
    percent: Annotated[int, integer(0, 10_000)] | None = absent("Calls, of a usual day's.", "closed: true is written")


class Demand(Model):
    """The calls that come: the maximum of all sources."""

    rules = (
        Rule(
            "has(self.constant) || has(self.forecast) || (has(self.schedules) && size(self.schedules) > 0) || (has(self.metrics) && size(self.metrics) > 0)",
            "write at least one source: constant, schedules, metrics or forecast",
            holds=lambda demand: bool(demand.constant or demand.forecast or demand.schedules or demand.metrics),
        ),
    )

    constant: Amount | None = absent("Calls that have to be served at any time.", "none")
    schedules: Annotated[tuple[Schedule, ...], entries(MAX_SCHEDULES), list_map("name")] | None = absent(
        "Windows in which calls are expected.", "none"
    )
    metrics: Annotated[tuple[Metric, ...], entries(MAX_METRICS), list_map("name")] | None = absent(
        "What goes on now.", "none"
    )
    forecast: Forecast | None = absent("What will come.", "nothing is forecast")
    events: Annotated[tuple[Event, ...], entries(MAX_EVENTS), list_map("name")] | None = absent(
        "Days that are unlike other days.", "none is known"
    )
