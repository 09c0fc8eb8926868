"""What a ScalingPolicy has told, and whom: AWS by bounds, its target and caches by claims, people by warnings. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trunkline.api.scaling_levers import Through
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.blueprints.scaling import Bounds
from trunkline.engine.result import Result
from trunkline.handlers.port import Key, Snapshot
from trunkline.handlers.scaling_claims import decided


def reported(result: Result) -> list[str]:
    """What others made beside what a policy moves: theirs to change."""
    found = []
    for key, change in result.reports:
        instead = f", not {change.new}" if change.new is not None else ""
        found.append(f"{key}: {change.path} is {change.old}{instead}: made by others, and left alone")
    return found


def words_of(bounds: Bounds, now: float) -> list[object]:
    """What AWS is told of a field, as JSON has it. What stands there is not told."""
    told = replace(bounds, standing=None)
    return [
        told.name,
        told.node.resource,
        told.node.dimension,
        told.minimum,
        told.maximum,
        [step for step in told.scheduled if step[0] > now],  # what AWS has done meanwhile is looked at
        told.utilization_percent,
        told.broken,
        told.keeps,
    ]


def informed(snapshot: Snapshot, status: Mapping[str, Any], target: Key, spec: ScalingPolicySpec) -> frozenset[Key]:
    """Who has to take up what is told now: the target, and the caches that levers name."""
    if _told(snapshot.status) == _told(status) and decided(snapshot.status, snapshot.generation):
        return frozenset()
    caches = {lever.cache_ref.name for lever in spec.levers or () if lever.cache_ref is not None}
    return frozenset({target, *(Key("CacheLayer", snapshot.key.namespace, name) for name in caches)})


def _told(status: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [
        (line.get("name"), line.get("field"), line.get("desired"))
        for line in status.get("levers") or ()
        if line.get("through") == Through.CLAIM.value
    ]
