"""Snapshots of replication groups.

Source: API reference, CreateSnapshot, DescribeSnapshots, DeleteSnapshot. Automatic snapshots are not taken here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import checks, faults, names, tags
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.state import Group, Snapshot
from trunkline_sandbox.aws.elasticache.store import Call
from trunkline_sandbox.aws.service import NotImplementedOperation

PAGE = 50
_MEMBER = "SnapshotName"


def take(call: Call, group: Group, given: str, tagged: dict[str, str]) -> Snapshot:
    """A snapshot that is available after a while. Raises SnapshotAlreadyExistsFault and for a bad name."""
    name = names.identifier(given, _MEMBER, names.OTHER_CHARACTERS)
    if call.store.snapshots.find(*call.place, name) is not None:
        raise faults.fault("SnapshotAlreadyExistsFault", f"Snapshot {name} already exists.")
    snapshot = Snapshot(
        name, *call.place, group.name, automatic=False, taken_at=call.now, source=_source(group), tags=tagged
    )
    call.store.snapshots.add(snapshot)
    snapshot.due.later(call.now + call.context.switches.cache_snapshot_seconds, lambda: _become(snapshot))
    return snapshot


def _become(snapshot: Snapshot) -> None:
    snapshot.status = "available"


def _source(group: Group) -> dict[str, Any]:
    return {
        "ReplicationGroupDescription": group.description,
        "CacheNodeType": group.node_type,
        "Engine": group.engine.name,
        "EngineVersion": group.engine.version,
        "PreferredMaintenanceWindow": group.maintenance_window,
        "Port": group.port,
        "CacheParameterGroupName": group.parameter_group,
        "CacheSubnetGroupName": group.subnet_group or None,
        "AutoMinorVersionUpgrade": group.auto_minor,
        "SnapshotRetentionLimit": group.snapshot_retention,
        "SnapshotWindow": group.snapshot_window,
        "NumNodeGroups": len(group.shards),
        "AutomaticFailover": group.automatic_failover,
        "KmsKeyId": group.kms_key or None,
        "DataTiering": "enabled" if group.data_tiering else "disabled",
        "NodeSnapshots": [{"NodeGroupId": shard.name, "CacheSize": "10 MB"} for shard in group.shards],
    }


def _shown(snapshot: Snapshot) -> dict[str, Any]:
    return snapshot.source | {
        "SnapshotName": snapshot.name,
        "ReplicationGroupId": snapshot.group,
        "SnapshotStatus": snapshot.status,
        "SnapshotSource": "automated" if snapshot.automatic else "manual",
        "ARN": snapshot.arn,
    }


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "CacheClusterId" in params:
        raise NotImplementedOperation("Snapshots of a single cluster are not offered.")
    if "ReplicationGroupId" not in params:
        raise faults.combination("Specify either CacheClusterId or ReplicationGroupId.")
    group = call.group(params["ReplicationGroupId"])
    if group.status != "available":
        raise faults.group_state("Replication group must be in available state to take a snapshot.")
    checks.available(group)
    snapshot = take(call, group, params[_MEMBER], tags.given(params))
    group.status = "snapshotting"
    done = call.now + call.context.switches.cache_snapshot_seconds

    def finish() -> None:
        group.status = "available"

    group.due.later(done, finish)
    return {"Snapshot": _shown(snapshot)}


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    found = call.store.snapshots.of(*call.place)
    if _MEMBER in params:
        name = params[_MEMBER].lower()
        found = [item for item in found if item.name == name]
        if not found:
            raise faults.fault("SnapshotNotFoundFault", f"Snapshot {name} not found.")
    if "ReplicationGroupId" in params:
        found = [item for item in found if item.group == params["ReplicationGroupId"].lower()]
    source = params.get("SnapshotSource")
    if source not in (None, "user", "system"):
        raise faults.value("SnapshotSource must be user or system.")
    if source is not None:
        found = [item for item in found if item.automatic == (source == "system")]
    return page("Snapshots", [_shown(item) for item in found], params, most=PAGE)


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    snapshot = call.store.snapshots.find(*call.place, params[_MEMBER].lower())
    if snapshot is None:
        raise faults.fault("SnapshotNotFoundFault", f"Snapshot {params[_MEMBER]} not found.")
    if snapshot.status != "available":
        raise faults.fault("InvalidSnapshotState", f"Snapshot {snapshot.name} is {snapshot.status}.")
    snapshot.status = "deleting"
    shown = _shown(snapshot)
    done = call.now + call.context.switches.cache_snapshot_seconds
    snapshot.due.later(done, lambda: call.store.snapshots.remove(snapshot))
    return {"Snapshot": shown}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateSnapshot": create,
    "DeleteSnapshot": delete,
    "DescribeSnapshots": describe,
}
