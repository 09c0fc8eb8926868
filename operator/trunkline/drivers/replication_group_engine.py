"""The engine of a replication group, its version and its parameter group, which belong together. Pure.

Nothing leads back to an earlier version, also not from one that AWS has installed by itself.
Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trunkline.drivers.cache_desired import DISABLED, ReplicationGroupDesired
from trunkline.drivers.cache_families import default_group, family_of
from trunkline.drivers.fields import changes_of, set_before, shown
from trunkline.drivers.replication_group_comparison import Comparison
from trunkline.drivers.replication_group_state import GroupState
from trunkline.engine.plan import Change, Step
from trunkline.engine.resource import Ref

SET = "set"  # stands for parameters that the spec has


def engine_and_version(of: Comparison) -> Iterator[Step]:
    desired, state = of.desired, of.state
    engine = of.fields.required("engine", desired.engine, state.engine)
    version = of.fields.optional("engineVersion", desired.engine_version, _as_written(desired, state))
    if engine.change is None and version.change is None:
        return
    if engine.change is None and desired.engine_version and _later(state.engine_version, desired.engine_version):
        of.fields.report(
            "engineVersion (AWS has installed a later one, and none leads back: write that)",
            state.engine_version,
            desired.engine_version,
        )
        return
    if desired.engine_version and _same_version(desired.engine_version, str(state.awaited("EngineVersion") or "")):
        return
    params: dict[str, Any] = {}
    if engine.change is not None:
        params["Engine"] = desired.engine
    if desired.engine_version:
        params["EngineVersion"] = desired.engine_version
    if desired.parameter_group is not None:
        params["CacheParameterGroupName"] = desired.parameter_group
    elif _had_parameters(of):
        params["CacheParameterGroupName"] = default_group(
            desired.engine, desired.engine_version or state.engine_version, cluster=state.cluster_mode != DISABLED
        )
    yield of.modify(
        params, changes_of(engine, version), interrupts=f"upgrades {state.id}: each shard fails over to a replica"
    )


def _as_written(desired: ReplicationGroupDesired, state: GroupState) -> str | None:
    """AWS shows 8.0.1 where 8.0 was asked for."""
    wanted, there = desired.engine_version, state.engine_version
    if wanted is not None and _same_version(wanted, there):
        return wanted
    return there or None


def _same_version(wanted: str, there: str) -> bool:
    parts = there.split(".")
    return parts[: len(wanted.split("."))] == wanted.split(".")


def _later(there: str, wanted: str) -> bool:
    parts = [int(part) for part in wanted.split(".")]
    found = [int(part) for part in there.split(".") if part.isdigit()]
    return found[: len(parts)] > parts


def parameter_group(of: Comparison) -> Iterator[Step]:
    """Without ApplyImmediately it is pending and shown nowhere. It restarts nothing: what needs that waits for it."""
    state = of.state
    wanted: Ref | str | None = of.desired.parameter_group
    of.fields.optional("parameters", None if wanted is None else SET, SET, default=SET)
    if _family_changes(of):
        return  # the group comes with the upgrade
    if wanted is None and _had_parameters(of):
        wanted = default_group(state.engine, state.engine_version, cluster=state.cluster_mode != DISABLED)
    if wanted is None or wanted == state.first.parameter_group:
        return
    change = Change("parameters", state.first.parameter_group or None, shown(wanted))
    yield of.modify({"CacheParameterGroupName": wanted}, (change,), now=True)


def _family_changes(of: Comparison) -> bool:
    desired, state = of.desired, of.state
    version = desired.engine_version or state.engine_version
    if desired.engine == state.engine and _later(state.engine_version, version):
        return False
    return family_of(desired.engine, version) != family_of(state.engine, state.engine_version)


def _had_parameters(of: Comparison) -> bool:
    """Whether the group has a parameter group that we gave it and that the spec wants no more."""
    mine = "parameters" in set_before(of.words) and of.desired.parameter_group is None
    return mine and not of.state.first.parameter_group.startswith("default.")
