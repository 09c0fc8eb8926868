"""What growth is read off: how many calls the usual days of each week brought. Pure.

Each day counts as so many times what its weekday usually brings, so that a week with a holiday is no dip, and neither is
one whose Monday nobody counted. Left out are days on which nobody called, days that people named, those after a closed
one, those of which too little is known, and weekdays that are mostly closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import fmean

from trunkline.capacity.forecast.calendar import Calendar
from trunkline.capacity.forecast.history import Counts, History, total

DAY = timedelta(days=1)
WEEK = 7
WEEKS = 26  # in which weekdays are compared
HALF = 0.5  # of the usual weekdays: with fewer a week says too little
LEAST_KNOWN = 0.9  # of a day's calls have to fall into slots that are known


def weekly_means(history: History, calendar: Calendar | None = None) -> list[tuple[date, float]]:
    """Back from the last day: calls a day of each seven days as if all usual weekdays had been like any other, with the
    middle day; the latest week first.
    """
    if not history.days:
        return []
    first, last = min(history.days), max(history.days)
    usual = _usual_weekdays(history)
    plain = _plain(history, calendar or Calendar(), usual)
    factors = _factors({day: calls for day, calls in plain.items() if day > last - WEEKS * WEEK * DAY} or plain)
    found = []
    while last - (WEEK - 1) * DAY >= first:
        days = [last - back * DAY for back in range(WEEK)]
        calls = [plain[day] / factors[day.weekday()] for day in days if day in plain and day.weekday() in factors]
        if calls and len(calls) >= HALF * len(usual):
            found.append((days[WEEK // 2], fmean(calls)))
        last -= WEEK * DAY
    return found


def _usual_weekdays(history: History) -> frozenset[int]:
    """On which calls come in more than half of the weeks of the busiest weekday."""
    days = Counter(day.weekday() for day, counts in history.days.items() if total(counts) > 0.0)
    most = max(days.values(), default=0)
    return frozenset(weekday for weekday, count in days.items() if count > HALF * most)


def _plain(history: History, calendar: Calendar, usual: frozenset[int]) -> Mapping[date, float]:
    """Calls of days like any other, with what probably came in slots that are not known."""
    first = min(history.days)
    opened = {day for day, counts in history.days.items() if total(counts) > 0.0 and not calendar.closed(day)}
    profiles = {
        weekday: _profile([history.days[day] for day in opened if day.weekday() == weekday]) for weekday in usual
    }
    found = {}
    for day in sorted(opened):
        before = _last_usual(day, usual)
        after_closed = before >= first and before not in opened
        if day.weekday() not in usual or after_closed or calendar.factor(day) != 1.0:
            continue
        counts, profile = history.days[day], profiles[day.weekday()]
        known = sum(share for share, count in zip(profile, counts, strict=True) if count is not None)
        if known >= LEAST_KNOWN:
            found[day] = total(counts) / known
    return found


def _profile(days: Sequence[Counts]) -> Sequence[float]:
    """The share of each slot in the calls of a day."""
    slots = [[count for count in slot if count is not None] for slot in zip(*days, strict=True)]
    means = [fmean(counts) if counts else 0.0 for counts in slots]
    whole = sum(means)
    return [mean / whole if whole > 0.0 else 0.0 for mean in means]


def _last_usual(day: date, usual: frozenset[int]) -> date:
    return next((day - back * DAY for back in range(1, WEEK + 1) if (day - back * DAY).weekday() in usual), day - DAY)


def _factors(plain: Mapping[date, float]) -> Mapping[int, float]:
    """What each weekday brings, of what they all do."""
    means = {
        weekday: fmean(calls for day, calls in plain.items() if day.weekday() == weekday)
        for weekday in {day.weekday() for day in plain}
    }
    mean = fmean(means.values()) if means else 1.0
    return {weekday: calls / mean for weekday, calls in means.items()}
