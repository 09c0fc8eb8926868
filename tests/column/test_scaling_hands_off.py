"""What a policy must not lower: what it cannot see, what it is told to leave, what another policy has, what it did not set."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.column.layers import nodes
from tests.column.policies import ALIAS, FUNCTION, LOOKUP_LEVER, calls, center, lever, policy, provisioned, target
from tests.column.test_scaling_policy import LIVE, minutes
from tests.column.world import Object, World, quick
from trunkline_sandbox.aws.faults import Fault

CLAIM: dict[str, Any] = {**LOOKUP_LEVER, "through": "Claim"}
FEW = {"constant": {"concurrentCalls": 100}}
MANY = {"constant": {"concurrentCalls": 3000}}  # needs 29


@pytest.fixture
def world() -> World:
    made = World(quick(cache_vpc_must_exist=False))
    made.make(center())
    return made


def stand(world: World, count: int) -> None:
    """Somebody sets the alias by hand."""
    world.client("lambda").put_provisioned_concurrency_config(
        FunctionName=FUNCTION, Qualifier=ALIAS, ProvisionedConcurrentExecutions=count
    )


def of_center(world: World) -> Object:
    return next(item for item in world.objects.values() if item.kind == "ContactCenter")


async def days(world: World, of: Object, count: int) -> None:
    """Passes of a policy, and of the center that it tells."""
    for _ in range(count):
        await minutes(world, of, 1)
        await world.settle(of_center(world))


# --- paused


def test_a_paused_policy_tells_its_target_nothing_new(world: World) -> None:
    of = world.add(policy(demand=LIVE, levers=[CLAIM]))
    calls(world, 3000.0)
    world.run(asyncio.sleep(300.0))
    world.run(days(world, of, 2))
    assert provisioned(world) == 29
    of.edit(paused=True)
    for concurrent in (300.0, 9000.0):
        calls(world, concurrent)
        world.run(days(world, of, 25))
        assert provisioned(world) == 29
    assert lever(of)["reason"] == "Paused"
    assert lever(of)["needed"] > 29, "it still says what calls need"


def test_after_a_pause_nothing_falls_before_its_quarter_of_an_hour(world: World) -> None:
    of = world.add(policy(demand=LIVE, levers=[CLAIM]))
    calls(world, 3000.0)
    world.run(asyncio.sleep(300.0))
    world.run(days(world, of, 2))
    of.edit(paused=True)
    world.run(days(world, of, 25))
    of.edit(paused=False)
    calls(world, 300.0)
    world.run(days(world, of, 10))
    assert provisioned(world) == 29


def test_after_an_hour_without_its_target_nothing_falls_at_once(world: World) -> None:
    of = world.add(policy(demand=LIVE))
    calls(world, 3000.0)
    world.run(asyncio.sleep(300.0))
    world.run(minutes(world, of, 2))
    gone = of_center(world)
    del world.objects[gone.key]
    world.run(minutes(world, of, 60))
    assert of.condition("AbleToScale")["reason"] == "TargetNotReady"
    world.objects[gone.key] = gone
    calls(world, 300.0)
    world.run(asyncio.sleep(180.0))
    world.run(minutes(world, of, 5))
    assert target(world)["MinCapacity"] == 29


# --- what stands there


@pytest.mark.parametrize("through", ["Claim", "ApplicationAutoScaling"])
def test_what_cannot_be_read_is_not_set(world: World, through: str) -> None:
    """Registering with a max below what stands there takes capacity away at once."""
    stand(world, 120)
    lever_of = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 5, "max": 50}, "through": through}
    of = world.add(policy(demand=FEW, levers=[lever_of]))
    denied = Fault(
        "error", operation="GetProvisionedConcurrencyConfig", code="AccessDeniedException", status=403, times=0
    )
    world.cloud.faults.add(denied)
    world.run(days(world, of, 20))
    world.cloud.faults.clear()
    assert provisioned(world) == 120
    assert "desired" not in lever(of)
    assert of.condition("AbleToScale")["status"] == "False"


def test_going_to_auto_begins_at_what_stands_there(world: World) -> None:
    """What it would have set while it only recommended is no reason to take the rest away at once."""
    stand(world, 120)
    of = world.add(policy(mode="Recommend", demand=LIVE, levers=[CLAIM]))
    calls(world, 300.0)
    world.run(asyncio.sleep(300.0))
    world.run(minutes(world, of, 30))
    assert lever(of)["desired"] < 10
    of.edit(mode="Auto")
    world.run(days(world, of, 10))
    assert provisioned(world) == 120
    world.run(days(world, of, 20))
    assert provisioned(world) < 10


def test_what_was_set_by_hand_meanwhile_does_not_fall_on_stated_demand(world: World) -> None:
    of = world.add(policy(mode="Recommend", demand=FEW, levers=[CLAIM]))
    world.run(minutes(world, of, 2))
    stand(world, 120)
    world.start()
    of.edit(mode="Auto")
    world.run(days(world, of, 5))
    assert provisioned(world) == 120


def test_a_cache_keeps_the_replicas_it_has_when_a_policy_begins(world: World) -> None:
    cache = nodes()
    cache.spec["nodes"]["replicasPerShard"] = 3
    world.make(cache)
    lever_of = {"name": "cache", "cacheRef": {"name": cache.name}, "replicasPerShard": {"min": 1, "max": 5}}
    of = world.add(policy(levers=[lever_of], demand=LIVE))
    calls(world, 300.0)
    world.run(asyncio.sleep(300.0))
    world.run(minutes(world, of, 5))
    assert (lever(of, "cache")["current"], lever(of, "cache")["desired"]) == (3, 3)


# --- two policies


def test_of_two_policies_the_older_one_keeps_its_lever(world: World) -> None:
    older = world.make(policy("peak", demand=MANY))
    newer = policy("a-new", demand=FEW)
    newer.created = "2026-09-22T00:00:00Z"
    world.add(newer)
    world.run(minutes(world, newer, 2))
    world.run(minutes(world, older, 30))
    assert older.ready
    assert lever(newer)["message"].startswith("Conflict: the policy peak")
    assert newer.condition("AbleToScale")["status"] == "False"
    assert target(world)["MinCapacity"] == 29


def test_a_claim_is_that_of_the_older_policy(world: World) -> None:
    older = world.add(policy("peak", demand=MANY, levers=[CLAIM]))
    world.run(days(world, older, 1))
    newer = policy("a-new", demand=FEW, levers=[CLAIM])
    newer.created = "2026-09-22T00:00:00Z"
    world.add(newer)
    world.run(days(world, newer, 2))
    world.run(days(world, older, 2))
    assert provisioned(world) == 29


# --- what a process forgets


def test_a_tier_that_holds_is_known_to_the_next_process(world: World) -> None:
    """It begins above 3,000 calls and ends below 2,700; 2,800 keep it, and do not begin it."""
    tier = {
        "name": "large",
        "above": {"concurrentCalls": 3000},
        "untilPercent": 90,
        "actions": [{"lever": "lookup", "min": 60}],
    }
    of = world.add(policy(demand=LIVE, tiers=[tier]))
    calls(world, 3200.0)
    world.run(asyncio.sleep(300.0))
    world.run(minutes(world, of, 2))
    calls(world, 2800.0)
    world.run(minutes(world, of, 5))
    assert of.status["tiers"] == [{"name": "large"}]
    world.start()
    world.run(minutes(world, of, 30))
    assert of.status["tiers"] == [{"name": "large"}]
    assert target(world)["MinCapacity"] == 60
