"""Caches that the levers of a policy move: found by name, by whom their fields are moved, and what calls ask of them. Pure.

A lookup is one operation, and one more where it misses. Functions read the primary, so replicas serve no calls: they are
moved by their bounds and by tiers. A cache of nodes has a CacheLayer of its own, which plans what a claim tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_forms import ClusterMode
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.api.center import ContactCenterSpec
from trunkline.api.scaling_levers import Lever, LeverField, Through
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.blueprints.scaling import LeverNode
from trunkline.capacity.cache_nodes import node_bytes, unscalable
from trunkline.capacity.center import Center, Target
from trunkline.capacity.layers_data import CacheUse
from trunkline.capacity.limits import DEFAULTS, Layer
from trunkline.capacity.workload import Workload
from trunkline.handlers.port import Inputs, Key, Snapshot
from trunkline.handlers.scaling_levers import Moved
from trunkline.handlers.scaling_target import body_of

OPERATIONS_PER_NODE = 100_000.0
TTL_SECONDS = 300.0
FULL_PERCENT = 75  # of a node's memory: the rest is reserved for backups and failover
COOLDOWN_SECONDS = 600  # Application Auto Scaling's own for caches
_DIMENSIONS = {
    LeverField.SHARDS: ("NodeGroups", "ElastiCachePrimaryEngineCPUUtilization"),
    LeverField.REPLICAS_PER_SHARD: ("Replicas", "ElastiCacheReplicaEngineCPUUtilization"),
}


def caches_of(inputs: Inputs, spec: ScalingPolicySpec) -> Mapping[str, Snapshot]:
    """The CacheLayers that levers name, as far as they are there."""
    namespace = inputs.snapshot.key.namespace
    names = {lever.cache_ref.name for lever in spec.levers or () if lever.cache_ref is not None}
    found = {name: inputs.neighbor(Key(CacheLayer.kind, namespace, name)) for name in sorted(names)}
    return {name: snapshot for name, snapshot in found.items() if snapshot is not None}


def placed(
    fields: Iterable[Moved], caches: Mapping[str, Snapshot], center: ContactCenterSpec, calls: Workload
) -> tuple[Moved, ...]:
    """Each field of a cache with its node and use, or with what keeps it from being moved; the others as they are."""
    return tuple(
        _with_use(_placed(one, caches.get(one.cache), center), caches, calls) if one.cache else one for one in fields
    )


def _with_use(one: Moved, caches: Mapping[str, Snapshot], calls: Workload) -> Moved:
    shards = one.field is LeverField.SHARDS and not one.problem
    return replace(one, use=use_of(one.lever, caches.get(one.cache), calls)) if shards else one


def _placed(one: Moved, snapshot: Snapshot | None, center: ContactCenterSpec) -> Moved:
    if one.problem or snapshot is None:
        return one  # what is not there is said by who looks for it
    parsed = parse_cache_layer(body_of(snapshot))
    if parsed.layer is None or parsed.layer.spec.nodes is None:
        return one
    layer, nodes = parsed.layer, parsed.layer.spec.nodes
    clustered = nodes.cluster_mode is ClusterMode.ENABLED
    if one.field is LeverField.SHARDS and not clustered:
        problem = f"{one.cache} has one shard for good: write nodes.clusterMode: enabled there, or leave shards out"
        return replace(one, problem=problem)
    if one.through is not Through.APPLICATION_AUTO_SCALING:
        return one
    problem = unscalable(nodes.type, layer.spec.engine.value, layer.spec.engine_version, cluster=clustered)
    if not problem and (layer.spec.region, layer.spec.credentials) != (center.region, center.credentials):
        problem = f"{one.cache} has another region or other credentials than the center: write through: Claim"
    if problem:
        return replace(one, problem=problem)
    what, metric = _DIMENSIONS[one.field]
    dimension = f"elasticache:replication-group:{what}"
    node = LeverNode(f"replication-group/{layer.aws_name}", dimension, metric, 1.0, (35, 70), COOLDOWN_SECONDS)
    return replace(one, node=node)


# --- what calls ask


def use_of(lever: Lever, snapshot: Snapshot | None, calls: Workload) -> CacheUse | None:
    """Of the cache of a lever; None where nobody knows its nodes."""
    parsed = parse_cache_layer(body_of(snapshot)) if snapshot is not None else None
    nodes = parsed.layer.spec.nodes if parsed is not None and parsed.layer is not None else None
    if lever.cache_ref is None or snapshot is None or nodes is None:
        return None
    missed = 1.0 - calls.cache_hit_share
    return CacheUse(
        lever.cache_ref.name,
        calls.lookups_per_call * (1.0 + missed),
        float(_warmed(snapshot)),
        calls.item_bytes,
        node_bytes(nodes.type),
        float(lever.operations_per_node or OPERATIONS_PER_NODE),
        float(lever.ttl_seconds or TTL_SECONDS),
    )


def in_use(snapshot: Snapshot | None, shards: int) -> int:
    """The fewest shards that hold what the cache holds now, by what was measured of its fullest node."""
    percent = snapshot.status.get("memoryUsedPercent") if snapshot is not None else None
    return -(-shards * percent // FULL_PERCENT) if isinstance(percent, int) else 0


def _warmed(snapshot: Snapshot) -> int:
    warmed = snapshot.status.get("warmed")
    items = warmed.get("items") if isinstance(warmed, Mapping) else None
    return items if isinstance(items, int) else 0


def with_caches(
    model: Center, spec: ScalingPolicySpec, caches: Mapping[str, Snapshot], there: Mapping[str, int]
) -> Center:
    """The center with its caches: their shards, and the connections that environments hold to each node. there: shards of
    caches, by name.
    """
    uses, limits, have = list(model.uses), dict(model.limits), dict(model.have)
    for lever in spec.levers or ():
        name = lever.cache_ref.name if lever.cache_ref is not None else ""
        use = use_of(lever, caches.get(name), model.workload)
        target = Target(Layer.CACHE_SHARDS, name)
        if use is None or target in limits:
            continue
        uses.append(use)
        shards = float(there.get(name, 1))
        most, source = (shards, "shards is not written") if lever.shards is None else (lever.shards.max, "shards.max")
        limits[target] = DEFAULTS[Layer.CACHE_SHARDS].at(float(most), f"spec.levers[name={lever.name}].{source}", name)
        have[target] = shards
    return replace(model, uses=tuple(uses), limits=limits, have=have)
