"""GetMetricDataV2: what contacts were, by queue and interval, as a test tells it (`history` of the service).

Source: API reference, GetMetricDataV2: three months back; FIFTEEN_MIN, THIRTY_MIN and HOUR for less than three days a
call, DAY, WEEK and TOTAL for less than 35; the end not later than now; at least one of the filters that name resources,
100 values in all; times on the quarter hour. Queues (not those of agents), channels and queue groupings are offered;
counts add up, averages are weighted by the contacts they are of, and what has no contacts is null.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler
from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.store import Instance
from trunkline_sandbox.aws.service import NotImplementedOperation
from trunkline_sandbox.aws.zones import time_zones

QUARTER = 900.0
HISTORY_DAYS = 92
FILTER_VALUES = 100
PAGE = 100
_SPANS = {"FIFTEEN_MIN": 3, "THIRTY_MIN": 3, "HOUR": 3, "DAY": 35, "WEEK": 35, "TOTAL": 35}
_SECONDS = {"FIFTEEN_MIN": QUARTER, "THIRTY_MIN": 2 * QUARTER, "HOUR": 4 * QUARTER}
_COUNTS = ("CONTACTS_CREATED", "CONTACTS_QUEUED", "CONTACTS_HANDLED", "CONTACTS_ABANDONED")
# Averages, and of which contacts they are.
_AVERAGES = {
    "AVG_HANDLE_TIME": "CONTACTS_HANDLED",
    "AVG_INTERACTION_TIME": "CONTACTS_HANDLED",
    "AVG_INTERACTION_AND_HOLD_TIME": "CONTACTS_HANDLED",
    "AVG_CONTACT_DURATION": "CONTACTS_CREATED",
    "AVG_AFTER_CONTACT_WORK_TIME": "CONTACTS_HANDLED",
    "AVG_HOLD_TIME": "CONTACTS_HANDLED",
    "AVG_QUEUE_ANSWER_TIME": "CONTACTS_HANDLED",
    "AVG_ABANDON_TIME": "CONTACTS_ABANDONED",
    "SERVICE_LEVEL": "CONTACTS_QUEUED",
}
METRICS = (*_COUNTS, *_AVERAGES)
_RESOURCE_FILTERS = ("QUEUE", "ROUTING_PROFILE", "AGENT")
_CHANNELS = ("VOICE", "CHAT", "TASK", "EMAIL")
Quarter = dict[str, float]  # metrics of a quarter of an hour, by name
History = Callable[[float], Quarter]  # of the quarter that begins at a time


@dataclass(frozen=True, slots=True)
class Interval:
    """From a time to another."""

    start: float
    end: float


@dataclass(slots=True)
class Histories:
    """What a test told, by queue id and channel."""

    told: dict[tuple[str, str], History]

    def quarters(self, queues: set[str], channels: set[str], interval: Interval, now: float) -> Iterator[Quarter]:
        """Of quarters that are over; those without contacts are left out."""
        start = interval.start - interval.start % QUARTER
        for (queue, channel), history in self.told.items():
            if queue not in queues or channel not in channels:
                continue
            for number in itertools.count():
                at = start + number * QUARTER
                if at + QUARTER > min(interval.end, now):
                    break
                if at >= interval.start and (found := history(at)):
                    yield found


def get(call: Call, histories: Histories) -> Answer:
    """GetMetricDataV2."""
    params = call.params
    instance = call.instance(params["ResourceArn"])
    if not str(params["ResourceArn"]).startswith("arn:"):
        raise faults.invalid_parameter("ResourceArn must be the ARN of an instance.")
    period, zone = _interval(params)
    start, end = _times(call, period)
    queues, channels = _filters(call, instance, params["Filters"])
    for metric in params["Metrics"]:
        _check_metric(metric)
    groupings = params.get("Groupings") or []
    for key in groupings:
        if key not in ("QUEUE", "CHANNEL"):
            raise NotImplementedOperation(f"Grouping by {key} is not offered.")
    results: list[dict[str, Any]] = []
    for interval in _intervals(period, zone, start, end):
        for dimensions, chosen, spoken in _groups(instance, groupings, queues, channels):
            quarters = list(histories.quarters(chosen, spoken, interval, call.now))
            if quarters:
                results.append(_result(params, period, interval, dimensions, quarters))
    return _page(params, results)


def _interval(params: dict[str, Any]) -> tuple[str, ZoneInfo]:
    given = params.get("Interval") or {}
    name = given.get("TimeZone", "UTC")
    if name not in time_zones():
        raise faults.invalid_parameter(f"Invalid time zone {name}.")
    return given.get("IntervalPeriod", "TOTAL"), ZoneInfo(name)


def _times(call: Call, period: str) -> tuple[float, float]:
    start, end = call.params["StartTime"].timestamp(), call.params["EndTime"].timestamp()
    if start >= end:
        raise faults.invalid_parameter("StartTime must be before EndTime.")
    if end > call.now:
        raise faults.invalid_parameter("EndTime cannot be later than the current time.")
    if call.now - start > HISTORY_DAYS * 86_400:
        raise faults.invalid_parameter("StartTime cannot be more than 3 months ago.")
    if start % QUARTER or end % QUARTER:
        raise faults.invalid_parameter("StartTime and EndTime must be on an interval of 15 minutes.")
    if end - start >= _SPANS[period] * 86_400:
        text = f"The difference between StartTime and EndTime must be less than {_SPANS[period]} days for {period}."
        raise faults.invalid_parameter(text)
    return start, end


def _filters(call: Call, instance: Instance, filters: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Queue ids and channels, in the order asked for."""
    by_key = {item.get("FilterKey"): item.get("FilterValues", []) for item in filters}
    if not set(by_key) & set(_RESOURCE_FILTERS):
        raise faults.invalid_parameter(f"At least one filter of {', '.join(_RESOURCE_FILTERS)} is required.")
    for key in by_key:
        if key not in ("QUEUE", "CHANNEL"):
            raise NotImplementedOperation(f"The filter {key} is not offered.")
    if sum(len(values) for key, values in by_key.items() if key != "CHANNEL") > FILTER_VALUES:
        raise faults.invalid_parameter(f"There can be at most {FILTER_VALUES} filter values.")
    channels = list(by_key.get("CHANNEL", _CHANNELS))
    for channel in channels:
        if channel not in _CHANNELS:
            raise faults.invalid_parameter(f"Invalid channel {channel}.")
    queues: list[str] = []
    for value in by_key["QUEUE"]:
        entity = call.require(instance, Kind.QUEUE, value)
        if entity.state.links.get("type") == "AGENT":
            raise faults.invalid_parameter("Queues of agents are not supported.")
        queues.append(entity.id)
    return queues, channels


