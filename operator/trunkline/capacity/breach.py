"""When growing demand will exceed a limit: a range of dates, and the day by which more has to be requested. Pure.

Weekly means are fitted log-linearly, which is what steady growth is; weeks hide weekdays. The range is where the edges of
the trend's confidence band cross the limit, so a trend that is hardly known has a wide one, without an end if it may as
well be flat. Only the trend's own uncertainty is in it: no one knows a campaign that nobody planned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, cos, exp, inf, log, pi, sin, sqrt
from statistics import NormalDist, fmean

CONFIDENCE = 0.8
WEEKS = 26  # of history that are looked at: growth of a year ago says little about next month
FEWEST = 4  # weeks, below which there is no trend to speak of
HORIZON = timedelta(days=3 * 365)
DAY = timedelta(days=1)
MOST_GROWTH = 1_000.0
DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """Growth of weekly means, and how well it is known. rate: natural logarithm a day. origin: the mean day of the data."""

    origin: date
    level: float
    rate: float
    noise: float
    spread: float  # days: root of the sum of squared distances from the origin
    weeks: int

    @property
    def percent_a_week(self) -> float:
        """Growth a week."""
        return 100.0 * (exp(DAYS_OF_WEEK * self.rate) - 1.0)

    def at(self, day: date) -> float:
        """The expected weekly mean around that day."""
        return exp(self.level + self.rate * (day - self.origin).days)

    def band(self, days: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """The logarithm of the mean so many days after the origin: the ends of its confidence interval."""
        middle = self.level + self.rate * days
        half = (
            student_t(0.5 + 0.5 * confidence, self.weeks - 2)
            * self.noise
            * sqrt(1.0 / self.weeks + (days / self.spread) ** 2)
        )
        return middle - half, middle + half


@dataclass(frozen=True, slots=True)
class Breach:
    """The days on which need passes a limit; None is not within three years. request_by: earliest less the lead time."""

    earliest: date | None
    expected: date | None
    latest: date | None
    request_by: date | None


def trend(means: Sequence[tuple[date, float]], weeks: int = WEEKS) -> Trend | None:
    """The trend of weekly means, each with the middle day of its week; weeks without calls are left out.

    None with fewer than four weeks: too little to tell growth from noise.
    """
    points = [(day, log(mean)) for day, mean in sorted(means) if mean > 0.0][-weeks:]
    if len(points) < FEWEST:
        return None
    first = points[0][0]
    days = [float((day - first).days) for day, _ in points]
    center = round(fmean(days))
    offsets = [day - center for day in days]
    middle_x, middle_y = fmean(offsets), fmean(value for _, value in points)
    squares = sum((x - middle_x) ** 2 for x in offsets)
    rate = sum((x - middle_x) * (y - middle_y) for x, (_, y) in zip(offsets, points, strict=True)) / squares
    level = middle_y - rate * middle_x
    rest = sum((y - level - rate * x) ** 2 for x, (_, y) in zip(offsets, points, strict=True))
    noise = sqrt(rest / (len(points) - 2))
    return Trend(first + timedelta(days=center), level, rate, noise, sqrt(squares), len(points))


def with_growth(found: Trend, percent_per_year: float, today: date) -> Trend:
    """From today's level on, the growth that the user states: then not in doubt, only today's level is."""
    days = float((today - found.origin).days)
    rate = log(1.0 + percent_per_year / 100.0) / 365.0
    noise = found.noise * sqrt(1.0 + found.weeks * (days / found.spread) ** 2)
    return Trend(today, found.level + found.rate * days, rate, noise, inf, found.weeks)


def breach(
    found: Trend, mean_at_limit: float, today: date, lead_seconds: float, confidence: float = CONFIDENCE
) -> Breach:
    """When the weekly mean reaches `mean_at_limit`, the mean at which the layer's need is its limit.

    A day in the past is today: the limit is passed. Raises ValueError unless mean_at_limit > 0.
    """
    if not mean_at_limit > 0.0:
        raise ValueError(f"the weekly mean at the limit must be above 0, not {mean_at_limit}")
    target = log(mean_at_limit)
    last = (today + HORIZON - found.origin).days
    first = (today - found.origin).days
    expected = _crossing(lambda days: found.level + found.rate * days - target, first, last)
    earliest = _crossing(lambda days: found.band(days, confidence)[1] - target, first, last)
    latest = _crossing(lambda days: found.band(days, confidence)[0] - target, first, last)
    dates = [None if days is None else found.origin + days * DAY for days in (earliest, expected, latest)]
    lead = timedelta(days=ceil(lead_seconds / DAY.total_seconds()))
    return Breach(dates[0], dates[1], dates[2], None if dates[0] is None else max(today, dates[0] - lead))


def growth_until(need: Callable[[float], float], limit: float, most: float = MOST_GROWTH) -> float:
    """How many times today's calls the layer takes before its need is above the limit; `inf` if more than `most`.

    need: of the layer, for a factor on today's calls; it must not fall as the factor grows.
    """
    if need(most) <= limit:
        return inf
    low, high = 0.0, most
    while high - low > 1e-4 * high and high > 1e-6:
        middle = sqrt(low * high) if low > 0.0 else high / 10.0
        low, high = (middle, high) if need(middle) <= limit else (low, middle)
    return low


def student_t(share: float, freedom: int) -> float:
    """The quantile of Student's distribution: Cornish-Fisher's expansion, to a percent from three degrees of freedom on.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5; one and two degrees have closed forms.
    """
    if freedom <= 2:
        if freedom == 1:
            return -cos(pi * share) / sin(pi * share)
        return (2.0 * share - 1.0) * sqrt(2.0 / (4.0 * share * (1.0 - share)))
    z, n = NormalDist().inv_cdf(share), float(freedom)
    z2 = z * z
    g1 = z * (z2 + 1.0) / 4.0
    g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0
    g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0
    g4 = z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92160.0
    return z + g1 / n + g2 / n**2 + g3 / n**3 + g4 / n**4


def _crossing(above: Callable[[float], float], first: int, last: int) -> int | None:
    """The first whole day on which the value is not negative, between two days.

    Scanned week by week, since an edge of a band may rise and fall again; then day by day.
    """
    if above(first) >= 0.0:
        return first
    for end in range(first + DAYS_OF_WEEK, last + DAYS_OF_WEEK, DAYS_OF_WEEK):
        if above(end) >= 0.0:
            return next(day for day in range(end - DAYS_OF_WEEK + 1, end + 1) if above(day) >= 0.0)
    return None
