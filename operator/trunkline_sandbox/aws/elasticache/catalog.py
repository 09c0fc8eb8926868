"""What ElastiCache offers, whatever an account has: engine versions, defaults of families, service updates.

Source: API reference, DescribeCacheEngineVersions, DescribeEngineDefaultParameters, DescribeUpdateActions. No service
update is ever due here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import engines, faults
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.parameters import PARAMETERS
from trunkline_sandbox.aws.elasticache.store import Call


def engine_versions(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    del call
    found = [
        engine
        for engine in engines.every()
        if params.get("Engine", engine.name) == engine.name
        and params.get("EngineVersion", engine.version) == engine.version
        and params.get("CacheParameterGroupFamily", engine.family) == engine.family
    ]
    if params.get("DefaultOnly", False):
        found = [engine for engine in found if engine == engines.resolve(engine.name, None)]
    shown = [
        {
            "Engine": engine.name,
            "EngineVersion": engine.version,
            "CacheParameterGroupFamily": engine.family,
            "CacheEngineDescription": {"redis": "Redis", "valkey": "Valkey"}[engine.name],
            "CacheEngineVersionDescription": f"{engine.name} version {engine.version}",
        }
        for engine in found
    ]
    return page("CacheEngineVersions", shown, params)


def default_parameters(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    del call
    family = params["CacheParameterGroupFamily"]
    if family not in engines.FAMILIES:
        raise faults.value(f"CacheParameterGroupFamily {family} is not a valid parameter group family.")
    found = page("Parameters", [item.shown(None, family) for item in PARAMETERS.values()], params)
    return {"EngineDefaults": {"CacheParameterGroupFamily": family} | found}


def update_actions(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for name in params.get("ReplicationGroupIds", []):
        call.group(name)
    return {"UpdateActions": []}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DescribeCacheEngineVersions": engine_versions,
    "DescribeEngineDefaultParameters": default_parameters,
    "DescribeUpdateActions": update_actions,
}
