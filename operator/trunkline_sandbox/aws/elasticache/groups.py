"""Describing and deleting replication groups, failing over, and what they can be scaled to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import checks, description, engines, faults, snapshots
from trunkline_sandbox.aws.elasticache.creation import create
from trunkline_sandbox.aws.elasticache.modification import modify
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.state import Group
from trunkline_sandbox.aws.elasticache.store import Call
from trunkline_sandbox.aws.service import NotImplementedOperation

NODE_ID = "0001"


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "ReplicationGroupId" in params:
        group = call.group(params["ReplicationGroupId"])
        if not call.shows(group.created_at, named=True):
            raise faults.group_not_found(params["ReplicationGroupId"])
        return {"ReplicationGroups": [description.shown(group, call.now)]}
    groups = [group for group in call.store.groups.of(*call.place) if call.shows(group.created_at, named=False)]
    found = [description.shown(group, call.now) for group in groups]
    return page("ReplicationGroups", found, params)


def describe_clusters(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    nodes = params.get("ShowCacheNodeInfo", False)
    if params.get("ShowCacheClustersNotInReplicationGroups", False):
        return {"CacheClusters": []}
    found = [
        description.cluster(group, member, nodes=nodes)
        for group in call.store.groups.of(*call.place)
        for member in group.members
    ]
    if "CacheClusterId" in params:
        name = params["CacheClusterId"].lower()
        found = [item for item in found if item["CacheClusterId"] == name]
        if not found:
            raise faults.cluster_not_found(name)
    return page("CacheClusters", found, params)


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = call.group(params["ReplicationGroupId"])
    if params.get("RetainPrimaryCluster", False):
        raise NotImplementedOperation("RetainPrimaryCluster is not offered.")
    if group.status not in ("available", "create-failed"):
        text = f"Replication group {group.name} has status {group.status} which is not valid for deletion."
        raise faults.group_state(text)
    if any(member.status not in ("available", "creating") for member in group.members):
        raise faults.group_state(f"Nodes of replication group {group.name} are not in a state to be deleted.")
    ready = call.now
    if "FinalSnapshotIdentifier" in params:
        if group.status == "create-failed":
            raise faults.group_state("A final snapshot cannot be taken of a replication group that was not created.")
        snapshots.take(call, group, params["FinalSnapshotIdentifier"], {})
        ready += call.context.switches.cache_snapshot_seconds
    group.due.clear()
    group.pending.clear()
    group.resharding = None
    group.status = "deleting"
    for member in group.members:
        member.status = "deleting"
    ready += call.context.switches.cache_deletion_seconds

    def gone() -> None:
        call.store.groups.remove(group)
        call.record("replication-group", group.name, f"Replication group {group.name} deleted", ready)

    group.due.later(ready, gone)
    return {"ReplicationGroup": description.shown(group, call.now)}


def list_allowed(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if ("ReplicationGroupId" in params) == ("CacheClusterId" in params):
        raise faults.combination("Specify either CacheClusterId or ReplicationGroupId.")
    group = call.group(params["ReplicationGroupId"]) if "ReplicationGroupId" in params else _of_cluster(call, params)
    up, down = engines.modifications(group.node_type)
    return {"ScaleUpModifications": up, "ScaleDownModifications": down}


def _of_cluster(call: Call, params: dict[str, Any]) -> Group:
    name = params["CacheClusterId"].lower()
    for group in call.store.groups.of(*call.place):
        if any(member.name == name for member in group.members):
            return group
    raise faults.cluster_not_found(name)


def test_failover(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = call.group(params["ReplicationGroupId"])
    shard = next((item for item in group.shards if item.name == params["NodeGroupId"]), None)
    if shard is None:
        raise faults.fault("NodeGroupNotFoundFault", f"Node group {params['NodeGroupId']} not found.")
    checks.available(group)
    if group.automatic_failover != "enabled" or not shard.replicas:
        raise faults.fault(
            "TestFailoverNotAvailableFault", "Automatic failover is not enabled, or there is no replica."
        )
    group.status = "modifying"
    done = call.now + call.context.switches.cache_modification_seconds

    def finish() -> None:
        shard.members.append(shard.members.pop(0))
        group.status = "available"
        call.record(
            "replication-group", group.name, f"Failover to replica node {shard.members[0].name} completed", done
        )

    group.due.later(done, finish)
    return {"ReplicationGroup": description.shown(group, call.now)}


def reboot(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _of_cluster(call, params)
    if group.cluster_mode != "disabled":
        raise faults.cluster_state("Nodes of a replication group with cluster mode enabled cannot be rebooted.")
    if params["CacheNodeIdsToReboot"] != [NODE_ID]:
        raise faults.value(f"CacheNodeIdsToReboot must be {NODE_ID}.")
    checks.available(group)
    member = next(item for item in group.members if item.name == params["CacheClusterId"].lower())
    member.status = "rebooting cluster nodes"
    done = call.now + call.context.switches.cache_modification_seconds

    def finish() -> None:
        member.status = "available"
        group.reboot_pending.discard(member.name)
        call.record("cache-cluster", member.name, "Cache node 0001 restarted", done)

    group.due.later(done, finish)
    return {"CacheCluster": description.cluster(group, member, nodes=False)}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateReplicationGroup": create,
    "DeleteReplicationGroup": delete,
    "DescribeCacheClusters": describe_clusters,
    "DescribeReplicationGroups": describe,
    "ListAllowedNodeTypeModifications": list_allowed,
    "ModifyReplicationGroup": modify,
    "RebootCacheCluster": reboot,
    "TestFailover": test_failover,
}
