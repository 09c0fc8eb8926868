"""Gathers our objects, and the ConfigMaps that their flows are in. Never a Secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trunkline.api.managed import GROUP, VERSION
from trunkline.api.manifest import Document
from trunkline.api.names import KINDS
from trunkline.doctor.asking import Asking
from trunkline.doctor.facts import Unread

MOST_OBJECTS = 200  # of each kind; of more the rights are the same
MOST_CONTENTS = 40  # ConfigMaps

Late = Callable[[str], None]


async def objects_of(ask: Asking, namespaces: tuple[str, ...], late: Late) -> tuple[Document, ...] | Unread:
    """Those of these namespaces, or of all, with the ConfigMaps beside them. late: told what is left out."""
    found: list[Document] = []
    for kind in KINDS:
        for namespace in namespaces or ("",):
            where = f"/namespaces/{namespace}" if namespace else ""
            items = await ask.listed(f"/apis/{GROUP}/{VERSION}{where}/{kind.plural}", MOST_OBJECTS)
            if isinstance(items, Unread):
                return items
            if len(items) > MOST_OBJECTS:
                late(f"{kind.plural} beyond the first {MOST_OBJECTS}")
            told = {"apiVersion": f"{GROUP}/{VERSION}", "kind": kind.kind}
            found += [Document({**told, **body}, "the cluster", 0) for body in items[:MOST_OBJECTS]]
    return (*found, *await _contents(ask, found, late))


async def _contents(ask: Asking, objects: list[Document], late: Late) -> list[Document]:
    """The ConfigMaps that flows are in: what a flow names needs rights too."""
    named = dict.fromkeys(
        (str(one.body["metadata"]["namespace"]), name) for one in objects for name in _references(one.body.get("spec"))
    )
    if len(named) > MOST_CONTENTS:
        late(f"ConfigMaps of flows beyond the first {MOST_CONTENTS}")
    found = []
    for namespace, name in list(named)[:MOST_CONTENTS]:
        body = await ask.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
        if isinstance(body, Unread):
            late(f"ConfigMap {namespace}/{name}, and what its flows name: {body.reason}")
        elif body is not None:
            found.append(Document({"apiVersion": "v1", "kind": "ConfigMap", **body}, "the cluster", 0))
    return found


def _references(value: Any) -> Iterator[str]:
    """Names of ConfigMaps, wherever they stand."""
    if isinstance(value, Mapping):
        reference = value.get("configMapKeyRef")
        if isinstance(reference, Mapping) and reference.get("name"):
            yield str(reference["name"])
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
