"""The forecast: what a planner would see wrong at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from random import Random
from zoneinfo import ZoneInfo

import pytest

from trunkline.capacity.forecast.calendar import Calendar, Occasion
from trunkline.capacity.forecast.errors import Errors
from trunkline.capacity.forecast.history import Clock, Counts, History
from trunkline.capacity.forecast.model import LEAST_DAYS, Forecaster
from trunkline.capacity.forecast.outlook import outlook, updated

HOURLY = Clock(UTC, 3600)
MONDAY = date(2026, 3, 2)
SHAPE = (*([0.0] * 8), 40.0, 100.0, 120.0, 90.0, 60.0, 80.0, 110.0, 100.0, 70.0, 30.0, *([0.0] * 6))
WEEK = (1.2, 1.0, 0.9, 1.0, 1.1)


def usual(day: date) -> Counts:
    """A day like any other of its weekday; nobody calls at weekends."""
    return tuple(count * WEEK[day.weekday()] if day.weekday() < 5 else 0.0 for count in SHAPE)


def learned(
    days: int, calls: Callable[[date], Counts] = usual, calendar: Calendar | None = None, since: date = MONDAY
) -> Forecaster:
    forecaster = Forecaster(HOURLY, calendar or Calendar())
    for number in range(days):
        day = since + timedelta(days=number)
        forecaster.learn(day, calls(day))
    return forecaster


class TestDays:
    def test_a_steady_week_is_foreseen_as_it_was(self) -> None:
        forecaster = learned(42)
        for number in range(42, 47):
            day = MONDAY + timedelta(days=number)
            assert forecaster.day(day).expected == pytest.approx(usual(day))

    def test_nobody_calls_on_days_on_which_nobody_ever_called(self) -> None:
        saturday = MONDAY + timedelta(days=47)
        assert sum(learned(42).day(saturday).expected) == 0.0

    def test_the_level_follows_within_days(self) -> None:
        switch = MONDAY + timedelta(days=35)
        forecaster = learned(
            42, lambda day: tuple((count or 0.0) * (1.5 if day >= switch else 1.0) for count in usual(day))
        )
        found = sum(forecaster.day(MONDAY + timedelta(days=42)).expected)
        assert found / sum(count or 0.0 for count in usual(MONDAY)) == pytest.approx(1.5, abs=0.1)

    def test_a_missing_day_shifts_nothing(self) -> None:
        """By index a Tuesday would then be forecast as a Monday."""
        gap = MONDAY + timedelta(days=28)
        forecaster = Forecaster(HOURLY)
        for number in range(35):
            day = MONDAY + timedelta(days=number)
            if day != gap:
                forecaster.learn(day, usual(day))
        tuesday = MONDAY + timedelta(days=36)
        assert forecaster.day(tuesday).expected == pytest.approx(usual(tuesday))

    def test_a_closed_day_brings_nothing_and_does_not_lower_what_follows(self) -> None:
        closed = MONDAY + timedelta(days=42)
        forecaster = learned(42, calendar=Calendar({closed: Occasion("holiday", closed=True)}))
        assert sum(forecaster.day(closed).expected) == 0.0
        forecaster.learn(closed, (0.0,) * 24)
        wednesday = closed + timedelta(days=2)
        assert forecaster.day(wednesday).expected == pytest.approx(usual(wednesday))

    def test_what_the_day_after_a_closed_one_brings_is_learned(self) -> None:
        holidays = {MONDAY + timedelta(days=days): Occasion("holiday", closed=True) for days in (28, 49, 70)}

        def calls(day: date) -> Counts:
            if day in holidays:
                return (0.0,) * 24
            return tuple((count or 0.0) * (1.3 if day - timedelta(days=1) in holidays else 1.0) for count in usual(day))

        tuesday = MONDAY + timedelta(days=71)
        found = sum(learned(71, calls, Calendar(holidays)).day(tuesday).expected)
        assert 1.15 < found / sum(count or 0.0 for count in usual(tuesday)) < 1.3, "learned from two, and shrunk"

    def test_a_named_day_is_so_many_times_the_usual_one_and_no_example_for_others(self) -> None:
        sale = MONDAY + timedelta(days=43)
        calendar = Calendar({sale: Occasion("sale", factor=1.8)})
        forecaster = learned(43, calendar=calendar)
        assert sum(forecaster.day(sale).expected) == pytest.approx(1.8 * sum(count or 0.0 for count in usual(sale)))
        forecaster.learn(sale, tuple(1.8 * (count or 0.0) for count in usual(sale)))
        later = sale + timedelta(days=7)
        for number in range(44, 50):
            day = MONDAY + timedelta(days=number)
            forecaster.learn(day, usual(day))
        assert sum(forecaster.day(later).expected) == pytest.approx(
            sum(count or 0.0 for count in usual(later)), rel=0.01
        )

    def test_growth_is_carried_on(self) -> None:
        forecaster = learned(42)
        forecaster.growth_per_day = 1.01
        ahead = MONDAY + timedelta(days=49)
        assert sum(forecaster.day(ahead).expected) == pytest.approx(
            sum(count or 0.0 for count in usual(ahead)) * 1.01**9, rel=0.001
        ), "the last day known is the Friday, ten days before"

    def test_hours_that_are_not_known_are_not_zero(self) -> None:
        lost = MONDAY + timedelta(days=35)
        forecaster = learned(42, lambda day: (*usual(day)[:12], *([None] * 12)) if day == lost else usual(day))
        monday = MONDAY + timedelta(days=42)
        assert forecaster.day(monday).expected[12:] == pytest.approx(usual(monday)[12:], rel=0.25)

    def test_too_little_history_says_so(self) -> None:
        assert str(LEAST_DAYS) in learned(5).thin
        assert learned(30).thin == ""

    def test_without_any_history_nothing_is_expected(self) -> None:
        assert sum(Forecaster(HOURLY).day(MONDAY).expected) == 0.0

    def test_days_are_learned_in_order(self) -> None:
        forecaster = learned(10)
        with pytest.raises(ValueError, match="does not come after"):
            forecaster.learn(MONDAY, usual(MONDAY))


class TestClockChanges:
    ZONE = ZoneInfo("America/New_York")

    def counted(self, day: date) -> Counts:
        """One call a second through the whole local day, by hours."""
        begins = datetime(day.year, day.month, day.day, tzinfo=self.ZONE).timestamp()
        end = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=self.ZONE).timestamp()
        counts = [(datetime.fromtimestamp(at, UTC), 900.0) for at in range(int(begins), int(end), 900)]
        return History.counted(counts, Clock(self.ZONE, 3600)).days[day]

    def test_the_day_with_25_hours_is_no_busier_in_any_hour(self) -> None:
        assert self.counted(date(2026, 11, 1)) == (3600.0,) * 24

    def test_the_hour_that_is_skipped_is_not_known_which_is_not_zero(self) -> None:
        assert self.counted(date(2026, 3, 8)) == (3600.0, 3600.0, None, *((3600.0,) * 21))

    def test_an_instant_of_either_of_the_two_hours_is_that_of_the_clock(self) -> None:
        clock = Clock(self.ZONE, 1800)
        twice = [datetime(2026, 11, 1, 1, 30, fold=fold, tzinfo=self.ZONE) for fold in (0, 1)]
        assert [clock.place(instant) for instant in twice] == [(date(2026, 11, 1), 3.0)] * 2
        assert twice[1].timestamp() - twice[0].timestamp() == 3600


class TestErrors:
    def noisy(self, days: int, seed: int, spread: float = 0.1) -> Errors:
        random, errors = Random(seed), Errors()
        for _ in range(days):
            errors.learn(
                [(n, max(0.0, random.gauss(n, sqrt(n + (spread * n) ** 2)))) for n in (20.0, 200.0, 2000.0) * 8]
            )
        return errors

    @pytest.mark.parametrize("expected", [20.0, 200.0, 2000.0])
    @pytest.mark.parametrize(("share", "score"), [(0.5, 0.0), (0.9, 1.2816), (0.99, 2.3263)])
    def test_quantiles_are_those_of_the_errors_made(self, expected: float, share: float, score: float) -> None:
        deviation = sqrt(expected + (0.1 * expected) ** 2)
        found = self.noisy(80, 1).quantile(expected, share)
        assert found == pytest.approx(expected + score * deviation, abs=0.35 * deviation)

    def test_few_days_widen(self) -> None:
        """Ten good days do not prove the eleventh."""
        few, many = self.noisy(2, 2, 0.02), self.noisy(80, 2, 0.02)
        assert few.quantile(2000.0, 0.99) > 1.05 * many.quantile(2000.0, 0.99)

    def test_a_single_error_is_no_tail(self) -> None:
        """A center that takes calls in one half hour a day, on its first checked day."""
        errors = Errors()
        errors.learn([(5.0, 9.0)])
        quantiles = [errors.quantile(5.0, share) for share in (0.1, 0.5, 0.9, 0.99, 0.999)]
        assert quantiles == sorted(quantiles)
        assert 5.0 < quantiles[3] < 50.0

    def test_where_nothing_is_expected_nothing_is_provided(self) -> None:
        assert Errors().quantile(0.0, 0.99) == 0.0


class TestOutlook:
    NOW = datetime(2026, 4, 13, 12, tzinfo=UTC)  # a Monday

    def test_a_day_that_runs_high_is_expected_to_go_on_so_and_less_so_later(self) -> None:
        random = Random(3)

        def calls(day: date) -> Counts:
            off = random.uniform(0.8, 1.2)
            return tuple(20.0 * off * (count or 0.0) for count in usual(day))

        forecaster = learned(42, calls)
        before = outlook(forecaster, self.NOW)
        now = updated(before, [(1000.0, 1200.0)], self.NOW)
        soon, later = self.NOW + timedelta(minutes=20), self.NOW + timedelta(hours=5)
        assert 1.1 < now.expected(soon) / before.expected(soon) <= 1.2
        assert now.expected(later) / before.expected(later) <= now.expected(soon) / before.expected(soon)

    def test_a_handful_of_calls_proves_nothing(self) -> None:
        before = outlook(learned(42), self.NOW)
        after = updated(before, [(5.0, 50.0)], self.NOW)
        assert after.expected(self.NOW) == before.expected(self.NOW)

    def test_between_hours_it_is_interpolated_but_not_across_the_opening(self) -> None:
        found = outlook(learned(42), self.NOW)
        ten = datetime(2026, 4, 13, 10, tzinfo=UTC)
        assert found.expected(ten) * 3600 == pytest.approx(1.2 * (100.0 + 120.0) / 2)
        opening = datetime(2026, 4, 13, 8, tzinfo=UTC)
        assert found.expected(opening) * 3600 == pytest.approx(1.2 * 40.0), "people call from the first minute on"
        assert found.expected(opening - timedelta(minutes=1)) == 0.0

    def test_the_high_rate_is_above_the_expected_one(self) -> None:
        found = outlook(learned(42), self.NOW)
        assert found.high(self.NOW, 0.99) > found.high(self.NOW, 0.9) > found.expected(self.NOW)

    def test_more_cover_is_never_less_not_even_beside_an_opening(self) -> None:
        """Twenty calls are less than half of forty-one, which is an opening; of their quantiles they are more than half."""
        found = outlook(learned(42, lambda day: (*[0.0] * 12, *[41.0, 20.0] * 6)), self.NOW)
        for minute in range(0, 600, 10):
            at = self.NOW + timedelta(minutes=minute)
            rates = [found.expected(at), *(found.high(at, share) for share in (0.6, 0.9, 0.95, 0.99, 0.999))]
            assert rates == sorted(rates), at
