"""Flow content as a document: reading it, its structure, and actions with typed access to their parts.

What is checked here holds for every action whatever its type (developer guide, "Flow language" and "Actions"): the
version, the start, identifiers, and transitions that lead to actions that exist. Wording follows what the service was
seen to answer; it says where in `Actions`, and nothing more.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VERSION = "2019-10-30"
MAX_CHARACTERS = 256_000
MAX_ACTIONS = 250
MAX_IDENTIFIER = 50

_FORBIDDEN_CHARACTERS = frozenset("%:(\\/)=$,;[]{}")
_FORBIDDEN_IDENTIFIERS = frozenset(
    {
        "__proto__",
        "constructor",
        "__defineGetter__",
        "__defineSetter__",
        "toString",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "valueOf",
    }
)
_DYNAMIC = re.compile(r"\$\.")


@dataclass(frozen=True, slots=True)
class Condition:
    """A branch on the result of an action."""

    operator: str
    operands: tuple[Any, ...]
    next_action: str


@dataclass(frozen=True, slots=True)
class Action:
    """One action, with its place in the document."""

    index: int
    identifier: str
    type: str
    parameters: Mapping[str, Any]
    next_action: str | None
    errors: tuple[tuple[str, str], ...]  # error type, next action
    conditions: tuple[Condition, ...]

    @property
    def path(self) -> str:
        """Where it is, as the service says it."""
        return f"Actions[{self.index}]"

    def at(self, parameter: str) -> str:
        """Where a parameter is."""
        return f"{self.path}.Parameters.{parameter}"


@dataclass(frozen=True, slots=True)
class Document:
    """Flow content that could be read, with what is wrong with its structure."""

    actions: tuple[Action, ...]
    settings: Any
    problems: tuple[str, ...]


def dynamic(value: object) -> bool:
    """Whether a parameter is read at run time (a JSONPath)."""
    return isinstance(value, str) and bool(_DYNAMIC.match(value))


def read(content: str) -> Document:
    """Read flow content. Never raises: what is wrong is in `problems`."""
    if len(content) > MAX_CHARACTERS:
        return _unreadable(f"Flow content is too long. Maximum length: {MAX_CHARACTERS}")
    try:
        document = json.loads(content)
    except ValueError:
        return _unreadable("Flow content is not valid JSON.")
    if not isinstance(document, dict):
        return _unreadable("Flow content is not a JSON object.")
    if "modules" in document and "Actions" not in document:
        return _unreadable("Flow content is not in the Flow language.")
    items = document.get("Actions")
    if not isinstance(items, list) or not items:
        return _unreadable("Missing required property. Path: Actions")
    actions, problems = _actions(items)
    problems = [*_envelope(document, actions), *problems, *_targets(actions)]
    return Document(tuple(actions), document.get("Settings"), tuple(problems))


def _unreadable(problem: str) -> Document:
    return Document((), None, (problem,))


def _envelope(document: Mapping[str, Any], actions: list[Action]) -> Iterator[str]:
    if document.get("Version") != VERSION:
        yield "Invalid property value. Path: Version"
    start = document.get("StartAction")
    if not start:
        yield "Missing required property. Path: StartAction"
    elif start not in {action.identifier for action in actions}:
        yield "Invalid property value. Path: StartAction"
    if len(document["Actions"]) > MAX_ACTIONS:
        yield f"Too many actions. Maximum number of actions: {MAX_ACTIONS}"


def _actions(items: list[Any]) -> tuple[list[Action], list[str]]:
    actions: list[Action] = []
    problems: list[str] = []
    seen: set[str] = set()
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            problems.append(f"Invalid action. Path: Actions[{index}]")
            continue
        problems.extend(_identity(index, item, seen))
        seen.add(str(item.get("Identifier")))
        problems.extend(_shape(index, item))
        actions.append(_action(index, item))
    return actions, problems


def _identity(index: int, item: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    identifier = item.get("Identifier")
    path = f"Actions[{index}].Identifier"
    if not isinstance(identifier, str) or not identifier:
        yield f"Action is missing required property. Path: {path}"
    elif identifier in seen:
        yield f"Duplicate action identifier. Path: {path}"
    elif (
        len(identifier) > MAX_IDENTIFIER
        or _FORBIDDEN_CHARACTERS & set(identifier)
        or identifier in _FORBIDDEN_IDENTIFIERS
    ):
        yield f"Invalid Action property value. Path: {path}"
    if not isinstance(item.get("Type"), str):
        yield f"Action is missing required property. Path: Actions[{index}].Type"


def _shape(index: int, item: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(item.get("Parameters", {}), dict):
        yield f"Invalid Action property value. Path: Actions[{index}].Parameters"
    transitions = item.get("Transitions", {})
    if not isinstance(transitions, dict):
        yield f"Invalid Action property value. Path: Actions[{index}].Transitions"
        return
    for name in ("Errors", "Conditions"):
        branches = transitions.get(name) or []
        if not isinstance(branches, list) or not all(isinstance(branch, dict) for branch in branches):
            yield f"Invalid Action property value. Path: Actions[{index}].Transitions.{name}"


def _action(index: int, item: Mapping[str, Any]) -> Action:
    """Read leniently: the shape has been judged already."""
    given = item.get("Transitions")
    transitions = given if isinstance(given, dict) else {}
    parameters = item.get("Parameters")
    following = transitions.get("NextAction")
    return Action(
        index=index,
        identifier=str(item.get("Identifier")),
        type=str(item.get("Type")),
        parameters=parameters if isinstance(parameters, dict) else {},
        next_action=following if isinstance(following, str) else None,
        errors=tuple((str(e.get("ErrorType")), str(e.get("NextAction"))) for e in _dicts(transitions.get("Errors"))),
        conditions=tuple(_condition(branch) for branch in _dicts(transitions.get("Conditions"))),
    )


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _condition(branch: Mapping[str, Any]) -> Condition:
    condition = branch.get("Condition")
    inner = condition if isinstance(condition, dict) else {}
    operands = inner.get("Operands")
    return Condition(
        operator=str(inner.get("Operator")),
        operands=tuple(operands) if isinstance(operands, list) else (),
        next_action=str(branch.get("NextAction")),
    )


def _targets(actions: list[Action]) -> Iterator[str]:
    """Every transition leads to an action of this flow."""
    known = {action.identifier for action in actions}
    for action in actions:
        path = f"{action.path}.Transitions"
        if action.next_action is not None and action.next_action not in known:
            yield f"Invalid Action property value. Path: {path}.NextAction"
        for position, (_, target) in enumerate(action.errors):
            if target not in known:
                yield f"Invalid Action property value. Path: {path}.Errors[{position}].NextAction"
        for position, condition in enumerate(action.conditions):
            if condition.next_action not in known:
                yield f"Invalid Action property value. Path: {path}.Conditions[{position}].NextAction"
