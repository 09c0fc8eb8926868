"""When an object is looked at again although nobody changed it."""

from __future__ import annotations

import pytest

from trunkline.engine.budget import Priority
from trunkline.runtime.controller import next_check

PERIOD = 600.0


@pytest.mark.parametrize(
    ("cause", "turn", "wait"),
    [
        pytest.param(Priority.DRIFT, 599.9, 599.9, id="in turn: and so for ever"),
        pytest.param(Priority.DRIFT, 0.1, 600.1, id="a little early: not a second time at once"),
        pytest.param(Priority.DRIFT, 200.0, 200.0, id="out of turn: back in turn"),
        pytest.param(Priority.CHANGE, 10.0, 600.0, id="changed shortly before its turn: a whole period later"),
        pytest.param(Priority.CHANGE, 400.0, 400.0, id="changed long before its turn: in turn"),
        pytest.param(Priority.PROGRESS, 10.0, 600.0, id="settled shortly before its turn"),
    ],
)
def test_a_check_is_at_most_a_period_away_and_not_soon_after_a_change(
    cause: Priority, turn: float, wait: float
) -> None:
    assert next_check(cause, turn, PERIOD) == pytest.approx(wait)


@pytest.mark.parametrize("cause", list(Priority))
def test_no_check_is_later_than_a_period_but_for_one_that_came_early(cause: Priority) -> None:
    for turn in range(600):
        assert next_check(cause, float(turn), PERIOD) <= PERIOD + 5.0
