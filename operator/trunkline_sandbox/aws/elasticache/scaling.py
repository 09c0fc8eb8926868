"""Shards and replicas: ModifyReplicationGroupShardConfiguration, IncreaseReplicaCount, DecreaseReplicaCount.

Source: API reference; all three take ApplyImmediately=true only. What shrinks may be rolled back later by AWS without an
error (`Switches.cache_scale_down_rolls_back`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import checks, description, faults, nodes
from trunkline_sandbox.aws.elasticache.modification import busy, rest
from trunkline_sandbox.aws.elasticache.state import Group, Shard
from trunkline_sandbox.aws.elasticache.store import Call


def _group(call: Call, params: dict[str, Any]) -> Group:
    group = call.group(params["ReplicationGroupId"])
    if not params["ApplyImmediately"]:
        raise faults.value("ApplyImmediately=false is not supported for this operation.")
    checks.available(group)
    return group


def _later(call: Call, group: Group, apply: Callable[[], None], *, shrinks: bool) -> dict[str, Any]:
    busy(group)
    done = call.now + call.context.switches.cache_modification_seconds

    def finish() -> None:
        group.resharding = None
        if shrinks and call.context.switches.cache_scale_down_rolls_back:
            call.record("replication-group", group.name, "The scaling operation was rolled back", done)
        else:
            apply()
        rest(call, group, done)

    group.due.later(done, finish)
    return {"ReplicationGroup": description.shown(group, call.now)}


# --- shards


def reshard(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _group(call, params)
    if not group.cluster_enabled:
        raise faults.combination("The shard configuration can only be modified with cluster mode enabled.")
    wanted, now = params["NodeGroupCount"], len(group.shards)
    removed, retained = params.get("NodeGroupsToRemove", []), params.get("NodeGroupsToRetain", [])
    if wanted < 1:
        raise faults.value("NodeGroupCount must be at least 1.")
    gone = _leaving(group, wanted, removed, retained) if wanted < now else []
    if wanted >= now and (removed or retained):
        raise faults.combination("NodeGroupsToRemove and NodeGroupsToRetain are only for fewer node groups.")
    if params.get("ReshardingConfiguration") and wanted <= now:
        raise faults.combination("ReshardingConfiguration is only for more node groups.")
    replicas = max(shard.replicas for shard in group.shards)
    added = max(0, wanted - now)
    checks.nodes(call, group, wanted, len(group.members) + added * (replicas + 1), cluster=True)
    group.resharding = (call.now, call.now + call.context.switches.cache_modification_seconds)

    def apply() -> None:
        group.shards = [shard for shard in group.shards if shard.name not in gone]
        for _ in range(added):
            nodes.add_shard(call, group, replicas)
        nodes.spread(group)

    return _later(call, group, apply, shrinks=wanted < now)


def _leaving(group: Group, wanted: int, removed: list[str], retained: list[str]) -> list[str]:
    known = [shard.name for shard in group.shards]
    if bool(removed) == bool(retained):
        text = "If NodeGroupCount is less than the current number of node groups, either NodeGroupsToRemove or "
        raise faults.combination(text + "NodeGroupsToRetain is required.")
    for name in (*removed, *retained):
        if name not in known:
            raise faults.value(f"Node group {name} is not in replication group {group.name}.")
    gone = removed or [name for name in known if name not in retained]
    if len(known) - len(set(gone)) != wanted:
        raise faults.value("The node groups to remove or retain do not agree with NodeGroupCount.")
    return gone


# --- replicas


def increase(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _group(call, params)
    wanted = _replicas(group, params)
    if all(count == shard.replicas for shard, count in wanted):
        raise faults.fault("NoOperationFault", "The replication group already has that number of replicas.")
    if any(count < shard.replicas for shard, count in wanted):
        raise faults.value("The new replica count must be greater than the current one; use DecreaseReplicaCount.")
    total = len(group.members) + sum(count - shard.replicas for shard, count in wanted)
    checks.nodes(call, group, len(group.shards), total, cluster=group.cluster_mode != "disabled")
    for shard, count in wanted:
        while shard.replicas < count:
            nodes.add_member(call, group, shard)
    return _later(call, group, lambda: None, shrinks=False)


def decrease(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _group(call, params)
    removed = [name.lower() for name in params.get("ReplicasToRemove", [])]
    wanted = _without(group, removed) if removed else _replicas(group, params)
    if all(count == shard.replicas for shard, count in wanted):
        raise faults.fault("NoOperationFault", "The replication group already has that number of replicas.")
    if any(count > shard.replicas for shard, count in wanted):
        raise faults.value("The new replica count must be less than the current one; use IncreaseReplicaCount.")
    fewest = min(count for _, count in wanted)
    if fewest < 1 and not group.cluster_enabled and group.automatic_failover == "enabled":
        text = "Must have at least 1 replica when cluster mode is disabled with auto failover enabled."
        raise faults.value(text)
    if fewest < 1 and group.multi_az:
        raise faults.value("Must have at least 1 replica when Multi-AZ is enabled.")

    def apply() -> None:
        for shard, count in wanted:
            keep = [member for member in shard.members if member.name not in removed]
            shard.members = keep[: count + 1]
        if group.snapshotting_cluster and group.snapshotting_cluster not in [member.name for member in group.members]:
            group.snapshotting_cluster = group.members[-1].name

    return _later(call, group, apply, shrinks=True)


def _replicas(group: Group, params: dict[str, Any]) -> list[tuple[Shard, int]]:
    configured = params.get("ReplicaConfiguration", [])
    if ("NewReplicaCount" in params) == bool(configured):
        raise faults.combination("Specify either NewReplicaCount or ReplicaConfiguration.")
    if not configured:
        return [(shard, checks.replicas(params["NewReplicaCount"])) for shard in group.shards]
    counts = {item["NodeGroupId"]: checks.replicas(item["NewReplicaCount"]) for item in configured}
    unknown = set(counts) - {shard.name for shard in group.shards}
    if unknown:
        raise faults.value(f"Node group {min(unknown)} is not in replication group {group.name}.")
    return [(shard, counts.get(shard.name, shard.replicas)) for shard in group.shards]


def _without(group: Group, removed: list[str]) -> list[tuple[Shard, int]]:
    primaries = {shard.members[0].name for shard in group.shards}
    known = {member.name for member in group.members}
    for name in removed:
        if name not in known or name in primaries:
            raise faults.value(f"{name} is not a replica of replication group {group.name}.")
    return [(shard, shard.replicas - sum(member.name in removed for member in shard.members)) for shard in group.shards]


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DecreaseReplicaCount": decrease,
    "IncreaseReplicaCount": increase,
    "ModifyReplicationGroupShardConfiguration": reshard,
}
