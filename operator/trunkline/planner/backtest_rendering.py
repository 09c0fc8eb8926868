"""The rows of a backtest as aligned text for people, and as JSON or CSV with the units in the names. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from trunkline.api.counted import counted
from trunkline.planner.backtest import Backtest, Options, Row
from trunkline.planner.rendering import Value, aligned, values_as_csv

_HEADINGS = ("policy", "short ppm", "worst day", "on", "cost/foresight", "USD a day", "% of bill", "changes a day")


def _cells(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    return [
        (
            row.policy,
            f"{row.short_ppm:,.0f}",
            f"{row.worst_day_ppm:,.0f}",
            row.worst_day.isoformat(),
            f"{row.cost_over_foresight:.2f}",
            f"{row.usd_a_day:,.2f}",
            f"{row.percent_of_bill:.3f}",
            f"{row.changes_a_day:.1f}",
        )
        for row in rows
    ]


def _values(rows: Sequence[Row]) -> list[dict[str, Value]]:
    return [
        {
            "policy": row.policy,
            "shortLookupsPerMillion": round(row.short_ppm, 3),
            "worstDayShortLookupsPerMillion": round(row.worst_day_ppm, 3),
            "worstDay": row.worst_day.isoformat(),
            "costOverForesight": round(row.cost_over_foresight, 4),
            "usdPerDay": round(row.usd_a_day, 4),
            "percentOfBill": round(row.percent_of_bill, 5),
            "changesPerDay": round(row.changes_a_day, 2),
        }
        for row in rows
    ]


def backtest_as(output: str, policy: str, found: Backtest, options: Options) -> str:
    """output: table, json or csv."""
    if output == "csv":
        return values_as_csv(_values(found.rows))
    if output == "json":
        about = {
            "policy": policy,
            "function": found.function.name,
            "region": options.region,
            "memoryGB": found.function.memory_gb,
            "arm64": found.function.arm64,
            "standing": found.standing,
            "standingFrom": found.standing_from,
            "measured": found.sight,
            "firstDay": found.first.isoformat(),
            "lastDay": found.last.isoformat(),
            "daysPlayed": found.played,
            "daysLearnedBefore": found.learned,
            "daysKnown": found.learned + found.played,
            "rows": _values(found.rows),
        }
        return json.dumps(about, indent=2) + "\n"
    title = (
        f"{policy}, environments of {found.function.name}: {counted(found.played, 'day')} from {found.first} to {found.last}, "
        f"each forecast from earlier days only, the first from {found.learned}"
    )
    notes = (
        "short: of a million lookups, those that find every environment busy (simulated minutes, Poisson)\n"
        f"standing: {found.standing_from}\n"
        f"measured: {found.sight}\n"
        f"USD at {found.function.memory_gb:g} GB on {'arm64' if found.function.arm64 else 'x86'} in {options.region}; "
        "% of bill: of what environments and minutes of callers cost"
    )
    return f"{title}\n\n{aligned(_HEADINGS, _cells(found.rows), left=(0, 3))}\n\n{notes}\n"
