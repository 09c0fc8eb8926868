"""Schedules of scheduled actions: at, rate and cron expressions in a time zone, and when they come next. Pure.

Sources: API reference, PutScheduledAction; user guide, "Schedule recurring scaling actions using cron expressions" (six
fields; of the days of month and of week one is `?`; days of the week are 1 for Sunday to 7, or names). A local time that
daylight saving skips does not occur; one that comes twice occurs once, the first time. AWS does not document either.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from trunkline_sandbox.aws.applicationautoscaling import faults
from trunkline_sandbox.aws.zones import time_zones

HORIZON_DAYS = 366 * 5
_AT = re.compile(r"at\((\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\)")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_DAY_OF_MONTH = re.compile(r"\?|L|LW|\d{1,2}W|[\d*,/-]+")
_DAY_OF_WEEK = re.compile(r"\?|L|[\dA-Z]{1,3}L|[\dA-Z]{1,3}#[1-5]|[\dA-Z*,/-]+")
_UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}


class Schedule(Protocol):
    """When something happens."""

    def next_after(self, moment: float, anchor: float) -> float | None:
        """The first time after a moment, all in seconds since the epoch; None: never. anchor: where rates count from."""
        ...


@dataclass(frozen=True, slots=True)
class Once:
    """An at expression."""

    at: float

    def next_after(self, moment: float, anchor: float) -> float | None:
        del anchor
        return self.at if self.at > moment else None


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate expression."""

    seconds: float

    def next_after(self, moment: float, anchor: float) -> float | None:
        if moment < anchor:
            return anchor
        return anchor + (int((moment - anchor) // self.seconds) + 1) * self.seconds


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression; the days are judged one by one."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days_of_month: str
    months: tuple[int, ...]
    days_of_week: str
    years: tuple[int, ...]
    zone: ZoneInfo

    def next_after(self, moment: float, anchor: float) -> float | None:
        del anchor
        day = datetime.fromtimestamp(moment, self.zone).date()
        for offset in range(HORIZON_DAYS):
            current = day + timedelta(days=offset)
            if not self._has(current):
                continue
            for at in self._times(current):
                if at > moment:
                    return at
        return None

    def _has(self, day: date) -> bool:
        if day.month not in self.months or day.year not in self.years:
            return False
        return _month_day(self.days_of_month, day) if self.days_of_month != "?" else _week_day(self.days_of_week, day)

    def _times(self, day: date) -> list[float]:
        found: list[float] = []
        for hour in self.hours:
            for minute in self.minutes:
                local = datetime.combine(day, time(hour, minute), self.zone)
                back = local.astimezone(UTC).astimezone(self.zone)
                if back.replace(tzinfo=None) == local.replace(tzinfo=None):  # else daylight saving skips it
                    found.append(local.timestamp())
        return found


def _bad(expression: str, why: str) -> Exception:
    return faults.validation(f"Invalid schedule expression: {expression}. {why}")


def _numbers(field: str, low: int, high: int, names: dict[str, int]) -> tuple[int, ...]:
    """A field of numbers, ranges, lists and increments. Raises ValueError."""
    found: set[int] = set()
    for part in field.upper().split(","):
        body, _, step = part.partition("/")
        first, _, last = body.partition("-")
        if body in ("*", "?"):
            start, end = low, high
        else:
            start = names.get(first) or int(first)
            end = (names.get(last) or int(last)) if last else (high if step else start)
        if not low <= start <= end <= high:
            raise ValueError(field)
        found.update(range(start, end + 1, int(step) if step else 1))
    return tuple(sorted(found))


def _month_day(field: str, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == last
    if field.endswith("W"):
        wanted = day.replace(day=last if field == "LW" else min(int(field[:-1]), last))
        shift = {5: -1, 6: 1}.get(wanted.weekday(), 0)
        moved = wanted + timedelta(days=shift)
        if moved.month != day.month:  # the nearest weekday stays within the month
            moved = wanted + timedelta(days=2 if shift < 0 else -2)
        return day == moved
    return day.day in _numbers(field, 1, 31, {})


def _week_day(field: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1
    if "#" in field:
        name, _, nth = field.partition("#")
        return number == (_DAYS.get(name) or int(name)) and (day.day - 1) // 7 + 1 == int(nth)
    if field == "L":
        return number == 7
    if field.endswith("L"):
        last = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
        return last and number == (_DAYS.get(field[:-1]) or int(field[:-1]))
    return number in _numbers(field, 1, 7, _DAYS)


def _cron(expression: str, body: str, zone: ZoneInfo) -> Cron:
    fields = body.upper().split()
    if len(fields) != 6:
        raise _bad(expression, "A cron expression has six fields.")
    minutes, hours, month_day, months, week_day, years = fields
    if (month_day == "?") == (week_day == "?"):
        raise _bad(expression, "Exactly one of Day_of_Month and Day_of_Week must be ?.")
    if not _DAY_OF_MONTH.fullmatch(month_day) or not _DAY_OF_WEEK.fullmatch(week_day):
        raise _bad(expression, "A field of days is not of a form that is known.")
    try:
        found = Cron(
            _numbers(minutes, 0, 59, {}),
            _numbers(hours, 0, 23, {}),
            month_day,
            _numbers(months, 1, 12, _MONTHS),
            week_day,
            _numbers(years, 1970, 2199, {}),
            zone,
        )
        # A name or number that is none shows when a day is judged.
        _month_day(month_day, date(2026, 1, 1)) if month_day != "?" else _week_day(week_day, date(2026, 1, 1))
    except ValueError:
        raise _bad(expression, "A field is out of its range.") from None
    return found


def parse(expression: str, zone_name: str) -> Schedule:
    """Raises ValidationException. zone_name: IANA's; empty is UTC."""
    if zone_name and zone_name not in time_zones():
        raise faults.validation(f"Invalid timezone: {zone_name}")
    zone = ZoneInfo(zone_name or "UTC")
    if (found := _AT.fullmatch(expression)) is not None:
        try:
            return Once(datetime(*(int(part) for part in found.groups()), tzinfo=zone).timestamp())  # type: ignore[misc,arg-type]
        except ValueError:
            raise _bad(expression, "There is no such time.") from None
    if (found := _RATE.fullmatch(expression)) is not None:
        value, unit, plural = int(found[1]), found[2], found[3]
        if value < 1 or (value == 1) == bool(plural):
            raise _bad(expression, "The value is positive, and its unit is singular for 1 and plural otherwise.")
        return Rate(value * _UNITS[unit])
    if (found := _CRON.fullmatch(expression)) is not None:
        return _cron(expression, found[1], zone)
    raise _bad(expression, "Use at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(fields).")
