"""Cron expressions of five fields, read and asked for their next and last instants. Pure; the standard library only.

Minute, hour, day of month, month, day of week; `*`, lists, ranges and steps, names of months and days; 7 is Sunday too. As
in cron(8), day of month and day of week are alternatives where both are restricted. Where a clock is put forward, a skipped
time is the first instant after; where it is put back, a time comes twice and the caller says which of the two is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from trunkline.api.counted import counted

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MOST_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_LONGEST_GAP = 366 * 8 + 1
"""Days: February 29th comes after eight years where a century is no leap year."""


def _item(value: str) -> str:
    return rf"(\*|{value}(-{value})?)(/[1-9][0-9]?)?"


def _list(value: str) -> str:
    return f"{_item(value)}(,{_item(value)}){{0,59}}"


_MINUTE, _HOUR = "[0-5]?[0-9]", "([01]?[0-9]|2[0-3])"
_DAY_OF_MONTH = "(0?[1-9]|[12][0-9]|3[01])"
_MONTH = f"(0?[1-9]|1[0-2]|{'|'.join(_MONTHS)})"
_DAY_OF_WEEK = f"([0-7]|{'|'.join(_DAYS)})"
PATTERN = "^" + " +".join(_list(value) for value in (_MINUTE, _HOUR, _DAY_OF_MONTH, _MONTH, _DAY_OF_WEEK)) + "$"
"""RE2, for admission: the form, with each number in its range. `Cron.parse` also sees ranges that end before they begin."""


@dataclass(frozen=True, slots=True)
class Cron:
    """When something happens, by the clock on the wall. days_of_week: 0 is Sunday. either: as cron(8) for both days."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days_of_month: frozenset[int]
    months: frozenset[int]
    days_of_week: frozenset[int]
    either: bool

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Raises ValueError with what is wrong and what to write instead."""
        parts = text.split()
        if len(parts) != 5:
            raise ValueError(
                f"{counted(len(parts), 'field')}, write five: "
                'minute, hour, day of month, month, day of week, "0 8 * * MON-FRI"'
            )
        minutes, hours, days, months, weekdays = (
            field.values(part) for field, part in zip(_FIELDS, parts, strict=True)
        )
        either = not parts[2].startswith("*") and not parts[4].startswith("*")
        if not either and not any(min(days) <= _MOST_DAYS.get(month, 31) for month in months):
            raise ValueError(f"no such day: day of month {parts[2]} is in none of the months {parts[3]}")
        return cls(
            tuple(sorted(minutes)),
            tuple(sorted(hours)),
            days,
            months,
            frozenset(day % 7 for day in weekdays),
            either,
        )

    def falls_on(self, day: date) -> bool:
        """Whether it happens on a day at all."""
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days_of_month, day.isoweekday() % 7 in self.days_of_week
        return of_month or of_week if self.either else of_month and of_week

    def after(self, instant: datetime, zone: tzinfo, *, last: bool = False) -> datetime | None:
        """The first instant after `instant` (aware), in UTC; None if there is none in eight years. last: see `at`."""
        day = instant.astimezone(zone).date() - timedelta(days=1)
        for _ in range(_LONGEST_GAP):
            found = [moment for moment in self._on(day, zone, last=last) if moment > instant]
            if found:
                return min(found)
            day += timedelta(days=1)
        return None

    def before(self, instant: datetime, zone: tzinfo, *, last: bool = False) -> datetime | None:
        """The last instant at or before `instant` (aware), in UTC; None if there is none in eight years."""
        day = instant.astimezone(zone).date() + timedelta(days=1)
        for _ in range(_LONGEST_GAP):
            found = [moment for moment in self._on(day, zone, last=last) if moment <= instant]
            if found:
                return max(found)
            day -= timedelta(days=1)
        return None

    def _on(self, day: date, zone: tzinfo, *, last: bool) -> Iterator[datetime]:
        if self.falls_on(day):
            for hour in self.hours:
                for minute in self.minutes:
                    yield at(day, hour, minute, zone, last=last)


@lru_cache(maxsize=4096)
def at(day: date, hour: int, minute: int, zone: tzinfo, *, last: bool = False) -> datetime:
    """The instant, in UTC, at which the clock of a zone shows a time of a day.

    A time that the clock skips is the first instant after the gap. last: of one that comes twice the second, else the
    first.
    """
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=int(last))
    moment = local.astimezone(UTC)
    shown = moment.astimezone(zone)
    if (shown.hour, shown.minute, shown.date()) == (hour, minute, day):
        return moment
    return _end_of_gap(local)


def _end_of_gap(local: datetime) -> datetime:
    """The first instant after a gap that a local time is in: where the offset of before gives way to that of after."""
    low, high = (local.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    zone = local.tzinfo
    early = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == early else (low, middle)
    return high.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five. first: the number of the first name."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()
    first: int = 0

    def values(self, text: str) -> frozenset[int]:
        found: set[int] = set()
        for item in text.split(","):
            span, slash, step_text = item.partition("/")
            step = int(step_text) if re.fullmatch("[0-9]{1,2}", step_text) else 0
            if slash and step == 0:
                raise ValueError(f"{self.name} {item!r}: write a step of 1 to 99")
            low, high = self._span(item, span, stepped=bool(slash))
            if low > high:
                remedy = f"write {low}-{self.most},{self.least}-{high} if that is meant"
                raise ValueError(f"{self.name} {item!r} ends before it begins: {remedy}")
            found.update(range(low, high + 1, step or 1))
        return frozenset(found)

    def _span(self, item: str, span: str, *, stepped: bool) -> tuple[int, int]:
        if span == "*":
            return self.least, self.most
        ends = [self._number(end) for end in span.split("-")]
        if len(ends) > 2:
            raise ValueError(f"{self.name} {item!r}: a range has two ends")
        if len(ends) == 1:
            return ends[0], self.most if stepped else ends[0]
        return ends[0], ends[1]

    def _number(self, text: str) -> int:
        if text in self.words:
            return self.words.index(text) + self.first
        if not re.fullmatch("[0-9]{1,2}", text) or not self.least <= int(text) <= self.most:
            names = f", or {', '.join(self.words)}" if self.words else ""
            raise ValueError(f"{self.name} {text!r}: write {self.least} to {self.most}{names}")
        return int(text)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS, 1),
    _Field("day of week", 0, 7, _DAYS),
)
