"""What users get wrong with a ScalingPolicy: one change of the policy with every field, what parser and API server say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FULL = (Path(__file__).parent / "scalingpolicy.yaml").read_text()


@dataclass(frozen=True)
class Bad:
    """old is replaced by new. path, says: of the problem. server: what the API server says; None lets it in, since only
    the parser can know, and the condition says it then.
    """

    old: str
    new: str
    path: str
    says: str
    server: str | None = ""

    @property
    def text(self) -> str:
        assert self.old in FULL, f"the full policy no longer holds {self.old!r}"
        return FULL.replace(self.old, self.new, 1)


def _case(name: str, *arguments: str | None) -> Any:
    return pytest.param(Bad(*arguments), id=name)  # type: ignore[arg-type]  # a case's last word alone may be None


_DEMAND = FULL[FULL.index("  demand:") : FULL.index("  workload:")]
_LEVERS = FULL[FULL.index("  levers:") : FULL.index("  behavior:")]
_LOOKUP = "reservedConcurrency: {min: 100, max: 300, utilizationPercent: 50}, provisionedConcurrency: {min: 5, max: 100, utilizationPercent: 70}"
_RESERVED = "reservedConcurrency: {min: 100, max: 300"
_WARM = "warmReadUnitsPerSecond: {min: 12000,"
_SALES = "spec.staffing[name=sales]"

REFUSED = [
    _case("no-source", _DEMAND, "  demand: {}\n", "spec.demand", "write at least one source"),
    _case(
        "two-amounts",
        "{concurrentCalls: 200}",
        "{concurrentCalls: 200, callsPerHour: 1}",
        "spec.demand.constant",
        "write exactly one of concurrentCalls or callsPerHour",
    ),
    _case(
        "schedule-without-an-amount",
        ", callsPerHour: 60000}\n    metrics",
        "}\n    metrics",
        "spec.demand.schedules[name=monday]",
        "write exactly one of concurrentCalls or callsPerHour",
    ),
    _case(
        "cron-of-four-fields",
        'start: "0 8 * * MON"',
        'start: "8 * * MON"',
        "spec.demand.schedules[name=monday].start",
        'write text of 9 to 120 characters, such as "0 8 * * MON-FRI"',
        "should match",
    ),
    _case(
        "cron-hour-24",
        'start: "0 8 * * MON"',
        'start: "0 24 * * MON"',
        "spec.demand.schedules[name=monday].start",
        "is refused",
        "should match",
    ),
    _case(
        "cron-range-backwards",
        'start: "0 8 * * MON"',
        'start: "0 8 * * FRI-MON"',
        "spec.demand.schedules[name=monday].start",
        "ends before it begins",
        None,
    ),
    _case(
        "cron-of-no-day",
        'start: "0 8 * * MON"',
        'start: "0 8 31 2 *"',
        "spec.demand.schedules[name=monday].start",
        "no such day",
        None,
    ),
    _case(
        "window-of-no-length",
        'end: "0 12 * * MON"',
        'end: "0 8 * * MON"',
        "spec.demand.schedules[name=monday].end",
        "ends when it begins",
        None,
    ),
    _case(
        "two-metric-sources",
        "        prometheus:\n",
        "        cloudWatch: {metricName: ConcurrentCalls}\n        prometheus:\n",
        "spec.demand.metrics[name=dialer]",
        "write exactly one of cloudWatch or prometheus",
    ),
    _case(
        "period-of-a-query",
        "measures: ConcurrentCalls\n        whenMissing: Zero",
        "measures: CallsPerPeriod\n        whenMissing: Zero",
        "spec.demand.metrics[name=dialer].measures",
        "is of the period of a cloudWatch metric",
    ),
    _case(
        "half-a-minute",
        "periodSeconds: 60",
        "periodSeconds: 90",
        "spec.demand.metrics[name=live].cloudWatch.periodSeconds",
        "write a multiple of 60",
    ),
    _case(
        "fallback-without-threshold",
        "fallback: {failureThreshold: 3, concurrentCalls: 2000}",
        "fallback: {concurrentCalls: 2000}",
        "spec.demand.metrics[name=live].fallback.failureThreshold",
        "is required",
        "failureThreshold: Required value",
    ),
    _case(
        "address-without-scheme",
        "http://prometheus.monitoring:9090",
        "prometheus.monitoring:9090",
        "spec.demand.metrics[name=dialer].prometheus.serverAddress",
        "such as http://prometheus.monitoring:9090",
        "should match",
    ),
    _case(
        "no-history",
        "history: {connect: {}}",
        "history: {}",
        "spec.demand.forecast.history",
        "write exactly one of connect, configMapKeyRef or prometheus",
    ),
    _case(
        "cover-of-all",
        "coverPercent: 99",
        "coverPercent: 100",
        "spec.demand.forecast.coverPercent",
        "a whole number from 50 to 99",
        "less than or equal to 99",
    ),
    _case(
        "closed-with-percent",
        "closed: true",
        "closed: true, percent: 50",
        "spec.demand.events[name=thanksgiving]",
        "write closed: true, or the percent",
    ),
    _case(
        "event-backwards",
        'lastDate: "2026-11-30"',
        'lastDate: "2026-11-20"',
        "spec.demand.events[name=sale].lastDate",
        "must not be before date",
    ),
    _case(
        "no-such-day",
        'date: "2026-11-26"',
        'date: "2026-11-31"',
        "spec.demand.events[name=thanksgiving].date",
        "no day of the calendar",
        None,
    ),
    _case(
        "event-without-end",
        'lastDate: "2026-11-30"',
        'lastDate: "9999-12-31"',
        "spec.demand.events[name=sale].lastDate",
        "more than a year after 2026-11-27",
        None,
    ),
    _case("zone", "timeZone: America/New_York", "timeZone: America/NewYork", "spec.timeZone", "did you mean", None),
    _case(
        "shares-above-a-hundred",
        "  shrinkagePercent: 30",
        "    - {name: service, queues: [service], sharePercent: 50}\n  shrinkagePercent: 30",
        "spec.staffing",
        "more than 100 percent together",
    ),
    _case(
        "a-queue-in-two-pools",
        "  shrinkagePercent: 30",
        "    - {name: service, queues: [sales]}\n  shrinkagePercent: 30",
        f"{_SALES}.queues",
        "write each queue in one pool",
        None,
    ),
    _case(
        "min-above-max",
        _LOOKUP,
        "provisionedConcurrency: {min: 5, max: 4}",
        "spec.levers[name=lookup].provisionedConcurrency.min",
        "min must not be above max",
    ),
    _case(
        "two-targets",
        f"function: customer-lookup, {_LOOKUP}",
        f"function: customer-lookup, table: customers, {_LOOKUP}",
        "spec.levers[name=lookup]",
        "write exactly one of function, table or cacheRef",
    ),
    _case(
        "a-field-of-another-target",
        f"function: customer-lookup, {_LOOKUP}",
        "function: customer-lookup, shards: {min: 1, max: 2}",
        "spec.levers[name=lookup]",
        "of a function write provisionedConcurrency or reservedConcurrency, and no other field",
    ),
    _case(
        "a-lever-that-moves-nothing",
        f", {_LOOKUP}",
        "",
        "spec.levers[name=lookup]",
        "of a function write provisionedConcurrency",
    ),
    _case(
        "a-reservation-that-stops-the-function",
        _RESERVED,
        "reservedConcurrency: {min: 0, max: 300",
        "spec.levers[name=lookup].reservedConcurrency",
        "a reservation of 0 stops the function",
    ),
    _case(
        "less-reserved-than-provisioned",
        _RESERVED,
        "reservedConcurrency: {min: 50, max: 99",
        "spec.levers[name=lookup].reservedConcurrency",
        "write a max of reservedConcurrency that is at least that of provisionedConcurrency",
    ),
    _case(
        "a-reservation-by-application-auto-scaling",
        _LOOKUP,
        "reservedConcurrency: {min: 100, max: 300}",
        "spec.levers[name=lookup].through",
        "Application Auto Scaling has no reservedConcurrency",
    ),
    _case(
        "warm-throughput-by-application-auto-scaling",
        f"table: customers, {_WARM}",
        f"table: customers, through: ApplicationAutoScaling, {_WARM}",
        "spec.levers[name=warm].through",
        "Application Auto Scaling has no warm throughput",
    ),
    _case(
        "no-replicas-by-application-auto-scaling",
        "replicasPerShard: {min: 1,",
        "through: ApplicationAutoScaling, replicasPerShard: {min: 0,",
        "spec.levers[name=cache].replicasPerShard",
        "Application Auto Scaling keeps one replica at least",
    ),
    _case(
        "operations-of-what-is-no-cache",
        "leadSeconds: 300,",
        "leadSeconds: 300, operationsPerNode: 80000,",
        "spec.levers[name=lookup]",
        "operationsPerNode and ttlSeconds are of a cache",
    ),
    _case(
        "index-of-no-table",
        f"function: customer-lookup, {_LOOKUP}",
        f"function: customer-lookup, index: by-phone, {_LOOKUP}",
        "spec.levers[name=lookup].index",
        "index is of a table",
    ),
    _case(
        "six-replicas",
        "replicasPerShard: {min: 1, max: 5,",
        "replicasPerShard: {min: 1, max: 6,",
        "spec.levers[name=cache].replicasPerShard",
        "at most 5 replicas",
    ),
    _case(
        "a-table-of-no-units",
        "readCapacityUnits: {min: 100, max: 5000, utilizationPercent: 70}",
        "readCapacityUnits: {min: 0, max: 5000, utilizationPercent: 70}",
        "spec.levers[name=customers]",
        "write a min of 1 or more",
    ),
    _case(
        "one-field-two-levers",
        "table: customers, index: PhoneNumberIndex, ",
        "table: customers, ",
        "spec.levers[name=by-phone].readCapacityUnits",
        "the lever customers moves it too",
        None,
    ),
    _case(
        "aws-tracks-ninety",
        "utilizationPercent: 70}, leadSeconds: 300",
        "utilizationPercent: 95}, leadSeconds: 300",
        "spec.levers[name=lookup].provisionedConcurrency.utilizationPercent",
        "AWS tracks at most 90",
        None,
    ),
    _case(
        "tier-of-no-lever",
        "[{lever: lookup, min: 50}",
        "[{lever: lookups, min: 50}",
        "spec.tiers[name=growth].actions[0].lever",
        "did you mean lookup?",
        "write the name of one of levers",
    ),
    _case(
        "a-lever-without-min",
        "[{lever: lookup, min: 50}",
        "[{lever: lookup}",
        "spec.tiers[name=growth].actions[0].min",
        "write lever and min together",
    ),
    _case("auto-of-nothing", _LEVERS, "", "spec.mode", "Auto moves levers, and there is none"),
    _case("mode", "mode: Auto", "mode: auto", "spec.mode", "did you mean Auto?", "supported values"),
    _case(
        "percent",
        "shrinkagePercent: 30",
        "shrinkagePercent: 0.3",
        "spec.shrinkagePercent",
        "a whole number from 0 to 90",
        "must be of type integer",
    ),
    _case("name-with-a-dot", "  name: acme\nspec", "  name: a.b\nspec", "metadata.name", "is refused", "small letters"),
]
