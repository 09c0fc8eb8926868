"""`trunkline list`: one line an object, and `trunkline events`: one an Event. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from trunkline.kubectl.seen import Seen, Value, mapping
from trunkline.kubectl.status_text import state
from trunkline.kubectl.terminal import Color, Terminal, plain, table
from trunkline.kubectl.times import ago

_MESSAGE_COLUMNS = 16  # with fewer left, no message is shown
_NAME_COLUMNS = 40
_HEADINGS = ("NAMESPACE", "NAME", "STATE", "READY", "AGE")


def list_text(found: Sequence[Seen], terminal: Terminal, now: datetime, *, namespaces: bool) -> Iterator[str]:
    """The lines. namespaces: whether to show them."""
    states = [state(one) for one in found]
    rows = _rows(found, [word for word, _ in states], now)
    if not namespaces:
        rows = [row[1:] for row in rows]
    lines = table(rows, frozenset({len(rows[0]) - 1}))
    if any(len(line) > terminal.columns for line in lines):  # a whole name is worth more than the place of a message
        limits = (_NAME_COLUMNS // 2, _NAME_COLUMNS)[0 if namespaces else 1 :]
        rows = [(*map(terminal.clipped, row, limits), *row[len(limits) :]) for row in rows]
        lines = table(rows, frozenset({len(rows[0]) - 1}))
    if any(len(line) > terminal.columns for line in lines):
        rows = [row[:-2] for row in rows]
        lines = table(rows)
    width = max(len(line) for line in lines)
    left = terminal.columns - width - 2
    yield terminal.paint(lines[0] + (f"{'':{width - len(lines[0]) + 2}}MESSAGE" if _shown(left) else ""), Color.BOLD)
    for line, one, (word, color) in zip(lines[1:], found, states, strict=True):
        ready = one.condition("Ready")
        message = plain(ready.message) if ready is not None and not one.holds("Ready") else ""
        cut = message if len(message) <= left else message[: max(0, left - 1)] + ("…" if terminal.lines else "~")
        text = f"{line:{width}}  {cut}".rstrip() if _shown(left) else line
        yield text.replace(word, terminal.paint(word, color), 1) if terminal.colors else text


def _rows(found: Sequence[Seen], states: Sequence[str], now: datetime) -> list[tuple[str, ...]]:
    return [
        _HEADINGS,
        *(
            (one.namespace, one.short, word, _counted(one), ago(one.created, now))
            for one, word in zip(found, states, strict=True)
        ),
    ]


def _shown(left: int) -> bool:
    return left >= _MESSAGE_COLUMNS


def _counted(one: Seen) -> str:
    counts = mapping(one.status, "summary")
    return f"{counts.get('ready', 0)}/{counts['resources']}" if "resources" in counts else ""


def events_text(events: Iterable[Value], terminal: Terminal, now: datetime) -> Iterator[str]:
    """The lines, the newest last: a terminal shows the end."""
    ordered = sorted(events, key=when)
    for event in ordered:
        warning = event.get("type") == "Warning"
        count = event.get("count")
        times = f" ({count} times)" if isinstance(count, int) and count > 1 else ""
        first = f"{ago(when(event), now):>4}  {event.get('reason', '')}{times}"
        yield terminal.paint(first, Color.RED) if warning else first
        yield from terminal.wrapped(str(event.get("message", "")), " " * 6)


def when(event: Value) -> str:
    """When it was last seen, as the API server writes it: of events.k8s.io other members say so."""
    series = mapping(event, "series")
    named = (event.get("lastTimestamp"), series.get("lastObservedTime"), event.get("eventTime"))
    return str(next((time for time in named if time), mapping(event, "metadata").get("creationTimestamp", "")))
