"""Reading a chart's `values.yaml` with its comments: what each value is, defaults to, and may be.

The comment lines directly above a key are its description. Among them a line `@schema {…}` (JSON) adds keywords of JSON
Schema to what the default shows. A mapping whose keys are listed takes no others, unless `additionalProperties` says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

_MARK = "@schema "


class ValuesError(Exception):
    """`values.yaml` cannot be read as described; the message has the line."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value. inner: those below it, if it is a mapping that takes no other keys."""

    path: tuple[str, ...]
    default: Any
    description: str
    keywords: Mapping[str, Any]
    inner: tuple[Value, ...]

    def leaves(self) -> Iterator[Value]:
        """The values that a user sets: itself, or those below it."""
        if self.inner:
            for value in self.inner:
                yield from value.leaves()
        else:
            yield self


def values(text: str) -> tuple[Value, ...]:
    """The values of a chart, in the file's order. Raises ValuesError."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise ValuesError("values.yaml: is no mapping")
    return _mapping(root, text.splitlines(), ())


def _mapping(node: yaml.MappingNode, lines: Sequence[str], path: tuple[str, ...]) -> tuple[Value, ...]:
    found = []
    for key, value in node.value:
        here = (*path, str(key.value))
        description, keywords = _comment(lines, key.start_mark.line)
        listed = isinstance(value, yaml.MappingNode) and value.value and not keywords.get("additionalProperties")
        inner = _mapping(value, lines, here) if listed else ()
        default = yaml.safe_load(yaml.serialize(value))
        if not (description or inner):
            raise ValuesError(f"values.yaml:{key.start_mark.line + 1}: {'.'.join(here)} has no description")
        found.append(Value(here, default, description, keywords, inner))
    return tuple(found)


def _comment(lines: Sequence[str], line: int) -> tuple[str, dict[str, Any]]:
    """The description and the keywords above a line."""
    words: list[str] = []
    keywords: dict[str, Any] = {}
    while line > 0 and (above := lines[line - 1].strip()).startswith("#"):
        line -= 1
        said = above.lstrip("#").strip()
        if said.startswith(_MARK):
            try:
                keywords |= json.loads(said.removeprefix(_MARK))
            except ValueError as error:
                raise ValuesError(f"values.yaml:{line + 1}: {_MARK}is not followed by JSON: {error}") from error
        else:
            words.insert(0, said)
    return " ".join(words), keywords
