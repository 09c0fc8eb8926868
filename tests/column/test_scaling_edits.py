"""A policy's spec is edited: until its own pass has taken that up, nobody goes by what it said of the spec before."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from tests.column.policies import CENTER, LOOKUP_LEVER, center, lever, policy, target
from tests.column.test_scaling_claims import READS, TABLE, capacity
from tests.column.world import Object, World, quick

FEW = {"constant": {"concurrentCalls": 100}}
CLAIM: dict[str, Any] = {**READS, "through": "Claim"}
AT_ONCE = {"scaleDown": {"stabilizationWindowSeconds": 0}}
IN_TIME = {"scaleDown": {"stabilizationWindowSeconds": 900}}


def two_tables() -> Object:
    made = center()
    other = {**copy.deepcopy(TABLE), "name": "orders"}
    made.spec = {**made.spec, "tables": [copy.deepcopy(TABLE), other]}
    return made


@pytest.fixture
def world() -> World:
    return World(quick(cache_vpc_must_exist=False))


def test_what_was_only_recommended_is_told_to_nobody_when_the_mode_becomes_auto(world: World) -> None:
    of_center = world.make(two_tables())
    of = world.add(policy(mode="Recommend", levers=[CLAIM], demand=FEW, behavior=AT_ONCE))
    world.run(world.once(of))
    assert lever(of, "reads")["desired"] == 10
    of.edit(mode="Auto")
    world.run(world.settle(of_center))
    assert capacity(world) == (100, 50), "the center looked first"


def test_what_a_lever_was_told_is_not_told_to_the_table_that_it_names_now(world: World) -> None:
    of_center = world.make(two_tables())
    of = world.add(policy(levers=[{**CLAIM, "table": "orders"}], demand=FEW, behavior=AT_ONCE))
    world.run(world.once(of))
    world.run(world.settle(of_center))
    assert lever(of, "reads")["desired"] == 10
    of.edit(levers=[CLAIM], behavior=IN_TIME)
    world.run(world.settle(of_center))
    assert capacity(world) == (100, 50)
    world.run(world.once(of))
    world.run(world.settle(of_center))
    assert capacity(world) == (100, 50), "it begins at what stands there"


def test_a_lever_that_names_another_function_leaves_the_first_and_moves_the_second(world: World) -> None:
    made = center()
    first = next(one for one in made.spec["functions"] if one["name"] == "lookup")
    made.spec = {**made.spec, "functions": [*made.spec["functions"], {**copy.deepcopy(first), "name": "second"}]}
    world.make(made)
    of = world.make(policy(levers=[LOOKUP_LEVER], demand=FEW))
    assert target(world)["MinCapacity"] == 5
    world.client("lambda").put_provisioned_concurrency_config(
        FunctionName=f"{CENTER}-second", Qualifier="live", ProvisionedConcurrentExecutions=80
    )
    of.edit(levers=[{**LOOKUP_LEVER, "function": "second"}])
    world.start()
    world.run(world.settle(of))
    world.run(asyncio.sleep(60.0))
    assert of.ready, of.condition("Ready")
    assert target(world, ResourceId=f"function:{CENTER}-second:live")["MinCapacity"] == 80
    assert target(world) == {}, "what it made of the first goes"
    other = {**LOOKUP_LEVER, "name": "other", "function": "second"}
    of.edit(levers=[LOOKUP_LEVER, other])
    world.run(world.settle(of))
    assert of.ready, of.condition("Ready")
    assert target(world)["MinCapacity"] >= 5, "each has its own, whatever its tag says: none is lost on the way"
    assert target(world, ResourceId=f"function:{CENTER}-second:live")["MinCapacity"] == 80
    assert {line["name"]: line["id"].rpartition(":")[0][-6:] for line in of.status["resources"]} == {
        "lookup.provisionedConcurrency": "lookup",
        "other.provisionedConcurrency": "second",
    }


def test_a_mode_that_became_auto_while_nobody_looked_begins_at_what_stands_there(world: World) -> None:
    world.make(center())
    of = world.make(policy(demand={"constant": {"concurrentCalls": 3000}}))
    world.run(asyncio.sleep(60.0))
    assert target(world)["MinCapacity"] == 29
    of.edit(mode="Recommend", demand=FEW, behavior=AT_ONCE)
    world.run(world.once(of))
    assert lever(of)["desired"] == 5
    world.start()
    of.edit(mode="Auto", behavior=IN_TIME)
    world.run(world.settle(of))
    assert target(world)["MinCapacity"] == 29
