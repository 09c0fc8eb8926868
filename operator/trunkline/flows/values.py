"""Reading single values out of parameters, which are text, numbers or references at run time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.flows.document import Action
from trunkline.flows.findings import bad_value
from trunkline.flows.problem import Problem

_INTEGER = re.compile(r"-?\d{1,19}")


def inner(value: Any, key: str) -> Mapping[str, Any]:
    """The object under a key; an empty one if there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def among(value: Any, words: frozenset[str]) -> bool:
    """Whether a value, which may be anything, is one of some words."""
    return isinstance(value, str) and value in words


def integer(value: Any) -> int | None:
    """A static whole number, as text or as a number; None if it is something else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def dynamic(value: Any) -> bool:
    """Whether a value is a JSONPath, known only when the flow runs."""
    return isinstance(value, str) and value.startswith("$")


def within(action: Action, name: str, least: int, most: int, *, static: bool = False) -> Iterator[Problem]:
    """A parameter that is a whole number between two bounds; or a JSONPath, unless it has to be static."""
    value = action.parameters.get(name)
    if value is None or (not static and dynamic(value)):
        return
    number = integer(value)
    if number is None or not least <= number <= most:
        yield bad_value(action, f"Parameters.{name}", f"write a whole number from {least} to {most:,}")
