"""The structural schema of a model: pydantic's JSON schema with references inlined and optional fields folded.

Source of the CRD, of the API reference and of what messages about bad values say. `EXAMPLE` keys are still in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

_DROPPED = {"title", "$defs"}


class SchemaError(Exception):
    """A model says something that a structural schema cannot say."""


@cache
def structural(model: type[BaseModel]) -> Mapping[str, Any]:
    """The schema of a model by its names in YAML. Raises SchemaError with the path of what cannot be said."""
    whole = model.model_json_schema(by_alias=True, mode="validation")
    return _folded(whole, whole.get("$defs", {}), "")


def _folded(schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str) -> dict[str, Any]:
    merged = _inlined(schema, definitions, path)
    if "const" in merged:
        merged["enum"] = [merged.pop("const")]
    if merged.get("default", 0) is None or merged.get("type") == "array":
        merged.pop("default", None)
    for field, inner in list(merged.get("properties", {}).items()):
        merged["properties"][field] = _folded(inner, definitions, f"{path}.{field}")
    for key in ("items", "additionalProperties"):
        if isinstance(merged.get(key), Mapping):
            merged[key] = _folded(merged[key], definitions, f"{path}[]")
    return {key: _plain(value) for key, value in merged.items() if key not in _DROPPED}


def _inlined(schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Follows `$ref` and `anyOf: [X, null]`; what is said beside them goes first."""
    beside = {key: value for key, value in schema.items() if key not in {"$ref", "anyOf"}}
    if "$ref" in schema:
        inner = _inlined(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions, path)
    elif "anyOf" in schema:
        forms = [form for form in schema["anyOf"] if form.get("type") != "null"]
        if len(forms) != 1:
            raise SchemaError(
                f"{path}: {len(forms)} forms; a structural schema has one: write a struct of optional members"
            )
        inner = _inlined(forms[0], definitions, path)
    else:
        inner = {}
    merged = {**inner, **beside}
    if "properties" in merged:
        merged["properties"] = dict(merged["properties"])
    return merged


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def at(schema: Mapping[str, Any], path: tuple[str | int, ...]) -> Mapping[str, Any]:
    """The schema of what is at a path of field names and indexes; empty where the schema says nothing."""
    for step in path:
        if isinstance(step, int):
            schema = schema.get("items", {})
        else:
            properties = schema.get("properties", {})
            inner = properties.get(step, schema.get("additionalProperties", {}))
            schema = inner if isinstance(inner, Mapping) else {}
    return schema
