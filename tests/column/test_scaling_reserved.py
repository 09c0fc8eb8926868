"""A function's reservation and a table's warm throughput as levers: claims of their own rules, over the whole column."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.column.centers import CUSTOMERS, small_spec
from tests.column.policies import ALIAS, CENTER, FUNCTION, LOOKUP_LEVER, lever, policy, refused_by_the_server
from tests.column.world import Object, World, quick

RESERVING: dict[str, Any] = {"name": "own", "function": "lookup", "reservedConcurrency": {"min": 5, "max": 300}}
AT_ONCE = {"scaleDown": {"stabilizationWindowSeconds": 0, "tolerancePercent": 0}}
CALLS = {"constant": {"concurrentCalls": 15_000}}  # 75 lookups at once
CERTAIN, WARM = 121, 104  # so that a millionth, and a thousandth, finds all busy


@pytest.fixture
def world() -> World:
    return World(quick())


def centered(world: World, **function: Any) -> Object:
    spec: dict[str, Any] = copy.deepcopy(small_spec())
    spec["functions"][0] |= function
    return world.make(Object(CENTER, spec))


def reserved(world: World) -> int | None:
    found = world.client("lambda").get_function_concurrency(FunctionName=FUNCTION)
    value = found.get("ReservedConcurrentExecutions")
    return None if value is None else int(value)


def busy(world: World, count: float | None) -> None:
    named = {"FunctionName": FUNCTION}
    told = {"namespace": "AWS/Lambda", "metric": "ConcurrentExecutions", "dimensions": named, "value": count}
    world.cloud.extra("cloudwatch", "measure", **told)


async def together(world: World, center: Object, of: Object, minutes: int) -> None:
    for _ in range(minutes):
        await world.once(of)
        await world.settle(center)
        await asyncio.sleep(60.0)


def test_a_reservation_covers_calls_what_is_provisioned_and_what_runs(world: World) -> None:
    center = centered(world)
    of = world.add(policy(levers=[LOOKUP_LEVER, RESERVING], demand=CALLS, behavior=AT_ONCE))
    world.run(together(world, center, of, 2))
    assert reserved(world) == lever(of, "own")["desired"] == CERTAIN
    assert lever(of, "lookup")["desired"] == WARM
    assert refused_by_the_server(of) == refused_by_the_server(center) == []
    assert lever(of, "own")["through"] == "Claim"
    assert center.status["claims"] == [
        {"kind": "function", "name": "lookup", "field": "provisionedConcurrency"},
        {"kind": "function", "name": "lookup", "field": "reservedConcurrency", "value": CERTAIN},
    ]
    busy(world, 180.0)
    world.run(asyncio.sleep(600.0))
    world.run(together(world, center, of, 1))
    assert reserved(world) == 180, "what runs is not refused"
    busy(world, 2.0)
    of.edit(demand={"constant": {"concurrentCalls": 150}})
    world.run(asyncio.sleep(900.0))
    world.run(together(world, center, of, 4))
    there = world.client("lambda").get_provisioned_concurrency_config(FunctionName=FUNCTION, Qualifier=ALIAS)
    provisioned = there["RequestedProvisionedConcurrentExecutions"]
    assert provisioned <= (reserved(world) or 0) < 180, "it falls again, never below what is provisioned"


def test_what_would_refuse_calls_is_not_reserved(world: World) -> None:
    center = centered(world)
    busy(world, 90.0)
    world.run(asyncio.sleep(600.0))
    of = world.add(policy(levers=[RESERVING], demand=CALLS))
    for limit, running, problem in (
        (180, 90.0, "the account has no more than 80 to reserve"),
        (1000, 400.0, "400 are provisioned or in use: write a max of that or more"),
    ):
        world.cloud.switches = replace(world.cloud.switches, lambda_account_concurrency=limit)
        busy(world, running)
        world.run(asyncio.sleep(600.0))
        world.run(together(world, center, of, 1))
        assert reserved(world) is None
        assert problem in lever(of, "own")["message"]
        assert of.condition("AbleToScale")["status"] == "False"
        assert "desired" not in lever(of, "own")


def test_a_function_that_reserves_by_its_spec_is_provisioned_no_further(world: World) -> None:
    center = centered(world, reservedConcurrency=40)
    of = world.add(policy(levers=[LOOKUP_LEVER], demand=CALLS))
    world.run(together(world, center, of, 2))
    assert (reserved(world), lever(of, "lookup")["desired"]) == (40, 40)
    assert lever(of, "lookup")["limit"] == 40
    assert of.condition("ScalingLimited")["status"] == "True"


def test_a_table_is_warmed_and_never_told_less(world: World) -> None:
    spec: dict[str, Any] = copy.deepcopy(small_spec())
    spec["tables"] = [{**CUSTOMERS, "billing": {"mode": "PAY_PER_REQUEST"}}]
    center = world.make(Object(CENTER, spec))
    warm = {"min": 4_000, "max": 40_000}
    levers = [
        {"name": "warm", "table": "customers", "warmReadUnitsPerSecond": {"min": 12_000, "max": 40_000}},
        {"name": "index", "table": "customers", "index": "PhoneNumberIndex", "warmWriteUnitsPerSecond": warm},
    ]
    workload = {"talkSeconds": 300, "lookupsPerCall": 100, "lookupMilliseconds": 300, "writesPerCall": 30}
    large = {"constant": {"concurrentCalls": 60_000}}
    of = world.add(policy(levers=levers, demand=large, workload=workload, behavior=AT_ONCE))
    world.run(together(world, center, of, 2))
    table = world.client("dynamodb").describe_table(TableName=f"{CENTER}-customers")["Table"]
    wanted = lever(of, "warm")["desired"]
    assert table["WarmThroughput"]["ReadUnitsPerSecond"] == wanted > 20_000
    assert table["WarmThroughput"]["WriteUnitsPerSecond"] == 4_000
    index = table["GlobalSecondaryIndexes"][0]["WarmThroughput"]
    assert index["WriteUnitsPerSecond"] == lever(of, "index")["desired"] > 6_000
    of.edit(demand={"constant": {"concurrentCalls": 100}})
    world.run(together(world, center, of, 2))
    assert lever(of, "warm")["desired"] == lever(of, "warm")["current"] == wanted
    assert of.ready
    assert center.ready
    assert refused_by_the_server(of) == refused_by_the_server(center) == []
