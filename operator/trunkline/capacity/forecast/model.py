"""The forecast: a profile for each weekday times the level, closed days and those after them, its own errors. Pure.

Day by day: what comes is first held against what was expected, then learned. So every error is one that the forecast
would have made. Taylor (Management Science 54 (2008)) found hardly anything to beat such averages beyond two days.
LEVEL_WEIGHT, PROFILE_DAYS and WINDOW_DAYS were chosen on other people's comparisons of the bank's calls of 2003, in
which these days were not held out; values around them change the error by 0.2 points.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from statistics import fmean

from trunkline.api.counted import counted
from trunkline.capacity.forecast.calendar import Calendar
from trunkline.capacity.forecast.errors import Errors
from trunkline.capacity.forecast.history import Clock, Counts, History, total
from trunkline.capacity.forecast.intraday import Intraday

LEVEL_WEIGHT = 0.5  # of the last day in the level
PROFILE_DAYS = 6  # of a weekday
WINDOW_DAYS = 42  # for weekday factors and level
AFTER_CLOSED, AFTER_WEIGHT = 1.1, 1.0  # what the first day after a closed one is thought to bring, as so many such days
LEAST_DAYS = 14  # fewer are too little history
LEAST_KNOWN = 0.5  # of a day's calls have to fall into slots that are known, or it teaches nothing


@dataclass(frozen=True, slots=True)
class DayForecast:
    """What one day is expected to bring, as far as the days before it tell. expected: calls by slot."""

    day: date
    expected: tuple[float, ...]
    errors: Errors = field(repr=False)

    def quantile(self, slot: int, share: float) -> float:
        """Calls of a slot that are not exceeded with this chance."""
        return self.errors.quantile(self.expected[slot], share)


@dataclass(slots=True)
class Forecaster:
    """Learns days in their order. growth_per_day: what the level is multiplied by for each day ahead, 1 is none."""

    clock: Clock
    calendar: Calendar = field(default_factory=Calendar)
    growth_per_day: float = 1.0
    errors: Errors = field(default_factory=Errors)
    intraday: Intraday = field(default_factory=Intraday)
    _days: list[date] = field(default_factory=list)
    _counts: dict[date, Counts] = field(default_factory=dict)
    _totals: dict[date, float] = field(default_factory=dict)  # with what probably came in slots that are not known
    _silent: set[date] = field(default_factory=set)  # on which nobody called, as on a holiday that no event names
    _open: frozenset[int] | None = None
    _after: list[float] = field(default_factory=list)  # what days after closed ones brought, of the usual

    @property
    def last(self) -> date | None:
        """The last day that was learned."""
        return self._days[-1] if self._days else None

    @property
    def thin(self) -> str:
        """Why there is too little history to be trusted; empty if there is enough."""
        days = len(self._days)
        return f"{counted(days, 'day')} of history: {LEAST_DAYS} are the least" if days < LEAST_DAYS else ""

    def learn_all(self, history: History) -> None:
        """All days that come after the last one known."""
        for day in sorted(history.days):
            if self.last is None or day > self.last:
                self.learn(day, history.days[day])

    def learn(self, day: date, counts: Counts) -> None:
        """One more day, later than all before. What is not known of it was not zero.

        A day on which nothing came, that was closed, or of which little is known teaches nothing.
        """
        if self.last is not None and day <= self.last:
            raise ValueError(f"{day} does not come after {self.last}")
        if total(counts) <= 0.0 and None not in counts:
            self._silent.add(day)
        known = self._known(day, counts)
        if self.calendar.closed(day) or total(counts) <= 0.0 or known < LEAST_KNOWN:
            return
        if len(self._days) >= LEAST_DAYS:
            found = self.day(day)
            pairs = [(wanted, came) for wanted, came in zip(found.expected, counts, strict=True) if came is not None]
            usual = sum(wanted for wanted, _ in pairs) / self._special(day)
            if self._is_after(day) and usual > 0.0:
                self._after.append(sum(came for _, came in pairs) / usual / (self.calendar.factor(day) or 1.0))
            self.errors.learn(pairs)
            self.intraday.learn(found.expected, counts)
        self._open = None
        self._days.append(day)
        self._counts[day] = counts
        self._totals[day] = total(counts) / known

    def _known(self, day: date, counts: Counts) -> float:
        """The share of a usual day's calls that falls into the slots that are known of this one."""
        if not self._days or None not in counts:
            return 1.0
        shares = self._profile(day.weekday())
        return sum(share for share, count in zip(shares, counts, strict=True) if count is not None)

    def day(self, day: date) -> DayForecast:
        """What a day after the last one known is expected to bring. Without any history: nothing."""
        nothing = DayForecast(day, (0.0,) * self.clock.slots, self.errors)
        if not self._days or self.calendar.closed(day):
            return nothing
        window = self._window()
        weekdays = self._weekday_factors(window)
        factor = weekdays.get(day.weekday())
        if factor is None:
            return nothing
        ahead = max(1, (day - self._days[-1]).days)
        level = self._level(window, weekdays) * self.growth_per_day ** (ahead - 1)
        calls = level * factor * self._special(day)
        return replace(nothing, expected=tuple(part * calls for part in self._profile(day.weekday())))

    def open_weekdays(self) -> frozenset[int]:
        """On which calls came lately."""
        if self._open is None:
            self._open = frozenset(day.weekday() for day in self._window())
        return self._open

    def _window(self) -> list[date]:
        since = self._days[-1] - timedelta(days=WINDOW_DAYS - 1) if self._days else date.min
        return self._days[bisect_left(self._days, since) :]

    def _usual(self, day: date) -> float:
        """What a day would have brought as one like any other."""
        return self._totals[day] / self._special(day)

    def _special(self, day: date) -> float:
        factor = self.calendar.factor(day) or 1.0
        return factor * self._after_factor() if self._is_after(day) else factor

    def _after_factor(self) -> float:
        return (AFTER_CLOSED * AFTER_WEIGHT + sum(self._after)) / (AFTER_WEIGHT + len(self._after))

    def _is_after(self, day: date) -> bool:
        return self.calendar.after_closed(day, self.open_weekdays(), self._silent)

    def _plain(self, day: date) -> bool:
        return self.calendar.factor(day) == 1.0 and not self._is_after(day)

    def _weekday_factors(self, window: list[date]) -> Mapping[int, float]:
        """Each weekday's calls over the mean of all; from days like any other where there are any."""
        found: dict[int, float] = {}
        for weekday in {day.weekday() for day in window}:
            days = [day for day in window if day.weekday() == weekday]
            plain = [day for day in days if self._plain(day)] or days
            found[weekday] = fmean(self._usual(day) for day in plain)
        mean = fmean(found.values())
        return {weekday: calls / mean for weekday, calls in found.items()}

    def _level(self, window: list[date], weekdays: Mapping[int, float]) -> float:
        level = 0.0
        for number, day in enumerate(window):
            calls = self._usual(day) / weekdays[day.weekday()]
            level = calls if number == 0 else level + LEVEL_WEIGHT * (calls - level)
        return level

    def _profile(self, weekday: int) -> tuple[float, ...]:
        """The share of each slot in the day: the mean of the last days of this weekday, slots that are not known left out.

        Of a weekday that was never seen, the mean of the last days.
        """
        days = [day for day in self._days if day.weekday() == weekday] or self._days
        plain = [day for day in days if self._plain(day)] or days
        rows = [(self._counts[day], self._totals[day]) for day in plain[-PROFILE_DAYS:]]
        shares = []
        for slot in range(self.clock.slots):
            known = [count / whole for row, whole in rows if (count := row[slot]) is not None]
            shares.append(fmean(known) if known else 0.0)
        whole = sum(shares)
        return tuple(share / whole for share in shares)
