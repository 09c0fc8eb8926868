"""Changes of what a group is: engine, cluster mode, parameter group, node type, failover, log delivery.

Sources: API reference, ModifyReplicationGroup; user guide, "Modifying cluster mode" (disabled, compatible, enabled, in
that order; compatible may go back), "How to upgrade engine versions" (a custom parameter group of the new family has
to be given), "Scaling node-based clusters".
"""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.elasticache import checks, engines, faults, parameter_groups
from trunkline_sandbox.aws.elasticache.creation import check_family
from trunkline_sandbox.aws.elasticache.engines import Engine
from trunkline_sandbox.aws.elasticache.state import Group, Pending
from trunkline_sandbox.aws.elasticache.store import Call


def _target(group: Group, params: dict[str, Any]) -> Engine:
    return engines.upgraded(group.engine, params.get("Engine"), params.get("EngineVersion"))


def _target_mode(group: Group, params: dict[str, Any]) -> str:
    return str(params.get("ClusterMode", group.cluster_mode))


def engine_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    del call
    target = _target(group, params)
    if target == group.engine:
        return {}
    if target.family != group.engine.family:
        _needs_parameter_group(group, params, target)

    def apply() -> None:
        group.engine = target
        if group.parameter_group.startswith("default."):
            group.parameter_group = target.default_parameter_group(cluster=group.cluster_mode != "disabled")

    return {"Engine": Pending(apply, member={"EngineVersion": target.version})}


def _needs_parameter_group(group: Group, params: dict[str, Any], target: Engine) -> None:
    if not group.parameter_group.startswith("default.") and "CacheParameterGroupName" not in params:
        text = (
            f"The parameter group {group.parameter_group} is of family {group.engine.family}: specify a parameter group "
            f"of family {target.family} to upgrade."
        )
        raise faults.combination(text)


def cluster_mode_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    wanted, now = _target_mode(group, params), group.cluster_mode
    if wanted == now:
        return {}
    if (now, wanted) not in (("disabled", "compatible"), ("compatible", "enabled"), ("compatible", "disabled")):
        raise faults.combination(
            f"ClusterMode cannot be modified from {now} to {wanted}: it goes from disabled to compatible to enabled."
        )
    if not group.engine.at_least_seven:
        raise faults.combination("ClusterMode can only be modified on engine version 7.0 or above.")
    if wanted != "disabled" and group.automatic_failover != "enabled":
        raise faults.combination("ClusterMode can only be modified while automatic failover is enabled.")
    if "CacheParameterGroupName" not in params and not group.parameter_group.startswith("default."):
        _check_cluster_on(call, group.parameter_group, wanted)

    def apply() -> None:
        group.cluster_mode = wanted
        if group.parameter_group.startswith("default."):
            group.parameter_group = group.engine.default_parameter_group(cluster=wanted != "disabled")

    return {"ClusterMode": Pending(apply, {"ClusterMode": wanted})}


def _check_cluster_on(call: Call, name: str, mode: str) -> None:
    if parameter_groups.cluster_on(parameter_groups.find(call, name)) != (mode != "disabled"):
        needed = "no" if mode == "disabled" else "yes"
        raise faults.combination(f"Cluster mode {mode} needs a parameter group with cluster-enabled {needed}.")


def parameter_group_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    if "CacheParameterGroupName" not in params:
        return {}
    chosen = parameter_groups.find(call, params["CacheParameterGroupName"])
    check_family(chosen.family, _target(group, params))
    _check_cluster_on(call, chosen.name, _target_mode(group, params))
    if chosen.name == group.parameter_group:
        return {}

    def apply() -> None:
        group.parameter_group = chosen.name

    return {"ParameterGroup": Pending(apply)}


def node_type_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    del call
    wanted = params.get("CacheNodeType", group.node_type)
    if wanted == group.node_type:
        return {}
    up, down = engines.modifications(group.node_type)
    if wanted not in up and wanted not in down:
        raise faults.value(f"Cannot scale from {group.node_type} to {wanted}: see ListAllowedNodeTypeModifications.")

    def apply() -> None:
        group.node_type = wanted

    return {"CacheNodeType": Pending(apply, member={"CacheNodeType": wanted}, rolls_back=wanted in down)}


# --- failover


def failover_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    del call
    wanted = params.get("AutomaticFailoverEnabled")
    now = group.automatic_failover == "enabled"
    if wanted is None or wanted == now:
        return {}
    if not wanted and group.cluster_mode != "disabled":
        text = "Turning off automatic failover for replication group with cluster mode enabled is not supported."
        raise faults.combination(text)
    fewest = min(shard.replicas for shard in group.shards)
    multi_az_after = params.get("MultiAZEnabled", group.multi_az)
    checks.failover(enabled=wanted, multi_az=multi_az_after, cluster=False, fewest_replicas=fewest)

    def begin() -> None:
        group.automatic_failover = "enabling" if wanted else "disabling"

    def apply() -> None:
        group.automatic_failover = "enabled" if wanted else "disabled"

    shown = {"AutomaticFailoverStatus": "enabled" if wanted else "disabled"}
    return {"AutomaticFailover": Pending(apply, shown, begin=begin)}


def multi_az(group: Group, params: dict[str, Any]) -> bool:
    """Whether Multi-AZ is to be on. Raises if it cannot."""
    wanted = bool(params["MultiAZEnabled"])
    enabled = params.get("AutomaticFailoverEnabled", group.automatic_failover == "enabled")
    fewest = min(shard.replicas for shard in group.shards)
    checks.failover(enabled=enabled, multi_az=wanted, cluster=group.cluster_mode != "disabled", fewest_replicas=fewest)
    return wanted


# --- logs


def log_delivery_change(call: Call, group: Group, params: dict[str, Any]) -> dict[str, Pending]:
    del call
    if "LogDeliveryConfigurations" not in params:
        return {}
    delivery = checks.log_delivery(params["LogDeliveryConfigurations"], group.engine)

    def apply() -> None:
        kept = {str(item["LogType"]): item for item in group.log_delivery}
        for kind, item in delivery.items():
            if item is None:
                kept.pop(kind, None)
            else:
                kept[kind] = item
        group.log_delivery = list(kept.values())

    shown = {"LogDeliveryConfigurations": [item for item in delivery.values() if item is not None]}
    return {"LogDelivery": Pending(apply, shown, shown)}
