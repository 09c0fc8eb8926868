"""What policies that share an account's limit get of it."""

from __future__ import annotations

import random

import pytest

from trunkline.capacity.allocation import Allocation, Ask, allocate


def granted(found: Allocation) -> dict[str, int]:
    return {grant.policy: grant.granted for grant in found.grants}


def ask(policy: str, wanted: int, *, priority: int = 0, minimum: int = 0, in_use: int = 0) -> Ask:
    return Ask(policy, priority, minimum, in_use, wanted)


@pytest.mark.parametrize(
    ("limit", "others", "asks", "expected"),
    [
        pytest.param(900, 0, [ask("a", 300), ask("b", 200)], {"a": 300, "b": 200}, id="enough-for-all"),
        pytest.param(300, 0, [ask("a", 300), ask("b", 300)], {"a": 150, "b": 150}, id="equal-needs-share-equally"),
        pytest.param(300, 0, [ask("a", 400), ask("b", 200)], {"a": 200, "b": 100}, id="in-proportion-to-need"),
        pytest.param(
            300, 0, [ask("a", 250), ask("b", 250, priority=1)], {"b": 250, "a": 50}, id="the-higher-priority-first"
        ),
        pytest.param(
            300,
            0,
            [ask("a", 250, minimum=100), ask("b", 300, priority=1)],
            {"b": 200, "a": 100},
            id="minimums-before-priority",
        ),
        pytest.param(
            300,
            0,
            [ask("a", 250, in_use=220), ask("b", 300, priority=5)],
            {"b": 80, "a": 220},
            id="nothing-in-use-is-taken-away",
        ),
        pytest.param(
            300,
            0,
            [ask("a", 100, in_use=220), ask("b", 300)],
            {"a": 100, "b": 200},
            id="what-is-no-longer-needed-is-free",
        ),
        pytest.param(300, 200, [ask("a", 250)], {"a": 100}, id="use-by-others-is-not-zero"),
        pytest.param(300, 400, [ask("a", 250, in_use=90)], {"a": 90}, id="others-above-the-limit"),
        pytest.param(
            100, 0, [ask("a", 80, in_use=80), ask("b", 80, in_use=80)], {"a": 80, "b": 80}, id="a-limit-that-fell"
        ),
        pytest.param(
            50,
            0,
            [ask("a", 10, minimum=40), ask("b", 10, minimum=40)],
            {"a": 25, "b": 25},
            id="too-little-for-minimums",
        ),
        pytest.param(10, 0, [ask("a", 10), ask("b", 10), ask("c", 10)], {"a": 4, "b": 3, "c": 3}, id="whole-units"),
    ],
)
def test_who_gets_how_much(limit: int, others: int, asks: list[Ask], expected: dict[str, int]) -> None:
    assert granted(allocate(limit, others, asks)) == expected
    assert granted(allocate(limit, others, asks[::-1])) == expected, "the order of the asks must not matter"


def test_those_who_are_cut_are_told_what_to_request() -> None:
    found = allocate(900, 100, [ask("acme/sales", 600), ask("acme/service", 600)])
    assert found.message() == (
        "of 900, 100 are used by others: acme/sales 400 of 600, acme/service 400 of 600; request 1300 or more"
    )
    assert found.of("acme/sales").sharing == ("acme/service",)
    assert allocate(900, 0, [ask("acme/sales", 600)]).message() == ""


def test_a_request_that_is_granted_serves_everybody() -> None:
    asks = [ask("a", 700, in_use=10), ask("b", 900, priority=3, minimum=20), ask("c", 55)]
    short = allocate(900, 100, asks)
    assert all(grant.cut == 0 for grant in allocate(short.limit + short.short, 100, asks).grants)


def test_never_more_than_there_is_never_less_than_is_in_use() -> None:
    dice = random.Random(5)
    for _ in range(2_000):
        asks = [
            Ask(str(index), dice.randint(0, 2), dice.randint(0, 50), dice.randint(0, 80), dice.randint(0, 120))
            for index in range(dice.randint(1, 6))
        ]
        limit, others = dice.randint(0, 300), dice.randint(0, 100)
        found = granted(allocate(limit, others, asks))
        kept = sum(one.kept for one in asks)
        assert sum(found.values()) <= max(kept, limit - others)
        assert all(one.kept <= found[one.policy] <= one.need for one in asks)
        unserved = any(found[one.policy] < one.need for one in asks)
        assert not unserved or sum(found.values()) >= limit - others, "what is free is not left lying"


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        pytest.param([ask("a", 1), ask("a", 2)], "twice", id="twice"),
        pytest.param([ask("a", -1)], "less than nothing", id="negative"),
    ],
)
def test_nonsense_is_refused(asks: list[Ask], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        allocate(10, 0, asks)
