"""A figure, its aim, and how figures are shown: a table for people, JSON for machines."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

AIMS: Mapping[str, float] = {
    "observe.calls": 12,
    "create.calls_over_bound": 1.0,
    "converge.ratio_to_bound": 1.05,
    "converge.throttles": 0,
    "steady.mutating_calls": 0,
    "objects_1000.rss_mib": 200,
    "objects_10000.rss_mib": 250,
    "objects_10000.ready_mean_s": 1,
    "apply_to_first_call.p99_s": 0.5,
    "lambda.init_over_bare_ms": 20,
    "lambda.hit_over_socket": 1.5,
    "lambda.zip_mb": 0.5,
    "lambda.cache_dead_p99_s": 0.25,
    "lambda.burst_10000.p99_s": 0.5,
    "lambda.burst_10000.errors": 0,
    "erlang_a_10000.ms": 1,
    "plan_year.s": 2,
    "plan_year.agents_off": 1,
    "breach.error_days": 14,
    "policy.short_ppm": 50,
    "policy.worst_day_ppm": 1000,
    "policy.cost_over_foresight": 1.25,
    "policy.changes_a_day": 40,
    "policy.growth_short_ppm": 50,
    "policy.spike_s": 300,
    "leader.takeover_s": 20,
    "leader.handover_s": 3,
    "leader.double_writes": 0,
    "watch.recovery_max_s": 60,
    "kubectl.first_output_s": 0.5,
    "forecast.wape_percent": 6.1,
    "forecast.intraday_wape_percent": 3.8,
    "forecast.coverage_percent": 99.8,
}
"""The most that a figure's value may be."""

FLOORS: Mapping[str, float] = {"forecast.coverage_percent": 98}
"""The least that it may be, for those that can miss on either side."""

_HEADINGS = ("figure", "value", "unit", "baseline", "ratio", "aim", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and what it is compared with, in the same unit."""

    name: str
    value: float
    unit: str
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value over baseline; None where there is no baseline, or it is zero."""
        return self.value / self.baseline if self.baseline else None

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None without one. A hair above it is rounding."""
        aim = AIMS.get(self.name)
        return None if aim is None else FLOORS.get(self.name, -math.inf) <= self.value <= aim + 1e-9


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that at least so many percent of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def write(figures: Iterable[Figure], path: Path) -> None:
    """A list of {name, value, unit, baseline, ratio}."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
    path.write_text(json.dumps(values, indent=2) + "\n")


def table(figures: Sequence[Figure]) -> str:
    """Columns aligned, numbers to the right."""
    rows = [_HEADINGS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 2, 6) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    return (
        figure.name,
        _number(figure.value),
        figure.unit,
        _number(figure.baseline),
        _number(figure.ratio),
        _aim(figure.name),
        verdict,
    )


def _aim(name: str) -> str:
    aim, floor = AIMS.get(name), FLOORS.get(name)
    if aim is None:
        return ""
    return f"<= {_number(aim)}" if floor is None else f"{_number(floor)} to {_number(aim)}"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3f}"
