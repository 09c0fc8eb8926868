"""Which of many objects are asked about: one of each role, account, Region and setting before a second of any. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.api.cache import CacheLayer, CacheLayerSpec
from trunkline.api.center import ContactCenter, ContactCenterSpec
from trunkline.api.counted import counted
from trunkline.api.manifest import Document
from trunkline.api.scaling_policy import ScalingPolicy, ScalingPolicySpec
from trunkline.api.schema import structural
from trunkline.doctor.used import Account

Trait = tuple[str, str, str, str, str]
_NO_RIGHTS = frozenset({"region", "credentials", "accountId", "paused", "deletionPolicy", "confirm", "tags"})
_MODELS = {
    ContactCenter.kind: ContactCenterSpec,
    CacheLayer.kind: CacheLayerSpec,
    ScalingPolicy.kind: ScalingPolicySpec,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """documents: in their order. left: how many are not among them. covers: whether each field that these have, and each
    value of a field that takes few, is one of the sample's for the same role, account and Region. What flows name in their
    content is not compared, nor are names and ARNs.
    """

    documents: tuple[Document, ...]
    left: int = 0
    covers: bool = True

    def told(self) -> str:
        """What is left out, in words for people; empty if nothing is."""
        if not self.left:
            return ""
        said = f"permissions of {counted(self.left, 'object')} beyond {len(self.documents)}"
        if self.covers:
            return f"{said}; each role, account, Region and setting of theirs is among the {len(self.documents)}"
        return f"{said}, with roles, accounts, Regions or settings that these have not"


def sample(documents: Sequence[Document], most: int) -> Sample:
    """At most so many objects."""
    if len(documents) <= most:
        return Sample(tuple(documents))
    alike: dict[frozenset[Trait], frozenset[Trait]] = {}  # most are, and need not be kept twice
    traits = [alike.setdefault(found, found) for found in (frozenset(_traits(document)) for document in documents)]
    covered: set[Trait] = set()
    taken: dict[int, None] = {}
    for number in sorted(range(len(documents)), key=lambda number: -len(traits[number])):  # few stand for much
        if len(taken) < most and not traits[number] <= covered:
            covered |= traits[number]
            taken[number] = None
    for number in range(len(documents)):
        if len(taken) < most:
            taken.setdefault(number)
    left = [number for number in range(len(documents)) if number not in taken]
    whole = all(traits[number] <= covered for number in left)
    return Sample(tuple(documents[number] for number in sorted(taken)), len(left), whole)


def identities(found: Sequence[Account], most: int) -> tuple[Account, ...]:
    """At most so many: one of each role and Region before a second namespace's of any."""
    seen: set[tuple[str, str]] = set()
    first: list[Account] = []
    again: list[Account] = []
    for account in found:
        key = (account.access.role_arn, account.access.region)
        (again if key in seen else first).append(account)
        seen.add(key)
    return tuple([*first, *again][:most])


def _traits(document: Document) -> Iterator[Trait]:
    """What is written, by its path. The one without a path stands for objects that have nothing."""
    spec = document.body.get("spec")
    if not isinstance(spec, Mapping):
        return
    given = spec.get("credentials")
    role = str(given.get("roleArn") or "") if isinstance(given, Mapping) else ""
    where = document.kind, role, str(spec.get("accountId") or ""), str(spec.get("region") or "")
    yield (*where, "")
    model = _MODELS.get(document.kind)
    schema = structural(model) if model is not None else {}
    sections = {section: value for section, value in spec.items() if section not in _NO_RIGHTS}
    found: set[str] = set()
    _written(sections, schema, "", found)
    yield from ((*where, path) for path in found)


def _written(value: Any, schema: Mapping[str, Any], path: str, found: set[str]) -> None:
    """Fields at any depth, and which of a few values they have: each may need a right of its own. What names are free in,
    as tags, has no fields. Plain types only, for there are thousands of objects.
    """
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        for name, item in value.items():
            if (inner := fields.get(name)) is not None:
                found.add(below := f"{path}.{name}")
                if isinstance(item, dict | list | bool) or "enum" in inner:
                    _written(item, inner, below, found)
    elif isinstance(value, list):
        for item in value:
            _written(item, schema.get("items", {}), path, found)
    elif isinstance(value, bool) or (isinstance(value, str) and "enum" in schema):
        found.add(f"{path}={value}")
