"""Field paths for people: `spec.queues[name=sales].hours`. Entries of keyed lists are named by their key, not counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trunkline.api.schema import at


def entry_path(path: str, schema: Mapping[str, Any], index: int, entry: object) -> str:
    """The path of one entry of a list; schema is that of the list, entry what was written."""
    keys = schema.get("x-kubernetes-list-map-keys", ())
    if keys and isinstance(entry, Mapping) and all(isinstance(entry.get(key), str) for key in keys):
        return f"{path}[{','.join(f'{key}={entry[key]}' for key in keys)}]"
    return f"{path}[{index}]"


def path_to(start: str, schema: Mapping[str, Any], written: object, steps: Iterable[str | int]) -> str:
    """The path to what `steps` lead to, from `start`; written is the value at `start`, schema its schema."""
    path, value = start, written
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list | tuple) and step < len(value) else None
            path = entry_path(path, schema, step, value)
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
            path = f"{path}.{step}"
        schema = at(schema, (step,))
    return path
