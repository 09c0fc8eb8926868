"""Compares the schemas of definitions: what this version has, and what a cluster serves. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from trunkline.api.crd import cache_layer, contact_center, scaling_policy
from trunkline.api.managed import GROUP, VERSION
from trunkline.api.names import KINDS
from trunkline.doctor.facts import Definition, Difference

_NO_MEANING = frozenset({"description"})
_CHILDREN = ("properties", "items", "additionalProperties")
PLURALS = tuple(kind.plural for kind in KINDS)

Schema = Mapping[str, Any]


@cache
def own() -> Mapping[str, Schema]:
    """This version's schemas by plural."""
    found = {}
    for definition in (contact_center(), cache_layer(), scaling_policy()):
        plural = definition["metadata"]["name"].partition(".")[0]
        found[plural] = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def difference(plural: str, theirs: Schema) -> Difference:
    """Of a definition's schema from this version's, descriptions aside."""
    mine, other = dict(_fields(own()[plural])), dict(_fields(theirs))
    lacks = _topmost(set(mine) - set(other))
    more = _topmost(set(other) - set(mine))
    differ = tuple(sorted(path for path in mine.keys() & other.keys() if mine[path] != other[path]))
    return Difference(lacks, more, differ)


def published_difference(plural: str, theirs: Schema) -> Difference:
    """The same of a published OpenAPI schema, which has the same fields and says less of each."""
    mine, other = set(dict(_fields(own()[plural]))), set(dict(_fields(theirs)))
    known = {path for path in other if not path.startswith(("metadata.", "apiVersion", "kind"))}
    return Difference(_topmost(mine - other), _topmost(known - mine))


def definition(plural: str, body: Mapping[str, Any]) -> Definition:
    """From a CustomResourceDefinition's body."""
    spec, metadata = body.get("spec") or {}, body.get("metadata") or {}
    versions = {str(one.get("name")): one for one in spec.get("versions") or ()}
    conditions = {one.get("type"): one.get("status") for one in (body.get("status") or {}).get("conditions") or ()}
    ours = versions.get(VERSION) or {}
    schema = (ours.get("schema") or {}).get("openAPIV3Schema")
    return Definition(
        plural,
        served=tuple(name for name, one in versions.items() if one.get("served")),
        established=conditions.get("Established") == "True",
        conversion=str((spec.get("conversion") or {}).get("strategy") or "None"),
        annotations={str(key): str(value) for key, value in (metadata.get("annotations") or {}).items()},
        deleting="deletionTimestamp" in metadata,
        difference=difference(plural, schema) if schema else Difference(),
    )


def published(plural: str, openapi: Mapping[str, Any] | None) -> Definition:
    """From what the API server publishes of the group (`/openapi/v3/apis/...`), which anybody may read."""
    schemas = ((openapi or {}).get("components") or {}).get("schemas") or {}
    kind = next(known.kind for known in KINDS if known.plural == plural)
    theirs = schemas.get(f"{'.'.join(reversed(GROUP.split('.')))}.{VERSION}.{kind}")
    found = published_difference(plural, theirs) if theirs else Difference()
    return Definition(plural, (VERSION,), difference=found, published=True)


def _fields(schema: Schema, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field by its path, with what is said of it alone."""
    yield path, {key: value for key, value in schema.items() if key not in (*_CHILDREN, *_NO_MEANING)}
    for name, inner in (schema.get("properties") or {}).items():
        yield from _fields(inner, f"{path}.{name}" if path else name)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from _fields(schema[key], f"{path}[]")


def _topmost(paths: set[str]) -> tuple[str, ...]:
    """Without those that lie below another one."""
    found = [path for path in paths if not any(_below(path, other) for other in paths)]
    return tuple(sorted(found))


def _below(path: str, other: str) -> bool:
    return path != other and path.startswith((f"{other}.", f"{other}["))
