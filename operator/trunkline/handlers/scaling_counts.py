"""Counted calls as text, and what counts say of weeks: read here for a policy's ConfigMap and for the planner's file. Pure.

CSV with the columns `start` and `calls`, a line per slot: "2026-11-02T08:30-05:00,412". A start without an offset is by the
policy's clock.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

from trunkline.api.scaling_demand import Demand
from trunkline.capacity.breach import Trend, trend, with_growth
from trunkline.capacity.forecast.calendar import Calendar, Occasion
from trunkline.capacity.forecast.history import Clock, History
from trunkline.capacity.forecast.weeks import weekly_means

DAY = timedelta(days=1)
LEARNED_DAYS = 112  # the errors of a forecast are those of some 90 days, and the first weeks only begin its averages
DAYS_OF_YEAR = 365.0
FIRST_YEAR, LAST_YEAR = 1971, 2999
MOST_CALLS = 1e9  # of a slot
SHOWN = 60  # characters of a line

Counts = Sequence[tuple[datetime, float]]


class HistoryError(Exception):
    """It cannot be read; the message is for people, and says where."""


def read_counts(text: str, source: str, zone: tzinfo) -> Counts:
    """Starts and calls. source: what the text is called in messages. Raises HistoryError."""
    lines = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    names = lines.fieldnames or ()
    if not {"start", "calls"} <= set(names):
        there = f", separated by a comma, not {','.join(names)[:SHOWN]!r}" if names else "; it is empty"
        raise HistoryError(f"{source}: the first line has to name the columns start and calls{there}")
    found: list[tuple[datetime, float]] = []
    known: dict[float, int] = {}
    for line in lines:
        where = f"{source}, line {lines.line_num}"
        if None in line:  # as of a number with a comma in it, of which the rest would be lost
            raise HistoryError(f"{where}: more fields than the first line has columns: write 1234.5 for a number")
        start, calls = _count(line, where, zone)
        if start.timestamp() in known:
            start = _second(start, where, known)
        known[start.timestamp()] = lines.line_num
        found.append((start, calls))
    if not found:
        raise HistoryError(f"{source}: no calls in it")
    return found


def _second(start: datetime, where: str, known: Mapping[float, int]) -> datetime:
    """The second hour of those that come twice when clocks are set back: without an offset both have the same name."""
    later = start.replace(fold=1)
    if later.timestamp() in known:
        raise HistoryError(
            f"{where}: {start.isoformat()} stands in line {known[start.timestamp()]} already: write one line for each start"
        )
    return later


def _count(line: Mapping[str, str | None], where: str, zone: tzinfo) -> tuple[datetime, float]:
    given = {name: (line[name] or "").strip() for name in ("start", "calls")}
    try:
        start = datetime.fromisoformat(given["start"])
    except ValueError:
        raise HistoryError(f"{where}: {given['start']!r} is no start: write 2026-11-02T08:30-05:00") from None
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise HistoryError(f"{where}: {given['start']} is not between {FIRST_YEAR} and {LAST_YEAR}")
    try:
        calls = float(given["calls"])
    except ValueError:
        calls = -1.0
    if not 0.0 <= calls <= MOST_CALLS:
        raise HistoryError(f"{where}: {given['calls']!r} is no number of calls: write one from 0 to {MOST_CALLS:,.0f}")
    return (start if start.tzinfo is not None else start.replace(tzinfo=zone)), calls


def occasions(demand: Demand) -> Mapping[date, Occasion]:
    """The policy's events by day."""
    found: dict[date, Occasion] = {}
    for event in demand.events or ():
        first, last = date.fromisoformat(event.date), date.fromisoformat(event.last_date or event.date)
        occasion = Occasion(event.name, bool(event.closed) or event.percent == 0, (event.percent or 0) / 100.0)
        found |= {first + number * DAY: occasion for number in range((last - first).days + 1)}
    return found


def growth_a_day(demand: Demand) -> float:
    """The factor of a day, of the growth that a policy states; 1 if it states none."""
    growth = demand.forecast.growth_percent_per_year if demand.forecast is not None else None
    return 1.0 if growth is None else float((1.0 + growth / 100.0) ** (1.0 / DAYS_OF_YEAR))


def weekly_trend(counts: Iterable[tuple[datetime, float]], demand: Demand, today: date, zone: tzinfo) -> Trend | None:
    """The trend of whole weeks before today: with the policy's growth if it states one. None of too few weeks."""
    history = History.counted(counts, Clock(zone)).before(today)
    found = trend(weekly_means(history, Calendar(occasions(demand))))
    growth = demand.forecast.growth_percent_per_year if demand.forecast is not None else None
    return found if found is None or growth is None else with_growth(found, float(growth), today)
