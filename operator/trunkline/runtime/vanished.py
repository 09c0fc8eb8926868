"""Which fields of a spec somebody applied and the object has no more, by its managedFields. Pure.

Who removes a field loses it from there; a CRD that is stepped back, and forward again, takes it from the object only. The
form is that of FieldsV1: `f:<field>`, `k:<keys of a list entry>`, `v:<value of a set>`.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trunkline.engine.vanished import Vanished

MOST = 100


def vanished(raw: Mapping[str, Any]) -> Vanished | None:
    """None if all that is managed is there. raw: the whole object; of one without managedFields nothing is known."""
    spec, found = raw.get("spec"), dict[str, None]()
    for fields in applied_fields(raw):
        for path in _missing(fields, spec, "spec"):
            found[path] = None
            if len(found) == MOST:
                return Vanished(tuple(found))
    return Vanished(tuple(found)) if found else None


def applied_fields(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What each manager applied of the spec, in the form of FieldsV1."""
    managers = raw["metadata"].get("managedFields") or ()
    found = ((manager.get("fieldsV1") or {}).get("f:spec") for manager in managers if not manager.get("subresource"))
    return [fields for fields in found if isinstance(fields, Mapping)]


def _missing(fields: Mapping[str, Any], there: Any, path: str) -> Iterator[str]:
    for name, inner in fields.items():
        kind, _, what = name.partition(":")
        if kind == "f":
            below = f"{path}.{what}"
            present, value = isinstance(there, Mapping) and what in there, _of(there, what)
        elif kind == "k":
            keys = json.loads(what)
            below = f"{path}[{_named(keys)}]"
            value = _entry(there, keys)
            present = value is not None
        else:  # the entry itself (`.`), or a value of a set, which is no resource
            continue
        if not present:
            yield from _entries(inner, below) or (below,)
        elif isinstance(inner, Mapping) and inner:
            yield from _missing(inner, value, below)


def _entries(fields: Any, path: str) -> list[str]:
    """Of a list that is gone as a whole, its entries: each is a resource of its own."""
    keys = [name[2:] for name in fields if name.startswith("k:")] if isinstance(fields, Mapping) else []
    return [f"{path}[{_named(json.loads(text))}]" for text in keys]


def _named(keys: Mapping[str, Any]) -> str:
    return ",".join(f"{key}={value}" for key, value in keys.items())


def _of(there: Any, name: str) -> Any:
    return there.get(name) if isinstance(there, Mapping) else None


def _entry(there: Any, keys: Mapping[str, Any]) -> Any:
    """The entry of a list by its keys; a key that the entry leaves out is at its default, and no entry lacks all."""
    if not isinstance(there, Sequence) or isinstance(there, str):
        return None
    return next(
        (
            item
            for item in there
            if isinstance(item, Mapping) and all(item.get(key, value) == value for key, value in keys.items())
        ),
        None,
    )
