"""What others need is no reason to take away what is in use; what a budget caps is the forecast, not the calls."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from tests.column.centers import small_spec
from tests.column.policies import CENTER, LOOKUP_LEVER, calls, lever, policy, provisioned, target
from tests.column.test_scaling_policy import LIVE, minutes
from tests.column.world import Object, World


def two_functions() -> Object:
    spec: dict[str, Any] = copy.deepcopy(small_spec())
    other = copy.deepcopy(next(item for item in spec["functions"] if item["name"] == "lookup"))
    spec["functions"].append({**other, "name": "orders"})
    return Object(CENTER, spec)


@pytest.fixture
def world() -> World:
    made = World()
    made.make(two_functions())
    return made


def test_the_max_of_one_function_stays_above_what_it_uses_when_another_is_cut(world: World) -> None:
    """900 are free; one function has 300 that AWS itself has scaled to, and the policy wants 29 of it and 5,000 more."""
    client = world.client("lambda")
    client.put_provisioned_concurrency_config(
        FunctionName=f"{CENTER}-lookup", Qualifier="live", ProvisionedConcurrentExecutions=300
    )
    levers = [
        {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 5, "max": 5000}},
        {"name": "orders", "function": "orders", "provisionedConcurrency": {"min": 5000, "max": 5000}},
    ]
    of = world.add(policy(demand=LIVE, levers=levers))
    calls(world, 3000.0)
    world.run(asyncio.sleep(300.0))
    world.run(minutes(world, of, 30))
    assert of.condition("ScalingLimited")["status"] == "True"
    assert target(world)["MinCapacity"] == 29
    assert target(world)["MaxCapacity"] >= 300, "a max below it takes it away at once"
    assert provisioned(world) == 300


def test_a_capped_budget_never_limits_what_live_calls_need(world: World) -> None:
    budget = {"monthlyUSD": 1, "onExceeded": "Cap"}
    of = world.add(policy(demand=LIVE, budget=budget))
    calls(world, 3000.0)
    world.run(asyncio.sleep(300.0))
    world.run(minutes(world, of, 3))
    assert of.condition("BudgetExceeded")["status"] == "True"
    assert lever(of)["desired"] >= 29
