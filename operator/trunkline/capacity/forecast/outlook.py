"""The hours to come as seen now: the days' forecasts, updated by what the last hour brought. Pure.

Between the middles of slots it is interpolated, but not across an opening or a closing: there a rate jumps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import ceil, floor

from trunkline.capacity.forecast.history import Clock
from trunkline.capacity.forecast.intraday import LEAST, Intraday
from trunkline.capacity.forecast.model import DayForecast, Forecaster

JUMP = 0.5  # neighbors of less than this part of each other are an opening or a closing
MOST_SCALE = 3.0  # what the last hour says of the next ones; beyond it, it is the live rate's turn


@dataclass(frozen=True, slots=True)
class Outlook:
    """Rates are calls per second. off: by what share the last hour was off its expectation; None if that is unknown."""

    clock: Clock
    now: datetime
    days: Mapping[date, DayForecast]
    intraday: Intraday = field(repr=False)
    off: float | None = None
    _known: dict[tuple[date, int, int, float | None], float] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # rates of slots: each is asked for at several instants, and by several levers

    def expected(self, instant: datetime) -> float:
        """The mean rate."""
        return self._between(instant, None)

    def high(self, instant: datetime, share: float) -> float:
        """The rate that is not exceeded with this chance."""
        return self._between(instant, share)

    def _between(self, instant: datetime, share: float | None) -> float:
        day, place = self.clock.place(instant)
        slot = floor(place)
        lead = 0
        if self.off is not None:
            lead = max(1, ceil((instant - self.now).total_seconds() / self.clock.slot_seconds + 0.5))
        here = self._slot(day, slot, lead, share)
        aside = slot + (1 if place - slot >= 0.5 else -1)
        if not 0 <= aside < self.clock.slots:
            return here
        # Whether it is an opening is a matter of what is expected, or one quantile would jump where a higher one does not.
        expected, beside = self._slot(day, slot, lead, None), self._slot(day, aside, lead, None)
        if min(expected, beside) < JUMP * max(expected, beside):
            return here
        other = self._slot(day, aside, lead, share)
        part = abs(place - slot - 0.5)
        return here * (1.0 - part) + other * part

    def _slot(self, day: date, slot: int, lead: int, share: float | None) -> float:
        key = (day, slot, lead, share)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._rate(day, slot, lead, share)
        return found

    def _rate(self, day: date, slot: int, lead: int, share: float | None) -> float:
        forecast = self.days.get(day)
        if forecast is None:
            return 0.0
        calls, errors = forecast.expected[slot], forecast.errors
        if self.off is not None:
            calls *= min(MOST_SCALE, self.intraday.factor(lead, self.off))
            errors = self.intraday.errors(lead) or errors
        high = calls if share is None else errors.quantile(calls, share)
        return high / self.clock.slot_seconds


def outlook(forecaster: Forecaster, now: datetime, days: int = 3) -> Outlook:
    """From now over so many local days, this one included; the last hour not looked at yet."""
    today, _ = forecaster.clock.place(now)
    dates = [today + timedelta(days=number) for number in range(days)]
    known = {day: forecaster.day(day) for day in dates if forecaster.last is None or day > forecaster.last}
    return Outlook(forecaster.clock, now, known, forecaster.intraday)


def expected_calls(found: Outlook, begins: datetime, seconds: float) -> float:
    """Calls that were expected of a short step, as far as the days before it tell."""
    plain = found if found.off is None else replace(found, off=None)
    return plain.expected(begins + timedelta(seconds=seconds / 2)) * seconds


def updated(found: Outlook, steps: Iterable[tuple[float, float]], now: datetime) -> Outlook:
    """As of now. steps: calls that were expected and that came, of the last hour as far as it is known (SEEN slots).

    A measure that is too low to be believed is left out: the forecast of the day before holds.
    """
    wanted = came = 0.0
    for one, other in steps:
        wanted += one
        came += other
    off = came / wanted - 1.0 if wanted >= LEAST else None
    return replace(found, now=now, off=off if off is not None and found.intraday.believable(off) else None)
