"""Two centers whose tables share what an account may provision: who gets what, who is told, and what others use."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from tests.column.centers import CUSTOMERS, small_spec
from tests.column.policies import lever, policy, refused_by_the_server
from tests.column.world import Object, World, quick
from trunkline.engine.budget import Priority

READ_QUOTA = "dynamodb/Account-level read throughput limit (Provisioned mode)"
QUOTA, NOT_OURS, AT_FIRST = 1200, 150, 100
OTHERS = 360  # NOT_OURS and the index of each table, which has as much as it and no lever; up to the next percent of the quota
TABLE = {
    **CUSTOMERS,
    "billing": {"mode": "PROVISIONED", "readCapacityUnits": AT_FIRST, "writeCapacityUnits": 10},
}
READS = {"name": "reads", "table": "customers", "readCapacityUnits": {"min": 10, "max": 5000}}
LARGE = {"constant": {"concurrentCalls": 30_000}}  # 500 reads a second, 571 so that a thousandth has more


@pytest.fixture
def world() -> World:
    made = World(quick(service_quotas={READ_QUOTA: QUOTA}))
    for name, uid in (("small", "1"), ("other", "2")):
        spec: dict[str, Any] = copy.deepcopy(small_spec())
        spec["tables"] = [copy.deepcopy(TABLE)]
        spec["instance"]["alias"] = f"{name}-test"
        made.make(Object(name, spec, uid=f"{uid * 8}-2222-4333-8444-555555555555"))
    made.client("dynamodb").create_table(
        TableName="not-ours",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": NOT_OURS, "WriteCapacityUnits": 10},
    )
    return made


def of(name: str, center: str, **spec: Any) -> Object:
    return policy(name, targetRef={"kind": "ContactCenter", "name": center}, levers=[READS], **spec)


async def rounds(world: World, policies: list[Object], count: int) -> None:
    for _ in range(count):
        for one in policies:
            await world.once(one, Priority.DRIFT)
        await asyncio.sleep(60.0)


def reads(world: World, center: str) -> int:
    found = world.client("dynamodb").describe_table(TableName=f"{center}-customers")["Table"]
    return int(found["ProvisionedThroughput"]["ReadCapacityUnits"])


@pytest.mark.parametrize("usage", ["told by CloudWatch", "counted table by table"])
def test_what_others_have_and_what_is_in_use_stays(world: World, usage: str) -> None:
    if usage != "told by CloudWatch":
        dimensions = {"Service": "DynamoDB", "Type": "Resource", "Class": "None"}
        for word in ("Read", "Write"):
            told = {**dimensions, "Resource": f"AccountProvisioned{word}CapacityUnits"}
            world.cloud.extra(
                "cloudwatch", "measure", namespace="AWS/Usage", metric="ResourceCount", dimensions=told, value=None
            )
    first, second = of("first", "small", demand=LARGE), of("second", "other", demand=LARGE)
    world.add(first)
    world.add(second)
    world.run(rounds(world, [first], 3))
    taken = reads(world, "small")
    assert taken == lever(first, "reads")["desired"] > 500
    world.run(rounds(world, [first, second], 4))
    left = QUOTA - OTHERS - taken
    assert (reads(world, "small"), reads(world, "other")) == (taken, left), "nothing in use is taken away"
    for one, other in ((first, second), (second, first)):
        (shared,) = one.status["shared"]
        assert (shared["limit"], shared["others"]) == ("table-read-capacity", OTHERS)
        assert shared["with"] == [f"contact-centers/{other.name}"]
        assert f"contact-centers/second {left} of {taken}" in shared["message"], "both say who was cut"
        missing = taken - left
        assert f"request {QUOTA + missing} or more of Account-level read throughput limit" in shared["message"]
    assert refused_by_the_server(first) == refused_by_the_server(second) == []
    assert lever(second, "reads")["limit"] == left
    assert lever(second, "reads")["needed"] == taken
    assert second.condition("ScalingLimited")["reason"] in ("Shared", "Maximum")
    assert first.condition("ScalingLimited")["status"] == "False"


def test_the_higher_priority_is_served_first(world: World) -> None:
    first = of("first", "small", demand=LARGE)
    second = of("second", "other", demand=LARGE, priority=10)
    world.add(first)
    world.add(second)
    for one in (first, second):  # both ask before either has more
        one.edit(paused=True)
    world.run(rounds(world, [first, second], 2))
    for one in (first, second):
        one.edit(paused=False)
    world.run(rounds(world, [second, first], 4))
    assert reads(world, "other") == lever(second, "reads")["desired"] > 500
    assert reads(world, "small") == QUOTA - OTHERS - reads(world, "other")
