"""What functions, tables and caches have of what a policy moves besides capacity units. Reads only.

Absent is absent, never zero. Sources: API references of AWS Lambda (GetFunction; metric ConcurrentExecutions),
Amazon DynamoDB (DescribeTable) and Amazon ElastiCache (DescribeReplicationGroups).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trunkline.drivers.scaling_reads import MetricQuery, latest, provisioned_concurrency
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError

PERMISSIONS = frozenset(
    {
        "cloudwatch:GetMetricData",
        "dynamodb:DescribeTable",
        "elasticache:DescribeReplicationGroups",
        "lambda:GetFunction",
        "lambda:GetProvisionedConcurrencyConfig",
    }
)
_BUSY_PERIOD, _BUSY_BACK_SECONDS = 300, 600.0


@dataclass(frozen=True, slots=True)
class Reservation:
    """Of one function. reserved: 0 without a reservation. provisioned: of its alias. busy: the most executions at once of
    the last minutes, None if nobody measured any.
    """

    reserved: int
    provisioned: int
    busy: int | None


async def reservation(aws: Reader, function: str, alias: str, now: datetime) -> Reservation | None:
    """None if there is no such function. Raises CallRefusedError."""
    try:
        answer = await aws.read("lambda", "GetFunction", {"FunctionName": function})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    dimensions = (("FunctionName", function),)
    query = MetricQuery("AWS/Lambda", "ConcurrentExecutions", dimensions, "Maximum", _BUSY_PERIOD)
    provisioned = await provisioned_concurrency(aws, function, alias)
    busy = await latest(aws, query, now, _BUSY_BACK_SECONDS)
    reserved = int(answer.at("Concurrency.ReservedConcurrentExecutions") or 0)
    return Reservation(reserved, provisioned or 0, None if busy is None else round(busy.value))


@dataclass(frozen=True, slots=True)
class Warm:
    """Units a second that a table or index takes at once."""

    read: int
    write: int


async def warm_throughput(aws: Reader, table: str, index: str) -> Warm | None:
    """None if there is no such table or index, or AWS does not say. Raises CallRefusedError."""
    try:
        answer = await aws.read("dynamodb", "DescribeTable", {"TableName": table})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    body = answer.at("Table") or {}
    if index:
        body = next((one for one in body.get("GlobalSecondaryIndexes") or () if one["IndexName"] == index), {})
    warm = body.get("WarmThroughput") or {}
    read, write = warm.get("ReadUnitsPerSecond"), warm.get("WriteUnitsPerSecond")
    return None if read is None or write is None else Warm(int(read), int(write))


@dataclass(frozen=True, slots=True)
class GroupSize:
    """Shards of a replication group, and the replicas of the one that has fewest."""

    shards: int
    replicas: int


async def group_size(aws: Reader, group: str) -> GroupSize | None:
    """None if there is no such group, or it is only being made. Raises CallRefusedError."""
    try:
        answer = await aws.read("elasticache", "DescribeReplicationGroups", {"ReplicationGroupId": group})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    shards = [shard for one in answer.at("ReplicationGroups") or () for shard in one.get("NodeGroups") or ()]
    members = [len(shard.get("NodeGroupMembers") or ()) for shard in shards]
    fewest = min(members, default=0)
    return GroupSize(len(shards), fewest - 1) if fewest else None
