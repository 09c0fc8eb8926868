"""What a policy promises, and how far it keeps it: of the calls measured, the share that found capacity, and what the
forecast had said of them. Pure; what Prometheus shows is behind `PolicyFigures`.

Between two passes the calls measured at the second are judged by what stood there at the first: what AWS had, not what was
asked of it. Short is an expected value: of Poisson arrivals the share that finds all busy. Where no metric measures calls
nothing is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

from trunkline.api.scaling_levers import LeverField
from trunkline.capacity.backtest.day import all_busy
from trunkline.capacity.erlang import blocking
from trunkline.capacity.headroom import ALL_BUSY
from trunkline.capacity.score import LONGEST_SECONDS
from trunkline.handlers.port import Key
from trunkline.handlers.scaling_decision import COVER, Seen
from trunkline.handlers.scaling_memory import Foreseen, PolicyMemory, Watched
from trunkline.handlers.scaling_score import busy
from trunkline.handlers.scaling_status import Report

OBJECTIVE = 1.0 - ALL_BUSY
"""Of lookups and calls that find capacity: what all of it is planned for."""
AHEAD = timedelta(minutes=30)
DAY_AHEAD, INTRADAY = "day_ahead", "intraday"


@dataclass(frozen=True, slots=True)
class Served:
    """Arrivals of a step, and the expected number of them that found all busy."""

    arrivals: float
    short: float


@dataclass(frozen=True, slots=True)
class Missed:
    """Of a step: calls by which the forecast was off, and seconds in which more came than its quantile."""

    calls: float
    exceeded_seconds: float


@dataclass(frozen=True, slots=True)
class Kept:
    """One step. seconds: its length. lookups: by lever. calls: against the quota of the instance; None if that is not
    known. missed: by how long before it was foreseen.
    """

    seconds: float
    arrivals: float
    lookups: Mapping[str, Served] = field(default_factory=dict)
    calls: Served | None = None
    missed: Mapping[str, Missed] = field(default_factory=dict)


class PolicyFigures(Protocol):
    """Figures for Prometheus."""

    def mode(self, key: Key, mode: str) -> None:
        """What a policy does now, as its spec says: "Recommend" or "Auto"."""
        ...

    def kept(self, key: Key, step: Kept) -> None:
        """One step more of a policy."""
        ...


class NoFigures:
    """Nobody looks."""

    def mode(self, key: Key, mode: str) -> None:
        """Nothing."""

    def kept(self, key: Key, step: Kept) -> None:
        """Nothing."""


def watched(memory: PolicyMemory, seen: Seen, report: Report) -> Kept | None:
    """The step that ends now; None if nothing is known of it. Notes in the memory what the next one is judged by."""
    before, rate = memory.watched, seen.live.rate if seen.live is not None else None
    memory.watched = _noted(before, seen, report, memory)
    if before is None or rate is None:
        return None
    seconds = (seen.now - before.at).total_seconds()
    if not 0.0 < seconds <= LONGEST_SECONDS:
        return None
    return Kept(
        seconds,
        rate * seconds,
        {name: _served(units, seen, rate, seconds) for name, units in before.standing.items()},
        _of_quota(before.quota, rate, report.line_seconds, seconds),
        _missed(before, seen, report, rate, seconds),
    )


def _noted(before: Watched | None, seen: Seen, report: Report, memory: PolicyMemory) -> Watched:
    standing = {
        one.moved.lever.name: one.standing
        for one in report.decided
        if one.moved.field is LeverField.PROVISIONED_CONCURRENCY and one.standing is not None
    }
    return Watched(
        seen.now, standing, memory.quota[1] if memory.quota is not None else None, _foreseen(before, seen, report)
    )


def _foreseen(before: Watched | None, seen: Seen, report: Report) -> tuple[Foreseen, ...]:
    """What was foreseen for instants still to come, and for half an hour from now."""
    kept = tuple(one for one in (before.foreseen if before is not None else ()) if one.at > seen.now - AHEAD)
    if seen.outlook is None:
        return kept
    at = seen.now + AHEAD
    cover = _cover(report)
    return (*kept, Foreseen(at, seen.outlook.expected(at), seen.outlook.high(at, cover)))


def _missed(before: Watched, seen: Seen, report: Report, rate: float, seconds: float) -> dict[str, Missed]:
    found = {}
    due = [one for one in before.foreseen if before.at < one.at <= seen.now]
    if due:
        found[INTRADAY] = _against(due[-1].expected, due[-1].high, rate, seconds)
    if seen.before is not None:  # as the days before today say
        high = seen.before.high(seen.now, _cover(report))
        found[DAY_AHEAD] = _against(seen.before.expected(seen.now), high, rate, seconds)
    return found


def _against(expected: float, high: float, rate: float, seconds: float) -> Missed:
    return Missed(abs(rate - expected) * seconds, seconds if rate > high else 0.0)


def _served(units: int, seen: Seen, rate: float, seconds: float) -> Served:
    arrivals = rate * seen.calls.lookups_per_call * seconds
    mean = busy(rate, seen.calls)
    chance = 1.0 if units <= 0 else 0.0 if mean <= 0.0 else _reached(units, float(f"{mean:.3g}"))
    return Served(arrivals, arrivals * chance)


def _of_quota(quota: float | None, rate: float, line_seconds: float, seconds: float) -> Served | None:
    if quota is None:
        return None
    erlangs = float(f"{rate * line_seconds:.3g}")
    return Served(rate * seconds, rate * seconds * _blocked(int(quota), erlangs))


@lru_cache(maxsize=4096)
def _reached(units: int, mean: float) -> float:
    return all_busy(units, mean)


@lru_cache(maxsize=4096)
def _blocked(lines: int, erlangs: float) -> float:
    return blocking(lines, erlangs)


def _cover(report: Report) -> float:
    forecast = report.spec.demand.forecast
    return COVER if forecast is None else forecast.cover_percent / 100.0
