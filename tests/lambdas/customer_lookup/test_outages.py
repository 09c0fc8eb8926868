"""customer-lookup when cache, table or both cannot answer: in time, in full or neutral, counted, and never kept."""

from __future__ import annotations

from typing import Any

import pytest

from shared.deadline import DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.invocation import FunctionFailedError
from tests.lambdas.customer_lookup.test_answers import KNOWN, UNASKED
from tests.lambdas.customer_lookup.world import World
from tests.lambdas.events import NAME, NUMBER, call
from tests.lambdas.shared import emf

CACHE_REASONS = ["timeout", "connection", "open", "auth", "server", "protocol"]
TABLE_REASONS = ["timeout", "throttle", "server-error", "connection", "corrupt"]
BY_BOTH = [pytest.param(call(), id="by number"), pytest.param(call(CustomerId="C1001"), id="by id")]


@pytest.mark.parametrize("event", BY_BOTH)
@pytest.mark.parametrize("reason", CACHE_REASONS)
def test_without_the_cache_the_table_answers_in_full(event: Any, reason: str) -> None:
    world = World()
    world.cache.fails = reason

    assert world.ask(event) == KNOWN
    assert world.metrics()[f"Cache.{reason}"] == 1
    assert len(world.cache.asked) == 1, "a cache that could not be read is not written to by the same lookup"


def test_a_cache_that_cannot_keep_costs_no_answer() -> None:
    world = World()

    class ReadOnly(type(world.cache)):  # type: ignore[misc]  # the kind that is only known at run time
        def set(self, *args: Any) -> bool:
            return False

    world.use(ReadOnly(world.clock))

    assert world.ask(call()) == KNOWN
    assert world.metrics()["Cache.unkept"] == 1


@pytest.mark.parametrize("event", BY_BOTH)
@pytest.mark.parametrize("reason", TABLE_REASONS)
def test_without_cache_and_table_the_answer_is_neutral_and_says_so(event: Any, reason: str) -> None:
    world = World()
    world.table.error = UnavailableError(reason)

    assert world.ask(event) == UNASKED | {"Degraded": "true"}
    assert world.metrics()[f"Table.{reason}"] == 1
    assert world.metrics()["Degraded"] == 1
    assert emf.read(world.lines[-1])["reason"] == reason
    assert world.cache.kept == {}, "a degraded answer is never kept"

    world.table.error = None
    assert world.ask(event) == KNOWN, "the next caller is not told what the last one was"


def test_what_the_cache_knows_does_not_need_the_table() -> None:
    world = World()
    world.ask(call())
    world.table.error = UnavailableError("throttle")

    assert world.ask(call()) == KNOWN | {"Source": "cache"}


def test_a_deadline_that_has_passed_is_a_timeout() -> None:
    world = World()
    world.table.error = DeadlineExceededError()

    assert world.ask(call()) == UNASKED | {"Degraded": "true"}
    assert world.metrics()["Table.timeout"] == 1


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "ValidationException"])
def test_what_can_never_work_is_raised_and_never_standard(code: str) -> None:
    world = World()
    world.table.error = DefectError(code)

    with pytest.raises(DefectError, match=code):
        world.ask(call())
    assert (world.metrics()["Failed"], emf.read(world.lines[-1])["Code"]) == (1, code)
    assert world.cache.kept == {}


def test_an_error_of_ours_is_raised_without_what_it_quotes() -> None:
    world = World()
    world.table.error = KeyError(NUMBER)

    with pytest.raises(FunctionFailedError) as raised:
        world.ask(call())
    assert "2065550100" not in str(raised.value) + repr(raised.value) + world.lines[-1]


class TestBudget:
    def test_a_cache_that_hangs_takes_its_budget_and_no_more(self) -> None:
        world = World(budget_seconds=0.08)
        world.cache.seconds, world.cache.fails = 60.0, "timeout"
        began = world.clock.now
        world.ask(call())

        assert world.clock.now - began == pytest.approx(0.08)

    def test_reading_and_keeping_share_the_budget(self) -> None:
        world = World(budget_seconds=0.08)
        world.cache.seconds = 0.05
        world.ask(call())

        assert world.cache.budgets == [pytest.approx(0.08), pytest.approx(0.03)]

    def test_the_table_s_time_is_not_the_cache_s(self) -> None:
        """Or a slow table would see to it that nothing is ever kept."""
        world = World(budget_seconds=0.08)
        world.table.seconds = 1.0
        world.ask(call())

        assert world.ask(call())["Source"] == "cache"

    def test_the_budget_ends_with_the_function(self) -> None:
        world = World(budget_seconds=60.0)
        world.ask(call())

        assert max(world.cache.budgets) == pytest.approx(2.95)


def test_the_line_tells_nobody_from_anybody() -> None:
    """The metric names and notes are the same for every caller with the same outcome."""
    world = World()
    world.ask(call())
    read = emf.read(world.lines[-1])

    assert (read["found"], read["source"]) == ("true", "table")
    assert not any(secret in world.lines[-1] for secret in (NUMBER, NUMBER[1:], NAME, "C1001", "Platinum"))
