"""The difference between two flow contents, action by action.

Actions are matched by Identifier. Empty exactly if `same` says that nothing counts; each change is one line that a
person reads in a plan, never two whole flows. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.engine.plan import Change
from trunkline.flows.canonical import Content, canonical_text, meaning

_WIDTH = 80
_BEFORE = 20
_ABSENT = object()


def diff(old: Content, new: Content) -> tuple[Change, ...]:
    """What changes from old to new: actions added and removed, parameters and transitions changed, by their paths."""
    before, after = meaning(old), meaning(new)
    if canonical_text(before) == canonical_text(after):
        return ()
    if not isinstance(before, dict) or not isinstance(after, dict):
        return (_change("content", before, after),)
    return tuple(_document(before, after)) or (Change("content", "as before", "in another form"),)


def _document(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    yield from _values("", _without(old, "Actions"), _without(new, "Actions"))
    before, after = _by_identifier(old), _by_identifier(new)
    for name in dict.fromkeys((*before, *after)):
        path = f"Actions[{name}]"
        if name not in after:
            yield Change(path, summary(before[name]), None)
        elif name not in before:
            yield Change(path, None, summary(after[name]))
        elif isinstance(before[name], dict) and isinstance(after[name], dict):
            yield from _action(path, before[name], after[name])
        else:
            yield from _values(path, before[name], after[name])


def _action(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    yield from _values(path, _without(old, "Transitions"), _without(new, "Transitions"))
    yield from _transitions(f"{path}.Transitions", old.get("Transitions", {}), new.get("Transitions", {}))


def _transitions(path: str, old: Any, new: Any) -> Iterator[Change]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield from _values(path, old, new)
        return
    yield from _values(path, _without(old, "Errors", "Conditions"), _without(new, "Errors", "Conditions"))
    yield from _branches(f"{path}.Errors", old.get("Errors", []), new.get("Errors", []), _error_name)
    yield from _branches(f"{path}.Conditions", old.get("Conditions", []), new.get("Conditions", []), _condition_name)


def _branches(path: str, old: Any, new: Any, name_of: Any) -> Iterator[Change]:
    if not isinstance(old, list) or not isinstance(new, list):
        yield from _values(path, old, new)
        return
    before, after = _named(old, name_of), _named(new, name_of)
    for name in dict.fromkeys((*before, *after)):
        yield from _values(f"{path}[{name}]", _target(before.get(name, _ABSENT)), _target(after.get(name, _ABSENT)))
    stay_before = [name for name in before if name in after]
    stay_after = [name for name in after if name in before]
    if stay_before != stay_after:
        yield Change(path, _cut(", ".join(stay_before)), _cut(", ".join(stay_after)))


def _values(path: str, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            inner = f"{path}.{key}" if path else key
            yield from _values(inner, old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _values(f"{path}[{index}]", one, other)
    elif not _equal(old, new):
        yield _change(path, old, new)


def _equal(old: Any, new: Any) -> bool:
    if old is _ABSENT or new is _ABSENT:
        return old is new
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def summary(action: Any) -> str:
    """An action in a few words: its type and what tells it from others."""
    if not isinstance(action, dict):
        return _cut(_text(action))
    parameters = action.get("Parameters", {})
    told = f" {_text(parameters)}" if parameters else ""
    return _cut(f"{action.get('Type', 'action')}{told}")


def _change(path: str, old: Any, new: Any) -> Change:
    """Long texts are cut to where they begin to differ, so that a change never reads as none."""
    if old is _ABSENT or new is _ABSENT:
        return Change(path, _shown(old), _shown(new))
    one, other = _text(old), _text(new)
    if one == other:
        one, other = json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False)
    if max(len(one), len(other)) <= _WIDTH:
        return Change(path, one, other)
    pairs = enumerate(zip(one, other, strict=False))
    differs = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = max(0, differs - _BEFORE)
    return Change(path, _cut(one, start), _cut(other, start))


def _cut(text: str, start: int = 0) -> str:
    shown = text[start : start + _WIDTH]
    return f"{'…' if start else ''}{shown}{'…' if start + _WIDTH < len(text) else ''}"


def _shown(value: Any) -> str | None:
    return None if value is _ABSENT else _cut(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _without(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key not in keys}


def _by_identifier(document: Mapping[str, Any]) -> dict[str, Any]:
    actions = document.get("Actions", [])
    return _named(actions if isinstance(actions, list) else [actions], _identifier)


def _named(items: list[Any], name_of: Any) -> dict[str, Any]:
    """Items by name; one that repeats gets its ordinal."""
    named: dict[str, Any] = {}
    for item in items:
        name = base = str(name_of(item))
        ordinal = 1
        while name in named:
            ordinal += 1
            name = f"{base} #{ordinal}"
        named[name] = item
    return named


def _identifier(action: Any) -> str:
    return str(action.get("Identifier", "?")) if isinstance(action, dict) else "?"


def _error_name(branch: Any) -> str:
    return str(branch.get("ErrorType", "?")) if isinstance(branch, dict) else "?"


def _condition_name(branch: Any) -> str:
    condition = branch.get("Condition") if isinstance(branch, dict) else None
    if not isinstance(condition, dict) or not isinstance(condition.get("Operands"), list):
        return "?"
    return " ".join((str(condition.get("Operator", "?")), *(_text(operand) for operand in condition["Operands"])))


def _target(branch: Any) -> Any:
    """Where a branch leads; the whole branch if it holds more than usual."""
    usual = {"NextAction", "ErrorType", "Condition"}
    if isinstance(branch, dict) and branch.keys() <= usual and isinstance(branch.get("NextAction"), str):
        return branch["NextAction"]
    return branch
