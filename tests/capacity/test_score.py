"""What a recommendation is judged by: calls that came after it, and what stood there meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import exp, inf, nan

import pytest

from trunkline.capacity.score import DAYS, Score, Step, Tally, scored

DAY = date(2026, 11, 20)
STEP = Step(seconds=60.0, arrivals=600.0, mean=1.0, set=2, best=3, standing=1)


def test_short_are_those_who_would_have_found_all_busy() -> None:
    found = Score(DAY).with_step(STEP)
    assert found.ours.short == pytest.approx(600.0 * (1.0 - 2.0 / exp(1.0))), "P(Poisson(1) >= 2)"
    assert found.standing is not None
    assert found.standing.short == pytest.approx(600.0 * (1.0 - 1.0 / exp(1.0))), "P(Poisson(1) >= 1)"


def test_cost_is_of_the_least_that_would_have_done() -> None:
    found = Score(DAY).with_step(STEP).with_step(replace(STEP, set=4, changed=True))
    assert found.over_foresight(found.ours) == pytest.approx((2 + 4) / (3 + 3))
    assert found.standing is not None
    assert found.over_foresight(found.standing) == pytest.approx(2 / 6)
    assert (found.ours.changes, found.standing.changes) == (1, 0)


def test_nothing_provisioned_serves_nobody() -> None:
    assert Score(DAY).with_step(replace(STEP, set=0)).ours.short_ppm == 1e6


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(replace(STEP, seconds=0.0), id="no-time"),
        pytest.param(replace(STEP, seconds=-60.0), id="a-clock-put-back"),
        pytest.param(replace(STEP, seconds=7_200.0), id="nobody-measured-for-two-hours"),
        pytest.param(replace(STEP, mean=nan), id="no-number"),
        pytest.param(replace(STEP, arrivals=inf), id="not-finite"),
    ],
)
def test_what_was_not_measured_judges_nobody(step: Step) -> None:
    assert Score(DAY).with_step(step) == Score(DAY)


def test_a_day_without_need_has_no_cost_over_foresight() -> None:
    assert Score(DAY).over_foresight(Tally(seconds=60.0)) is None


def test_two_weeks_are_remembered() -> None:
    days: tuple[Score, ...] = ()
    for number in range(20):
        for _ in range(2):
            days = scored(days, DAY + timedelta(days=number), STEP)
    assert [score.day for score in days] == [DAY + timedelta(days=number) for number in range(20 - DAYS, 20)]
    assert {score.known_seconds for score in days} == {120.0}
