"""The JSON Schema of a chart's values (draft 7, which Helm 3 and 4 read): unknown keys are refused, `global` is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .values import Value

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),  # before int, of which it is a kind to Python
    (int, "integer"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def schema(values: Iterable[Value], title: str) -> str:
    """The file's text."""
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        **_object(values),
    }
    # Helm hands the parent's globals to every chart.
    document["properties"]["global"] = {"type": "object", "description": "Values of all charts; nothing is read here."}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _object(values: Iterable[Value]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {value.path[-1]: _value(value) for value in values},
    }


def _value(value: Value) -> dict[str, Any]:
    said = {"description": value.description} if value.description else {}
    if isinstance(value.default, dict):
        return {**said, **_object(value.inner), **value.keywords}
    # The default stands in values.yaml; here it would be a second source.
    return {**said, "type": _type(value), **value.keywords}


def _type(value: Value) -> str:
    for kind, name in _TYPES:
        if isinstance(value.default, kind):
            return name
    raise TypeError(f"{'.'.join(value.path)}: {value.default!r} is of no type that a value may have")
