"""What ScalingPolicies say of the fields of another object: which of them it has to leave alone, and which it is told. Pure.

Read from the policies themselves, spec and status, without parsing the rest: a policy that no longer parses must not
reset the capacity that it set. A field that Application Auto Scaling has is owned and not told; a claim is both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_forms import ClusterMode
from trunkline.api.center import ContactCenterSpec
from trunkline.api.managed import RECONCILE
from trunkline.api.scaling_levers import LeverField, Through
from trunkline.api.scaling_policy import Mode, ScalingPolicy
from trunkline.blueprints.claims import (
    PROVISIONED,
    READ_UNITS,
    REPLICAS,
    RESERVED,
    SHARDS,
    WARM_READS,
    WARM_WRITES,
    WRITE_UNITS,
    Claims,
    Field,
)
from trunkline.handlers.port import Inputs, Key, Snapshot

KIND = ScalingPolicy.kind
DECIDES = "ScalingActive"
"""The condition that only a pass which decides writes: one that waits, or cannot read the spec, leaves it away."""


def claims_on(policies: Iterable[Snapshot], target: Key) -> Claims:
    """What policies say of a center's functions and tables, or of a cache. The oldest has a field that two want."""
    found: dict[Field, int | None] = {}
    for policy in sorted(policies, key=age):
        if policy.spec.get("mode") != Mode.AUTO.value:
            continue
        for lever in _mappings(policy.spec.get("levers")):
            for owned, told in _fields(policy, lever, target):
                found.setdefault(owned, told)
    return Claims(found)


def age(policy: Snapshot) -> tuple[str, Key]:
    """Sorts the oldest first; of the same second, by name."""
    return (policy.created, policy.key)


def decided(status: Mapping[str, Any], generation: int) -> bool:
    """Whether a pass has decided by the spec as it is. What was said by another one was of another mode, or of another
    table: who goes by it takes away what stands there.
    """
    lines = (line for line in _mappings(status.get("conditions")) if line.get("type") == DECIDES)
    return any(line.get("observedGeneration") == generation for line in lines)


def _fields(policy: Snapshot, lever: Mapping[str, Any], target: Key) -> Iterator[tuple[Field, int | None]]:
    named = _named(policy, lever, target)
    if named is None:
        return
    kind, name = named
    told = {
        str(line.get("field")): line.get("desired")
        for line in _mappings(policy.status.get("levers"))
        if line.get("name") == lever.get("name") and line.get("through") == Through.CLAIM.value
    }
    if not decided(policy.status, policy.generation):
        told = {}
    for one in LeverField:
        if isinstance(lever.get(one.value), Mapping):
            value = told.get(one.value)
            yield Field(kind, name, str(lever.get("index") or ""), one.value), value if _is_count(value) else None


def _named(policy: Snapshot, lever: Mapping[str, Any], target: Key) -> tuple[str, str] | None:
    if target.kind == "CacheLayer":
        reference = lever.get("cacheRef")
        name = reference.get("name") if isinstance(reference, Mapping) else None
        return ("cache", target.name) if name == target.name else None
    reference = policy.spec.get("targetRef")
    if not isinstance(reference, Mapping) or reference.get("name") != target.name:
        return None
    for kind in ("function", "table"):
        if isinstance(lever.get(kind), str):
            return kind, lever[kind]
    return None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    for item in value if isinstance(value, list | tuple) else ():
        if isinstance(item, Mapping):
            yield item


@dataclass(frozen=True, slots=True)
class Held:
    """What of a target is owned now, and `status.claims`, which remembers it."""

    claims: Claims
    lines: tuple[Mapping[str, Any], ...]


def held(inputs: Inputs, own: Mapping[Field, int]) -> Held:
    """What policies claim of an object, and what they claimed before: a claim that ends leaves the value until the spec's
    own is edited or a reconcile is asked for. own: what the spec itself says of fields, where it says it.
    """
    snapshot = inputs.snapshot
    asked = snapshot.annotations.get(RECONCILE, "")
    now = claims_on(inputs.neighbors(KIND), snapshot.key)
    fields: dict[Field, int | None] = dict(now.fields)
    lines = {key: _line(key, told, own.get(key), asked) for key, told in now.fields.items()}
    for line in _mappings(snapshot.status.get("claims")):
        key = Field(str(line.get("kind")), str(line.get("name")), str(line.get("index") or ""), str(line.get("field")))
        same = line.get("own") == own.get(key) and str(line.get("asked") or "") == asked
        if key in fields or not same:
            continue
        value = line.get("value")
        fields[key] = value if _is_count(value) else None
        lines[key] = {**_line(key, fields[key], own.get(key), asked), "ended": True}
    return Held(Claims(fields), tuple(lines[key] for key in sorted(lines)))


def _line(key: Field, told: int | None, own: int | None, asked: str) -> dict[str, Any]:
    line: dict[str, Any] = {"kind": key.kind, "name": key.name, "field": key.field}
    found = {"index": key.index or None, "value": told, "own": own, "asked": asked[:256] or None}
    return line | {name: value for name, value in found.items() if value is not None}


def own_of_center(spec: ContactCenterSpec) -> dict[Field, int]:
    """What a center's spec itself says of fields that a policy may own."""
    found: dict[Field, int | None] = {}
    for function in spec.functions or ():
        found[Field("function", function.name, "", PROVISIONED)] = function.provisioned_concurrency
        found[Field("function", function.name, "", RESERVED)] = function.reserved_concurrency
    for table in spec.tables or ():
        if table.billing is not None:
            found[Field("table", table.name, "", READ_UNITS)] = table.billing.read_capacity_units
            found[Field("table", table.name, "", WRITE_UNITS)] = table.billing.write_capacity_units
        warm = {"": table.warm_throughput, **{index.name: index.warm_throughput for index in table.indexes or ()}}
        for name, units in warm.items():
            if units is not None:
                found[Field("table", table.name, name, WARM_READS)] = units.read_units_per_second
                found[Field("table", table.name, name, WARM_WRITES)] = units.write_units_per_second
        for index in table.indexes or ():
            if index.capacity is not None:
                found[Field("table", table.name, index.name, READ_UNITS)] = index.capacity.read_capacity_units
                found[Field("table", table.name, index.name, WRITE_UNITS)] = index.capacity.write_capacity_units
    return {key: value for key, value in found.items() if value is not None}


def own_of_cache(layer: CacheLayer) -> dict[Field, int]:
    """The same of a cache of nodes."""
    nodes = layer.spec.nodes
    if nodes is None:
        return {}
    name = layer.name
    return {
        Field("cache", name, "", REPLICAS): nodes.replicas_per_shard,
        Field("cache", name, "", SHARDS): nodes.shards,
    }


def told_cache(layer: CacheLayer, claims: Claims) -> CacheLayer:
    """The layer with what it is told in the place of what its spec says."""
    nodes, told = layer.spec.nodes, claims.of("cache", layer.name)
    if nodes is None:
        return layer
    replicas, shards = told.get(("", REPLICAS)), told.get(("", SHARDS))
    changed = nodes.model_copy(
        update={
            "replicas_per_shard": nodes.replicas_per_shard if replicas is None else replicas,
            "shards": nodes.shards if not shards or nodes.cluster_mode is not ClusterMode.ENABLED else shards,
        }
    )
    return layer.model_copy(update={"spec": layer.spec.model_copy(update={"nodes": changed})})


def silent(claims: Claims, name: str) -> frozenset[str]:
    """Fields of a cache that a policy moves without telling here to what: AWS sets them, or nothing was decided yet."""
    return frozenset(field for (_, field), told in claims.of("cache", name).items() if told is None)
