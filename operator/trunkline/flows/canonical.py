"""What counts when two flow contents are compared, and what does not.

Layout (Metadata), whitespace, the order of keys, of actions and of error branches, the form of numbers and the
difference between absent and empty Parameters, Errors and Conditions change nothing of what a caller hears; the order
of conditions does. Pure; content that is no flow at all compares as the text that it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Content = str | Mapping[str, Any]


def canonical(content: Content) -> str:
    """One text for all contents that mean the same; ASCII, compact. Text that is not JSON comes back as it is."""
    return canonical_text(meaning(content))


def canonical_text(value: Any) -> str:
    """The canonical form of what `meaning` gave."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), sort_keys=True)


def same(one: Content, other: Content) -> bool:
    """Whether a caller hears the same."""
    if isinstance(one, str) and one == other:  # what AWS answers is nearly always what was sent
        return True
    return canonical(one) == canonical(other)


def meaning(content: Content) -> Any:
    """The content as plain values without what does not count; text if it is not a JSON object."""
    value = _read(content) if isinstance(content, str) else _normal(content)
    if not isinstance(value, dict):
        return content
    value.pop("Metadata", None)
    if isinstance(value.get("Actions"), list):
        value["Actions"] = sorted(map(_action, value["Actions"]), key=_identifier)
    return value


def _read(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_float=_number)
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float | int:
    return _whole(float(text))


def _whole(number: float) -> float | int:
    return int(number) if number.is_integer() else number


def _normal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _normal(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(inner) for inner in value]
    return _whole(value) if isinstance(value, float) else value


def _action(action: Any) -> Any:
    if not isinstance(action, dict):
        return action
    if action.get("Parameters") == {}:
        del action["Parameters"]
    transitions = action.get("Transitions")
    if not isinstance(transitions, dict):
        return action
    for key in ("Errors", "Conditions"):
        if transitions.get(key) == []:
            del transitions[key]
    if isinstance(transitions.get("Errors"), list):
        transitions["Errors"].sort(key=_error_type)
    if not transitions:
        del action["Transitions"]
    return action


def _identifier(action: Any) -> str:
    return str(action.get("Identifier", "")) if isinstance(action, dict) else ""


def _error_type(branch: Any) -> str:
    return str(branch.get("ErrorType", "")) if isinstance(branch, dict) else ""
