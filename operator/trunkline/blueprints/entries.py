"""From an entry of a section to the node that stands for it: key, path, name in AWS, policy, tags. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trunkline.api.entry import InstanceEntry
from trunkline.engine.resource import DeletionPolicy, Node, Ref


def path_of(section: str, name: str) -> str:
    """Where an entry stands, as messages say it."""
    return f"spec.{section}[name={name}]"


def aws_name(entry: InstanceEntry) -> str:
    """Its name in the instance; no other instance's names matter, so the center's is no part of it."""
    return entry.aws_name or entry.name


def instance_entry_node(
    kind: str,
    section: str,
    entry: InstanceEntry,
    desired: Any,
    tags: Mapping[str, str],
    *,
    needs: frozenset[str] = frozenset(),
) -> Node:
    """The node of an entry that lives in the instance; desired is not used if the entry is external."""
    external = entry.external is not None
    return Node(
        key=f"{kind}/{entry.name}",
        kind=kind,
        section=section,
        name=entry.name,
        path=path_of(section, entry.name),
        aws_name=aws_name(entry),
        desired=None if external else desired,
        needs=needs,
        external=external,
        deletion_policy=policy(entry.deletion_policy),
        tags={**tags, **(entry.tags or {})},
    )


def broken_node(kind: str, section: str, name: str, reason: str, *, awaits: bool = False) -> Node:
    """A node that only says why it cannot be built; it is never swept and blocks what stands on it.

    awaits: only until another object has done something.
    """
    return Node(
        key=f"{kind}/{name}",
        kind=kind,
        section=section,
        name=name,
        path=path_of(section, name),
        aws_name=name,
        desired=None,
        broken=reason,
        awaits=awaits,
    )


def policy(written: str | None) -> DeletionPolicy | None:
    """An entry's own deletion policy as the engine knows it."""
    return DeletionPolicy(written) if written is not None else None


def ref(kind: str, name: str | None, attribute: str = "id") -> Ref | None:
    """A reference to an entry by its handle; None stays None (not managed)."""
    return None if name is None else Ref(f"{kind}/{name}", attribute)
