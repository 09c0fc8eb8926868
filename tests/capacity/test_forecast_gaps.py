"""Histories with gaps, and short ones: what is not known of a day was not zero, and who knows little is not sure."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from math import sin

import pytest

from trunkline.capacity.forecast.history import Clock, Counts
from trunkline.capacity.forecast.model import LEAST_DAYS, Forecaster

FIRST = date(2026, 1, 5)
DAYS = 30
TODAY = FIRST + timedelta(days=DAYS)
USUAL: Counts = tuple(100.0 * (slot - 15) if 16 <= slot < 42 else 0.0 for slot in range(48))


def usual(day: date) -> Counts:
    """Fridays have more."""
    return tuple((1.3 if day.weekday() == 4 else 1.0) * (count or 0.0) for count in USUAL)


def without(day: date, first: int, last: int) -> Counts:
    return tuple(None if first <= slot < last else count for slot, count in enumerate(usual(day)))


def learned(*last: Counts) -> Forecaster:
    """Usual days, of which the last ones came as given."""
    forecaster = Forecaster(Clock(UTC))
    for number in range(DAYS):
        day, left = FIRST + timedelta(days=number), DAYS - number
        forecaster.learn(day, last[len(last) - left] if left <= len(last) else usual(day))
    return forecaster


YESTERDAY, BEFORE = TODAY - timedelta(days=1), TODAY - timedelta(days=2)


@pytest.mark.parametrize(
    "last",
    [
        pytest.param((without(YESTERDAY, 30, 48),), id="an-afternoon-missing"),
        pytest.param((without(YESTERDAY, 0, 25),), id="a-morning-missing"),
        pytest.param((without(YESTERDAY, 18, 40),), id="nearly-all-missing"),
        pytest.param((without(BEFORE, 0, 48), without(YESTERDAY, 20, 30)), id="a-day-and-a-part-missing"),
    ],
)
def test_a_gap_takes_nothing_from_the_next_day(last: tuple[Counts, ...]) -> None:
    found = learned(*last).day(TODAY).expected
    assert found == pytest.approx(usual(TODAY), rel=1e-6)


def test_the_profile_of_a_weekday_survives_a_gap_of_its_own() -> None:
    week = [usual(TODAY - timedelta(days=back)) for back in range(7, 0, -1)]
    week[0] = without(TODAY - timedelta(days=7), 18, 30)
    assert learned(*week).day(TODAY).expected == pytest.approx(usual(TODAY), rel=1e-6)


def test_the_first_checked_days_make_nobody_sure() -> None:
    """One day is one error, however many half hours it has: it must not narrow what was wide without any."""
    forecaster, widths = Forecaster(Clock(UTC)), {}
    for number in range(60):
        day = FIRST + timedelta(days=number)
        if number >= LEAST_DAYS:
            found = forecaster.day(day)
            widths[number - LEAST_DAYS] = found.quantile(30, 0.99) / found.expected[30] - 1.0
        forecaster.learn(day, tuple((1.0 + 0.02 * sin(1.7 * number)) * (count or 0.0) for count in usual(day)))
    assert widths[1] > 0.5 * widths[0]
    assert widths[45] < 0.3 * widths[0], "with six weeks of small errors it is"


def test_a_day_on_which_nobody_called_was_closed_whatever_the_calendar_says() -> None:
    nobody: Counts = (0.0,) * 48
    assert sum(learned(nobody).day(TODAY).expected) > 1.05 * sum(c or 0.0 for c in usual(TODAY)), "who waited calls now"
    unknown: Counts = (None,) * 48
    assert learned(unknown).day(TODAY).expected == pytest.approx(usual(TODAY), rel=1e-6)