def _check_metric(metric: dict[str, Any]) -> None:
    name = metric.get("Name", "")
    if name not in METRICS:
        raise NotImplementedOperation(f"The metric {name} is not offered.")
    if metric.get("MetricFilters"):
        raise NotImplementedOperation("Metric filters are not offered.")
    if (name == "SERVICE_LEVEL") != bool(metric.get("Threshold")):
        raise faults.invalid_parameter("SERVICE_LEVEL, and no other metric offered here, needs a Threshold.")


def _intervals(period: str, zone: ZoneInfo, start: float, end: float) -> Iterator[Interval]:
    if period == "TOTAL":
        yield Interval(start, end)
        return
    at = start
    while at < end:
        following = _following(period, zone, at)
        yield Interval(at, min(following, end))
        at = following


def _following(period: str, zone: ZoneInfo, at: float) -> float:
    """Where the next interval begins: whole quarters, or local midnights (weeks from Monday on)."""
    if period in _SECONDS:
        seconds = _SECONDS[period]
        return (at // seconds + 1) * seconds
    local = datetime.fromtimestamp(at, zone)
    days = 1 if period == "DAY" else 7 - local.weekday()
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight + timedelta(days=days)).timestamp()


def _groups(
    instance: Instance, groupings: list[str], queues: list[str], channels: list[str]
) -> Iterator[tuple[dict[str, str], set[str], set[str]]]:
    """Dimensions with the queues and channels that belong to them."""
    each_queue = [[item] for item in queues] if "QUEUE" in groupings else [queues]
    each_channel = [[item] for item in channels] if "CHANNEL" in groupings else [channels]
    for chosen, spoken in itertools.product(each_queue, each_channel):
        dimensions: dict[str, str] = {}
        if "QUEUE" in groupings:
            dimensions |= {"QUEUE": chosen[0], "QUEUE_ARN": f"{instance.arn}/queue/{chosen[0]}"}
        if "CHANNEL" in groupings:
            dimensions["CHANNEL"] = spoken[0]
        yield dimensions, set(chosen), set(spoken)


