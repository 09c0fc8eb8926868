"""`trunkline capacity NAME`: what the operator decided for a live ScalingPolicy: calls, levers, needs, limits, costs. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.api.names import CONTACT_CENTER
from trunkline.kubectl.advice import advice
from trunkline.kubectl.seen import Seen, Value, entries, mapping
from trunkline.kubectl.status_text import summary
from trunkline.kubectl.terminal import Color, Terminal, table
from trunkline.kubectl.times import at

_INDENT = "  "
_RIGHT = {
    "levers": frozenset({2, 3, 4, 5}),
    "layers": frozenset({2, 3, 4}),
}


def capacity_text(of: Seen, terminal: Terminal) -> Iterator[str]:
    """The lines."""
    state, color = summary(of)
    target = mapping(of.spec, "targetRef").get("name", "")
    title = f"{of.kind.kind} {of.namespace}/{of.name}, {of.spec.get('mode', '')} for {CONTACT_CENTER.short}/{target}: "
    if len(title) + len(state) <= terminal.columns:
        yield terminal.paint(title, Color.BOLD) + terminal.paint(state, color)
    else:
        yield from terminal.wrapped(title + state, "", _INDENT)
    parts = (
        ("calls", list(_calls(of, terminal))),
        ("levers", list(_levers(of, terminal))),
        ("needs at the peak of the next two days", list(_layers(of, terminal))),
        ("limits", list(_limits(of, terminal))),
        ("what people have to do", list(_tasks(of, terminal))),
        ("costs", list(_cost(of, terminal))),
        ("next", [line for item in advice(of) for line in _advised(item.text, item.command, terminal)]),
    )
    for heading, lines in parts:
        if lines:
            yield ""
            yield terminal.paint(heading, Color.BOLD)
            yield from lines


def _calls(of: Seen, terminal: Terminal) -> Iterator[str]:
    demand = mapping(of.status, "demand")
    said = (
        ("now {} at the same time", "concurrentCalls"),
        ("{} an hour", "callsPerHour"),
        ("forecast {} an hour", "forecastCallsPerHour"),
        ("planned for {} an hour", "coverCallsPerHour"),
    )
    text = ", ".join(form.format(_number(demand.get(name))) for form, name in said if demand.get(name) is not None)
    if text:
        yield from terminal.wrapped(text, _INDENT)
    if demand.get("peakCallsPerHour") is not None:
        when = f" at {at(str(demand['peakAt']))}" if demand.get("peakAt") else ""
        yield from terminal.wrapped(f"peak of the next two days {_number(demand['peakCallsPerHour'])}{when}", _INDENT)
    for one in entries(demand, "sources"):
        calls = f" {_number(one['concurrentCalls'])}" if one.get("concurrentCalls") is not None else ""
        why = f": {one['message']}" if one.get("message") else ""
        yield from terminal.wrapped(f"{one.get('name')}: {one.get('state')}{calls}{why}", _INDENT, _INDENT * 2)


def _levers(of: Seen, terminal: Terminal) -> Iterator[str]:
    found = entries(of.status, "levers")
    if not found:
        return
    rows: list[tuple[str, ...]] = [("LEVER", "FIELD", "CURRENT", "DESIRED", "NEEDED", "LIMIT", "REASON")]
    for one in found:
        figures = [_number(one.get(name)) for name in ("current", "desired", "needed", "limit")]
        rows.append((_text(one, "name"), _text(one, "field"), *figures, _text(one, "reason")))
    lines = _fitted(rows, _RIGHT["levers"], terminal)
    yield lines[0]
    for line, one in zip(lines[1:], found, strict=True):
        yield line
        change = mapping(one, "nextChange")
        after = f"then {_number(change.get('value'))} at {at(_text(change, 'at'))}" if change else ""
        yield from terminal.wrapped("; ".join(part for part in (_text(one, "message"), after) if part), _INDENT * 2)


def _layers(of: Seen, terminal: Terminal) -> Iterator[str]:
    found = entries(of.status, "layers")
    if not found:
        return
    binding = of.status.get("bindingLayer")
    rows: list[tuple[str, ...]] = [("LAYER", "OF", "NEED", "HAVE", "LIMIT", "UNIT")]
    for one in found:
        mark = " *" if one.get("layer") == binding else ""
        figures = [_number(one.get(name)) for name in ("need", "have", "limit")]
        rows.append((f"{_text(one, 'layer')}{mark}", _text(one, "resource"), *figures, _text(one, "unit")))
    yield from _fitted(rows, _RIGHT["layers"], terminal)
    if binding:
        yield from terminal.wrapped(f"* growth reaches {binding} first", _INDENT)


def _limits(of: Seen, terminal: Terminal) -> Iterator[str]:
    for type_ in ("ScalingLimited", "QuotaLimited", "CapacityAtRisk", "BudgetExceeded"):
        condition = of.condition(type_)
        if condition is not None and condition.status != "False":
            yield from terminal.wrapped(f"{type_}: {condition.message}", _INDENT, _INDENT * 2)
    for one in entries(of.status, "breaches"):
        days = [f"{name} {one[name]}" for name in ("earliest", "expected", "latest") if one.get(name)]
        ask = f"; ask for more by {one['requestBy']}" if one.get("requestBy") else ""
        why = f": {one['message']}" if one.get("message") else ""
        passed = ", ".join(days) or "no day is known"
        yield from terminal.wrapped(f"{_text(one, 'limit')} is passed: {passed}{ask}{why}", _INDENT, _INDENT * 2)
    for one in entries(of.status, "shared"):
        others = ", ".join(str(name) for name in one.get("with") or ())
        text = (
            f"{_text(one, 'limit')} is shared{f' with {others}' if others else ''}: wants {_number(one.get('wanted'))}"
        )
        why = f"; {one['message']}" if one.get("message") else ""
        yield from terminal.wrapped(f"{text}, gets {_number(one.get('granted'))}{why}", _INDENT, _INDENT * 2)


def _tasks(of: Seen, terminal: Terminal) -> Iterator[str]:
    for tier in entries(of.status, "tiers"):
        since = f" since {at(_text(tier, 'since'))}" if tier.get("since") else ""
        yield from terminal.wrapped(f"tier {_text(tier, 'name')} holds{since}", _INDENT)
        for task in tier.get("tasks") or ():
            yield from terminal.wrapped(str(task), _INDENT * 2)
    for warning in of.status.get("warnings") or ():
        yield from terminal.wrapped(str(warning), _INDENT, _INDENT * 2)


def _cost(of: Seen, terminal: Terminal) -> Iterator[str]:
    cost = mapping(of.status, "cost")
    if not cost:
        return
    names = ("lowUSDPerMonth", "expectedUSDPerMonth", "highUSDPerMonth")
    low, expected, high = (_number(cost.get(name)) for name in names)
    text = f"levers {_number(cost.get('leversUSDPerMonth'))} USD a month; all services {expected} ({low} to {high})"
    dated = f", prices of {cost['priceDate']}" if cost.get("priceDate") else ""
    yield from terminal.wrapped(text + dated, _INDENT, _INDENT * 2)


def _fitted(rows: list[tuple[str, ...]], right: frozenset[int], terminal: Terminal) -> list[str]:
    """A table that fits: the names in the first columns are cut, then the last column is left out."""
    lines = table(rows, right)
    over = max(len(line) for line in lines) + len(_INDENT) - terminal.columns
    if over > 0:
        width = max(12, max(len(row[0]) for row in rows) - over)
        rows = [(terminal.clipped(row[0], width), *row[1:]) for row in rows]
        lines = table(rows, right)
    if max(len(line) for line in lines) + len(_INDENT) > terminal.columns:
        width = max(12, max(len(row[1]) for row in rows) - over)
        rows = [(row[0], terminal.clipped(row[1], width), *row[2:-1]) for row in rows]
        lines = table(rows, right)
    return [f"{_INDENT}{line}" for line in lines]


def _advised(text: str, command: str, terminal: Terminal) -> Iterator[str]:
    if text:
        yield from terminal.wrapped(text, _INDENT)
    if command:
        yield from terminal.command(command, _INDENT * 2)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "-"


def _text(value: Value, name: str) -> str:
    return str(value.get(name) or "")
