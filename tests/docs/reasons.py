"""Every reason that the code can give: of a condition, of a line of `status.resources`, of an Event.

Read off the source: reasons stand where conditions, node results and notes are made, and nowhere else. A place whose
reason is computed in a way that is not understood here is told, so that none slips through.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "operator" / "trunkline"
PARTS = frozenset({"aws", "blueprints", "drivers", "engine", "handlers", "runtime"})
"""Where they are made; the rest of the package reads them, or knows none."""
MAKERS: Mapping[str, tuple[int, str]] = {
    "Condition": (2, "reason"),
    "NodeResult": (4, "reason"),
    "_result": (2, "reason"),  # those of apply and removal
    "Note": (1, "reason"),
    "_listed": (1, "reason"),  # that of a policy's Events
    "Refusal": (3, "code"),
}
"""Of each function: where the reason stands, by position and by name."""
REASON = re.compile(r"[A-Z][A-Za-z0-9]+")


@dataclass(slots=True)
class Found:
    """reasons: with a place that gives it. unknown: places whose reason is not a word in the same function."""

    reasons: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


@functools.cache
def found() -> Found:
    """All of the operator's."""
    all_of_them = Found()
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).parts[0] in PARTS:
            text = path.read_text()
            if any(f"{name}(" in text for name in MAKERS):
                _Reader(path, text, all_of_them).read()
    return all_of_them


class _Reader:
    def __init__(self, path: Path, text: str, into: Found) -> None:
        self._name = str(path.relative_to(PACKAGE))
        self._tree = ast.parse(text)
        self._into = into
        self._constants = dict(_assigned(self._tree.body))

    def read(self) -> None:
        for function in ast.walk(self._tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
                local = {} if isinstance(function, ast.Module) else _all_assigned(function)
                for node in _own(function):
                    if isinstance(node, ast.Call) and (reason := _reason(node)) is not None:
                        self._take(reason, local)

    def _take(self, value: ast.expr, local: Mapping[str, list[ast.expr]]) -> None:
        place = f"{self._name}: {ast.unparse(value)}"
        for word in self._words(value, local, place):
            if REASON.fullmatch(word):
                self._into.reasons.setdefault(word, place)

    def _words(self, value: ast.expr, local: Mapping[str, list[ast.expr]], place: str) -> Iterator[str]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, ast.IfExp):
            yield from self._words(value.body, local, place)
            yield from self._words(value.orelse, local, place)
        elif isinstance(value, ast.BoolOp):
            for part in value.values:
                yield from self._words(part, local, place)
        elif (name := _subscripted(value)) in self._constants:
            yield from (str(part.value) for part in ast.walk(self._constants[name]) if isinstance(part, ast.Constant))
        elif isinstance(value, ast.Name) and value.id in local:
            for assigned in local[value.id]:
                yield from self._words(assigned, {k: v for k, v in local.items() if k != value.id}, place)
        elif isinstance(value, ast.Name) and value.id in self._constants:
            yield from self._words(self._constants[value.id], {}, place)
        else:
            self._into.unknown[place] = ast.unparse(value)


def _reason(call: ast.Call) -> ast.expr | None:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in MAKERS or any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    position, keyword = MAKERS[name]
    given = next((item.value for item in call.keywords if item.arg == keyword), None)
    return given if given is not None or len(call.args) <= position else call.args[position]


def _subscripted(value: ast.expr) -> str:
    """The name of the table of which a member is taken."""
    while isinstance(value, ast.Subscript):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Its nodes, without those of functions in it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own(child)


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            yield statement.target.id, statement.value


def _all_assigned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, list[ast.expr]]:
    every: dict[str, list[ast.expr]] = {}
    for node in _own(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _pairs(target, node.value):
                    every.setdefault(name, []).append(value)
    return every


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, part in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, part)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
        yield from _pairs(target, value.body)
        yield from _pairs(target, value.orelse)
