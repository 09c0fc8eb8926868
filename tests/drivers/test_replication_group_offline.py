"""Changes of a replication group that AWS takes back, puts off, or takes another way than one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.cases.replication_group import NAME, SHARDED, prepare
from tests.drivers.offline import SWITCHES, OfflineCaller, World
from trunkline.drivers.replication_group import ReplicationGroupDriver
from trunkline.drivers.replication_group_state import GroupState
from trunkline.engine.driver import Found
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws

NOWHERE = replace(SWITCHES, cache_vpc_must_exist=False)  # EC2's subnets are not what is tried here
WEEK = 7 * 24 * 3600.0
CHANGES = frozenset(
    {
        "ModifyReplicationGroup",
        "ModifyReplicationGroupShardConfiguration",
        "IncreaseReplicaCount",
        "DecreaseReplicaCount",
    }
)


@pytest.fixture
def world() -> World:
    """A group of two shards with two replicas each, made and at rest."""
    clock = ManualClock()
    cloud = OfflineAws(clock=clock, switches=NOWHERE)
    made = World(
        cloud, clock, OfflineCaller(cloud), ReplicationGroupDriver(), f"replication-group/{NAME}", NAME, SHARDED
    )

    async def make() -> None:
        await prepare(made)
        await made.converge()

    asyncio.run(make())
    made.aws.forget()
    return made


async def state(world: World) -> GroupState:
    found: Found[GroupState] | None = await world.look(exact=True)
    assert found is not None
    return found.state


def asked(world: World) -> list[str]:
    """Changes that AWS was asked for, in order."""
    return [name for name in world.aws.names if name in CHANGES]


@pytest.mark.parametrize(
    ("changes", "operation"),
    [
        pytest.param({"replicas_per_shard": 1}, "DecreaseReplicaCount", id="replicas"),
        pytest.param({"shards": 1}, "ModifyReplicationGroupShardConfiguration", id="shards"),
    ],
)
def test_what_aws_takes_back_is_asked_for_once_told_and_asked_for_again_when_wanted_anew(
    world: World, changes: dict[str, Any], operation: str
) -> None:
    """Again and again it would move keys and nodes to and fro, for nothing."""

    async def story() -> None:
        world.cloud.switches = replace(NOWHERE, cache_modification_seconds=60.0, cache_scale_down_rolls_back=True)
        world.desired = replace(SHARDED, **changes)
        await world.converge()
        for _ in range(3):
            world.clock.advance(3600.0)
            await world.converge()
        assert asked(world) == [operation]
        plan = world.plan(await world.look(exact=True))
        assert [change for change in plan.reports if "rolled the change back" in change.path], "nobody is told"

        world.cloud.switches = NOWHERE
        world.desired = SHARDED
        await world.converge()
        world.desired = replace(SHARDED, **changes)
        await world.converge()
        assert asked(world) == [operation, operation]
        assert world.plan(await world.look(exact=True)).reports == ()

    asyncio.run(story())


def test_what_waits_for_the_window_is_asked_for_once_and_is_there_after_it(world: World) -> None:
    async def story() -> None:
        world.desired = replace(SHARDED, node_type="cache.r6g.xlarge", immediately=False)
        await world.take(world.plan(await world.look(exact=True)))
        for _ in range(3):
            world.clock.advance(600.0)
            found = await world.look(exact=True)
            assert found is not None
            waits = world.plan(found)
            assert waits.steps == ()
            assert waits.waiting is not None
            assert "maintenance window" in waits.waiting.reason
            assert found.attributes["window"] == "CacheNodeType", "what else is done at once would bring it forward"
        world.clock.advance(WEEK)
        await world.converge()
        assert (await state(world)).node_type == "cache.r6g.xlarge"
        assert asked(world) == ["ModifyReplicationGroup"]

    asyncio.run(story())


def test_a_setting_leaves_what_waits_for_the_window_there(world: World) -> None:
    async def story() -> None:
        world.desired = replace(SHARDED, node_type="cache.r6g.xlarge", immediately=False)
        await world.take(world.plan(await world.look(exact=True)))
        world.clock.advance(60.0)
        world.desired = replace(world.desired, snapshot_retention_days=3)
        await world.take(world.plan(await world.look(exact=True)))
        world.clock.advance(60.0)
        now = await state(world)
        assert now.snapshot_retention_days == 3
        assert (now.node_type, now.for_window) == ("cache.r6g.large", ("CacheNodeType",))

    asyncio.run(story())


async def _one_shard_less(world: World) -> None:
    """Somebody takes a replica of one shard alone."""
    shard = (await state(world)).shard_ids[0]
    params = {
        "ReplicationGroupId": NAME,
        "ReplicaConfiguration": [{"NodeGroupId": shard, "NewReplicaCount": 1}],
        "ApplyImmediately": True,
    }
    await world.aws.mutate("elasticache", "DecreaseReplicaCount", params)


async def _one_less_one_more(world: World) -> None:
    await _one_shard_less(world)
    shard = (await state(world)).shard_ids[1]
    params = {
        "ReplicationGroupId": NAME,
        "ReplicaConfiguration": [{"NodeGroupId": shard, "NewReplicaCount": 3}],
        "ApplyImmediately": True,
    }
    await world.aws.mutate("elasticache", "IncreaseReplicaCount", params)


@pytest.mark.parametrize(
    ("tamper", "changes"),
    [
        pytest.param(_one_shard_less, ["IncreaseReplicaCount"], id="one-shard-has-fewer"),
        pytest.param(
            _one_less_one_more, ["IncreaseReplicaCount", "DecreaseReplicaCount"], id="one-has-fewer-one-has-more"
        ),
    ],
)
def test_shards_of_unequal_replicas_come_together(
    world: World, tamper: Callable[[World], Awaitable[None]], changes: list[str]
) -> None:
    """One number for all of them AWS refuses where it leads both up and down."""

    async def story() -> None:
        await tamper(world)
        world.aws.forget()
        await world.converge()
        assert (await state(world)).replicas == (2, 2)
        assert asked(world) == changes

    asyncio.run(story())
