"""CreateReplicationGroup."""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.elasticache import (
    checks,
    description,
    engines,
    faults,
    names,
    networks,
    nodes,
    parameter_groups,
    subnet_groups,
    tags,
    windows,
)
from trunkline_sandbox.aws.elasticache.engines import Engine
from trunkline_sandbox.aws.elasticache.state import Group
from trunkline_sandbox.aws.elasticache.store import Call
from trunkline_sandbox.aws.service import NotImplementedOperation

_NOT_HERE = ("GlobalReplicationGroupId", "PrimaryClusterId", "SnapshotArns", "CacheSecurityGroupNames", "Durability",
             "ServerlessCacheSnapshotName")  # fmt: skip
_MEMBER = "ReplicationGroupId"


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for member in _NOT_HERE:
        if params.get(member):
            raise NotImplementedOperation(f"{member} of CreateReplicationGroup is not offered.")
    name = names.identifier(params[_MEMBER], _MEMBER, names.GROUP_CHARACTERS)
    if call.store.groups.find(*call.place, name) is not None:
        raise faults.fault("ReplicationGroupAlreadyExists", f"Replication group {name} already exists.")
    engine = engines.resolve(params.get("Engine", "redis"), params.get("EngineVersion"))
    group = Group(
        name,
        *call.place,
        created_at=call.now,
        description=checks.description(params["ReplicationGroupDescription"]),
        engine=engine,
        node_type=_node_type(params),
        parameter_group="",
        subnet_group=subnet_groups.find(call, params["CacheSubnetGroupName"]).name
        if "CacheSubnetGroupName" in params
        else "",
        tags=tags.given(params),
    )
    shards, replicas = _layout(call, group, params)
    _set_failover(group, params, min(replicas))
    _set_encryption(group, params)
    _set_access(call, group, params)
    _set_routine(call, group, params)
    checks.nodes(call, None, shards, sum(replicas) + shards, cluster=group.cluster_mode != "disabled")
    for count in replicas:
        nodes.add_shard(call, group, count)
    nodes.spread(group)
    if not group.cluster_enabled and group.snapshot_retention:
        group.snapshotting_cluster = group.members[-1].name
    call.store.groups.add(group)
    _start(call, group)
    return {"ReplicationGroup": description.shown(group, call.now)}


def _node_type(params: dict[str, Any]) -> str:
    if "CacheNodeType" not in params:
        raise faults.value("CacheNodeType is required.")
    name = checks.node_type(params["CacheNodeType"])
    if engines.tiered(name) != params.get("DataTieringEnabled", False):
        raise faults.combination("DataTieringEnabled must be true with r6gd node types, and only with them.")
    return name


# --- shards and replicas


def _layout(call: Call, group: Group, params: dict[str, Any]) -> tuple[int, list[int]]:
    """The number of shards and the replicas of each; sets parameter group and cluster mode."""
    configured = params.get("NodeGroupConfiguration", [])
    if "NumCacheClusters" in params and ("NumNodeGroups" in params or "ReplicasPerNodeGroup" in params or configured):
        text = "NumCacheClusters cannot be used with NumNodeGroups, ReplicasPerNodeGroup or NodeGroupConfiguration."
        raise faults.combination(text)
    shards = params.get("NumNodeGroups", len(configured) or 1)
    if shards < 1 or (configured and len(configured) != shards):
        raise faults.value(
            "NumNodeGroups must be at least 1 and the number of NodeGroupConfiguration, if that is given."
        )
    _set_parameter_group(call, group, params, shards)
    if "NumCacheClusters" in params:
        if not 1 <= params["NumCacheClusters"] <= checks.REPLICAS + 1:
            raise faults.value(f"NumCacheClusters must be between 1 and {checks.REPLICAS + 1}.")
        if group.cluster_mode != "disabled" and "ReplicasPerNodeGroup" not in params:
            raise faults.combination("Use NumNodeGroups and ReplicasPerNodeGroup with cluster mode enabled.")
        return 1, [params["NumCacheClusters"] - 1]
    each = params.get("ReplicasPerNodeGroup", 0)
    replicas = [item.get("ReplicaCount", each) for item in configured] or [each] * shards
    return shards, [checks.replicas(count) for count in replicas]


def _set_parameter_group(call: Call, group: Group, params: dict[str, Any], shards: int) -> None:
    wanted = params.get("ClusterMode")
    named = params.get("CacheParameterGroupName")
    if named is None:
        cluster = wanted in ("enabled", "compatible") or shards > 1
        group.parameter_group = group.engine.default_parameter_group(cluster=cluster)
    else:
        chosen = parameter_groups.find(call, named)
        check_family(chosen.family, group.engine)
        group.parameter_group, cluster = chosen.name, parameter_groups.cluster_on(chosen)
    if wanted == "compatible" and not group.engine.at_least_seven:
        raise faults.combination("Cluster mode compatible is only supported on engine version 7.0 or above.")
    if not cluster and (shards > 1 or wanted in ("enabled", "compatible")):
        raise faults.combination(
            f"Cluster mode needs a parameter group with cluster-enabled yes; {group.parameter_group} has it off."
        )
    if cluster and wanted == "disabled":
        raise faults.combination(f"The parameter group {group.parameter_group} turns cluster mode on.")
    group.cluster_mode = (wanted or "enabled") if cluster else "disabled"
    if shards > 1 and group.cluster_mode != "enabled":
        raise faults.combination("More than one node group needs cluster mode enabled.")


