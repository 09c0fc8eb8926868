"""What pydantic refuses, in the words of this project: where, what is wrong, what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from trunkline.api.common import EXAMPLE
from trunkline.api.counted import are, counted
from trunkline.api.paths import entry_path, path_to
from trunkline.api.problem import Problem, nearest
from trunkline.api.schema import at

MOST_SHOWN = 40
MOST_PATTERN = 130
"""Characters of a pattern that are worth reading. A longer one, such as that of cron, stays out where an example stands."""

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}


def problems_of(error: ValidationError, start: str, schema: Mapping[str, Any], written: object) -> tuple[Problem, ...]:
    """One problem per refused field. start, schema and written: of the value that was validated."""
    return tuple(
        Problem(
            path_to(start, schema, written, found["loc"]),
            *_refusal(str(found["type"]), found.get("input"), at(schema, found["loc"])),
        )
        for found in error.errors(include_url=False)
    )


def _refusal(kind: str, value: object, field: Mapping[str, Any]) -> tuple[str, str]:
    if kind == "missing":
        return "is required", f"write {_shape(field)}: {_first_sentence(field)}"
    if "enum" in field:
        choices = [str(choice) for choice in field["enum"]]
        close = nearest(str(value), choices)
        meant = f"; did you mean {close}?" if close else ""
        return f"{_shown(value)} is not one of the values", f"write {', '.join(choices)}{meant}"
    if kind == "string_too_long":  # what is so long may hold anything, a secret too: it is not repeated
        return f"text of {counted(len(str(value)), 'character')} is refused", f"write {_shape(field)}"
    if kind in {"string_pattern_mismatch", "string_too_short"}:
        return f"{_shown(value)} is refused", f"write {_shape(field)}"
    if kind.startswith(("greater_than", "less_than")):
        return f"{_shown(value)} is out of range", f"write {_shape(field)}"
    if kind in {"too_long", "too_short"}:
        size = len(value) if isinstance(value, Sequence | Mapping) else 0
        return f"{counted(size, 'entry', 'entries')} {are(size)} refused", f"write {_shape(field)}"
    return f"{_shown(value)} is {_kind_of(value)}", f"write {_shape(field)}"


def _shape(field: Mapping[str, Any]) -> str:
    """What a right value is, in a few words."""
    kind = field.get("type", "")
    if "enum" in field:
        return "one of " + ", ".join(str(choice) for choice in field["enum"])
    if kind == "integer" and "minimum" in field:
        return f"a whole number from {field['minimum']} to {field['maximum']}"
    if kind == "string":
        return _text_shape(field)
    if kind in {"array", "object"} and ("maxItems" in field or "maxProperties" in field):
        least, most = field.get("minItems", 0), field.get("maxItems", field.get("maxProperties"))
        return f"{_KINDS[kind]} of {least} to {most} entries"
    return _KINDS.get(kind, "a value of the right form")


def _text_shape(field: Mapping[str, Any]) -> str:
    least, most = field.get("minLength", 0), field.get("maxLength")
    length = f" of {least}" if least == most else f" of {least} to {most}"
    parts = [f"text{length} characters"]
    if "pattern" in field and (len(field["pattern"]) <= MOST_PATTERN or EXAMPLE not in field):
        parts.append(f"that matches {field['pattern']}")
    if EXAMPLE in field:
        parts.append(f"such as {field[EXAMPLE]}")
    return ", ".join(parts)


def _first_sentence(field: Mapping[str, Any]) -> str:
    return str(field.get("description", "")).split(". ")[0].rstrip(".")


def _shown(value: object) -> str:
    """A refused value, short and on one line."""
    if isinstance(value, Mapping | list | tuple):
        return "this"
    shown = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return shown if len(shown) <= MOST_SHOWN else shown[:MOST_SHOWN] + "…"


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false (in YAML also yes, no, on and off, unless quoted)"
    names = ((Mapping, "a mapping"), (list, "a list"), (str, "text"), (int, "a number"), (float, "a fraction"))
    return next((name for kind, name in names if isinstance(value, kind)), "of the wrong form")


def unknown_fields(written: object, schema: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Fields that the schema does not know, with the nearest name it knows. The API server would drop them."""
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return
    if isinstance(written, Mapping) and "additionalProperties" not in schema and schema.get("type") == "object":
        known = schema.get("properties", {})
        for field, value in written.items():
            if field in known:
                yield from unknown_fields(value, known[field], f"{path}.{field}")
            else:
                yield Problem(f"{path}.{field}", "is not a field of this kind", _meant(str(field), known))
    elif isinstance(written, list | tuple):
        for index, entry in enumerate(written):
            yield from unknown_fields(entry, schema.get("items", {}), entry_path(path, schema, index, entry))


def _meant(field: str, known: Mapping[str, Any]) -> str:
    close = nearest(field, known)
    return f"did you mean {close}?" if close else f"known here: {', '.join(known)}" if known else "drop it"
