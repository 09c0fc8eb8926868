"""Requests against the constraints of the service's model: required members, length, pattern, enum, range.

SDKs check only what is required and the types; the services check everything, in these words (those of Coral, AWS's
own framework). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.model import Shape

from trunkline_sandbox.aws.patterns import compiled

MAXIMUM_SHOWN = 200  # characters of a value repeated in a message


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken constraint: the member's path, the value's text, what it must satisfy."""

    path: str
    value: str
    constraint: str
    missing: bool = False

    def __str__(self) -> str:
        shown = "null" if self.missing else f"'{self.value}'"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


def violations(shape: Shape | None, params: dict[str, Any]) -> list[Violation]:
    """Every constraint of the model that the members break."""
    return list(_structure(shape, params, "")) if shape is not None else []


def message(found: list[Violation]) -> str:
    """The text of the answer."""
    count = len(found)
    return f"{count} validation error{'s' if count > 1 else ''} detected: " + "; ".join(map(str, found))


def _lower(name: str) -> str:
    """Coral shows members with a small first letter."""
    return name[:1].lower() + name[1:]


def _check(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        yield from _length(shape, value, path)
        for index, item in enumerate(value, 1):
            yield from _check(shape.member, item, f"{path}.{index}.member")
    elif kind == "map":
        yield from _length(shape, value, path)
        for key, item in value.items():
            yield from _check(shape.key, key, f"{path}.key")
            yield from _check(shape.value, item, f"{path}.{key}.member")
    elif kind in ("string", "blob"):
        yield from _length(shape, value, path)
        if kind == "string":
            yield from _text(shape, value, path)
    elif kind in ("integer", "long", "float", "double"):
        yield from _range(shape, value, path)


def _structure(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict) or getattr(shape, "is_document_type", False):
        return
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield Violation(path or shape.name, str(sorted(value)), "Member must have exactly one of its alternatives set")
    for name in shape.required_members:
        if name not in value:
            yield Violation(_join(path, name), "", "Member must not be null", missing=True)
    members = shape.members
    for name, item in value.items():
        yield from _check(members[name], item, _join(path, name))


def _join(path: str, name: str) -> str:
    return f"{path}.{_lower(name)}" if path else _lower(name)


def _shown(shape: Shape, value: Any) -> str:
    if shape.metadata.get("sensitive"):
        return "*** Sensitive Data Redacted ***"
    text = f"[{len(value)} bytes]" if isinstance(value, bytes) else str(value)
    return text if len(text) <= MAXIMUM_SHOWN else text[:MAXIMUM_SHOWN] + "..."


def _length(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield Violation(path, _shown(shape, value), f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield Violation(path, _shown(shape, value), f"Member must have length less than or equal to {high}")


def _text(shape: Shape, value: str, path: str) -> Iterator[Violation]:
    choices = shape.metadata.get("enum")
    if choices and value not in choices:
        yield Violation(path, _shown(shape, value), f"Member must satisfy enum value set: [{', '.join(choices)}]")
    pattern = shape.metadata.get("pattern")
    if pattern:
        expression = compiled(pattern)
        if expression is not None and not expression.fullmatch(value):
            yield Violation(path, _shown(shape, value), f"Member must satisfy regular expression pattern: {pattern}")


def _range(shape: Shape, value: float, path: str) -> Iterator[Violation]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield Violation(path, _shown(shape, value), f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield Violation(path, _shown(shape, value), f"Member must have value less than or equal to {high}")
