"""`trunkline plan NAME`: a live object and what it names, fetched with the user's rights, into the plan of `trunkline.planning`.

A Secret that may not be read is planned as if it held what it must, and that is said. Values of Secrets stay in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TextIO

from trunkline.api.manifest import Document
from trunkline.api.names import CACHE_LAYER, CONTACT_CENTER, SCALING_POLICY
from trunkline.kubectl.failure import Exit, Failure
from trunkline.kubectl.place import Place, source
from trunkline.kubectl.seen import Seen
from trunkline.kubectl.server import Value, collection
from trunkline.planning import UNKNOWN_INSTALLATION, plan_live
from trunkline.settings import Settings

_SYSTEM = "/api/v1/namespaces/kube-system"  # its uid is the installation's id, unless one is given
_CONFIG_MAP, _SECRET = ("ConfigMap", "configmaps"), ("Secret", "secrets")
_BY_REFERENCE = {
    "configMapKeyRef": _CONFIG_MAP,
    "secretKeyRef": _SECRET,
    "cacheRef": (CACHE_LAYER.kind, CACHE_LAYER.plural),
    "centerRef": (CONTACT_CENTER.kind, CONTACT_CENTER.plural),
}

Warn = Callable[[str], None]


def plan_of(of: Seen, place: Place, settings: Settings, output: tuple[str, TextIO], warn: Warn) -> int:
    """Prints the plan. output: the format, and where to. The exit code is that of `trunkline plan`. Raises Failure."""
    if of.deleting:
        raise Failure(f"{of.short} is being deleted: there is no plan but that")
    named = sorted(set(_named(of.spec)))
    paths = [_path(plural, of.namespace, name) for _, plural, name in named]
    answers = place.kubectl.get_each(paths)
    nearby = []
    for (kind, _, name), answer in zip(named, answers, strict=True):
        if not isinstance(answer, Failure):
            nearby.append(_document(answer, kind))
        elif answer.code is not Exit.ABSENT:
            warn(f"{kind} {name} cannot be read: {answer}")
    nearby += [_document(item, SCALING_POLICY.kind) for item in _policies(place, of, warn)]
    known = settings if settings.installation else replace(settings, installation=_installation(place, warn))
    return plan_live(_document(of.raw, of.kind.kind, of.short), nearby, known, *output)


def _named(value: Any) -> Iterator[tuple[str, str, str]]:
    """Every object that a spec refers to: kind, plural, name."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            name = inner.get("name") if isinstance(inner, Mapping) else None
            if key in _BY_REFERENCE and isinstance(name, str):
                yield (*_BY_REFERENCE[key], name)
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def _path(plural: str, namespace: str, name: str) -> str:
    kind = next((item for item in (CACHE_LAYER, CONTACT_CENTER) if item.plural == plural), None)
    return f"{collection(kind, namespace)}/{name}" if kind is not None else source(plural, namespace, name)


def _policies(place: Place, of: Seen, warn: Warn) -> list[Value]:
    try:
        return list(place.kubectl.items(collection(SCALING_POLICY, of.namespace)))
    except Failure as error:
        warn(f"what ScalingPolicies claim is not known: {error}")
        return []


def _installation(place: Place, warn: Warn) -> str:
    try:
        return str(place.kubectl.get(_SYSTEM)["metadata"]["uid"])
    except Failure as error:
        warn(
            f"what an operator has made already may look like another installation's; name it by --installation: {error}"
        )
        return UNKNOWN_INSTALLATION


def _document(value: Value, kind: str, named: str = "") -> Document:
    metadata = value.get("metadata") or {}
    return Document({**value, "kind": kind}, named or f"{kind} {metadata.get('name', '')}", 0)
