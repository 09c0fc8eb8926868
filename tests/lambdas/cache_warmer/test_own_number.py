"""What the index answers about another number is not kept under this one: it would be told for a day."""

from __future__ import annotations

from typing import Any

from shared.caller import hashed
from shared.entities import Customer, profile
from shared.keys import cached_number
from tests.lambdas.cache_warmer.test_cache_warmer import HASH_KEY, Found, World

ADAS, BOBS = "+12065550100", "+12065550111"


def test_an_answer_about_another_number_is_written_nowhere() -> None:
    world = World([profile(Customer("C1", "Ada"), ADAS)])

    def query(*_: Any, **__: Any) -> Found:
        return Found([profile(Customer("C2", "Bob"), BOBS)], None)

    world.table.query = query  # type: ignore[method-assign]
    answer = world.invoke()

    assert cached_number(hashed(ADAS, HASH_KEY)).encode() not in world.server.kept
    assert (answer["reason"], answer["done"]) == ("corrupt", "false")
