"""Rows as aligned text for people, and as JSON or CSV with the units in the names. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from math import inf
from textwrap import fill
from typing import Any

from trunkline.capacity.breach import Breach
from trunkline.capacity.layers import amount
from trunkline.capacity.staffing import Binding
from trunkline.planner.tables import LayerRow, PoolRow

_POOL_HEADINGS = (
    "time", "calls", "AHT", "Erl", "need", "roster", "given", "over", "SL%", "wait", "gone%", "busy%", "by",
)  # fmt: skip
_LAYER_HEADINGS = ("", "layer", "need", "have", "limit", "spare", "lead", "breach", "of")
_BY = {
    Binding.SERVICE_LEVEL: "SL%",
    Binding.OCCUPANCY: "busy%",
    Binding.ABANDONMENT: "gone%",
    Binding.OFFERED: "Erl",
}
"""Which column's promise asks for the most agents."""
COLUMNS = 80
MINUTES_OF_DAY = 1_440.0
FINE = 1_000.0  # Erlangs, from which on nobody reads tenths

Value = str | float | int | None


def pools_as_text(rows: Iterable[PoolRow]) -> str:
    """A table per pool; half hours without calls are left out."""
    parts = []
    for name, of_pool in groupby(rows, key=lambda row: row.pool):
        busy = [row for row in of_pool if row.offered > 0.0 or row.agents]
        cells = [_pool_cells(row) for row in busy]
        parts.append(f"{name}\n" + (aligned(_POOL_HEADINGS, cells, left=(0, 12), gap=1) if cells else "no calls"))
    return "\n\n".join(parts)


def layers_as_text(rows: Sequence[LayerRow]) -> str:
    """The table, `>` before the layer that binds, and below it how each need comes about and when it passes its limit."""
    table = aligned(_LAYER_HEADINGS, [_layer_cells(row) for row in rows], left=(0, 1, 8), gap=1)
    formulas = "\n".join(_wrapped(f"{_name(row)}, {row.at:%H:%M}: {row.formula}") for row in rows)
    dates = [
        _wrapped(f"{_name(row)}: {text}")
        for row in rows
        if not row.exceeded and row.breach is not None and (text := _dates(row.breach))
    ]
    defaults = sorted({f"{row.layer}: {row.limit_source}" for row in rows if row.limit is not None})
    parts = [table, formulas, *(["\n".join(["Growth passes the limit", *dates])] if dates else [])]
    return "\n\n".join([*parts, "\n".join(["Limits", *defaults])])


