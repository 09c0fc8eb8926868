"""Values in the cache that nobody of ours wrote there, or not like that: the table is asked, and time is not spent twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.cached_customer import encode, match_of
from shared.caller import hashed
from shared.entities import MOST_CHARACTERS, Customer
from shared.keys import cached_customer, cached_number
from tests.lambdas.customer_lookup.world import BOB, BOBS_NUMBER, HASH_KEY, World
from tests.lambdas.events import NUMBER, call

KEY = cached_number(hashed(NUMBER, HASH_KEY))


def kept(world: World, value: Any) -> None:
    """Have the cache keep this for the caller."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    world.cache.kept[KEY] = data, world.clock.now + 300


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(encode(cached_number(hashed(BOBS_NUMBER, HASH_KEY)), match_of([BOB])), id="another-number-s"),
        pytest.param(encode(cached_customer(BOB.customer_id), match_of([BOB])), id="another-kind-s"),
        pytest.param([KEY, "true", "C1", "x" * 40_000, "Gold", "en-US"], id="more-than-a-flow-can-be-answered"),
        pytest.param([KEY, "true", "C1", "\N{PILE OF POO}" * 10_000, "Gold", "en-US"], id="the-same-in-bytes"),
        pytest.param([KEY, "true", "C1", "Ada", "Gold", None], id="null"),
        pytest.param([KEY, "true", "C1", "Ada", "Gold", True], id="no-text"),
        pytest.param([KEY, "maybe"], id="a-word-nobody-knows"),
        pytest.param([KEY, "true"], id="found-without-a-customer"),
        pytest.param([KEY, ["true"]], id="no-word"),
        pytest.param([[KEY], "false"], id="no-key"),
        pytest.param({"key": KEY}, id="no-list"),
        pytest.param([], id="nothing"),
        pytest.param(b"", id="no-bytes"),
        pytest.param(b"\xff\xfe", id="no-text-at-all"),
        pytest.param(b"[" * 100_000, id="too-deep"),
        pytest.param(encode(KEY, match_of([BOB])) + b"x", id="something-behind-it"),
    ],
)
def test_a_value_that_is_not_the_caller_s_is_nobody_s(value: Any) -> None:
    world = World()
    kept(world, value)

    answer = world.ask(call())
    assert (answer["CustomerId"], answer["Source"]) == ("C1001", "table")
    json.dumps(answer, ensure_ascii=False).encode()
    assert world.ask(call())["Source"] == "cache", "what was there is replaced"


def test_what_the_table_may_hold_is_kept_in_full() -> None:
    world = World()
    longest = "\N{PILE OF POO}" * MOST_CHARACTERS
    world.table.profiles = [(NUMBER, Customer("C1", longest, longest, longest))]

    assert [world.ask(call())["Source"] for _ in range(2)] == ["table", "cache"]


def test_a_value_of_somebody_else_does_not_buy_the_cache_a_second_budget() -> None:
    world = World(budget_seconds=0.08)
    world.cache.seconds = 0.06
    kept(world, ["cust:v1:C7", "false"])
    world.ask(call())

    assert world.cache.budgets == [pytest.approx(0.08), pytest.approx(0.02)]