def _result(
    params: dict[str, Any], period: str, interval: Interval, dimensions: dict[str, str], quarters: list[Quarter]
) -> dict[str, Any]:
    collections = []
    for metric in params["Metrics"]:
        value = _value(metric["Name"], quarters)
        collections.append({"Metric": metric} | ({"Value": value} if value is not None else {}))
    shown = {
        "Interval": period,
        "StartTime": datetime.fromtimestamp(interval.start, UTC),
        "EndTime": datetime.fromtimestamp(interval.end, UTC),
    }
    return {"Dimensions": dimensions, "MetricInterval": shown, "Collections": collections}


def _value(name: str, quarters: list[Quarter]) -> float | None:
    if name in _COUNTS:
        return sum(item.get(name, 0.0) for item in quarters)
    of = _AVERAGES[name]
    weights = [(item.get(of, 0.0), item[name]) for item in quarters if name in item]
    total = sum(weight for weight, _ in weights)
    return sum(weight * value for weight, value in weights) / total if total else None


def _page(params: dict[str, Any], results: list[dict[str, Any]]) -> Answer:
    token = params.get("NextToken", "0")
    if not token.isdecimal():
        raise faults.invalid_parameter("NextToken is not valid.")
    start, following = int(token), int(token) + params.get("MaxResults", PAGE)
    return {"MetricResults": results[start:following]} | (
        {"NextToken": str(following)} if following < len(results) else {}
    )


def told(values: Any) -> History:
    """A history from what a test gives: a function of the time a quarter begins, or one list per metric.

    Lists are {"start": seconds since the epoch, "CONTACTS_QUEUED": [...], ...}, one number for each quarter from then on.
    A number instead of a list holds for all. Raises ValueError.
    """
    if callable(values):
        return lambda at: _checked(values(at))
    if not isinstance(values, dict) or not isinstance(values.get("start"), int | float):
        raise ValueError("history: expected a function, or an object with start and metrics")  # noqa: TRY004 - a bad request
    start = float(values["start"])
    series = {name: item for name, item in values.items() if name != "start"}
    _checked(dict.fromkeys(series, 0.0))
    length = max((len(item) for item in series.values() if isinstance(item, list)), default=0)

    def history(at: float) -> Quarter:
        index = int((at - start) // QUARTER)
        if not 0 <= index < length:
            return {}
        found = {name: item[index] if isinstance(item, list) else item for name, item in series.items()
                 if not isinstance(item, list) or index < len(item)}  # fmt: skip
        return {name: float(value) for name, value in found.items()}

    return history


def _checked(found: Quarter) -> Quarter:
    unknown = set(found) - set(METRICS)
    if unknown:
        raise ValueError(f"history: there is no metric {min(unknown)} here; there is {', '.join(METRICS)}")
    return found


def operations(histories: Histories) -> dict[str, Handler]:
    """The operations, over these histories."""
    return {"GetMetricDataV2": lambda call: get(call, histories)}
