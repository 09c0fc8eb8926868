"""Flow content as a value: the parts of a flow, and its JSON text. Knows no action type and resolves no reference.

https://docs.aws.amazon.com/connect/latest/APIReference/flow-language-actions.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

VERSION = "2019-10-30"
MAX_ACTIONS = 250
MAX_CHARACTERS = 256_000
MAX_IDENTIFIER = 50


class Kind(StrEnum):
    """What the content is of; only the words of messages depend on it."""

    FLOW = "flow"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class ErrorBranch:
    """Where to go when an error of that type occurs. index: its place in Transitions.Errors."""

    index: int
    error_type: str
    target: str


@dataclass(frozen=True, slots=True)
class ConditionBranch:
    """Where to go when the action's result compares so. index: its place in Transitions.Conditions."""

    index: int
    operator: str
    operands: tuple[Any, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Action:
    """One action. index: its place in Actions. raw: the action as written, with all its keys."""

    index: int
    identifier: str
    type: str
    parameters: Mapping[str, Any]
    next: str | None
    errors: tuple[ErrorBranch, ...]
    conditions: tuple[ConditionBranch, ...]
    raw: Mapping[str, Any]

    @property
    def service_path(self) -> str:
        """The action as the service names it: by its place alone."""
        return f"Actions[{self.index}]"

    def at(self, inner: str = "") -> str:
        """A place in the action as we name it: by its place and its Identifier."""
        return action_path(self.index, self.identifier, inner)

    @property
    def targets(self) -> tuple[str, ...]:
        """Identifiers of all actions that may come next."""
        first = () if self.next is None else (self.next,)
        errors = tuple(branch.target for branch in self.errors)
        return (*first, *errors, *(branch.target for branch in self.conditions))


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow or module that is sound in structure. document: all of it, as written; never changed in place."""

    kind: Kind
    start: str
    actions: tuple[Action, ...]
    settings: Mapping[str, Any] | None
    document: Mapping[str, Any]


def render(document: Mapping[str, Any]) -> str:
    """Compact JSON text, as it is sent."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)


def action_path(index: int, identifier: object, inner: str = "") -> str:
    """`Actions[3](Identifier "greet").Parameters.Text`; without the Identifier if it has none."""
    name = f'(Identifier "{identifier}")' if isinstance(identifier, str) and identifier else ""
    return f"Actions[{index}]{name}{'.' + inner if inner else ''}"


def load(text: str) -> Any:
    """JSON text as a value. Raises ValueError, with the position where there is one."""
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f'the key "{twice}" stands twice in one object')
    return value


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