def check_family(family: str, engine: Engine) -> None:
    """Raises InvalidParameterCombination for a parameter group of another engine or version."""
    if family != engine.family:
        text = (
            f"Expected a parameter group of family {engine.family} but found one of family {family}"
            f" for {engine.name} {engine.version}"
        )
        raise faults.combination(text)


def _set_failover(group: Group, params: dict[str, Any], fewest_replicas: int) -> None:
    enabled, multi_az = params.get("AutomaticFailoverEnabled", False), params.get("MultiAZEnabled", False)
    cluster = group.cluster_mode != "disabled"
    checks.failover(enabled=enabled, multi_az=multi_az, cluster=cluster, fewest_replicas=fewest_replicas)
    group.automatic_failover, group.multi_az = ("enabling" if enabled else "disabled"), multi_az


# --- encryption and access


def _set_encryption(group: Group, params: dict[str, Any]) -> None:
    group.at_rest = params.get("AtRestEncryptionEnabled", group.engine.name == "valkey")
    group.kms_key = params.get("KmsKeyId", "")
    if group.kms_key and not group.at_rest:
        raise faults.combination("KmsKeyId requires AtRestEncryptionEnabled.")
    mode = params.get("TransitEncryptionMode")
    if mode is not None:
        checks.transit_mode(group.engine)
    if not params.get("TransitEncryptionEnabled", False):
        if mode is not None:
            raise faults.combination("TransitEncryptionMode requires TransitEncryptionEnabled.")
        return
    if not group.subnet_group:
        raise faults.combination("In-transit encryption requires a value for CacheSubnetGroupName.")
    group.in_transit = mode or "required"


def _set_access(call: Call, group: Group, params: dict[str, Any]) -> None:
    tls = group.in_transit != "disabled"
    if "AuthToken" in params:
        token = checks.token(params["AuthToken"])
        if not tls:
            raise faults.combination("AuthToken requires in-transit encryption to be enabled.")
        if params.get("UserGroupIds"):
            raise faults.combination("AuthToken and UserGroupIds cannot be used together.")
        group.tokens, group.token_changed_at = [token], call.now
    group.user_groups = checks.user_groups(call, params.get("UserGroupIds", []), group.engine, tls=tls)
    networks.check_security_groups(call, params.get("SecurityGroupIds", []))
    group.security_groups = list(params.get("SecurityGroupIds", []))


# --- the rest


def _set_routine(call: Call, group: Group, params: dict[str, Any]) -> None:
    group.port = params.get("Port", 6379)
    if not 1 <= group.port <= 65_535:
        raise faults.value("Port must be between 1 and 65535.")
    group.maintenance_window = windows.maintenance(
        params.get("PreferredMaintenanceWindow", windows.DEFAULT_MAINTENANCE)
    )
    group.snapshot_window = windows.snapshot(params.get("SnapshotWindow", windows.DEFAULT_SNAPSHOT))
    group.snapshot_retention = checks.retention(params.get("SnapshotRetentionLimit", 0))
    if "NotificationTopicArn" in params:
        group.topic = checks.topic(call, params["NotificationTopicArn"])
    group.auto_minor = params.get("AutoMinorVersionUpgrade", True)
    delivery = checks.log_delivery(params.get("LogDeliveryConfigurations", []), group.engine)
    group.log_delivery = [item for item in delivery.values() if item is not None]
    group.data_tiering = params.get("DataTieringEnabled", False)
    group.network_type = params.get("NetworkType", "ipv4")
    group.ip_discovery = params.get("IpDiscovery", "ipv4")
    if "SnapshotName" in params:
        snapshot = call.store.snapshots.find(*call.place, params["SnapshotName"].lower())
        if snapshot is None or snapshot.status != "available":
            raise faults.value(f"Snapshot {params['SnapshotName']} is not there or not available.")


def _start(call: Call, group: Group) -> None:
    switches = call.context.switches
    ready = call.now + switches.cache_creation_seconds
    failure = switches.cache_creation_failure

    def finish() -> None:
        if failure:
            group.status = "create-failed"
            call.record("replication-group", group.name, f"Replication group create failed: {failure}", ready)
            return
        group.status = "available"
        if group.automatic_failover == "enabling":
            group.automatic_failover = "enabled"
        call.record("replication-group", group.name, f"Replication group {group.name} created", ready)
        nodes.settle_members(call, group, ready)

    group.due.later(ready, finish)
