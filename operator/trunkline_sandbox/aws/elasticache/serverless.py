"""Serverless caches.

Sources: API reference, CreateServerlessCache to DescribeServerlessCaches; user guide, "Quotas for ElastiCache" (40
caches a Region, 1 to 5,000 GB, 1,000 to 15,000,000 ECPU a second), "Setting scaling limits". Always TLS, cluster mode
and, if at all, users: there is no AUTH token.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults, names, networks, serverless_snapshots, tags, user_groups
from trunkline_sandbox.aws.elasticache.state import Endpoint, Serverless
from trunkline_sandbox.aws.elasticache.store import Call
from trunkline_sandbox.aws.service import NotImplementedOperation, ServiceFault

QUOTA = 40.0
PAGE = 50
GIGABYTES = (1, 5_000)
ECPU = (1_000, 15_000_000)
SUBNETS = (2, 3)
_MEMBER = "ServerlessCacheName"
_VERSIONS: dict[str, dict[str, str]] = {"redis": {"7": "7.1"}, "valkey": {"7": "7.2", "8": "8.1", "9": "9.0"}}
_NOT_HERE = ("Integrations",)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def find(call: Call, name: str) -> Serverless:
    """Raises ServerlessCacheNotFoundFault."""
    found = call.store.serverless.find(*call.place, name.lower())
    if found is None:
        raise _not_found(name)
    return found


def _not_found(name: str) -> ServiceFault:
    return faults.fault("ServerlessCacheNotFoundFault", f"Serverless cache {name} not found.")


def _shown(call: Call, cache: Serverless) -> dict[str, Any]:
    capitals = call.context.switches.serverless_status_in_capitals
    found: dict[str, Any] = cache.settings | {
        "ServerlessCacheName": cache.name,
        "CreateTime": cache.created_at,
        "Status": cache.status.upper() if capitals else cache.status,
        "Engine": cache.engine,
        "MajorEngineVersion": cache.major_version,
        "FullEngineVersion": _VERSIONS[cache.engine][cache.major_version],
        "StorageEncryptionType": "sse-kms" if cache.settings.get("KmsKeyId") else "sse-elasticache",
        "ARN": cache.arn,
    }
    if cache.status not in ("creating", "create-failed"):
        found["Endpoint"] = _endpoint(cache, 6379).shown()
        found["ReaderEndpoint"] = _endpoint(cache, 6380).shown()
    return found


def _endpoint(cache: Serverless, port: int) -> Endpoint:
    if cache.attached is not None:
        return cache.attached
    unique = names.suffix(cache.account, cache.region, cache.name, cache.created_at)
    host = f"{cache.name}-{unique}.serverless.{names.region_code(cache.region)}.cache.amazonaws.com"
    return Endpoint(host, port)


# --- what it may be


def _limits(given: dict[str, Any]) -> dict[str, Any]:
    for member, (low, high) in (("DataStorage", GIGABYTES), ("ECPUPerSecond", ECPU)):
        limits = given.get(member, {})
        for word in ("Minimum", "Maximum"):
            if word in limits and not low <= limits[word] <= high:
                raise faults.value(f"CacheUsageLimits.{member}.{word} must be between {low} and {high}.")
        if limits.get("Minimum", low) > limits.get("Maximum", high):
            raise faults.value(f"CacheUsageLimits.{member}.Minimum must not be greater than Maximum.")
    return given


def _snapshots(params: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "SnapshotRetentionLimit" in params:
        if not 0 <= params["SnapshotRetentionLimit"] <= 35:
            raise faults.value("SnapshotRetentionLimit must be between 0 and 35.")
        found["SnapshotRetentionLimit"] = params["SnapshotRetentionLimit"]
    if "DailySnapshotTime" in params:
        if not _TIME.fullmatch(params["DailySnapshotTime"]):
            raise faults.value("DailySnapshotTime must be of the form hh24:mi.")
        found["DailySnapshotTime"] = params["DailySnapshotTime"]
    return found


def _description(params: dict[str, Any]) -> dict[str, Any]:
    if len(params.get("Description", "")) > 255:
        raise faults.value("Description must have at most 255 characters.")
    return {"Description": params["Description"]} if "Description" in params else {}


def _user_group(call: Call, cache_engine: str, name: str) -> str:
    group = user_groups.find(call, name)
    if group.status != "active":
        raise faults.fault("InvalidUserGroupState", f"User group {group.name} is not in active state.")
    if group.engine == "valkey" and cache_engine == "redis":
        raise faults.combination(f"User group {group.name} is for valkey and cannot be used with redis.")
    return group.name


def _version(engine: str, given: str | None) -> str:
    if engine not in _VERSIONS:
        raise faults.value(f"Invalid value '{engine}' for parameter Engine: expected valkey or redis.")
    version = given or max(_VERSIONS[engine])
    if version not in _VERSIONS[engine]:
        raise faults.combination(f"Cannot find major version {version} for {engine}")
    return version


# --- operations


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for member in _NOT_HERE:
        if params.get(member):
            raise NotImplementedOperation(f"{member} of CreateServerlessCache is not offered.")
    name = names.identifier(params[_MEMBER], _MEMBER, names.GROUP_CHARACTERS)
    if call.store.serverless.find(*call.place, name) is not None:
        raise faults.fault("ServerlessCacheAlreadyExistsFault", f"Serverless cache {name} already exists.")
    quota = call.context.switches.service_quotas.get("elasticache/Serverless caches per Region", QUOTA)
    if len(call.store.serverless.of(*call.place)) >= quota:
        raise faults.fault("ServerlessCacheQuotaForCustomerExceededFault", "Quota for serverless caches exceeded.")
    engine = params["Engine"]
    version = _version(engine, params.get("MajorEngineVersion"))
    settings = {"Description": "", "SnapshotRetentionLimit": 0, "NetworkType": "ipv4", "ConnectionType": "vpc"}
    settings |= _description(params) | _snapshots(params) | _network(call, params)
    for member in ("KmsKeyId", "NetworkType", "ConnectionType"):
        if member in params:
            settings[member] = params[member]
    if "CacheUsageLimits" in params:
        settings["CacheUsageLimits"] = _limits(params["CacheUsageLimits"])
    if "UserGroupId" in params:
        settings["UserGroupId"] = _user_group(call, engine, params["UserGroupId"])
    for arn in params.get("SnapshotArnsToRestore", []):
        serverless_snapshots.check_restorable(call, arn)
    cache = Serverless(name, *call.place, call.now, engine, version, settings, tags=tags.given(params))
    call.store.serverless.add(cache)
    _become_available(call, cache, call.context.switches.cache_creation_seconds)
    return {"ServerlessCache": _shown(call, cache)}


def _network(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"SecurityGroupIds": list(params.get("SecurityGroupIds", []))}
    networks.check_security_groups(call, found["SecurityGroupIds"])
    subnets = params.get("SubnetIds", [])
    if subnets:
        if not SUBNETS[0] <= len(subnets) <= SUBNETS[1]:
            raise faults.value("SubnetIds must name 2 or 3 subnets.")
        _, zones = networks.subnets(call, subnets)
        if len(set(zones.values())) < len(subnets):
            raise faults.value("SubnetIds must be of different Availability Zones.")
        found["SubnetIds"] = list(subnets)
    return found


def _become_available(call: Call, cache: Serverless, seconds: float, apply: Callable[[], None] | None = None) -> None:
    done = call.now + seconds

    def finish() -> None:
        if apply is not None:
            apply()
        cache.status = "available"
        call.record("serverless-cache", cache.name, f"Serverless cache {cache.name} is available", done)

    cache.due.later(done, finish)


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if _MEMBER in params:
        cache = find(call, params[_MEMBER])
        if not call.shows(cache.created_at, named=True):
            raise _not_found(params[_MEMBER])
        return {"ServerlessCaches": [_shown(call, cache)]}
    found = [item for item in call.store.serverless.of(*call.place) if call.shows(item.created_at, named=False)]
    return serverless_snapshots.page("ServerlessCaches", [_shown(call, item) for item in found], params)


def modify(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    cache = _available(call, params[_MEMBER])
    if not set(params) - {_MEMBER}:
        raise faults.combination("No modifications were requested.")
    engine, version = _upgrade(cache, params)
    changes = _description(params) | _snapshots(params)
    if "CacheUsageLimits" in params:
        changes["CacheUsageLimits"] = _limits(params["CacheUsageLimits"])
    if "SecurityGroupIds" in params:
        networks.check_security_groups(call, params["SecurityGroupIds"])
        changes["SecurityGroupIds"] = list(params["SecurityGroupIds"])
    if params.get("RemoveUserGroup", False):
        if "UserGroupId" in params:
            raise faults.combination("UserGroupId cannot be used with RemoveUserGroup.")
        changes["UserGroupId"] = None
    elif "UserGroupId" in params:
        changes["UserGroupId"] = _user_group(call, engine, params["UserGroupId"])

    def apply() -> None:
        cache.engine, cache.major_version = engine, version
        cache.settings = {key: value for key, value in (cache.settings | changes).items() if value is not None}

    cache.status = "modifying"
    _become_available(call, cache, call.context.switches.cache_modification_seconds, apply)
    return {"ServerlessCache": _shown(call, cache)}


def _available(call: Call, name: str) -> Serverless:
    cache = find(call, name)
    if cache.status != "available":
        text = f"Serverless cache {cache.name} is {cache.status}: it must be in available state."
        raise faults.fault("InvalidServerlessCacheStateFault", text)
    return cache


def _upgrade(cache: Serverless, params: dict[str, Any]) -> tuple[str, str]:
    engine = params.get("Engine", cache.engine)
    if (cache.engine, engine) == ("valkey", "redis"):
        raise faults.combination("Cannot modify the engine from valkey to redis.")
    default = cache.major_version if engine == cache.engine else None
    version = _version(engine, params.get("MajorEngineVersion", default))
    if int(version) < int(cache.major_version):
        raise faults.combination(f"Cannot downgrade from major version {cache.major_version} to {version}.")
    return engine, version


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    cache = _available(call, params[_MEMBER])
    seconds = call.context.switches.cache_deletion_seconds
    if "FinalSnapshotName" in params:
        serverless_snapshots.take(call, cache, params["FinalSnapshotName"], {})
        seconds += call.context.switches.cache_snapshot_seconds
    cache.status = "deleting"
    shown = _shown(call, cache)
    cache.due.later(call.now + seconds, lambda: call.store.serverless.remove(cache))
    return {"ServerlessCache": shown}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateServerlessCache": create,
    "DeleteServerlessCache": delete,
    "DescribeServerlessCaches": describe,
    "ModifyServerlessCache": modify,
}
