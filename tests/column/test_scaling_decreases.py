"""A table's decreases of a day: four, then one an hour, and AWS's own count is what a new process goes by."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from tests.column.policies import CENTER, calls, lever, policy
from tests.column.test_scaling_claims import READS, scaled
from tests.column.test_scaling_policy import LIVE, minutes
from tests.column.world import Object, World
from trunkline.capacity.decreases import Decreases, most

CLAIM: dict[str, Any] = {**copy.deepcopy(READS), "through": "Claim"}


@pytest.fixture
def world() -> World:
    made = World()
    made.make(scaled())
    return made


def counted(world: World) -> int:
    table = world.client("dynamodb").describe_table(TableName=f"{CENTER}-customers")["Table"]
    return int(table["ProvisionedThroughput"]["NumberOfDecreasesToday"])


async def with_its_center(world: World, of: Object, count: int) -> None:
    center = next(item for item in world.objects.values() if item.kind == "ContactCenter")
    for _ in range(count):
        await minutes(world, of, 1)
        await world.settle(center)


def test_a_new_process_knows_how_often_the_table_was_decreased_today(world: World) -> None:
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 0, "tolerancePercent": 0}}
    of = world.add(policy(demand=LIVE, levers=[CLAIM], behavior=behavior))
    calls(world, 15000.0)
    world.run(asyncio.sleep(300.0))
    world.run(with_its_center(world, of, 3))
    for number in range(4):
        calls(world, 12000.0 - 2000.0 * number)
        world.run(asyncio.sleep(180.0))
        world.run(with_its_center(world, of, 3))
    assert counted(world) == 4
    world.start()
    calls(world, 1000.0)
    world.run(asyncio.sleep(180.0))
    world.run(with_its_center(world, of, 10))
    assert counted(world) == 4
    assert lever(of, "reads")["reason"] == "DecreasesUsed"


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        pytest.param(Decreases(2), Decreases(4), 4, id="others decreased too, or a process before"),
        pytest.param(Decreases(3), Decreases(1), 3, id="AWS's answer is older than our last change"),
    ],
)
def test_the_higher_of_two_counts_holds(ours: Decreases, theirs: Decreases, both: int) -> None:
    assert most(ours, theirs).today == both
