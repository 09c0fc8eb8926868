"""GetMetricData for AWS/ElastiCache and for what a test measures: points of whole periods, while something was there.

Source: CloudWatch API reference, GetMetricData and MetricStat (500 queries, periods of 1, 5, 10, 30 and multiples of 60
seconds; newest first unless asked otherwise; minutes are kept for 15 days, periods of five minutes for 63, hours for 455,
and what is asked with a shorter period than is kept of its time has no values). ElastiCache measures once a minute. Metric math and Metrics Insights are
not offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from trunkline_sandbox.aws.service import NotImplementedOperation, ServiceFault

NAMESPACE = "AWS/ElastiCache"
QUERIES = 500
POINTS = 100_800
MINUTE = 60.0
_KEPT = ((15 * 86_400.0, 60), (63 * 86_400.0, 300), (455 * 86_400.0, 3600))  # so old at most: multiples of the period
_MINUTES_SECONDS = 3 * 3600.0  # periods below a minute are kept so long
_SHORT = (1, 5, 10, 30)
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_PERCENTILE = re.compile(r"(p|tm|tc|ts|wm)\d{1,2}(\.\d{1,10})?|IQM")


@dataclass(frozen=True, slots=True)
class Series:
    """A metric from a moment on: its value in the minute that ends at a time."""

    since: float
    until: float
    value: Callable[[float], float | None]


Find = Callable[[str, str, dict[str, str]], Series | None]  # namespace, metric name, dimensions


def _fault(text: str) -> ServiceFault:
    return ServiceFault("ValidationError", text, 400)


def is_ours(params: dict[str, Any], namespaces: Collection[str]) -> bool:
    """Whether any query is about one of these; the others are moto's."""
    stats = [item["MetricStat"]["Metric"] for item in params["MetricDataQueries"] if "MetricStat" in item]
    return any(metric.get("Namespace") in namespaces for metric in stats)


def get(params: dict[str, Any], now: float, namespaces: Collection[str], find: Find) -> dict[str, Any]:
    """The answer of GetMetricData, all of whose queries must be of `namespaces`."""
    queries = params["MetricDataQueries"]
    if len(queries) > QUERIES:
        raise _fault(f"The collection MetricDataQueries must not have a size greater than {QUERIES}.")
    start, end = params["StartTime"].timestamp(), params["EndTime"].timestamp()
    if start >= end:
        raise _fault("The parameter StartTime must be less than the parameter EndTime.")
    if len({item["Id"] for item in queries}) < len(queries):
        raise _fault("The values for parameter id in MetricDataQueries are not unique.")
    ascending = params.get("ScanBy") == "TimestampAscending"
    for item in queries:
        _check(item, namespaces)
    found = [_result(item, start, min(end, now), now, find, ascending=ascending) for item in queries]
    if sum(len(item["Values"]) for item in found) > params.get("MaxDatapoints", POINTS):
        raise NotImplementedOperation("More data points than one page holds are not offered: ask for fewer.")
    wanted = {item["Id"] for item in queries if item.get("ReturnData", True)}
    return {"MetricDataResults": [item for item in found if item["Id"] in wanted], "Messages": []}


def _check(item: dict[str, Any], namespaces: Collection[str]) -> None:
    if not _ID.fullmatch(item["Id"]):
        raise _fault(f"Invalid Id {item['Id']}: it must begin with a lower case letter.")
    if ("MetricStat" in item) == ("Expression" in item):
        raise _fault("Exactly one of MetricStat and Expression must be given.")
    if "Expression" in item:
        raise NotImplementedOperation("Metric math and Metrics Insights are not offered.")
    metric, period = item["MetricStat"]["Metric"], item["MetricStat"]["Period"]
    if metric.get("Namespace") not in namespaces:
        text = f"Queries of other namespaces together with {', '.join(sorted(namespaces))} are not offered."
        raise NotImplementedOperation(text)
    if period % 60 and period not in _SHORT:
        raise _fault(f"Period must be 1, 5, 10, 30 or a multiple of 60, found {period}.")


def _kept(period: int) -> float:
    """Seconds back for which there is data of a period."""
    if period % 60:
        return _MINUTES_SECONDS
    return max(age for age, multiple in _KEPT if period % multiple == 0)


def _result(
    item: dict[str, Any], start: float, end: float, now: float, find: Find, *, ascending: bool
) -> dict[str, Any]:
    stat = item["MetricStat"]
    metric, period = stat["Metric"], stat["Period"]
    dimensions = {entry["Name"]: entry["Value"] for entry in metric.get("Dimensions", [])}
    series = find(metric.get("Namespace", ""), metric.get("MetricName", ""), dimensions)
    kept = max(start, now - _kept(period))
    points = _points(series, kept, end, max(float(period), MINUTE), stat["Stat"]) if series is not None else []
    points.sort(reverse=not ascending)
    return {
        "Id": item["Id"],
        "Label": item.get("Label", metric.get("MetricName", "")),
        "Timestamps": [at for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def _points(series: Series, start: float, end: float, period: float, stat: str) -> list[tuple[float, float]]:
    """One point per period that has a minute of data, at its beginning."""
    found: list[tuple[float, float]] = []
    at = start // period * period
    while at < end:
        minutes = [at + offset * MINUTE for offset in range(int(period // MINUTE))]
        there = [minute for minute in minutes if minute >= series.since and minute + MINUTE <= min(end, series.until)]
        values = [value for minute in there if (value := series.value(minute + MINUTE)) is not None]
        if values:
            found.append((at, _statistic(stat, values)))
        at += period
    return found


def _statistic(stat: str, values: list[float]) -> float:
    plain: dict[str, Callable[[list[float]], float]] = {
        "Average": lambda given: sum(given) / len(given),
        "Maximum": max,
        "Minimum": min,
        "SampleCount": lambda given: float(len(given)),
        "Sum": sum,
    }
    if stat in plain:
        return plain[stat](values)
    if not _PERCENTILE.fullmatch(stat):
        raise _fault(f"The value {stat} for parameter Stat is not a valid statistic.")
    raise NotImplementedOperation(f"The statistic {stat} is not offered.")
