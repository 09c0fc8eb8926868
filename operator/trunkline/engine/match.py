"""Whose is it: which existing resource a node means, and whether it is ours to change.

Pure. Identity is, in this order: the recorded id, our tags, the name in AWS. Everything that is not provably ours is
left alone unless the object's policies say otherwise.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trunkline.engine.driver import ENTRY_TAG, ORIGIN_TAG, OWNER_TAG, Found
from trunkline.engine.record import Entry, Origin, Record
from trunkline.engine.resource import Node


class Relation(StrEnum):
    ABSENT = "Absent"
    OURS = "Ours"
    ADOPTED = "Adopted"  # not ours by tag, but the object may take it as it is
    CONFLICT = "Conflict"  # somebody else's, or nobody's and the policy refuses
    EXTERNAL = "External"  # made elsewhere on purpose, never changed


class AdoptionPolicy(StrEnum):
    REFUSE = "Refuse"
    ADOPT = "Adopt"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are: the value of our owner tag, and whose resources we were told to take over: those of whole installations,
    or of one object, named as its owner tag names it.
    """

    owner: str
    adoption: AdoptionPolicy = AdoptionPolicy.REFUSE
    take_over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """What a node means in AWS. entry: as recorded, or as it will be recorded. gone: recorded but no longer there."""

    relation: Relation
    found: Found[Any] | None = None
    entry: Entry | None = None
    message: str = ""
    gone: bool = False


@dataclass(slots=True)
class Inventory:
    """What was observed of one kind, by id and by name in AWS."""

    by_id: dict[str, Found[Any]] = field(default_factory=dict)
    by_name: dict[str, list[Found[Any]]] = field(default_factory=dict)
    by_entry: dict[str, Found[Any]] = field(default_factory=dict)

    def add(self, found: Found[Any], owner: str) -> None:
        self.by_id[found.id] = found
        self.by_name.setdefault(found.aws_name, []).append(found)
        if found.tags and found.tags.get(OWNER_TAG) == owner and (entry := found.tags.get(ENTRY_TAG)):
            self.by_entry.setdefault(entry, found)


def inventory(found: Iterable[Found[Any]], owner: str) -> Inventory:
    """An inventory of what one driver observed."""
    stock = Inventory()
    for item in found:
        stock.add(item, owner)
    return stock


Holders = Mapping[tuple[str, str], Entry]


def holders(record: Record) -> Holders:
    """The record by (kind, id)."""
    return {(entry.kind, entry.id): entry for entry in record.entries.values()}


def match(
    node: Node,
    stock: Inventory,
    *,
    recorded: Entry | None,
    held: Holders,
    wanted: Container[str],
    identity: Identity,
    tagless: Origin = Origin.ADOPTED,
) -> Match:
    """What the node means among what was observed.

    recorded: its own entry. held: who holds an id in the record. wanted: the keys of all nodes of the graph; what one
    of them holds is not taken over by another handle. tagless: whose is what has no tags of its own and is not recorded
    (what it belongs to decides).
    """
    if node.external:
        return _external(node, stock)
    if node.given_id:
        return _given(node, node.given_id, stock, recorded)
    entry = recorded
    if entry is not None and (found := stock.by_id.get(entry.id)) is not None:
        return _owned(found, entry, identity)
    if (found := stock.by_entry.get(node.key)) is not None:
        holder = held.get((node.kind, found.id))
        if holder is None or holder.key == node.key or holder.key not in wanted:
            return _tagged(node, found, entry)
    for found in stock.by_name.get(node.aws_name, ()):
        holder = held.get((node.kind, found.id))
        if holder is not None and holder.key in wanted and holder.key != node.key:
            continue  # another node of this center means it: that node renames it or keeps it
        if holder is not None:
            return Match(_relation(holder.origin), found, _entry(node, found, holder.origin, holder))
        return _unrecorded(node, found, entry, identity, tagless)
    return Match(Relation.ABSENT, entry=entry, gone=entry is not None)


