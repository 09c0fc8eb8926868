"""ModifyReplicationGroup: which changes are asked for, and when they happen.

What changes nodes waits for the maintenance window unless ApplyImmediately is true, and shows as pending until it is
done; descriptions, windows and the like change at once. Either way the group is `modifying` for a while, takes no other
change meanwhile, and its nodes settle later than itself. The answer shows the group before the change. Source: API
reference, ModifyReplicationGroup.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import access, changes, checks, description, faults, networks, nodes, windows
from trunkline_sandbox.aws.elasticache.state import Group, Pending
from trunkline_sandbox.aws.elasticache.store import Call
from trunkline_sandbox.aws.service import NotImplementedOperation

_NOT_HERE = ("PrimaryClusterId", "CacheSecurityGroupNames", "Durability")
# What may not be asked for together, unless the switch allows it; those in one set belong together.
_KINDS: tuple[frozenset[str], ...] = (
    frozenset({"AuthToken", "UserGroups"}),
    frozenset({"TransitEncryption"}),
    frozenset({"ClusterMode"}),
    frozenset({"Engine"}),
    frozenset({"CacheNodeType"}),
)


def modify(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for member in _NOT_HERE:
        if params.get(member):
            raise NotImplementedOperation(f"{member} of ModifyReplicationGroup is not offered.")
    group = call.group(params["ReplicationGroupId"])
    checks.available(group)
    asked = set(params) - {"ReplicationGroupId", "ApplyImmediately", "NodeGroupId"}
    if not asked:
        raise faults.combination("No modifications were requested.")
    pending = _pending(call, group, params)
    settings = _settings(call, group, params)
    before = description.shown(group, call.now)
    for effect in settings:
        effect()
    group.pending.update(pending)
    if params.get("ApplyImmediately", False):
        run(call, group, call.now)
    else:
        if settings:
            _pass_through(call, group)
        if pending:
            _defer(call, group)
    shown = description.shown(group, call.now)
    # The answer has what the group is by now, but the engine it had: it changes when the nodes have.
    return {"ReplicationGroup": shown | {"Engine": before["Engine"]}}


def _pending(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    found: dict[str, Pending] = {}
    for part in (
        access.user_group_change,
        access.token_change,
        access.transit_change,
        changes.engine_change,
        changes.cluster_mode_change,
        changes.parameter_group_change,
        changes.node_type_change,
        changes.failover_change,
        changes.log_delivery_change,
    ):
        found.update(part(call, group, params))
    kinds = [kind for kind in _KINDS if kind & set(found)]
    if len(kinds) > 1 and not call.context.switches.cache_changes_combine:
        names = ", ".join(sorted(set().union(*kinds) & set(found)))
        raise faults.combination(f"Only one of these can be modified at a time: {names}")
    return found


def _settings(call: Call, group: Group, params: dict[str, Any]) -> list[Callable[[], None]]:
    """Changes that no node waits for. All are checked before the first is made."""
    values = _snapshot_settings(group, params) | _notification_settings(call, params)
    if "ReplicationGroupDescription" in params:
        values["description"] = checks.description(params["ReplicationGroupDescription"])
    if "PreferredMaintenanceWindow" in params:
        values["maintenance_window"] = windows.maintenance(params["PreferredMaintenanceWindow"])
    if "SecurityGroupIds" in params:
        networks.check_security_groups(call, params["SecurityGroupIds"])
        values["security_groups"] = list(params["SecurityGroupIds"])
    for member, attribute in (("AutoMinorVersionUpgrade", "auto_minor"), ("IpDiscovery", "ip_discovery")):
        if member in params:
            values[attribute] = params[member]
    if "MultiAZEnabled" in params:
        values["multi_az"] = changes.multi_az(group, params)
    return [functools.partial(setattr, group, name, value) for name, value in values.items()]


def _snapshot_settings(group: Group, params: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "SnapshotRetentionLimit" in params:
        values["snapshot_retention"] = checks.retention(params["SnapshotRetentionLimit"])
        if not group.cluster_enabled:
            values["snapshotting_cluster"] = group.members[-1].name if params["SnapshotRetentionLimit"] else ""
    if "SnapshottingClusterId" in params:
        values["snapshotting_cluster"] = _snapshotting(group, params["SnapshottingClusterId"].lower())
    if "SnapshotWindow" in params:
        values["snapshot_window"] = windows.snapshot(params["SnapshotWindow"])
    return values


def _notification_settings(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "NotificationTopicArn" in params:
        arn = params["NotificationTopicArn"]
        values["topic"] = checks.topic(call, arn) if arn else ""
    if "NotificationTopicStatus" in params:
        if params["NotificationTopicStatus"] not in ("active", "inactive"):
            raise faults.value("NotificationTopicStatus must be active or inactive.")
        values["topic_status"] = params["NotificationTopicStatus"]
    return values


def _snapshotting(group: Group, name: str) -> str:
    if group.cluster_enabled:
        raise faults.combination("SnapshottingClusterId cannot be set with cluster mode enabled.")
    if name not in [member.name for member in group.members]:
        raise faults.value(f"{name} is not a member of replication group {group.name}.")
    return name


# --- when


def run(call: Call, group: Group, at: float) -> None:
    """Begin everything that is pending; it is done after a while, and the nodes are settled later still."""
    doing = dict(group.pending)
    for change in doing.values():
        if change.begin is not None:
            change.begin()
    busy(group)
    done = at + call.context.switches.cache_modification_seconds

    def finish() -> None:
        for name, change in doing.items():
            if change.rolls_back and call.context.switches.cache_scale_down_rolls_back:
                call.record("replication-group", group.name, f"{name}: the modification was rolled back", done)
            else:
                change.apply()
            if group.pending.get(name) is change:
                del group.pending[name]
        rest(call, group, done)

    group.due.later(done, finish)


def busy(group: Group) -> None:
    """From now on the group and its nodes are being modified."""
    group.status = "modifying"
    for member in group.members:
        if member.status == "available":
            member.status = "modifying"


def rest(call: Call, group: Group, at: float) -> None:
    """The group is available again, and its nodes are soon."""
    group.status = "available"
    nodes.settle_members(call, group, at)
    call.record("replication-group", group.name, "Modification of the replication group completed", at)


def _pass_through(call: Call, group: Group) -> None:
    """A change of settings alone passes through `modifying` too."""
    busy(group)
    done = call.now + call.context.switches.cache_modification_seconds
    group.due.later(done, lambda: rest(call, group, done))


def _defer(call: Call, group: Group) -> None:
    start = windows.next_start(group.maintenance_window, call.now)

    def begin() -> None:
        if group.pending and group.status == "available":
            run(call, group, start)

    group.due.later(start, begin)
