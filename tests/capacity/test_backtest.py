"""Policies played through days that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from trunkline.capacity.backtest.day import Terms, Truth, all_busy, run, together
from trunkline.capacity.backtest.others import TargetTracking, Unattended, foresight
from trunkline.capacity.backtest.play import Game, Hours, Played, forecast_days, others, ours, unattended
from trunkline.capacity.decision import Lever
from trunkline.capacity.forecast.history import Clock
from trunkline.capacity.headroom import Chance

CLOCK = Clock(UTC, 1800)
HOURS = Hours(8 * 60, 12 * 60)
PER_RATE = 1.5
CHANCE = Chance()


def units(rate: float) -> int:
    return CHANCE.servers(rate * PER_RATE)


@dataclass
class Set:
    """Sets what it is told to at given minutes."""

    levels: dict[int, int]

    def first(self) -> int:
        return self.levels[0]

    def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:
        return self.levels.get(minute, current)


def truth(*rates: float) -> Truth:
    return Truth(datetime(2026, 3, 2, 8, tzinfo=UTC), rates)


class TestDay:
    def test_more_works_only_after_it_was_allocated_and_less_at_once(self) -> None:
        found = run(Set({0: 10, 2: 30, 6: 20}), truth(*[1.0] * 9), Terms(PER_RATE, allocate=2))
        assert found.levels == (10, 10, 10, 10, 30, 30, 20, 20, 20)
        assert found.changes == 2
        assert found.seconds == 60.0 * sum(found.levels)

    def test_short_are_those_who_find_all_busy(self) -> None:
        """Two servers and one busy on average: P(Poisson(1) >= 2) = 1 - 2/e."""
        assert all_busy(2, 1.0) == pytest.approx(0.26424111765711533)
        found = run(Set({0: 2}), truth(1.0 / PER_RATE), Terms(PER_RATE))
        assert found.short_ppm == pytest.approx(264_241.118)

    def test_nobody_sees_a_rate_before_it_was_measured(self) -> None:
        sights: list[tuple[float, ...]] = []

        class Watching(Set):
            def at(self, minute: int, seen: Sequence[float], current: int, provisioned: int) -> int:
                sights.append(tuple(seen))
                return current

        run(Watching({0: 1}), truth(1.0, 2.0, 3.0), Terms(PER_RATE, delay=1))
        assert sights == [(), (1.0,), (1.0, 2.0)]


class TestOthers:
    def test_target_tracking_waits_for_three_points_and_grows_by_what_it_can_see(self) -> None:
        """Its measure ends at all: five times the calls look like 1/0.7 of what there is."""
        policy = TargetTracking(1.0, 0.7, minimum=10)
        found = run(policy, truth(*[7.0] * 3, *[35.0] * 30), Terms(1.0, allocate=2))
        first = next(minute for minute, level in enumerate(found.levels) if level > 10)
        assert found.levels[first] == 15
        assert first >= 3 + 3
        assert next(minute for minute, level in enumerate(found.levels) if level >= 35) - 3 >= 10

    def test_target_tracking_takes_away_after_a_quarter_of_an_hour(self) -> None:
        found = run(TargetTracking(1.0, 0.7, minimum=10), truth(*[14.0] * 20, *[3.0] * 40), Terms(1.0))
        lowered = next(minute for minute in range(20, 60) if found.levels[minute] < found.levels[minute - 1])
        assert lowered - 20 >= 15

    def test_with_nobody_there_a_minimum_takes_capacity_along_and_leaves_it_to_the_tracking(self) -> None:
        policy = Unattended(TargetTracking(1.0, 0.7, minimum=1), (*[10] * 10, *[40] * 10, *[10] * 40))
        found = run(policy, truth(*[7.0] * 60), Terms(1.0, allocate=0))
        assert found.levels[9:11] == (10, 40), "up by the clock"
        lowered = next(minute for minute in range(20, 60) if found.levels[minute] < 40)
        assert lowered > 20, "the clock lowers what is allowed, not what there is"
        assert min(found.levels) == 10

    def test_foresight_keeps_the_chance_with_the_fewest(self) -> None:
        rates = [10.0, 11.0, 12.0, 11.0, 10.0]
        (level,) = set(foresight(rates, units).levels)
        assert all_busy(level, 12.0 * PER_RATE) <= 0.001 < all_busy(level - 1, 12.0 * PER_RATE)


def played(day: date, factor: float = 1.0) -> Played:
    rates = tuple(factor * (10.0 + 10.0 * minute / HOURS.minutes) for minute in range(HOURS.minutes))
    slots = [0.0] * 48
    for minute, rate in enumerate(rates):
        slots[(HOURS.first + minute) // 30] += 60.0 * rate
    return Played(day, rates, tuple(slots))


@pytest.fixture(scope="module")
def game() -> Game:
    monday = date(2026, 3, 2)
    days = [monday + timedelta(days=number) for number in range(40)]
    return Game(
        CLOCK,
        [played(day, 0.9 + 0.2 * (number * 7 % 10) / 10) for number, day in enumerate(days) if day.weekday() < 5],
        5,
        HOURS,
        Terms(PER_RATE),
        units,
    )


class TestGame:
    def test_a_day_is_forecast_from_earlier_days_only(self, game: Game) -> None:
        for day, forecaster in forecast_days(game):
            assert forecaster.last is not None
            assert forecaster.last < day.day

    def test_tomorrow_changes_nothing_of_today(self, game: Game) -> None:
        *before, last = game.days
        other = replace(game, days=[*before, last.grown(3.0)])
        lever = Lever(1, 1000, units)
        assert ours(game, lever)[:-1] == ours(other, lever)[:-1]

    def test_the_policy_is_short_less_often_than_tracking_and_costs_less_than_a_ceiling(self, game: Game) -> None:
        mine = together(ours(game, Lever(1, 1000, units)))
        beside = {name: together(outcomes) for name, outcomes in others(game).items()}
        assert mine.short_ppm < beside["target tracking 70 %"].short_ppm
        assert beside["foresight"].seconds < mine.seconds < beside["ceiling"].seconds

    def test_the_schedule_of_the_day_before_serves_a_day_with_nobody_there(self, game: Game) -> None:
        lever = Lever(1, 1000, units)
        alone, tracking = together(unattended(game, lever)), together(others(game)["target tracking 70 %"])
        assert alone.short_ppm < 0.1 * tracking.short_ppm

    def test_who_is_gone_since_the_day_before_knows_nothing_of_that_day(self, game: Game) -> None:
        """The schedule was written before those calls came: on a Tuesday to Friday the day before is one that is played."""
        lever, number = Lever(1, 1000, units), len(game.days) - 2
        assert game.days[number + 1].day - game.days[number].day == timedelta(days=1)
        other = replace(game, days=[day.grown(3.0) if index == number else day for index, day in enumerate(game.days)])
        assert unattended(game, lever)[-1] == unattended(other, lever)[-1]

    def test_live_calls_are_followed_on_a_day_that_nobody_foresaw(self, game: Game) -> None:
        *before, last = game.days
        game = replace(game, days=[*before, last.grown(3.0)], scored=1)
        lever = Lever(1, 1000, units)
        (blind,), (seeing,) = ours(game, lever, live=False), ours(game, lever)
        assert seeing.short_ppm < blind.short_ppm
