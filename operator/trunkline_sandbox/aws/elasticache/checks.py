"""What a replication group may be, whether it is created or modified.

Sources: API reference, CreateReplicationGroup and ModifyReplicationGroup; user guide, "Authenticating with the AUTH
command" (16 to 128 characters, of the others only !&#$^<>-), "Minimizing downtime: Multi-AZ", "Quotas for ElastiCache".
"""

from __future__ import annotations

import re
from typing import Any

from trunkline_sandbox.aws.elasticache import engines, faults
from trunkline_sandbox.aws.elasticache.engines import Engine
from trunkline_sandbox.aws.elasticache.state import Group
from trunkline_sandbox.aws.elasticache.store import Call

REPLICAS = 5
RETENTION_DAYS = 35
DESCRIPTION_CHARACTERS = 255
NODES_PER_REGION = 300.0
NODES_PER_CLUSTER = 90.0
PER_CLUSTER_QUOTA = "Nodes per cluster per instance type (Redis cluster mode enabled)"
_TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")
_TOPIC = re.compile(r"arn:aws:sns:[a-z0-9-]+:(\d{12}):[A-Za-z0-9_.-]+")


def token(given: str) -> str:
    """Raises InvalidParameterValue for an AUTH token that ElastiCache does not take; never repeats it."""
    if not _TOKEN.fullmatch(given):
        raise faults.value("Invalid AuthToken provided.")
    return given


def description(text: str) -> str:
    if not text or len(text) > DESCRIPTION_CHARACTERS:
        raise faults.value("ReplicationGroupDescription must have 1 to 255 characters.")
    return text


def retention(days: int) -> int:
    if not 0 <= days <= RETENTION_DAYS:
        raise faults.value(f"SnapshotRetentionLimit must be between 0 and {RETENTION_DAYS}.")
    return days


def topic(call: Call, arn: str) -> str:
    found = _TOPIC.fullmatch(arn)
    if found is None or found[1] != call.context.account:
        raise faults.value("NotificationTopicArn must be the ARN of an SNS topic of the same account.")
    return arn


def node_type(name: str) -> str:
    if engines.memory_gib(name) is None:
        raise faults.value(f"Invalid Cache Node Type: {name}")
    return name


def replicas(count: int) -> int:
    if not 0 <= count <= REPLICAS:
        raise faults.value(f"The number of replicas per node group must be between 0 and {REPLICAS}.")
    return count


def failover(*, enabled: bool, multi_az: bool, cluster: bool, fewest_replicas: int) -> None:
    """Raises InvalidParameterCombination."""
    if cluster and not enabled:
        raise faults.combination("Redis with cluster mode enabled cannot be created with auto failover turned off.")
    if enabled and not cluster and fewest_replicas < 1:
        text = "When using automatic failover, there must be at least 2 cache clusters in the replication group."
        raise faults.combination(text)
    if multi_az and not enabled:
        raise faults.combination("Multi-AZ cannot be enabled while automatic failover is disabled.")
    if multi_az and fewest_replicas < 1:
        raise faults.combination("Multi-AZ requires at least 1 replica in each node group.")


def transit_mode(engine: Engine) -> None:
    if not engine.at_least_seven:
        raise faults.combination("TransitEncryptionMode is only supported on engine version 7.0.5 or above.")


def user_groups(call: Call, ids: list[str], engine: Engine, *, tls: bool) -> list[str]:
    """The ids as stored. Raises UserGroupNotFound, InvalidUserGroupState, InvalidParameterCombination."""
    stored = [name.lower() for name in ids]
    if len(stored) > 1:
        raise faults.combination("Only one user group can be associated with a replication group.")
    if stored and not tls:
        raise faults.combination("User groups require in-transit encryption to be enabled.")
    if stored and not engine.at_least(6, 0):
        raise faults.combination("User groups require engine version 6.0 or above.")
    for name in stored:
        group = call.store.user_groups.find(*call.place, name)
        if group is None:
            raise faults.fault("UserGroupNotFound", f"User group {name} not found.")
        if group.status != "active":
            raise faults.fault("InvalidUserGroupState", f"User group {name} is not in active state.")
        if group.engine == "valkey" and engine.name == "redis":
            raise faults.combination(f"User group {name} is for valkey and cannot be used with redis.")
    return stored


def log_delivery(configurations: list[dict[str, Any]], engine: Engine) -> dict[str, dict[str, Any] | None]:
    """The configuration of each log type that is named; None where it is turned off. Raises."""
    found: dict[str, dict[str, Any] | None] = {}
    for item in configurations:
        kind = item.get("LogType")
        if kind is None:
            raise faults.value("LogDeliveryConfigurations: LogType is required.")
        if kind in found:
            raise faults.combination(f"LogDeliveryConfigurations: {kind} is given more than once.")
        if not item.get("Enabled", True):
            found[kind] = None
            continue
        if not engine.at_least(*((6, 2) if kind == "engine-log" else (6, 0))):
            raise faults.combination(f"{kind} is not supported by {engine.name} {engine.version}.")
        found[kind] = _delivery(kind, item)
    return found


def _delivery(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    members = {"cloudwatch-logs": "CloudWatchLogsDetails", "kinesis-firehose": "KinesisFirehoseDetails"}
    wanted = members.get(item.get("DestinationType", ""))
    if wanted is None or item.get("LogFormat") is None:
        raise faults.value(
            f"LogDeliveryConfigurations: {kind} needs DestinationType, DestinationDetails and LogFormat."
        )
    details = item.get("DestinationDetails", {}).get(wanted, {})
    if not any(details.values()):
        raise faults.value(f"LogDeliveryConfigurations: {kind} needs DestinationDetails.{wanted}.")
    return {
        "LogType": kind,
        "DestinationType": item["DestinationType"],
        "DestinationDetails": {wanted: dict(details)},
        "LogFormat": item["LogFormat"],
    }


def nodes(call: Call, group: Group | None, shards: int, total: int, *, cluster: bool) -> None:
    """Raises for more nodes than the quotas allow: `total` in all of `group`, which is None if it is to be made."""
    quotas = call.context.switches.service_quotas
    most = quotas.get(f"elasticache/{PER_CLUSTER_QUOTA}", NODES_PER_CLUSTER)
    if cluster and shards > most:
        text = f"The number of node groups exceeds the quota of {most:.0f} per replication group."
        raise faults.fault("NodeGroupsPerReplicationGroupQuotaExceeded", text)
    if cluster and total > most:
        raise faults.fault(
            "NodeQuotaForClusterExceeded", f"The number of nodes exceeds the quota of {most:.0f} per cluster."
        )
    limit = quotas.get("elasticache/Nodes per Region", NODES_PER_REGION)
    others = sum(len(item.members) for item in call.store.groups.of(*call.place) if item is not group)
    if others + total > limit:
        raise faults.fault(
            "NodeQuotaForCustomerExceeded", f"The number of nodes exceeds the quota of {limit:.0f} per Region."
        )


def available(group: Group) -> None:
    """Raises while a group or one of its nodes is not settled: one change at a time."""
    if group.status != "available":
        raise faults.group_state("Replication group must be in available state to modify.")
    for member in group.members:
        if member.status != "available":
            text = f"Cache cluster {member.name} is {member.status}: it must be in available state to modify."
            raise faults.cluster_state(text)
