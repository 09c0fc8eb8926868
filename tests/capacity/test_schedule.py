"""The minimums that AWS runs by its own clock while no operator is there to decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil

import pytest

from trunkline.capacity.schedule import Minimums, Rule, Step, minimums

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=5, minutes=10)
RULE = Rule(least=5, most=100)


def hour(number: float) -> datetime:
    return MIDNIGHT + timedelta(hours=number)


def by_hour(*values: tuple[int, float]) -> Callable[[datetime], float]:
    """Calls a second from an hour of the day on, the same each day."""

    def rate(instant: datetime) -> float:
        return [value for begins, value in values if begins <= instant.hour][-1]

    return rate


def plan(rate: Callable[[datetime], float], now: datetime = NOW, rule: Rule = RULE) -> Minimums:
    return minimums(rate, ceil, now, rule)


def steps_between(found: Minimums, since: datetime, until: datetime) -> list[Step]:
    return [step for step in found.steps if since < step.at < until]


OFFICE = by_hour((0, 0.0), (8, 30.0), (12, 50.0), (17, 0.0))


def test_it_goes_up_before_the_calls_come_and_down_when_they_are_gone() -> None:
    found = plan(OFFICE)
    assert (found.now, found.steps[:3]) == (
        5,
        (Step(hour(8) - timedelta(minutes=10), 30), Step(hour(12) - timedelta(minutes=10), 50), Step(hour(17), 5)),
    )


def test_after_two_days_without_anybody_the_highest_holds() -> None:
    found = plan(OFFICE)
    assert found.steps[-1] == Step(hour(53), 50)
    assert found.value(hour(1_000)) == 50, (
        "an operator that never comes back must not leave a busy morning with a night"
    )


def test_at_any_time_it_holds_what_calls_need() -> None:
    found = plan(OFFICE)
    short = [
        minute
        for minute in range(48 * 60)
        if found.value(NOW + timedelta(minutes=minute)) < OFFICE(NOW + timedelta(minutes=minute))
    ]
    assert not short, f"minutes after now in which less is scheduled than comes: {short[:5]}"


@pytest.mark.parametrize("later", [10, 29, 50, 170])
def test_the_next_pass_finds_the_same_steps(later: int) -> None:
    after = NOW + timedelta(minutes=later)
    first, second = (steps_between(plan(OFFICE, now), after, hour(50)) for now in (NOW, after))
    assert first == second, "what did not change has not to be written again"


def test_a_short_lull_is_sat_out() -> None:
    found = plan(by_hour((0, 0.0), (8, 40.0), (12, 20.0), (13, 40.0), (17, 0.0)))
    assert [step.value for step in found.steps[:2]] == [40, 5], (
        "down for an hour and up again is two changes for little"
    )


def test_a_small_decline_is_not_worth_a_change() -> None:
    found = plan(by_hour((0, 0.0), (8, 40.0), (12, 37.0), (17, 0.0)))
    assert [step.value for step in found.steps[:2]] == [40, 5]


def test_steps_down_keep_their_distance() -> None:
    rule = Rule(least=1, most=100, keep_seconds=7200.0)
    found = plan(lambda instant: 100.0 - 4.0 * instant.hour, MIDNIGHT, rule)
    down = [after.at for before, after in pairwise(found.steps) if after.value < before.value]
    gaps = [(b - a).total_seconds() for a, b in pairwise(down)]
    assert min(gaps) >= 7200.0, f"AWS allows few decreases a day: {gaps}"


@pytest.mark.parametrize(
    ("rate", "values"),
    [
        pytest.param(lambda instant: 0.0, set(), id="never-below-the-least"),
        pytest.param(by_hour((0, 0.0), (8, 4000.0), (17, 0.0)), {100, 5}, id="never-above-the-most"),
    ],
)
def test_bounds_hold(rate: Callable[[datetime], float], values: set[int]) -> None:
    found = plan(rate)
    assert found.now == 5
    assert {step.value for step in found.steps} == values


def test_a_rise_that_is_due_holds_already() -> None:
    found = plan(OFFICE, hour(8) - timedelta(minutes=3))
    assert found.now == 30
    assert found.steps[0].value == 50


def test_the_next_change_is_the_first_that_changes_anything() -> None:
    found = plan(OFFICE)
    assert found.next_change(5) == Step(hour(8) - timedelta(minutes=10), 30)
    assert found.next_change(30) == Step(hour(12) - timedelta(minutes=10), 50)


@pytest.mark.parametrize(("least", "most"), [(6, 5), (-1, 5)])
def test_bounds_that_cannot_hold_are_refused(least: int, most: int) -> None:
    with pytest.raises(ValueError, match="least must be"):
        Rule(least=least, most=most)
