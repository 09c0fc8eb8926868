"""Tiers begin above a size and end well below it."""

from __future__ import annotations

import pytest

from trunkline.capacity.tiers import Tier, holding, least, tasks

GROWTH = Tier("growth", above=10.0, minimums={"lookup": 40}, tasks=("Ask for a higher quota",))
PEAK = Tier("peak", above=20.0, until_share=0.5, minimums={"lookup": 80, "customers": 500}, tasks=("Call the carrier",))
TIERS = (GROWTH, PEAK)
NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("rate", "before", "held"),
    [
        pytest.param(10.0, NONE, NONE, id="not-at-its-size"),
        pytest.param(10.1, NONE, {"growth"}, id="above"),
        pytest.param(9.0, frozenset({"growth"}), {"growth"}, id="not-over-yet"),
        pytest.param(8.9, frozenset({"growth"}), NONE, id="over"),
        pytest.param(9.5, NONE, NONE, id="between-nothing-begins"),
        pytest.param(25.0, NONE, {"growth", "peak"}, id="both"),
        pytest.param(11.0, frozenset({"peak"}), {"growth", "peak"}, id="each-ends-at-its-own-share"),
    ],
)
def test_which_tiers_hold(rate: float, before: frozenset[str], held: set[str]) -> None:
    assert holding(TIERS, rate, before) == held


def test_a_rate_at_the_edge_does_not_flap() -> None:
    held, seen = NONE, []
    for rate in (9.9, 10.1, 9.9, 10.1, 9.9, 10.1):
        held = holding(TIERS, rate, held)
        seen.append(bool(held))
    assert seen == [False, True, True, True, True, True]


def test_the_highest_minimum_of_what_holds_counts() -> None:
    assert least(TIERS, frozenset({"growth", "peak"}), "lookup") == 80
    assert least(TIERS, frozenset({"growth"}), "customers") == 0


def test_what_people_have_to_do_is_said_once() -> None:
    again = Tier("again", above=1.0, tasks=GROWTH.tasks)
    assert tasks((*TIERS, again), frozenset({"growth", "again"})) == ("Ask for a higher quota",)
