"""A day as SVG: calls at the same time with their band and the quota, agents needed and given. Pure; no fonts, no scripts.

Up to each line's own highest value a panel is drawn to scale; a limit far above it is written instead of drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor, log10
from xml.sax.saxutils import escape

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 960, 220, 70, 20, 46, 54
FAR = 3.0  # times the rest, from which on a limit is only written
TICKS = 4
INK, DEMAND, BAND, CAPACITY, LIMIT = "#333", "#1f5fa8", "#bcd3ec", "#2e8b57", "#c0392b"


@dataclass(frozen=True, slots=True)
class Panel:
    """Values per half hour: demand with the top of its band, the capacity that is there (None unknown), and the limit."""

    title: str
    demand: Sequence[float]
    high: Sequence[float]
    capacity: Sequence[float] | None = None
    limit: float | None = None


def draw(title: str, starts: Sequence[datetime], panels: Sequence[Panel]) -> str:
    """The drawing as text."""
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        _text(LEFT, 20, title, weight="bold", size=15),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, starts, TOP + number * (PANEL + GAP))
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, starts: Sequence[datetime], top: float) -> list[str]:
    shown = [*panel.demand, *panel.high, *(panel.capacity or ()), 1.0]
    near = panel.limit is not None and panel.limit <= FAR * max(shown)
    most = 1.08 * max([*shown, *([panel.limit] if near and panel.limit is not None else [])])
    frame = _Frame(len(starts), most, top)
    parts = [_text(LEFT, top + 12, panel.title, weight="bold")]
    for value in _ticks(most):
        parts.append(_line(LEFT, frame.y(value), WIDTH - RIGHT, "#e4e4e4"))
        parts.append(_text(LEFT - 6, frame.y(value) + 4, f"{value:,g}", anchor="end"))
    for index, start in enumerate(starts):
        if start.minute == 0 and start.hour % 3 == 0:
            parts.append(_text(frame.x(index), frame.y(0) + 16, f"{start:%H:%M}", anchor="middle"))
    parts.append(_area(frame, panel.demand, panel.high))
    parts.append(_steps(frame, panel.demand, DEMAND, f"{panel.title}: demand"))
    legend = [("demand", DEMAND), ("band", BAND)]
    if panel.capacity is not None:
        parts.append(_steps(frame, panel.capacity, CAPACITY, f"{panel.title}: there"))
        legend.append(("there", CAPACITY))
    if panel.limit is not None:
        text = f"limit {panel.limit:,.0f}"
        legend.append((text if near else f"{text}, far above", LIMIT))
        if near:
            parts.append(_line(LEFT, frame.y(panel.limit), WIDTH - RIGHT, LIMIT, dash="6 4"))
    return parts + _legend(legend, top + 12)


def _ticks(most: float) -> list[float]:
    """Round numbers from 0 to the top, about as many as asked for."""
    raw = most / TICKS
    size = 10.0 ** floor(log10(raw))
    step = next(size * factor for factor in (1.0, 2.0, 5.0, 10.0) if size * factor >= raw)
    return [step * count for count in range(int(most / step) + 1)]


@dataclass(frozen=True, slots=True)
class _Frame:
    slots: int
    most: float
    top: float

    def x(self, index: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * index / self.slots

    def y(self, value: float) -> float:
        return self.top + 24 + (PANEL - 24) * (1.0 - value / self.most)


def _points(frame: _Frame, values: Sequence[float]) -> list[str]:
    return [
        f"{frame.x(at):.1f},{frame.y(value):.1f}" for index, value in enumerate(values) for at in (index, index + 1)
    ]


def _steps(frame: _Frame, values: Sequence[float], color: str, title: str) -> str:
    points = " ".join(_points(frame, values))
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"><title>{escape(title)}</title></polyline>'


def _area(frame: _Frame, low: Sequence[float], high: Sequence[float]) -> str:
    points = " ".join([*_points(frame, high), *reversed(_points(frame, low))])
    return f'<polygon points="{points}" fill="{BAND}"/>'


def _line(left: float, y: float, right: float, color: str, dash: str = "none") -> str:
    return (
        f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="{color}" stroke-dasharray="{dash}"/>'
    )


def _legend(entries: Sequence[tuple[str, str]], y: float) -> list[str]:
    parts, x = [], float(WIDTH - RIGHT)
    for text, color in reversed(entries):
        x -= 7.0 * len(text)
        parts.append(_text(x, y, text))
        parts.append(f'<rect x="{x - 16:.1f}" y="{y - 9:.1f}" width="12" height="9" fill="{color}"/>')
        x -= 30.0
    return parts


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}" font-weight="{weight}" '
        f'font-size="{size}">{escape(text)}</text>'
    )
