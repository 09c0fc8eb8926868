"""What a policy costs, what a budget does, and how it scores itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.column.policies import calls, center, lever, policy, refused_by_the_server
from tests.column.test_scaling_policy import LIVE, minutes
from tests.column.world import Object, World
from trunkline.engine.budget import Priority


@pytest.fixture
def world() -> World:
    made = World()
    made.make(center())
    return made


def constant(world: World, concurrent: int, **spec: Any) -> Object:
    return world.make(policy(demand={"constant": {"concurrentCalls": concurrent}}, **spec))


class TestCost:
    def test_the_levers_are_a_small_part_of_a_bill_with_its_range_and_the_prices_date(self, world: World) -> None:
        cost = constant(world, 3000).status["cost"]
        assert 0 < cost["leversUSDPerMonth"] < 0.01 * cost["expectedUSDPerMonth"]
        assert cost["lowUSDPerMonth"] <= cost["expectedUSDPerMonth"] <= cost["highUSDPerMonth"]
        assert cost["priceDate"] <= "2026-12-31"

    def test_it_follows_what_the_levers_are(self, world: World) -> None:
        of = constant(world, 3000)
        few = of.status["cost"]["leversUSDPerMonth"]
        of.edit(demand={"constant": {"concurrentCalls": 12_000}})
        world.run(world.settle(of))
        assert of.status["cost"]["leversUSDPerMonth"] > 2 * few

    def test_lookups_have_a_price_without_a_lever_of_functions_and_what_was_taken_is_said(self, world: World) -> None:
        """A thousand lookups of a minute cost half as much as the call's minutes."""
        asked = {"talkSeconds": 300, "lookupsPerCall": 1000, "lookupMilliseconds": 60_000}
        of = constant(world, 3000, mode="Recommend", levers=[], workload={**asked, "lookupsPerCall": 0})
        none = of.status["cost"]
        assert "assumed" not in none, "the center says how large its function is"
        there = next(one for one in world.objects.values() if one.kind == "ContactCenter")
        del there.entry("functions", "lookup")["memoryMiB"]
        of.edit(workload=asked)
        world.run(world.settle(of))
        assert of.status["cost"]["expectedUSDPerMonth"] > none["expectedUSDPerMonth"]
        assert of.status["cost"]["assumed"] == ["lookup is taken to have 128 MiB on arm64: the center does not say"]
        assert refused_by_the_server(of) == []

    def test_without_a_budget_nothing_is_exceeded(self, world: World) -> None:
        assert constant(world, 3000).condition("BudgetExceeded")["reason"] == "NoBudget"

    @pytest.mark.parametrize(
        ("budget", "status", "reason"),
        [
            pytest.param({"monthlyUSD": 100_000, "onExceeded": "Warn"}, "False", "Within", id="enough"),
            pytest.param({"monthlyUSD": 1, "onExceeded": "Warn"}, "True", "Exceeded", id="too-little-says-so"),
            pytest.param({"monthlyUSD": 1, "onExceeded": "Cap"}, "True", "Exceeded", id="too-little-and-limited"),
        ],
    )
    def test_a_budget_is_told_of(self, world: World, budget: dict[str, Any], status: str, reason: str) -> None:
        found = constant(world, 3000, budget=budget).condition("BudgetExceeded")
        assert (found["status"], found["reason"]) == (status, reason)

    def test_a_budget_never_limits_calls_that_were_stated(self, world: World) -> None:
        rich = lever(constant(world, 3000))["desired"]
        poor = policy(
            name="poor", demand={"constant": {"concurrentCalls": 3000}}, budget={"monthlyUSD": 1, "onExceeded": "Cap"}
        )
        other = World()
        other.make(center())
        assert lever(other.make(poor))["desired"] == rich


class TestScore:
    def test_a_day_that_is_over_is_scored_beside_what_stood_there(self, world: World) -> None:
        """In mode Recommend five environments stand there, and 15 are busy."""
        of = policy(mode="Recommend", demand=LIVE)
        world.add(of)

        async def days() -> None:
            calls(world, 3000.0)
            for _ in range(2):
                for _ in range(24 * 6):
                    await asyncio.sleep(600.0)
                    await world.once(of, Priority.DRIFT)

        world.run(days())
        score = of.status["score"]
        assert score, "a day is over"
        assert score[0]["standing"]["shortCallsPerMillion"] > 100_000
        assert score[0]["shortCallsPerMillion"] < 2_000
        assert score[0]["costPercentOfForesight"] >= 95

    def test_the_present_day_writes_no_status(self, world: World) -> None:
        of = policy(mode="Recommend", demand=LIVE)
        world.add(of)

        async def hour() -> tuple[int, int]:
            calls(world, 3000.0)
            await asyncio.sleep(300.0)
            await minutes(world, of, 3)
            before = of.status_writes
            await minutes(world, of, 30)
            return before, of.status_writes

        before, after = world.run(hour())
        assert after == before

    def test_days_outlive_the_process(self, world: World) -> None:
        of = policy(mode="Recommend", demand={"constant": {"concurrentCalls": 3000}})
        of.status = {"score": [{"date": "2026-01-01", "shortCallsPerMillion": 12, "costPercentOfForesight": 120}]}
        world.make(of)
        assert of.status["score"] == [{"date": "2026-01-01", "shortCallsPerMillion": 12, "costPercentOfForesight": 120}]
