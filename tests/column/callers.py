"""Callers as functions of time, calls a second, and what their lookups keep busy. Times are by the clock of New York."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from math import exp, lgamma, log, pi, sin
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
MINUTE = 60.0
LOOKUPS, LOOKUP_SECONDS = 5, 0.3  # as the policies of `tests.column.policies` say

Rate = Callable[[float], float]
"""Calls a second at an instant, in seconds since the epoch."""


def at(text: str) -> float:
    """An instant, by New York's clock; of an hour that comes twice the first. Seconds since the epoch."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def local(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC).astimezone(ZONE)


def steady(calls_a_second: float) -> Rate:
    return lambda _instant: calls_a_second


def hours(highest: float, opens: float = 8.0, closes: float = 18.0, days: Iterable[int] = range(5)) -> Rate:
    """Calls of opening hours: two thirds of the highest at the opening and the end, nobody outside. days: 0 is Monday."""
    open_days = frozenset(days)

    def rate(instant: float) -> float:
        here = local(instant)
        hour = here.hour + here.minute / 60 + here.second / 3600
        if here.weekday() not in open_days or not opens <= hour < closes:
            return 0.0
        return highest * (2.0 + sin((hour - opens) / (closes - opens) * pi)) / 3.0

    return rate


def surge(rate: Rate, factor: float, since: str, until: str = "2100-01-01", within: float = MINUTE) -> Rate:
    """So many times the calls, reached within so many seconds."""
    begins, ends = at(since), at(until)

    def surging(instant: float) -> float:
        if not begins <= instant < ends:
            return rate(instant)
        return rate(instant) * (1.0 + (factor - 1.0) * min(1.0, (instant - begins) / within))

    return surging


def closed(rate: Rate, *days: str) -> Rate:
    shut = frozenset(date.fromisoformat(day) for day in days)
    return lambda instant: 0.0 if local(instant).date() in shut else rate(instant)


def after(rate: Rate, factor: float, *days: str) -> Rate:
    """Days on which so many times as many call."""
    fuller = frozenset(date.fromisoformat(day) for day in days)
    return lambda instant: rate(instant) * (factor if local(instant).date() in fuller else 1.0)


def growing(rate: Rate, percent_a_week: float, since: str) -> Rate:
    """As the rate is on that day; less before, more after."""
    began = at(since)
    return lambda instant: rate(instant) * (1.0 + percent_a_week / 100.0) ** ((instant - began) / 604_800.0)


def outage(rate: Rate, since: str, until: str, through: float = 0.1, back_within: float = 1200.0) -> Rate:
    """Few get through meanwhile; all others call again within so many seconds after it."""
    begins, ends = at(since), at(until)

    def broken(instant: float) -> float:
        if begins <= instant < ends:
            return rate(instant) * through
        if ends <= instant < ends + back_within:
            return rate(instant) * (1.0 + (1.0 - through) * (ends - begins) / back_within)
        return rate(instant)

    return broken


def busy(calls_a_second: float) -> float:
    """Environments that lookups keep busy on average."""
    return calls_a_second * LOOKUPS * LOOKUP_SECONDS


def all_busy(servers: int, mean: float) -> float:
    """The chance that a lookup finds no warm environment: a Poisson number reaches what there is. By its sum."""
    if mean <= 0.0:
        return 0.0
    if servers <= mean:
        below = sum(exp(count * log(mean) - mean - lgamma(count + 1)) for count in range(servers))
        return 1.0 - below
    return sum(exp(count * log(mean) - mean - lgamma(count + 1)) for count in range(servers, servers + 400))
