"""Cache subnet groups.

Source: API reference (CreateCacheSubnetGroup to DeleteCacheSubnetGroup); user guide, "Quotas for ElastiCache" (300
subnet groups per Region, 20 subnets each).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults, names, networks, tags
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.state import SubnetGroup
from trunkline_sandbox.aws.elasticache.store import Call

SUBNETS = 20
QUOTA = 300.0
_MEMBER = "CacheSubnetGroupName"


def find(call: Call, name: str) -> SubnetGroup:
    """Raises CacheSubnetGroupNotFoundFault."""
    found = call.store.subnet_groups.find(*call.place, name.lower())
    if found is None:
        raise faults.fault("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.")
    return found


def _shown(group: SubnetGroup) -> dict[str, Any]:
    return {
        "CacheSubnetGroupName": group.name,
        "CacheSubnetGroupDescription": group.description,
        "VpcId": group.vpc,
        "Subnets": [
            {
                "SubnetIdentifier": name,
                "SubnetAvailabilityZone": {"Name": zone},
                "SupportedNetworkTypes": ["ipv4"],
            }
            for name, zone in group.subnets.items()
        ],
        "ARN": group.arn,
        "SupportedNetworkTypes": ["ipv4"],
    }


def _check_number(ids: list[str]) -> None:
    if not ids:
        raise faults.fault("InvalidSubnet", "At least one subnet is required.")
    if len(ids) > SUBNETS:
        raise faults.fault("CacheSubnetQuotaExceededFault", f"A cache subnet group has at most {SUBNETS} subnets.")


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    name = names.identifier(params[_MEMBER], _MEMBER, names.OTHER_CHARACTERS)
    if name == "default":
        raise faults.value("The name default is reserved.")
    if call.store.subnet_groups.find(*call.place, name) is not None:
        raise faults.fault("CacheSubnetGroupAlreadyExists", f"Cache subnet group {name} already exists.")
    quota = call.context.switches.service_quotas.get("elasticache/Subnet groups per Region", QUOTA)
    if len(call.store.subnet_groups.of(*call.place)) >= quota:
        raise faults.fault("CacheSubnetGroupQuotaExceeded", "Quota for cache subnet groups exceeded.")
    _check_number(params["SubnetIds"])
    vpc, subnets = networks.subnets(call, params["SubnetIds"])
    described = params["CacheSubnetGroupDescription"]
    group = SubnetGroup(name, *call.place, described, vpc, subnets, tags.given(params))
    call.store.subnet_groups.add(group)
    return {"CacheSubnetGroup": _shown(group)}


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if _MEMBER in params:
        return {"CacheSubnetGroups": [_shown(find(call, params[_MEMBER]))]}
    return page("CacheSubnetGroups", [_shown(group) for group in call.store.subnet_groups.of(*call.place)], params)


def modify(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = find(call, params[_MEMBER])
    if "SubnetIds" in params:
        _check_number(params["SubnetIds"])
        vpc, subnets = networks.subnets(call, params["SubnetIds"])
        used = _zones_in_use(call, group)
        gone = {name: zone for name, zone in group.subnets.items() if name not in subnets}
        if any(zone in used and zone not in subnets.values() for zone in gone.values()):
            raise faults.fault("SubnetInUse", f"Some subnets are in use by cache nodes: {', '.join(gone)}")
        if vpc != group.vpc:
            raise faults.fault("InvalidSubnet", "The subnets belong to another VPC than that of the subnet group.")
        group.subnets = subnets
    group.description = params.get("CacheSubnetGroupDescription", group.description)
    return {"CacheSubnetGroup": _shown(group)}


def _zones_in_use(call: Call, group: SubnetGroup) -> set[str]:
    users = [user for user in call.store.groups.of(*call.place) if user.subnet_group == group.name]
    return {member.zone for user in users for member in user.members}


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = find(call, params[_MEMBER])
    users = [user.name for user in call.store.groups.of(*call.place) if user.subnet_group == group.name]
    if users:
        text = f"Cache subnet group {group.name} is currently in use by a cache cluster: {', '.join(users)}"
        raise faults.fault("CacheSubnetGroupInUse", text)
    call.store.subnet_groups.remove(group)
    return {}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateCacheSubnetGroup": create,
    "DeleteCacheSubnetGroup": delete,
    "DescribeCacheSubnetGroups": describe,
    "ModifyCacheSubnetGroup": modify,
}
