"""customer-lookup as a caller meets it: known, unknown, ambiguous; from the table, then from the cache."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from customer_lookup.app import build, handler, vip_tiers
from shared.cache import NoCache
from shared.cached_customer import changed
from shared.deadline import Deadline
from shared.entities import Customer
from shared.invocation import DeploymentError, MissingVariableError
from tests.lambdas.customer_lookup.world import (
    ADA,
    BOB,
    BOBS_NUMBER,
    NOBODYS_NUMBER,
    SHARED_NUMBER,
    World,
)
from tests.lambdas.events import NAME, NUMBER, call, chat

NOBODY = {
    "Found": "false",
    "CustomerId": "",
    "CustomerName": "",
    "Tier": "Standard",
    "IsVIP": "false",
    "Language": "en-US",
    "Source": "table",
    "Degraded": "false",
}
UNASKED = NOBODY | {"Source": "none"}
KNOWN = {
    "Found": "true",
    "CustomerId": "C1001",
    "CustomerName": NAME,
    "Tier": "Platinum",
    "IsVIP": "true",
    "Language": "en-GB",
    "Source": "table",
    "Degraded": "false",
}
BOB_KNOWN = KNOWN | {"CustomerId": "C1002", "CustomerName": "Bob Noyce", "Tier": "Standard", "IsVIP": "false", "Language": "en-US"}  # fmt: skip


@pytest.mark.parametrize(
    ("event", "expected", "asked"),
    [
        pytest.param(call(), KNOWN, [NUMBER], id="a known number"),
        pytest.param(call(NOBODYS_NUMBER), NOBODY, [NOBODYS_NUMBER], id="a number that nobody has"),
        pytest.param(call(BOBS_NUMBER), BOB_KNOWN, [BOBS_NUMBER], id="a tier that is not VIP"),
        pytest.param(call(SHARED_NUMBER), NOBODY | {"Found": "ambiguous"}, [SHARED_NUMBER], id="two customers on one number: no name for either"),
        pytest.param(call("anonymous"), UNASKED, [], id="a withheld number does not cost a read"),
        pytest.param(call("7" * 10_240), UNASKED, [], id="ten kilobytes of digits do not cost a read"),
        pytest.param(call("+1206555٠١٠٠"), UNASKED, [], id="digits of other scripts are no E.164"),
        pytest.param(call(None), UNASKED, [], id="no address"),
        pytest.param(call(12065550100), UNASKED, [], id="an address that is no string"),
        pytest.param(chat(), UNASKED, [], id="a chat has no endpoint"),
        pytest.param(call("anonymous", CustomerId="C1001"), KNOWN, ["C1001"], id="the id goes before the number"),
        pytest.param(call(CustomerId="1001"), KNOWN, ["C1001"], id="typed on a keypad, an id is its digits"),
        pytest.param(call(CustomerId="9999"), NOBODY, ["C9999"], id="an id that nobody has is not looked up by number"),
        pytest.param(call(CustomerId="7" * 10_240), UNASKED, [], id="an id of ten kilobytes"),
        pytest.param(call(CustomerId="Timeout"), UNASKED, [], id="what a flow stores when nothing was typed"),
        pytest.param(call(CustomerId=None), KNOWN, [NUMBER], id="a null id is no id"),
        pytest.param(call(CustomerId={"S": "C1001"}), KNOWN, [NUMBER], id="an id that is no string is no id"),
        pytest.param(call(LookupBy="CustomerId", CustomerId=""), UNASKED, [], id="asked for a typed id, an empty one must not become the caller's"),
        pytest.param(call(LookupBy="CustomerId", CustomerId=None), UNASKED, [], id="asked for a typed id, a null one neither"),
        pytest.param(call(LookupBy="Number"), KNOWN, [NUMBER], id="asked for by number"),
    ],
)  # fmt: skip
def test_says_who_is_calling(event: Any, expected: dict[str, str], asked: list[str]) -> None:
    world = World()

    assert world.ask(event) == expected
    assert world.table.asked == asked
    if not asked:
        assert world.cache.asked == [], "what names nobody is not looked for in the cache either"

    assert world.ask(event) == expected | ({"Source": "cache"} if asked else {}), "the same event answers the same"
    assert world.table.asked == asked, "and is not asked of the table again"


def nulled(value: Any) -> Iterator[Any]:
    """The event with each of its parts null in turn, itself included."""
    yield None
    if isinstance(value, dict):
        for key in value:
            for part in nulled(value[key]):
                changed_event = copy.copy(value)
                changed_event[key] = part
                yield changed_event


def test_answers_whatever_part_of_the_event_is_null() -> None:
    world = World()
    for event in nulled(call(CustomerId="C1001", LookupBy="CustomerId")):
        assert list(world.ask(event)) == list(KNOWN), event


@pytest.mark.parametrize(
    "event", [{}, [], "text", 7, {"Details": "text"}, {"Details": {"ContactData": 7, "Parameters": []}}]
)
def test_an_event_of_another_kind_names_nobody(event: Any) -> None:
    assert World().ask(event) == UNASKED


class TestKeeping:
    @pytest.mark.parametrize(
        ("event", "jitter", "seconds"),
        [
            pytest.param(call(), 0.0, 270, id="a customer, spread to the shorter side"),
            pytest.param(call(), 0.9999, 330, id="a customer, spread to the longer side"),
            pytest.param(call(NOBODYS_NUMBER), 0.0, 30, id="nobody"),
            pytest.param(call(SHARED_NUMBER), 0.9999, 30, id="more than one customer"),
        ],
    )
    def test_is_asked_again_once_its_time_is_over(self, event: Any, jitter: float, seconds: int) -> None:
        world = World(jitter=jitter)
        world.ask(event)
        world.clock.now += seconds - 1
        assert world.ask(event)["Source"] == "cache"
        world.clock.now += 2
        assert world.ask(event)["Source"] == "table"

    def test_a_change_of_ours_shows_at_once(self) -> None:
        world = World()
        for event in (call(), call(BOBS_NUMBER), call(CustomerId="C1001")):
            world.ask(event)
        world.table.profiles = [(BOBS_NUMBER, Customer("C1001", "Ada King", "Gold", "en-GB"))]

        assert changed(world.cache, "C1001", NUMBER, BOBS_NUMBER, Deadline.after(1, world.clock))

        for event in (call(BOBS_NUMBER), call(CustomerId="C1001")):
            assert world.ask(event)["CustomerName"] == "Ada King"
        assert world.ask(call())["Found"] == "false"

    def test_a_change_of_others_shows_once_what_is_kept_expires(self) -> None:
        world = World(jitter=1.0)
        world.ask(call())
        world.table.profiles = []
        world.clock.now += 331

        assert world.ask(call())["Found"] == "false"

    def test_a_value_about_somebody_else_is_dropped(self) -> None:
        """A late reply, a wrong slot, a cache restored from elsewhere: the value says whom it is for."""
        world = World()
        world.ask(call(BOBS_NUMBER))
        (bobs,) = world.cache.kept.values()
        world.ask(call())
        world.cache.kept = dict.fromkeys(world.cache.kept, bobs)

        assert world.ask(call()) == KNOWN
        assert world.metrics()["Cache.foreign"] == 1
        assert world.ask(call()) == KNOWN | {"Source": "cache"}, "and is replaced"

    @pytest.mark.parametrize("value", [b"", b"garbage", b"\xff\xfe", b"null", b"[]", b'{"CustomerId": "C1002"}'])
    def test_a_damaged_value_is_dropped(self, value: bytes) -> None:
        world = World()
        world.ask(call())
        world.cache.kept = dict.fromkeys(world.cache.kept, (value, world.clock.now + 99))

        assert world.ask(call()) == KNOWN

    def test_what_decides_who_is_vip_is_the_functions_own_setting(self) -> None:
        """Two functions with other VIP_TIERS may share a cache."""
        world = World()
        world.ask(call())
        (value,) = (value for value, _ in world.cache.kept.values())

        assert b"IsVIP" not in value

    def test_hits_and_misses_are_counted(self) -> None:
        world = World()
        world.ask(call())
        assert world.metrics().get("CacheMiss") == 1
        world.ask(call())
        assert world.metrics().get("CacheHit") == 1


class TestWithoutHashKey:
    """The secret could not be read, or holds no hash key."""

    def test_a_number_is_not_looked_for_in_the_cache(self) -> None:
        world = World(hash_key=None)

        assert world.ask(call()) == world.ask(call()) == KNOWN
        assert world.cache.asked == []
        assert world.metrics()["Cache.unkeyed"] == 1

    def test_an_id_is(self) -> None:
        world = World(hash_key=None)
        world.ask(call(CustomerId="C1001"))

        assert world.ask(call(CustomerId="C1001"))["Source"] == "cache"

    def test_once_the_secret_can_be_read_numbers_are_kept(self) -> None:
        world = World(hash_key=None)
        world.ask(call())
        world.cache.hash_key = b"k" * 32
        world.ask(call())

        assert world.ask(call())["Source"] == "cache"


@pytest.mark.parametrize("event", [call(), call(CustomerId="C1001")])
def test_without_a_cache_the_table_answers_and_no_miss_is_counted(event: Any) -> None:
    world = World()
    world.use(NoCache())

    assert world.ask(event) == world.ask(event) == KNOWN
    assert set(world.metrics()) == {"ColdStart", "Duration", "Failed"}


def tables() -> Any:
    """A session that has tables."""

    class Session:
        def dynamodb(self) -> None:
            return None

    return Session()


class TestEnvironment:
    @pytest.mark.parametrize(
        ("environ", "tiers"),
        [
            pytest.param({}, {"Platinum"}, id="default"),
            pytest.param({"VIP_TIERS": "Gold, Platinum ,"}, {"Gold", "Platinum"}, id="with spaces and a last comma"),
            pytest.param({"VIP_TIERS": ""}, set(), id="nobody is VIP"),
        ],
    )
    def test_vip_tiers(self, environ: dict[str, str], tiers: set[str]) -> None:
        assert vip_tiers(environ) == tiers

    def test_a_missing_table_is_named(self) -> None:
        with pytest.raises(MissingVariableError, match="TABLE"):
            build({"VIP_TIERS": "Gold"}, tables(), NoCache())

    @pytest.mark.parametrize("budget", ["0", "-5", "80ms", "1e3", "8001", "٨٠", "9" * 5000])
    def test_a_budget_that_is_none_is_named_with_what_to_write(self, budget: str) -> None:
        with pytest.raises(DeploymentError, match=r"CACHE_BUDGET_MS.*write 80"):
            build({"TABLE": "acme", "CACHE_BUDGET_MS": budget}, tables(), NoCache())

    def test_looking_at_the_handler_opens_nothing(self) -> None:
        assert callable(handler)


def test_bob_and_ada_are_told_apart() -> None:
    world = World()
    answers = [world.ask(call(number))["CustomerName"] for number in (NUMBER, BOBS_NUMBER) * 3]

    assert answers == [ADA.name, BOB.name] * 3
