"""Which of many objects are asked about: one of each role, account, Region and section before a second of any. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trunkline.api.counted import counted
from trunkline.api.manifest import Document
from trunkline.doctor.used import Account

Trait = tuple[str, str, str, str, str]
_NO_RIGHTS = frozenset({"region", "credentials", "accountId", "paused", "deletionPolicy", "confirm", "tags"})


@dataclass(frozen=True, slots=True)
class Sample:
    """documents: in their order. left: how many are not among them. covers: whether these need no right of a kind, role,
    account or Region that none of the sample does.
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
            return f"{said}; each role, account, Region and section of theirs is among the {len(self.documents)}"
        return f"{said}, with roles, accounts, Regions or sections that these have not"


def sample(documents: Sequence[Document], most: int) -> Sample:
    """At most so many objects."""
    if len(documents) <= most:
        return Sample(tuple(documents))
    traits = [frozenset(_traits(document)) for document in documents]
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


def _traits(document: Document) -> Iterable[Trait]:
    """Sections and the members of their entries. An empty one stands for objects that have none."""
    spec = document.body.get("spec")
    if not isinstance(spec, Mapping):
        return
    given = spec.get("credentials")
    role = str(given.get("roleArn") or "") if isinstance(given, Mapping) else ""
    where = document.kind, role, str(spec.get("accountId") or ""), str(spec.get("region") or "")
    yield (*where, "")
    for section, value in spec.items():
        if section not in _NO_RIGHTS:
            yield (*where, str(section))
            entries = value if isinstance(value, list) else [value]
            names = {name for entry in entries if isinstance(entry, Mapping) for name in entry}
            yield from ((*where, f"{section}.{name}") for name in names)