def _wrapped(line: str) -> str:
    return fill(line, COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _dates(breach: Breach) -> str:
    """The range, and by when more has to be asked for; empty if it is not in sight."""
    if breach.earliest is None:
        return ""
    request = f"; request by {breach.request_by}" if breach.request_by is not None else ""
    if breach.earliest == breach.latest:
        return f"on {breach.earliest}{request}"
    latest = f"{breach.latest}" if breach.latest is not None else "any later day, or never"
    likely = f", most likely {breach.expected}" if breach.expected is not None else ""
    return f"between {breach.earliest} and {latest}{likely}{request}"


def as_json(pools: Iterable[PoolRow] | None, layers: Iterable[LayerRow] | None, about: Mapping[str, Any]) -> str:
    """One object: what the tables show, rates, shares and seconds unrounded."""
    value = dict(about)
    if pools is not None:
        value["pools"] = [_pool_values(row) for row in pools]
    if layers is not None:
        value["layers"] = [_layer_values(row) for row in layers]
    return json.dumps(value, indent=2)


def as_csv(rows: Iterable[PoolRow] | Iterable[LayerRow]) -> str:
    """One table with a line of headings."""
    return values_as_csv([_pool_values(row) if isinstance(row, PoolRow) else _layer_values(row) for row in rows])


def values_as_csv(values: Sequence[Mapping[str, Value]]) -> str:
    """Values by heading, all with the same headings."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(values[0]) if values else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(values)
    return out.getvalue()


def _pool_cells(row: PoolRow) -> tuple[str, ...]:
    return (
        f"{row.start:%H:%M}",
        amount(round(row.offered, 1)),
        amount(row.handle_seconds),
        f"{row.erlangs:,.1f}" if row.erlangs < FINE else f"{row.erlangs:,.0f}",
        f"{row.agents:,}",
        f"{row.rostered:,}",
        "-" if row.given is None else f"{row.given:,}",
        "-" if row.over is None else f"{row.over:+,}",
        f"{100 * row.service_level:.1f}",
        f"{row.wait_seconds:,.1f}",
        f"{100 * row.abandoned:.1f}",
        f"{100 * row.occupancy:.1f}",
        _BY[Binding(row.binds)] if row.binds else "",
    )


def _layer_cells(row: LayerRow) -> tuple[str, ...]:
    expected = row.breach.expected if row.breach is not None else None
    return (
        ">" if row.binding else "",
        row.layer,
        amount(row.need),
        "-" if row.have is None else amount(row.have),
        "-" if row.limit is None else amount(row.limit),
        "-" if row.headroom is None else "none" if row.headroom < 0.0 else f"{100 * row.headroom:,.0f}%",
        "-" if row.lead_days is None else _time(row.lead_days),
        "now" if row.exceeded else "-" if expected is None else expected.isoformat(),
        row.resource or row.binds.split(" of ")[0],
    )


def _time(days: float) -> str:
    """Short: 21d, 3h, 10min."""
    minutes = days * MINUTES_OF_DAY
    if minutes >= MINUTES_OF_DAY:
        return f"{days:,.3g}d"
    return f"{minutes / 60:.3g}h" if minutes >= 60 else f"{minutes:.3g}min"


def _pool_values(row: PoolRow) -> dict[str, Value]:
    return {
        "pool": row.pool,
        "start": row.start.isoformat(),
        "offeredCalls": _round(row.offered),
        "handleSeconds": row.handle_seconds,
        "erlangs": _round(row.erlangs),
        "agentsNeeded": row.agents,
        "rostered": row.rostered,
        "agentsGiven": row.given,
        "agentsOver": row.over,
        "serviceLevelPercent": _percent(row.service_level),
        "meanWaitSeconds": _round(row.wait_seconds),
        "abandonedPercent": _percent(row.abandoned),
        "occupancyPercent": _percent(row.occupancy),
        "decides": row.binds,
    }


def _layer_values(row: LayerRow) -> dict[str, Value]:
    breach = row.breach
    return {
        "layer": row.layer,
        "resource": row.resource,
        "at": row.at.isoformat(),
        "need": row.need,
        "have": row.have,
        "limit": row.limit,
        "limitSource": row.limit_source,
        "headroomPercent": None if row.headroom in (None, -inf) else _percent(row.headroom or 0.0),
        "unit": row.unit,
        "leadDays": row.lead_days,
        "breachEarliest": _day(breach.earliest) if breach is not None else None,
        "breachExpected": _day(breach.expected) if breach is not None else None,
        "breachLatest": _day(breach.latest) if breach is not None else None,
        "requestBy": _day(breach.request_by) if breach is not None else None,
        "binding": row.binding,
        "decides": row.binds,
        "formula": row.formula,
    }


def _name(row: LayerRow) -> str:
    return f"{row.layer} {row.resource}".strip()


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int], gap: int = 2) -> str:
    """Columns under their headings with a gap between, those of `left` to the left, the others to the right."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        (" " * gap)
        .join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        .rstrip()
        for line in lines
    )


def _round(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 4) if value not in (inf, -inf) else None


def _percent(share: float) -> float:
    return round(100.0 * share, 3)


def _day(day: date | datetime | None) -> str | None:
    return None if day is None else day.isoformat()
