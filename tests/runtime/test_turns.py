"""When an object is looked at again although nobody changed it."""

from __future__ import annotations

import pytest

from trunkline.engine.budget import Priority
from trunkline.runtime.controller import next_check

PERIOD = 600.0


@pytest.mark.parametrize(
    ("cause", "looked", "turn", "wait"),
    [
        pytest.param(Priority.DRIFT, False, 599.9, 599.9, id="in turn: and so for ever"),
        pytest.param(Priority.DRIFT, False, 0.1, 600.1, id="a little early: not a second time at once"),
        pytest.param(Priority.DRIFT, False, 200.0, 200.0, id="out of turn: back in turn"),
        pytest.param(Priority.CHANGE, True, 10.0, 600.0, id="changed shortly before its turn: a whole period later"),
        pytest.param(Priority.CHANGE, True, 400.0, 400.0, id="changed long before its turn: in turn"),
        pytest.param(Priority.CHANGE, False, 10.0, 10.0, id="changed, but not all was looked at"),
        pytest.param(Priority.PROGRESS, False, 10.0, 10.0, id="settled: only what was pending was looked at"),
    ],
)
def test_a_check_is_at_most_a_period_away_from_a_look_at_everything(
    cause: Priority, looked: bool, turn: float, wait: float
) -> None:
    assert next_check(cause, turn, PERIOD, looked=looked) == pytest.approx(wait)
