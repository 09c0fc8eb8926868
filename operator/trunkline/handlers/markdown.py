"""A plan for the comment of a pull request: Markdown from the JSON value of `rendering.as_json`. Pure.

What comes from a spec or from AWS stands in code spans, so that no text of theirs becomes markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trunkline.handlers.rendering import shown

MOST_ROWS = 200  # a comment at GitHub holds 65,536 characters
_SIGNS = {"Add": "➕ add", "Change": "✏️ change", "Adopt": "🔗 adopt", "Unknown": "❓ cannot be said"}
_WAITS = "⏳ waits"
_LEAVING = {"Delete": "🗑️ delete", "Release": "left in AWS", "Keep": "kept", "Later": "kept for now"}

Value = Mapping[str, Any]


def as_markdown(values: Sequence[Value]) -> str:
    """One section for each object: `kind` and `name` beside what `as_json` says; or only `problems`."""
    return "\n".join(line for value in values for line in _section(value)) + "\n"


def _section(value: Value) -> Iterator[str]:
    yield f"### {value['kind']} {_code(value['name'])}"
    yield ""
    for problem in value["problems"]:
        yield f"- ❌ {_code(problem)}"
    if value["problems"]:
        yield ""
    if "summary" not in value:
        return
    rows = [*_rows(value)]
    counts = value["summary"]
    waiting = f", {counts['waiting']} waiting" if counts["waiting"] else ""
    yield (
        f"**{counts['add']} to add, {counts['change']} to change, {counts['delete']} to delete, "
        f"{counts['adopt']} to adopt{waiting}**"
    )
    yield ""
    if rows:
        yield "| | resource | what |"
        yield "|---|---|---|"
        yield from rows[:MOST_ROWS]
        if len(rows) > MOST_ROWS:
            yield f"| | | and {len(rows) - MOST_ROWS} more |"
        yield ""
    if value["confirm"]:
        waits = sum(step["waitsForConfirmation"] for item in value["resources"] for step in item["steps"])
        waits += sum(item["waitsForConfirmation"] for item in value["leaving"])
        yield f"> ⚠️ {waits} of these wait for a person: they destroy or interrupt, or are many deletes of one section."
        yield ""


def _rows(value: Value) -> Iterator[str]:
    for item in value["resources"]:
        sign = _SIGNS.get(item["effect"], "")
        if item["problem"]:
            yield _row(_SIGNS["Unknown"], item["key"], [_code(item["problem"])])
        elif item["steps"] or item["effect"] == "Adopt":
            only = ["only observed: not changed"] if item["onlyObserved"] else []
            yield _row(sign, item["key"], [*only, *(text for step in item["steps"] for text in _step(step))])
        elif item["waitsFor"]:
            yield _row(_WAITS, item["key"], [_code(item["waitsFor"])])
    for item in value["leaving"]:
        mark = "⚠️ " if item["waitsForConfirmation"] else ""
        yield _row(f"{mark}{_LEAVING[item['action']]}", item["key"], [_code(item["reason"])])


def _step(step: Value) -> Iterator[str]:
    mark = "⚠️ " if step["waitsForConfirmation"] else ""
    changes = [change for change in step["changes"] if change["path"]]
    if step["interrupts"] or not changes:
        yield f"{mark}{step['operation']}: {_code(step['interrupts'] or step['reason'])}"
    for change in changes:
        yield f"{mark}{_code(change['path'])}: {_code(shown(change['old']))} → {_code(shown(change['new']))}"


def _row(sign: str, key: str, texts: Sequence[str]) -> str:
    return f"| {sign} | {_code(key)} | {'<br>'.join(texts)} |"


def _code(text: object) -> str:
    """As a code span: a fence longer than any inside, and no cell's end."""
    plain = " ".join(str(text).split()).replace("|", "\\|")
    fence = "`"
    while fence in plain:
        fence += "`"
    return f"{fence} {plain} {fence}" if "`" in plain else f"{fence}{plain}{fence}"
