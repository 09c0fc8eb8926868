"""How fast a lever moves: windows, policies, tolerance, as HorizontalPodAutoscaler documents them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trunkline.capacity.behavior import Behavior, Change, Direction, Measure, Pace, Select, Wanted, paced, stabilize

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
UNITS, PERCENT = Measure.UNITS, Measure.PERCENT


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("current", "wanted", "past", "settled"),
    [
        pytest.param(10, 20, {}, 20, id="up-at-once"),
        pytest.param(20, 10, {}, 10, id="down-when-nothing-more-was-wanted"),
        pytest.param(20, 10, {600: 20}, 20, id="down-waits-for-the-window"),
        pytest.param(20, 10, {600: 15}, 15, id="down-to-the-most-of-the-window"),
        pytest.param(20, 10, {901: 20}, 10, id="what-is-older-is-forgotten"),
        pytest.param(10, 15, {300: 30}, 15, id="a-peak-that-is-over-is-not-climbed-again"),
        pytest.param(20, 20, {300: 30}, 20, id="nothing-to-do"),
    ],
)
def test_stabilization(current: int, wanted: int, past: dict[int, int], settled: int) -> None:
    known = [Wanted(ago(seconds), value) for seconds, value in past.items()]
    assert stabilize(current, wanted, known, Behavior(), NOW) == settled


def test_a_window_upwards_takes_the_least() -> None:
    behavior = Behavior(up=Direction(window_seconds=120.0))
    assert stabilize(10, 30, [Wanted(ago(60), 12)], behavior, NOW) == 12
    assert stabilize(10, 30, [Wanted(ago(60), 5)], behavior, NOW) == 10, "a window upwards never takes anything away"


UP_BY_FOUR_OR_ALL = (Pace(UNITS, 4, 15.0), Pace(PERCENT, 100, 15.0))
DOWN_BY_FIVE_OR_TENTH = (Pace(UNITS, 5, 60.0), Pace(PERCENT, 10, 60.0))


@pytest.mark.parametrize(
    ("side", "current", "wanted", "changes", "allowed"),
    [
        pytest.param(Direction(), 10, 500, (), 500, id="no-policies-no-limit"),
        pytest.param(Direction(paces=UP_BY_FOUR_OR_ALL), 2, 50, (), 6, id="units-allow-more-of-few"),
        pytest.param(Direction(paces=UP_BY_FOUR_OR_ALL), 10, 50, (), 20, id="percent-allow-more-of-many"),
        pytest.param(Direction(paces=UP_BY_FOUR_OR_ALL, select=Select.MIN), 10, 50, (), 14, id="least"),
        pytest.param(Direction(paces=UP_BY_FOUR_OR_ALL, select=Select.DISABLED), 10, 50, (), 10, id="disabled"),
        pytest.param(Direction(paces=(Pace(UNITS, 4, 60.0),)), 13, 50, ((30, 10, 13),), 14, id="what-was-added-counts"),
        pytest.param(
            Direction(paces=(Pace(UNITS, 4, 60.0),)), 13, 50, ((61, 10, 13),), 17, id="of-an-earlier-period-does-not"
        ),
        pytest.param(
            Direction(paces=(Pace(PERCENT, 10, 60.0),)), 11, 50, (), 13, id="percent-rounds-up-to-move-at-all"
        ),
        pytest.param(Direction(tolerance_share=0.1), 100, 110, (), 100, id="within-tolerance"),
        pytest.param(Direction(tolerance_share=0.1), 100, 111, (), 111, id="beyond-tolerance-in-full"),
    ],
)
def test_upwards(
    side: Direction, current: int, wanted: int, changes: tuple[tuple[int, int, int], ...], allowed: int
) -> None:
    known = [Change(ago(seconds), before, after) for seconds, before, after in changes]
    assert paced(current, wanted, known, Behavior(up=side), NOW) == allowed


@pytest.mark.parametrize(
    ("side", "current", "wanted", "changes", "allowed"),
    [
        pytest.param(Direction(paces=DOWN_BY_FIVE_OR_TENTH), 80, 10, (), 72, id="percent-take-more-of-many"),
        pytest.param(Direction(paces=DOWN_BY_FIVE_OR_TENTH), 20, 10, (), 15, id="units-take-more-of-few"),
        pytest.param(Direction(paces=DOWN_BY_FIVE_OR_TENTH, select=Select.MIN), 80, 10, (), 75, id="least"),
        pytest.param(Direction(paces=DOWN_BY_FIVE_OR_TENTH, select=Select.DISABLED), 80, 10, (), 80, id="disabled"),
        pytest.param(Direction(paces=(Pace(UNITS, 5, 60.0),)), 77, 10, ((30, 80, 77),), 75, id="what-was-taken-counts"),
        pytest.param(Direction(tolerance_share=0.1), 100, 90, (), 100, id="within-tolerance"),
        pytest.param(Direction(tolerance_share=0.1), 100, 89, (), 89, id="beyond-tolerance-in-full"),
    ],
)
def test_downwards(
    side: Direction, current: int, wanted: int, changes: tuple[tuple[int, int, int], ...], allowed: int
) -> None:
    known = [Change(ago(seconds), before, after) for seconds, before, after in changes]
    assert paced(current, wanted, known, Behavior(down=side), NOW) == allowed
