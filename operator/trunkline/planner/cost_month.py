"""The calls of the month that is priced: four weeks, half hour by half hour, and how well they and their growth are known.

Pure. Calls are forecast from a history, or are those that the policy's schedules state, or as many as a person says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from math import exp, hypot, sqrt

from trunkline.api.scaling_demand import Demand
from trunkline.capacity.breach import CONFIDENCE, DAYS_OF_WEEK, Trend, student_t
from trunkline.capacity.cost.money import Range
from trunkline.capacity.cost.usage import DAYS
from trunkline.capacity.workload import Traffic, Workload
from trunkline.handlers.scaling_center import SECONDS_OF_HOUR
from trunkline.handlers.scaling_counts import Counts, weekly_trend
from trunkline.planner.day_traffic import SLOT, day_traffic
from trunkline.planner.history_file import days_ahead

WEEKS_DAYS = 28  # four of each weekday
SPREAD = 0.2  # of calls that nobody counted
LEAST, MOST = 1.0 / 3.0, 3.0  # times, that calls may become in a year by a trend of a few weeks
DAYS_OF_YEAR = 365.0
SLOT_SECONDS = SLOT.total_seconds()


@dataclass(frozen=True, slots=True)
class Month:
    """days: of four weeks, their half hours. calls: of 730 hours. growth: factors a year. source: who says so."""

    first: date
    days: tuple[tuple[Traffic, ...], ...]
    calls: Range
    growth: Range
    source: str
    growth_source: str
    silent: tuple[str, ...] = ()
    thin: str = ""

    @property
    def expected(self) -> float:
        """Calls of 730 hours, as the half hours say."""
        seconds = sum(one.expected for day in self.days for one in day) * SLOT_SECONDS
        return seconds / len(self.days) * DAYS

    def spread(self) -> tuple[float, float]:
        """Low and high, as factors of what is expected."""
        whole = self.calls.expected
        return (self.calls.low / whole, self.calls.high / whole) if whole > 0.0 else (1.0, 1.0)

    def with_calls(self, count: float) -> Month:
        """With so many calls a month in the same shape, or evenly if there is none; they are not in doubt."""
        even = count / (DAYS * 24.0 * SECONDS_OF_HOUR)
        return self._times(count / self.expected if self.expected > 0.0 else 0.0, even, f"{count:,.0f} a month")

    def with_busiest(self, per_hour: float) -> Month:
        """The same for the busiest half hour."""
        busiest = max(one.expected for day in self.days for one in day)
        rate = per_hour / SECONDS_OF_HOUR
        return self._times(rate / busiest if busiest > 0.0 else 0.0, rate, f"{per_hour:,.0f} an hour when most come")

    def _times(self, factor: float, even: float, source: str) -> Month:
        days = tuple(
            tuple(one.times(factor) if factor > 0.0 else Traffic(even, even) for one in day) for day in self.days
        )
        told = source if factor > 0.0 else f"{source}, evenly at all hours: no schedule or history gives them a shape"
        scaled = replace(self, days=days, source=told, thin="")
        return replace(scaled, calls=Range.of(scaled.expected))


def month(demand: Demand, calls: Workload, counts: Counts | None, first: date, zone: tzinfo) -> Month:
    """The four weeks from `first` on. Without counts: what the policy's schedules and its constant say."""
    days = [first + timedelta(days=number) for number in range(WEEKS_DAYS)]
    ahead = list(days_ahead(counts, demand, days, zone)) if counts is not None else [None] * WEEKS_DAYS
    found = [day_traffic(demand, day, zone, calls, forecast) for day, forecast in zip(days, ahead, strict=True)]
    trend = weekly_trend(counts, demand, first, zone) if counts is not None else None
    growth, growth_source = _growth(demand, trend)
    told = Month(
        first,
        tuple(one.traffic for one in found),
        Range.of(0.0),
        growth,
        "what the policy states" if counts is None else "the forecast of four weeks",
        growth_source,
        found[0].silent,
        ahead[0].thin if ahead[0] is not None else "",
    )
    low, high = _spread(trend, days) if counts is not None else (1.0 - SPREAD, 1.0 + SPREAD)
    return replace(told, calls=Range(told.expected * low, told.expected, told.expected * high))


def _spread(trend: Trend | None, days: Sequence[date]) -> tuple[float, float]:
    """Where the month is with a chance of `CONFIDENCE` by the weeks' trend; of too few weeks as if nobody had counted."""
    if trend is None:
        return 1.0 - SPREAD, 1.0 + SPREAD
    low, high = trend.band(float((days[len(days) // 2] - trend.origin).days))
    # Four weeks differ from the trend on top of its own doubt.
    weeks = _student(trend) * trend.noise / sqrt(len(days) / DAYS_OF_WEEK)
    half = exp(hypot((high - low) / 2.0, weeks))
    return max(LEAST, 1.0 / half), min(MOST, half)


def _growth(demand: Demand, trend: Trend | None) -> tuple[Range, str]:
    stated = demand.forecast.growth_percent_per_year if demand.forecast is not None else None
    if stated is not None:
        return Range.of(1.0 + stated / 100.0), f"{stated} % a year, as the policy states"
    if trend is None:
        return Range.of(1.0), "none: the policy states none, and no history of four weeks shows any"
    half = _student(trend) * trend.noise / trend.spread
    plain = abs(trend.rate) <= half  # it may as well be none
    low, middle, high = (
        min(MOST, max(LEAST, exp(DAYS_OF_YEAR * rate)))
        for rate in (trend.rate - half, 0.0 if plain else trend.rate, trend.rate + half)
    )
    text = f"{_percent(middle)} a year ({_percent(low)} to {_percent(high)}), from the trend of {trend.weeks} weeks"
    return Range(low, middle, high), text


def _student(trend: Trend) -> float:
    return student_t(0.5 + 0.5 * CONFIDENCE, trend.weeks - 2)


def _percent(factor: float) -> str:
    return f"{round(100.0 * (factor - 1.0))} %"
