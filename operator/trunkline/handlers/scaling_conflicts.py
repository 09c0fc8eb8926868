"""One policy for a field: what another one in mode Auto moves is not ours. Pure.

The other policies are read without parsing the rest: one that no longer parses still has what it moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trunkline.api.scaling_levers import LeverField
from trunkline.api.scaling_policy import Mode
from trunkline.handlers.port import Inputs
from trunkline.handlers.scaling_claims import KIND, age
from trunkline.handlers.scaling_levers import Moved


def alone(inputs: Inputs, target: str, fields: tuple[Moved, ...]) -> tuple[Moved, ...]:
    """A field that an older policy in mode Auto has is not ours. target: name of the policy's."""
    mine = inputs.snapshot
    taken: dict[tuple[str, str, str, str], str] = {}
    for policy in sorted(inputs.neighbors(KIND), key=age):
        if age(policy) >= age(mine) or policy.deleting or policy.spec.get("mode") != Mode.AUTO.value:
            continue
        reference = policy.spec.get("targetRef")
        same_target = isinstance(reference, Mapping) and reference.get("name") == target
        for lever in policy.spec.get("levers") or ():
            for identity in _identities(lever, same_target=same_target):
                taken.setdefault(identity, policy.key.name)
    return tuple(
        replace(one, problem=f"Conflict: the policy {other} moves it", node=None)
        if (other := taken.get(_identity(one))) is not None
        else one
        for one in fields
    )


def _identity(one: Moved) -> tuple[str, str, str, str]:
    lever = one.lever
    if lever.cache_ref is not None:
        return ("cacheRef", lever.cache_ref.name, "", one.field.value)
    return (
        "function" if lever.function else "table",
        lever.function or lever.table or "",
        lever.index or "",
        one.field.value,
    )


def _identities(lever: Any, *, same_target: bool) -> list[tuple[str, str, str, str]]:
    if not isinstance(lever, Mapping):
        return []
    reference = lever.get("cacheRef")
    named = [("cacheRef", str(reference.get("name")))] if isinstance(reference, Mapping) else []
    if same_target:
        named += [(kind, str(lever[kind])) for kind in ("function", "table") if lever.get(kind)]
    index = str(lever.get("index") or "")
    return [(*one, index, field.value) for one in named for field in LeverField if lever.get(field.value)]
