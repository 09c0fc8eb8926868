"""What stands there of a field that a policy moves, and whether the policy's own word stands behind it already. Reads only.

What cannot be read is not zero: whoever decides on it must not lower it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from trunkline.api.cache import CacheLayer
from trunkline.api.scaling_levers import LeverField, Through
from trunkline.blueprints.scaling import KIND
from trunkline.capacity.decreases import Decreases
from trunkline.drivers.scalable_target_desired import target_id
from trunkline.drivers.scaling_capacity import group_size, reservation, warm_throughput
from trunkline.drivers.scaling_reads import provisioned_concurrency, table_capacity
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError
from trunkline.handlers.port import Inputs, Key, Snapshot
from trunkline.handlers.scaling_caches import in_use
from trunkline.handlers.scaling_levers import Moved


@dataclass(frozen=True, slots=True)
class Standing:
    """units: what there is, None if that is not known, and then why in `problem`. decreases: of a table, as AWS counts
    them. begun: what is there, or is on its way there, is what the policy said. waits: the problem is no fault of the
    spec, and goes without an edit. least: what is in use, below which nothing may go.
    """

    units: int | None = None
    decreases: Decreases | None = None
    begun: bool = False
    problem: str = ""
    waits: bool = False
    least: int = 0


async def standing_of(aws: Reader, inputs: Inputs, target: Snapshot, one: Moved, now: datetime) -> Standing:
    """What there is of a field. Raises PassEndedError."""
    if one.problem:
        return Standing()
    if one.cache and one.through is Through.CLAIM:
        return _of_cache(inputs, one)
    begun = _told_by(inputs.snapshot, one) if one.through is not Through.CLAIM else _claimed(target, one)
    try:
        if one.cache:
            found = await _of_group(aws, inputs, one)
        else:
            found = await _of_function(aws, one, now) if one.function else await _of_table(aws, one)
    except CallRefusedError as error:
        said = error.refusal.message or str(error.refusal)
        found = Standing(problem=f"what stands there cannot be read: {said}", waits=True)
    return replace(found, begun=begun)


async def _of_function(aws: Reader, one: Moved, now: datetime) -> Standing:
    if one.field is LeverField.RESERVED_CONCURRENCY:
        return await _reserved(aws, one, now)
    units = await provisioned_concurrency(aws, one.function, one.alias)
    return Standing(units) if units is not None else Standing(problem=f"there is no {one.function} yet", waits=True)


async def _of_table(aws: Reader, one: Moved) -> Standing:
    if one.only_rises:
        return await _warm(aws, one)
    capacity = await table_capacity(aws, one.table, one.index)
    if capacity is None:
        return Standing(problem=f"there is no provisioned {one.index or one.table} yet", waits=True)
    units = capacity.read if one.field is LeverField.READ_CAPACITY_UNITS else capacity.write
    return Standing(units, Decreases(capacity.decreases, capacity.last_decrease))


async def _reserved(aws: Reader, one: Moved, now: datetime) -> Standing:
    """Where nobody measures executions, what is reserved stays."""
    found = await reservation(aws, one.function, one.alias, now)
    if found is None:
        return Standing(problem=f"there is no {one.function} yet", waits=True)
    busy = found.reserved if found.busy is None else found.busy
    return Standing(found.reserved, least=max(found.provisioned, busy))


async def _warm(aws: Reader, one: Moved) -> Standing:
    found = await warm_throughput(aws, one.table, one.index)
    if found is None:
        return Standing(problem=f"AWS does not say how warm {one.index or one.table} is", waits=True)
    units = found.read if one.field is LeverField.WARM_READ_UNITS else found.write
    return Standing(units)


async def _of_group(aws: Reader, inputs: Inputs, one: Moved) -> Standing:
    """As AWS has it, which moves it by itself."""
    name = one.node.resource.partition("/")[2] if one.node is not None else ""
    found = await group_size(aws, name) if name else None
    if found is None:
        return Standing(problem=f"there is no CacheLayer {one.cache} of nodes yet", waits=True)
    if one.field is LeverField.REPLICAS_PER_SHARD:
        return Standing(found.replicas)
    return Standing(found.shards, least=in_use(_layer(inputs, one), found.shards))


def _layer(inputs: Inputs, one: Moved) -> Snapshot | None:
    return inputs.neighbor(Key(CacheLayer.kind, inputs.snapshot.key.namespace, one.cache))


def _of_cache(inputs: Inputs, one: Moved) -> Standing:
    """As its own pass leaves it: what it was told, else what its spec says."""
    layer = _layer(inputs, one)
    nodes = layer.spec.get("nodes") if layer is not None else None
    if layer is None or not isinstance(nodes, Mapping):
        return Standing(problem=f"there is no CacheLayer {one.cache} of nodes", waits=layer is None)
    line = _claim(layer, "cache", one.cache, one)
    for units in (line.get("value"), nodes.get(one.field.value)):
        if isinstance(units, int):
            least = in_use(layer, units) if one.field is LeverField.SHARDS else 0
            return Standing(units, begun=_claimed(layer, one), least=least)
    return Standing(problem=f"the CacheLayer {one.cache} does not say its {one.field.value}")


def told(status: Mapping[str, Any]) -> dict[str, int]:
    """What each field was told last, as the status says: a new process goes on from there."""
    return {
        f"{line.get('name')}.{line.get('field')}": int(line["desired"])
        for line in _mappings(status.get("levers"))
        if isinstance(line.get("desired"), int)
    }


def _told_by(policy: Snapshot, one: Moved) -> bool:
    if one.node is None:
        return False
    made = (KIND, one.name, target_id(one.node.resource, one.node.dimension))
    lines = _mappings(policy.status.get("resources"))
    return any((line.get("kind"), line.get("name"), line.get("id")) == made for line in lines)


def _claimed(owner: Snapshot, one: Moved) -> bool:
    lever = one.lever
    kind = "cache" if one.cache else "function" if lever.function else "table"
    line = _claim(owner, kind, one.cache or lever.function or lever.table or "", one)
    return isinstance(line.get("value"), int) and line.get("ended") is not True


def _claim(owner: Snapshot, kind: str, name: str, one: Moved) -> Mapping[str, Any]:
    wanted = (kind, name, one.lever.index or "", one.field.value)
    for line in _mappings(owner.status.get("claims")):
        if (line.get("kind"), line.get("name"), line.get("index") or "", line.get("field")) == wanted:
            return line
    return {}


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    for item in value if isinstance(value, list | tuple) else ():
        if isinstance(item, Mapping):
            yield item
