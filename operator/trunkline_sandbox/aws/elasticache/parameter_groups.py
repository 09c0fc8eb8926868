"""Cache parameter groups: families, values, defaults that nobody can change.

Source: API reference (CreateCacheParameterGroup to DeleteCacheParameterGroup; 20 parameters a request); user guide,
"Quotas for ElastiCache" (300 parameter groups per Region).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults, names, tags
from trunkline_sandbox.aws.elasticache.engines import FAMILIES
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.parameters import PARAMETERS, known
from trunkline_sandbox.aws.elasticache.state import ParameterGroup
from trunkline_sandbox.aws.elasticache.store import Call

PER_REQUEST = 20
QUOTA = 300.0
_MEMBER = "CacheParameterGroupName"


def _defaults(call: Call) -> list[ParameterGroup]:
    """AWS's own groups, which every account has."""
    found: list[ParameterGroup] = []
    for family in FAMILIES:
        for ending, values in (("", {}), (".cluster.on", {"cluster-enabled": "yes"})):
            name = f"default.{family}{ending}"
            text = f"Default parameter group for {family}{' with cluster mode on' if ending else ''}"
            found.append(ParameterGroup(name, *call.place, family, text, dict(values)))
    return found


def find(call: Call, name: str) -> ParameterGroup:
    """A group of the account's or one of AWS's. Raises CacheParameterGroupNotFound."""
    wanted = name.lower()
    found = call.store.parameter_groups.find(*call.place, wanted)
    if found is None:
        found = next((group for group in _defaults(call) if group.name == wanted), None)
    if found is None:
        raise faults.fault("CacheParameterGroupNotFound", f"CacheParameterGroup not found: {name}")
    return found


def cluster_on(group: ParameterGroup) -> bool:
    """Whether nodes with this group are in cluster mode."""
    return group.values.get("cluster-enabled") == "yes"


def _own(call: Call, name: str) -> ParameterGroup:
    group = find(call, name)
    if group.name.startswith("default."):
        raise faults.value(f"The default cache parameter group {group.name} cannot be modified or deleted.")
    return group


def _shown(group: ParameterGroup) -> dict[str, Any]:
    return {
        "CacheParameterGroupName": group.name,
        "CacheParameterGroupFamily": group.family,
        "Description": group.description,
        "IsGlobal": False,
        "ARN": group.arn,
    }


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    name = names.identifier(params[_MEMBER], _MEMBER, names.OTHER_CHARACTERS)
    family = params["CacheParameterGroupFamily"]
    if family not in FAMILIES:
        raise faults.value(f"CacheParameterGroupFamily {family} is not a valid parameter group family.")
    if call.store.parameter_groups.find(*call.place, name) is not None:
        raise faults.fault("CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists.")
    quota = call.context.switches.service_quotas.get("elasticache/Parameter groups per Region", QUOTA)
    if len(call.store.parameter_groups.of(*call.place)) >= quota:
        raise faults.fault("CacheParameterGroupQuotaExceeded", "Quota for cache parameter groups exceeded.")
    group = ParameterGroup(name, *call.place, family, params["Description"], tags=tags.given(params))
    call.store.parameter_groups.add(group)
    return {"CacheParameterGroup": _shown(group)}


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if _MEMBER in params:
        return {"CacheParameterGroups": [_shown(find(call, params[_MEMBER]))]}
    groups = [*_defaults(call), *call.store.parameter_groups.of(*call.place)]
    return page("CacheParameterGroups", [_shown(group) for group in groups], params)


def describe_parameters(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = find(call, params[_MEMBER])
    source = params.get("Source")
    if source not in (None, "user", "system", "engine-default"):
        raise faults.value("Source must be user, system or engine-default.")
    found = [item.shown(group.values.get(name), group.family) for name, item in PARAMETERS.items()]
    if source is not None:
        wanted = "system" if source == "engine-default" else source
        found = [item for item in found if item["Source"] == wanted]
    return page("Parameters", found, params)


def modify(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _own(call, params[_MEMBER])
    given = params["ParameterNameValues"]
    if not given:
        raise faults.value("You must supply at least one parameter name and value.")
    if len(given) > PER_REQUEST:
        raise faults.value(f"A maximum of {PER_REQUEST} parameters may be modified per request.")
    _must_be_still(call, group)
    changed: dict[str, str] = {}
    for item in given:
        if "ParameterName" not in item or "ParameterValue" not in item:
            raise faults.value("ParameterName and ParameterValue are required.")
        known(item["ParameterName"]).check(item["ParameterValue"])
        changed[item["ParameterName"]] = item["ParameterValue"]
    _check_cluster_mode(call, group, changed)
    group.values.update(changed)
    _mark_reboot(call, group, changed)
    return {"CacheParameterGroupName": group.name}


def reset(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _own(call, params[_MEMBER])
    everything, given = params.get("ResetAllParameters", False), params.get("ParameterNameValues", [])
    if everything and given:
        raise faults.combination("ParameterNameValues cannot be used when ResetAllParameters is true.")
    if not everything and not given:
        raise faults.value("You must specify the name of at least one parameter to reset.")
    if len(given) > PER_REQUEST:
        raise faults.value(f"A maximum of {PER_REQUEST} parameters may be reset per request.")
    _must_be_still(call, group)
    listed = list(group.values) if everything else [item.get("ParameterName", "") for item in given]
    for name in listed:
        known(name)
        group.values.pop(name, None)
    _mark_reboot(call, group, dict.fromkeys(listed, ""))
    return {"CacheParameterGroupName": group.name}


def _must_be_still(call: Call, group: ParameterGroup) -> None:
    """Raises InvalidCacheParameterGroupState while a group that uses it changes."""
    for user in call.store.groups.of(*call.place):
        if user.parameter_group == group.name and user.status != "available":
            text = f"The cache parameter group {group.name} is in use by {user.name}, which is {user.status}."
            raise faults.fault("InvalidCacheParameterGroupState", text)


def _check_cluster_mode(call: Call, group: ParameterGroup, changed: dict[str, str]) -> None:
    if "cluster-enabled" in changed and any(
        user.parameter_group == group.name for user in call.store.groups.of(*call.place)
    ):
        raise faults.value("The parameter cluster-enabled cannot be modified while the parameter group is in use.")


def _mark_reboot(call: Call, group: ParameterGroup, changed: dict[str, str]) -> None:
    if all(PARAMETERS[name].immediate for name in changed):
        return
    for user in call.store.groups.of(*call.place):
        if user.parameter_group == group.name:
            user.reboot_pending = {member.name for member in user.members}


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _own(call, params[_MEMBER])
    users = [user.name for user in call.store.groups.of(*call.place) if user.parameter_group == group.name]
    if users:
        text = f"One or more cache clusters are still members of this parameter group {group.name}: {', '.join(users)}"
        raise faults.fault("InvalidCacheParameterGroupState", text)
    call.store.parameter_groups.remove(group)
    return {}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateCacheParameterGroup": create,
    "DeleteCacheParameterGroup": delete,
    "DescribeCacheParameterGroups": describe,
    "DescribeCacheParameters": describe_parameters,
    "ModifyCacheParameterGroup": modify,
    "ResetCacheParameterGroup": reset,
}
