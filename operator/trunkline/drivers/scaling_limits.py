"""What an account may have of what several policies share, and what of it is used. Reads only.

Absent is absent, never zero. Sources: API references of Service Quotas (GetServiceQuota) and Amazon DynamoDB
(DescribeLimits, which names the loop over ListTables and DescribeTable, and throttles more than one call a minute).
CloudWatch has the same sum as the usage metric of the account's quotas.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trunkline.drivers.reads import together
from trunkline.drivers.scaling_reads import MetricQuery, latest
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import Answer

PERMISSIONS = frozenset(
    {
        "cloudwatch:GetMetricData",
        "dynamodb:DescribeLimits",
        "dynamodb:DescribeTable",
        "dynamodb:ListTables",
        "servicequotas:GetServiceQuota",
    }
)
READ_QUOTA = "Account-level read throughput limit (Provisioned mode)"
WRITE_QUOTA = "Account-level write throughput limit (Provisioned mode)"
_CODES = ("L-34F6A552", "L-34F8CCC8")  # of the two, in this order
_USED = ("AccountProvisionedReadCapacityUnits", "AccountProvisionedWriteCapacityUnits")
_USED_PERIOD, _USED_BACK_SECONDS = 300, 1800.0
MOST_TABLES = 100  # that are asked one by one where CloudWatch says nothing


@dataclass(frozen=True, slots=True)
class Units:
    """Read and write capacity units."""

    read: int
    write: int


async def table_quota(aws: Reader) -> Units:
    """What all tables and indexes in provisioned mode may have together. Raises CallRefusedError."""
    try:
        answers = await together(_quota(aws, code) for code in _CODES)
    except CallRefusedError:
        answers = [None, None]
    read, write = (None if answer is None else answer.at("Quota.Value") for answer in answers)
    if read is not None and write is not None:
        return Units(int(read), int(write))
    told = await aws.read("dynamodb", "DescribeLimits", {})
    return Units(int(told.at("AccountMaxReadCapacityUnits")), int(told.at("AccountMaxWriteCapacityUnits")))


async def _quota(aws: Reader, code: str) -> Answer | None:
    return await aws.read("service-quotas", "GetServiceQuota", {"ServiceCode": "dynamodb", "QuotaCode": code})


async def table_use(aws: Reader, now: datetime) -> Units | None:
    """What they have; None where CloudWatch says nothing and there are too many tables to ask. Raises CallRefusedError."""
    points = await together(latest(aws, _used(resource), now, _USED_BACK_SECONDS) for resource in _USED)
    read, write = points
    if read is not None and write is not None:
        return Units(round(read.value), round(write.value))
    listed = await aws.read("dynamodb", "ListTables", {"Limit": MOST_TABLES})
    if listed.at("LastEvaluatedTableName"):
        return None
    found = await together(_units(aws, str(name)) for name in listed.at("TableNames") or ())
    return Units(sum(units.read for units in found), sum(units.write for units in found))


def _used(resource: str) -> MetricQuery:
    dimensions = (("Service", "DynamoDB"), ("Type", "Resource"), ("Resource", resource), ("Class", "None"))
    return MetricQuery("AWS/Usage", "ResourceCount", dimensions, "Maximum", _USED_PERIOD)


async def _units(aws: Reader, table: str) -> Units:
    try:
        answer = await aws.read("dynamodb", "DescribeTable", {"TableName": table})
    except CallRefusedError as error:
        if error.absent:
            return Units(0, 0)
        raise
    body = answer.at("Table") or {}
    parts: list[Any] = [body, *(body.get("GlobalSecondaryIndexes") or ())]
    units = [part.get("ProvisionedThroughput") or {} for part in parts]
    return Units(
        sum(int(one.get("ReadCapacityUnits") or 0) for one in units),
        sum(int(one.get("WriteCapacityUnits") or 0) for one in units),
    )
