"""Dates of breach: exact on exact growth, as good as stated with noise, honest where nothing is known."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp, inf, log
from random import Random
from statistics import median

import pytest

from trunkline.capacity.breach import Breach, breach, growth_until, student_t, trend, with_growth

TODAY = date(2026, 11, 20)
DAY = 86_400.0
NOISE = 0.05  # of a weekly mean: rounded up from what `make bench` measures on a bank's calls


def weeks(growth: float, noise: float = 0.0, seed: int = 0, count: int = 26) -> list[tuple[date, float]]:
    """Weekly means that grow by so much a week to 100 today."""
    random, rate = Random(seed), log(1.0 + growth) / 7.0
    back = [4 + 7 * week for week in range(count)]
    return [(TODAY - timedelta(days=days), 100.0 * exp(-rate * days + random.gauss(0.0, noise))) for days in back]


def level_in(days: int, growth: float) -> float:
    """The weekly mean so many days from today."""
    return 100.0 * exp(log(1.0 + growth) * days / 7.0)


def found_in(growth: float, noise: float, seed: int, days: int = 60) -> Breach:
    found = trend(weeks(growth, noise, seed))
    assert found is not None
    return breach(found, level_in(days, growth), TODAY, 0.0)


class TestExactGrowth:
    @pytest.mark.parametrize("growth", [0.005, 0.01, 0.04])
    def test_is_found_to_the_day(self, growth: float) -> None:
        found = found_in(growth, 0.0, 0)
        for day in (found.earliest, found.expected, found.latest):
            assert day is not None
            assert abs((day - TODAY).days - 60) <= 1

    def test_more_is_requested_a_lead_time_before_the_earliest_day(self) -> None:
        found = trend(weeks(0.01, NOISE, 3))
        assert found is not None
        soon = breach(found, level_in(120, 0.01), TODAY, 21 * DAY)
        assert soon.earliest is not None
        assert soon.request_by == soon.earliest - timedelta(days=21)

    def test_a_request_that_is_late_already_is_due_today(self) -> None:
        found = trend(weeks(0.01))
        assert found is not None
        assert breach(found, level_in(10, 0.01), TODAY, 21 * DAY).request_by == TODAY

    def test_a_limit_that_is_passed_already_is_passed_today(self) -> None:
        found = trend(weeks(0.01))
        assert found is not None
        assert breach(found, 50.0, TODAY, 0.0).expected == TODAY


class TestNoise:
    @pytest.mark.parametrize(("growth", "days"), [(0.005, 30), (0.01, 15), (0.02, 8), (0.04, 4)], ids=str)
    def test_the_median_error_60_days_ahead_is_as_stated(self, growth: float, days: int) -> None:
        errors = []
        for seed in range(400):
            expected = found_in(growth, NOISE, seed).expected
            errors.append(inf if expected is None else abs((expected - TODAY).days - 60))
        assert median(errors) <= days

    @pytest.mark.parametrize("growth", [0.01, 0.02])
    def test_the_range_holds_the_day_about_as_often_as_it_says(self, growth: float) -> None:
        truth, held = TODAY + timedelta(days=60), 0
        for seed in range(600):
            found = found_in(growth, NOISE, seed)
            early = found.earliest is not None and found.earliest <= truth
            held += early and (found.latest is None or found.latest >= truth)
        assert 0.75 <= held / 600 <= 0.87

    def test_a_flat_trend_has_no_latest_day_and_no_certain_one(self) -> None:
        found = trend(weeks(0.0, NOISE, 1))
        assert found is not None
        assert breach(found, 200.0, TODAY, 0.0).latest is None

    def test_calls_that_get_fewer_never_breach(self) -> None:
        found = trend(weeks(-0.02, 0.005, 1))
        assert found is not None
        assert breach(found, 200.0, TODAY, 21 * DAY) == Breach(None, None, None, None)


class TestTrend:
    def test_three_weeks_are_none(self) -> None:
        assert trend(weeks(0.01, count=3)) is None
        assert trend([]) is None

    def test_weeks_without_calls_are_closed_weeks(self) -> None:
        closed = [(TODAY - timedelta(days=200), 0.0), *weeks(0.01)]
        found = trend(closed)
        assert found is not None
        assert found.percent_a_week == pytest.approx(1.0, abs=0.02)

    def test_old_weeks_do_not_count(self) -> None:
        old = [(TODAY - timedelta(days=300 + 7 * week), 1.0) for week in range(20)]
        found = trend([*weeks(0.01), *old])
        assert found is not None
        assert found.percent_a_week == pytest.approx(1.0, abs=0.02)

    def test_growth_that_the_user_states_replaces_what_was_fitted(self) -> None:
        found = trend(weeks(0.0, NOISE, 1))
        assert found is not None
        stated = with_growth(found, 100.0, TODAY)
        doubled = breach(stated, 2.0 * found.at(TODAY), TODAY, 0.0)
        assert doubled.expected is not None
        assert doubled.latest is not None
        assert abs((doubled.expected - TODAY).days - 365) <= 1


class TestGrowthUntil:
    @pytest.mark.parametrize(("limit", "growth"), [(150.0, 1.5), (100.0, 1.0), (50.0, 0.5), (2.0, 0.02)])
    def test_is_how_many_times_todays_calls_fit(self, limit: float, growth: float) -> None:
        assert growth_until(lambda factor: 100.0 * factor, limit) == pytest.approx(growth, rel=1e-3)

    def test_a_layer_that_calls_hardly_touch_has_no_end(self) -> None:
        assert growth_until(lambda factor: 0.001 * factor, 90.0) == inf


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [(0.9, 1, 3.0777), (0.9, 2, 1.8856), (0.9, 3, 1.6377), (0.9, 24, 1.3178), (0.975, 10, 2.2281), (0.1, 24, -1.3178)],
)
def test_quantiles_of_students_distribution(share: float, freedom: int, value: float) -> None:
    assert student_t(share, freedom) == pytest.approx(value, abs=1e-3)
