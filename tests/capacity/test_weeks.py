"""What growth is read off: a week is no dip because of a holiday, a gap or a campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, timedelta

import pytest

from trunkline.capacity.breach import trend
from trunkline.capacity.forecast.calendar import Calendar, Occasion
from trunkline.capacity.forecast.history import Clock, Counts, History
from trunkline.capacity.forecast.weeks import weekly_means

HALVES = Clock(UTC, 43_200)
MONDAY = date(2026, 3, 2)
WEEK = (1.2, 1.0, 0.9, 1.0, 1.1)
WEEKS = 13
Days = dict[date, Counts]


def day(number: int) -> date:
    """Counted from the first Monday."""
    return MONDAY + timedelta(days=number)


def grown() -> Days:
    """Weeks from Monday to Friday with 1 % growth from each to the next, for ninety days."""
    return {
        day(number): (0.25 * calls, 0.75 * calls)
        for number in range(7 * WEEKS)
        if number % 7 < 5
        for calls in [100.0 * WEEK[number % 7] * 1.01 ** (number / 7.0)]
    }


def changed(number: int, factor: float) -> Callable[[Days], None]:
    """Another amount of calls on one day."""

    def change(days: Days) -> None:
        days[day(number)] = tuple((count or 0.0) * factor for count in days[day(number)])

    return change


def holiday(days: Days) -> None:
    """The last Monday but one: who wanted to call does so on the day after."""
    del days[day(77)]
    changed(78, 1.26)(days)


def silent_holiday(days: Days) -> None:
    """The same where a line says that nobody called."""
    days[day(77)] = (0.0, 0.0)
    changed(78, 1.26)(days)


def gap(days: Days) -> None:
    """A Friday of which the afternoon was not counted."""
    days[day(81)] = (days[day(81)][0], None)


def sunday(days: Days) -> None:
    """One Sunday on which the center was open."""
    days[day(83)] = (5.0, 5.0)


def lost_week(days: Days) -> None:
    """Only the Friday of a week was counted."""
    for number in range(70, 74):
        del days[day(number)]


CAMPAIGN: Mapping[date, Occasion] = {day(79): Occasion("campaign", factor=2.0)}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(lambda days: None, {}, id="nothing"),
        pytest.param(holiday, {}, id="a holiday that no event names"),
        pytest.param(silent_holiday, {}, id="a holiday with zeros"),
        pytest.param(gap, {}, id="a gap"),
        pytest.param(sunday, {}, id="a special Sunday"),
        pytest.param(lost_week, {}, id="a week that was hardly counted"),
        pytest.param(changed(79, 2.0), CAMPAIGN, id="a campaign that an event names"),
    ],
)
def test_growth_is_what_it_is(change: Callable[[Days], None], named: Mapping[date, Occasion]) -> None:
    days = grown()
    change(days)
    found = trend(weekly_means(History(HALVES, days), Calendar(named)))
    assert found is not None
    assert found.percent_a_week == pytest.approx(1.0, abs=0.03)
    assert found.noise < 0.005


def test_a_week_is_seven_days_back_from_the_last_one() -> None:
    means = weekly_means(History(HALVES, grown()))
    assert [middle for middle, _ in means][:2] == [day(7 * WEEKS - 3 - 3), day(7 * WEEKS - 3 - 10)]
    assert len(means) == WEEKS - 1


def test_no_history_has_no_weeks() -> None:
    assert weekly_means(History(HALVES)) == []
    assert weekly_means(History(HALVES, {day(number): (0.0, 0.0) for number in range(30)})) == []
