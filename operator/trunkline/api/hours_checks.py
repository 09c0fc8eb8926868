"""Checks of hours of operation that look at several opening times at once."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Sequence
from functools import cache

from trunkline.api.hours import MIDNIGHT, Day, HoursOfOperation, OpenHours, OverrideHours
from trunkline.api.problem import Problem, nearest

MINUTES_OF_DAY = 24 * 60


def check_hours(hours: HoursOfOperation, path: str) -> Iterator[Problem]:
    """Time zone, dates, opening times that overlap."""
    yield from check_zone(hours.time_zone, f"{path}.timeZone")
    yield from _check_intervals(hours.hours or (), f"{path}.hours")
    for override in hours.overrides or ():
        place = f"{path}.overrides[name={override.name}]"
        yield from _check_intervals(override.hours or (), f"{place}.hours")
        for field, date in (("effectiveFrom", override.effective_from), ("effectiveTill", override.effective_till)):
            yield from _check_date(date, f"{place}.{field}")


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def check_zone(zone: str | None, path: str) -> Iterator[Problem]:
    """A problem if no such zone is known here."""
    if zone is None or not _zones() or zone in _zones():  # a machine without time zones knows none: AWS decides
        return
    close = nearest(zone, _zones())
    meant = f"did you mean {close}?" if close else "write one such as America/New_York or UTC"
    yield Problem(path, f"{zone!r} is not a time zone of the IANA database", meant)


def _check_date(date: str, path: str) -> Iterator[Problem]:
    try:
        dt.date.fromisoformat(date)
    except ValueError:
        yield Problem(path, f"there is no day {date}", 'write a date of the calendar, "YYYY-MM-DD"')


def _check_intervals(intervals: Sequence[OpenHours | OverrideHours], path: str) -> Iterator[Problem]:
    """Opening times of one day must not overlap, and stand in the order of the day: the API server can check no more."""
    last: dict[Day, OpenHours | OverrideHours] = {}
    for index, interval in enumerate(intervals):
        wrong = [
            day for day in interval.days or tuple(Day) if day in last and _end(last[day]) > _minute(interval.start)
        ]
        if wrong:
            yield _clash(interval, last[wrong[0]], wrong[0], f"{path}[{index}]")
        last.update(dict.fromkeys(interval.days or tuple(Day), interval))


def _clash(one: OpenHours | OverrideHours, other: OpenHours | OverrideHours, day: Day, path: str) -> Problem:
    times = f"{one.start} to {one.end} on {day}"
    if _minute(other.start) < _end(one):
        return Problem(path, f"{times} overlaps {other.start} to {other.end}", "correct one of the two, or join them")
    return Problem(
        path, f"{times} stands after {other.start} to {other.end}", "write the opening times of a day in its order"
    )


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _end(interval: OpenHours | OverrideHours) -> int:
    return MINUTES_OF_DAY if interval.end == MIDNIGHT else _minute(interval.end)