def _external(node: Node, stock: Inventory) -> Match:
    if node.external_arn:
        named = [found for found in stock.by_id.values() if node.external_arn in (found.arn, found.id)]
    else:
        named = stock.by_name.get(node.aws_name, [])
    if not named:
        what = node.external_arn or f"named {node.aws_name!r}"
        return Match(
            Relation.CONFLICT, message=f"no {node.kind} {what} exists; it is marked external, so it is not made"
        )
    return Match(Relation.EXTERNAL, named[0])


def _relation(origin: Origin) -> Relation:
    return Relation.OURS if origin is Origin.CREATED else Relation.ADOPTED


def _tagged(node: Node, found: Found[Any], entry: Entry | None) -> Match:
    """Ours by its tag; whether we made it is written there too, for a record can be lost."""
    origin = origin_of(found.tags or {})
    return Match(_relation(origin), found, _entry(node, found, origin, entry))


def origin_of(tags: Mapping[str, str]) -> Origin:
    """Where a resource with our owner tag came from."""
    return Origin.ADOPTED if tags.get(ORIGIN_TAG) == Origin.ADOPTED.value else Origin.CREATED


def _given(node: Node, id_: str, stock: Inventory, recorded: Entry | None) -> Match:
    found = stock.by_id.get(id_)
    if found is None:
        message = f"no {node.kind} {id_} exists in this account and region; correct the id or the region"
        return Match(Relation.CONFLICT, message=message)
    kept = recorded if recorded is not None and recorded.id == id_ else None
    return Match(Relation.ADOPTED, found, kept or _entry(node, found, Origin.ADOPTED, None))


def _owned(found: Found[Any], entry: Entry, identity: Identity) -> Match:
    """Recorded by id: ours, unless its tag has become somebody else's meanwhile."""
    owner = (found.tags or {}).get(OWNER_TAG, identity.owner)
    if owner == identity.owner or _may_take(owner, identity):
        return Match(_relation(entry.origin), found, entry)
    return Match(
        Relation.CONFLICT, found, entry, f"{found.aws_name} is recorded here but now carries the owner tag of {owner}"
    )


def _unrecorded(node: Node, found: Found[Any], entry: Entry | None, identity: Identity, tagless: Origin) -> Match:
    if found.tags is None:
        return Match(_relation(tagless), found, _entry(node, found, tagless, entry))
    owner = found.tags.get(OWNER_TAG)
    if owner == identity.owner:
        return _tagged(node, found, entry)
    if owner is not None and not _may_take(owner, identity):
        return Match(Relation.CONFLICT, found, message=_belongs(node, found, owner, identity))
    if owner is None and identity.adoption is AdoptionPolicy.REFUSE:
        return Match(
            Relation.CONFLICT,
            found,
            message=f"{node.kind} {found.aws_name!r} exists and was not made by this object; "
            "choose another awsName, mark it external, or set adoptionPolicy: Adopt",
        )
    return Match(Relation.ADOPTED, found, _entry(node, found, Origin.ADOPTED, entry))


def _belongs(node: Node, found: Found[Any], owner: str, identity: Identity) -> str:
    installation = owner.split("/", 1)[0]
    if installation == identity.owner.split("/", 1)[0]:
        remedy = (
            "another object of this installation; choose another awsName, mark it external here, "
            f"or annotate trunkline.dev/take-over: {owner} if that object is gone"
        )
    else:
        remedy = f"choose another awsName, or annotate trunkline.dev/take-over: {installation} if that one is gone"
    return f"{node.kind} {found.aws_name!r} belongs to {owner}; {remedy}"


def _may_take(owner: str, identity: Identity) -> bool:
    return owner in identity.take_over or owner.split("/", 1)[0] in identity.take_over


def _entry(node: Node, found: Found[Any], origin: Origin, old: Entry | None) -> Entry:
    words: Mapping[str, str] = old.words if old is not None and old.id == found.id else {}
    return Entry(
        kind=node.kind,
        section=node.section,
        name=node.name,
        id=found.id,
        arn=found.arn,
        aws_name=found.aws_name,
        origin=origin,
        deletion_policy=node.deletion_policy,
        words=words,
    )
