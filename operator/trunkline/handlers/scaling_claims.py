"""What ScalingPolicies say of the fields of another object: which of them it has to leave alone, and which it is told. Pure.

Read from the policies themselves, spec and status, without parsing the rest: a policy that no longer parses must not
reset the capacity that it set. A field that Application Auto Scaling has is owned and not told; a claim is both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.api.scaling_levers import LeverField, Through
from trunkline.api.scaling_policy import Mode, ScalingPolicy
from trunkline.handlers.port import Key, Snapshot

KIND = ScalingPolicy.kind


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """A field of the target: the handle of its function or table, and the index of a table. Or of a CacheLayer."""

    kind: str
    name: str
    index: str
    field: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What each owned field is told; None where AWS itself sets it, or nothing was decided yet."""

    fields: Mapping[Field, int | None] = field(default_factory=dict)

    def of(self, kind: str, name: str) -> Mapping[tuple[str, str], int | None]:
        """By index and field: those of one function, table or cache."""
        return {
            (key.index, key.field): told for key, told in self.fields.items() if (key.kind, key.name) == (kind, name)
        }

    def words(self) -> list[list[object]]:
        """As JSON has it, for comparison."""
        return [[key.kind, key.name, key.index, key.field, told] for key, told in sorted(self.fields.items())]


def claims_on(policies: Iterable[Snapshot], target: Key) -> Claims:
    """What policies say of a center's functions and tables, or of a cache. The first by name has a field that two want."""
    found: dict[Field, int | None] = {}
    for policy in policies:
        if policy.spec.get("mode") != Mode.AUTO.value:
            continue
        for lever in _mappings(policy.spec.get("levers")):
            for owned, told in _fields(policy, lever, target):
                found.setdefault(owned, told)
    return Claims(found)


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
