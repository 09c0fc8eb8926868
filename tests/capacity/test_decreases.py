"""How often AWS lets a table be lowered and a stream be resized."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trunkline.capacity.behavior import Change
from trunkline.capacity.decreases import DYNAMODB, KINESIS, Decreases, counted, next_decrease, resized

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)


def test_a_day_has_27_decreases() -> None:
    made: list[Change] = []
    now = MIDNIGHT
    while now < MIDNIGHT + timedelta(days=1):
        if next_decrease(DYNAMODB, counted(made, now), now) == now:
            made.append(Change(now, 100, 99))
        now += timedelta(minutes=1)
    assert len(made) == 27, "four in the first hour and one in each of the 23 that follow"


@pytest.mark.parametrize(
    ("made", "now", "allowed"),
    [
        pytest.param(Decreases(), NOON, NOON, id="none-yet"),
        pytest.param(Decreases(3, NOON), NOON, NOON, id="the-fourth-is-free"),
        pytest.param(
            Decreases(4, NOON), NOON + timedelta(minutes=10), NOON + timedelta(hours=1), id="the-fifth-waits-an-hour"
        ),
        pytest.param(
            Decreases(9, NOON), NOON + timedelta(hours=2), NOON + timedelta(hours=2), id="an-hour-without-one-is-over"
        ),
        pytest.param(
            Decreases(20, MIDNIGHT - timedelta(minutes=10)),
            MIDNIGHT - timedelta(minutes=5),
            MIDNIGHT,
            id="a-new-day-has-four-again",
        ),
        pytest.param(
            Decreases(27, MIDNIGHT - timedelta(minutes=10)),
            MIDNIGHT,
            MIDNIGHT,
            id="an-answer-of-yesterday-is-of-yesterday",
        ),
    ],
)
def test_when_the_next_decrease_is_allowed(made: Decreases, now: datetime, allowed: datetime) -> None:
    assert next_decrease(DYNAMODB, made, now) == allowed


def test_only_decreases_of_the_utc_day_count() -> None:
    new_york = MIDNIGHT - timedelta(hours=1)
    changes = [Change(new_york, 9, 8), Change(MIDNIGHT, 8, 7), Change(NOON, 7, 20), Change(NOON, 20, 19)]
    assert counted(changes, NOON) == Decreases(2, NOON)


@pytest.mark.parametrize(
    ("current", "wanted", "before", "value"),
    [
        pytest.param(4, 20, 0, 8, id="at-most-twice"),
        pytest.param(9, 1, 0, 5, id="at-least-half"),
        pytest.param(4, 6, 9, 6, id="the-tenth-change-may-grow"),
        pytest.param(6, 4, 9, 6, id="the-tenth-change-is-kept-for-growth"),
        pytest.param(4, 6, 10, 4, id="ten-are-all"),
    ],
)
def test_shards_change_ten_times_a_day_and_by_two(current: int, wanted: int, before: int, value: int) -> None:
    changes = [Change(NOON - timedelta(hours=hour), 4, 5) for hour in range(before)]
    assert resized(KINESIS, current, wanted, changes, NOON) == value
