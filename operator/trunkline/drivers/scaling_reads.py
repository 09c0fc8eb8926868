"""What a scaling policy asks of AWS besides its own resources: live metrics, the past, capacity and limits. Reads only.

Absent is absent, never zero. Sources: API references of Amazon CloudWatch (GetMetricData), Amazon Connect
(GetMetricDataV2: three months back, less than three days a call), AWS Lambda, Amazon DynamoDB, Service Quotas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trunkline.engine.driver import Reader, pages
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal

PERMISSIONS = frozenset(
    {
        "cloudwatch:GetMetricData",
        "connect:GetMetricDataV2",
        "dynamodb:DescribeTable",
        "lambda:GetAccountSettings",
        "lambda:GetProvisionedConcurrencyConfig",
        "servicequotas:GetServiceQuota",
        "servicequotas:RequestServiceQuotaIncrease",  # where requestQuotaIncreases says so
    }
)
CONCURRENT_CALLS_QUOTA = ("connect", "L-12AB7C57")  # "Concurrent active calls per instance"
HALF_HOUR = timedelta(minutes=30)
HISTORY_CHUNK = timedelta(hours=71, minutes=30)  # less than three days
HISTORY_DAYS = 90
QUEUES_PER_CALL = 100


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One metric of CloudWatch. dimensions: pairs of name and value."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    period_seconds: int


@dataclass(frozen=True, slots=True)
class Point:
    """A value, and the end of the period that it is of."""

    value: float
    at: datetime


async def latest(aws: Reader, query: MetricQuery, now: datetime, back_seconds: float) -> Point | None:
    """The newest value, of whole periods that ended at most so long ago; None if there is none.

    Raises CallRefusedError.
    """
    period = timedelta(seconds=query.period_seconds)
    end = _whole(now, query.period_seconds)
    start = _whole(now - timedelta(seconds=back_seconds) - period, query.period_seconds)
    answer = await aws.read(
        "cloudwatch",
        "GetMetricData",
        {
            "MetricDataQueries": [
                {
                    "Id": "m0",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": query.namespace,
                            "MetricName": query.name,
                            "Dimensions": [{"Name": name, "Value": value} for name, value in query.dimensions],
                        },
                        "Period": query.period_seconds,
                        "Stat": query.statistic,
                    },
                }
            ],
            "StartTime": start,
            "EndTime": max(end, start + period),
            "ScanBy": "TimestampDescending",
        },
    )
    results = answer.at("MetricDataResults") or ()
    for result in results:
        _check_answered(result)
    points = [
        Point(float(value), at.astimezone(UTC) + period)
        for result in results
        for at, value in zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False)
    ]
    return max(points, key=lambda point: point.at, default=None)


def _check_answered(result: Any) -> None:
    """An answer without values is no silence where AWS says that it could not look. Raises CallRefusedError."""
    code = str(result.get("StatusCode") or "Complete")
    if code in ("InternalError", "Forbidden") or (code == "PartialData" and not result.get("Values")):
        said = "; ".join(str(one.get("Value") or "") for one in result.get("Messages") or ()) or "no data was read"
        raise CallRefusedError(Refusal(Outcome.RETRY, "cloudwatch", "GetMetricData", code, said))


async def contacts(
    aws: Reader, instance_arn: str, queue_ids: Sequence[str], since: datetime, until: datetime
) -> list[tuple[datetime, float]]:
    """Voice contacts that were created, by the half hour in which they were. Raises CallRefusedError."""
    counts: dict[datetime, float] = {}
    for first in range(0, len(queue_ids), QUEUES_PER_CALL):
        start = _whole(since, 1800)
        end = _whole(until, 1800)
        while start < end:
            stop = min(start + HISTORY_CHUNK, end)
            question = {
                "ResourceArn": instance_arn,
                "StartTime": start,
                "EndTime": stop,
                "Interval": {"TimeZone": "UTC", "IntervalPeriod": "THIRTY_MIN"},
                "Filters": [
                    {"FilterKey": "QUEUE", "FilterValues": list(queue_ids[first : first + QUEUES_PER_CALL])},
                    {"FilterKey": "CHANNEL", "FilterValues": ["VOICE"]},
                ],
                "Metrics": [{"Name": "CONTACTS_CREATED"}],
                "MaxResults": 100,
            }
            async for answer in pages(aws, "connect", "GetMetricDataV2", question):
                for result in answer.at("MetricResults") or ():
                    at = result["MetricInterval"]["StartTime"].astimezone(UTC)
                    counts[at] = counts.get(at, 0.0) + _sum(result.get("Collections") or ())
            start = stop
    return sorted(counts.items())


def _sum(collections: Iterable[Any]) -> float:
    return sum(float(one["Value"]) for one in collections if one.get("Value") is not None)


def _whole(instant: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(instant.timestamp() // seconds * seconds, UTC)


async def provisioned_concurrency(aws: Reader, function: str, alias: str) -> int | None:
    """What the alias is told to keep warm; 0 if nothing, None if there is no such function. Raises CallRefusedError."""
    try:
        answer = await aws.read(
            "lambda", "GetProvisionedConcurrencyConfig", {"FunctionName": function, "Qualifier": alias}
        )
    except CallRefusedError as error:
        if error.refusal.code == "ProvisionedConcurrencyConfigNotFoundException":
            return 0
        if error.absent:
            return None
        raise
    return int(answer.at("RequestedProvisionedConcurrentExecutions") or 0)


@dataclass(frozen=True, slots=True)
class TableCapacity:
    """Units of a table or index; None if it is billed per request. decreases: of this UTC day."""

    read: int
    write: int
    decreases: int
    last_decrease: datetime | None


async def table_capacity(aws: Reader, table: str, index: str) -> TableCapacity | None:
    """What is provisioned; None if there is no such table or index, or it is billed per request."""
    try:
        answer = await aws.read("dynamodb", "DescribeTable", {"TableName": table})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    body = answer.at("Table") or {}
    if index:
        body = next((one for one in body.get("GlobalSecondaryIndexes") or () if one["IndexName"] == index), {})
    units = body.get("ProvisionedThroughput") or {}
    read, write = int(units.get("ReadCapacityUnits") or 0), int(units.get("WriteCapacityUnits") or 0)
    if not read or not write:
        return None
    last = units.get("LastDecreaseDateTime")
    return TableCapacity(
        read, write, int(units.get("NumberOfDecreasesToday") or 0), None if last is None else last.astimezone(UTC)
    )


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Of an account: the limit, and what of it no function has for itself."""

    limit: int
    unreserved: int


async def concurrency(aws: Reader) -> Concurrency:
    """Raises CallRefusedError."""
    answer = await aws.read("lambda", "GetAccountSettings", {})
    limit = int(answer.at("AccountLimit.ConcurrentExecutions") or 0)
    return Concurrency(limit, int(answer.at("AccountLimit.UnreservedConcurrentExecutions") or limit))


async def concurrent_calls_quota(aws: Reader, instance_arn: str) -> float | None:
    """Of an instance; None if AWS does not say. Raises CallRefusedError."""
    service, code = CONCURRENT_CALLS_QUOTA
    try:
        answer = await aws.read(
            "service-quotas", "GetServiceQuota", {"ServiceCode": service, "QuotaCode": code, "ContextId": instance_arn}
        )
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    value = answer.at("Quota.Value")
    return None if value is None else float(value)
