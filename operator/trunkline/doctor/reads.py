"""Reads that do no harm: one for each service that objects use, of names that the rights hold for. Pure.

Each is one that a driver makes too, so whoever has the printed policies may make it. What is asked for need not exist: that
it does not is an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trunkline.engine.driver import OWNER_TAG
from trunkline.rights.grants import Grant

SAMPLE = "doctor"

Params = Callable[[str, float], dict[str, Any]]
"""From a name and the time, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Read:
    """One call. service: as botocore has it. action: IAM's."""

    service: str
    operation: str
    action: str
    params: Mapping[str, Any]


def _metric(_name: str, now: float) -> dict[str, Any]:
    end = datetime.fromtimestamp(now, UTC).replace(second=0, microsecond=0)
    metric = {"Namespace": "AWS/Connect", "MetricName": "ConcurrentCalls", "Dimensions": []}
    stat = {"Metric": metric, "Period": 60, "Stat": "Maximum"}
    return {
        "MetricDataQueries": [{"Id": "doctor", "MetricStat": stat}],
        "StartTime": end - timedelta(minutes=5),
        "EndTime": end,
    }


def _tagged(_name: str, _now: float) -> dict[str, Any]:
    return {"TagFilters": [{"Key": OWNER_TAG, "Values": [SAMPLE]}], "ResourcesPerPage": 1}


def _named(member: str) -> Params:
    return lambda name, _now: {member: name}


def _fixed(**params: Any) -> Params:
    return lambda _name, _now: dict(params)


_READS: Mapping[str, tuple[str, str, Params]] = {
    "application-autoscaling:DescribeScalableTargets": (
        "application-autoscaling",
        "DescribeScalableTargets",
        _fixed(ServiceNamespace="dynamodb", MaxResults=1),
    ),
    "cloudwatch:GetMetricData": ("cloudwatch", "GetMetricData", _metric),
    "connect:ListInstances": ("connect", "ListInstances", _fixed(MaxResults=10)),
    "dynamodb:DescribeTable": ("dynamodb", "DescribeTable", _named("TableName")),
    "elasticache:DescribeReplicationGroups": (
        "elasticache",
        "DescribeReplicationGroups",
        _named("ReplicationGroupId"),
    ),
    "elasticache:DescribeServerlessCaches": ("elasticache", "DescribeServerlessCaches", _named("ServerlessCacheName")),
    "iam:GetRole": ("iam", "GetRole", _named("RoleName")),
    "lambda:GetFunction": ("lambda", "GetFunction", _named("FunctionName")),
    "logs:DescribeLogGroups": ("logs", "DescribeLogGroups", _fixed(limit=1)),
    "secretsmanager:DescribeSecret": ("secretsmanager", "DescribeSecret", _named("SecretId")),
    "tag:GetResources": ("resourcegroupstaggingapi", "GetResources", _tagged),
}


def reads(grants: Iterable[Grant], now: float) -> Iterator[Read]:
    """One for each of these actions that are granted, on a name that the grant holds for."""
    done = set()
    for grant in grants:
        known = _READS.get(grant.action)
        if known is None or grant.action in done:
            continue
        done.add(grant.action)
        service, operation, params = known
        yield Read(service, operation, grant.action, params(_name(grant.resources[0]), now))


def _name(resource: str) -> str:
    """The last part of an ARN or pattern, as a name: `…:function:hello-*` is `hello-doctor`."""
    last = resource.replace("/", ":").rpartition(":")[2] if resource.startswith("arn:") else resource
    return last.replace("-??????", "").replace("*", SAMPLE)[:40] or SAMPLE
