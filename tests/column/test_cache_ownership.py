"""Whose a cache is: what stands under its name and is not ours is left alone, whatever it is doing when we first look."""

from __future__ import annotations

from typing import Any

import pytest

from tests.column.layers import SUBNETS, TOKEN, layer, nodes
from tests.column.test_cache_nodes import NAME, SLOW, secret
from tests.column.world import Object, World
from trunkline.engine.budget import Priority

THEIRS = "a-token-that-others-chose"


@pytest.fixture
def world() -> World:
    return World(SLOW)


def of_others(world: World) -> Any:
    """A replication group of our name that somebody makes by hand; the client that did it."""
    client = world.client("elasticache")
    client.create_cache_subnet_group(
        CacheSubnetGroupName="theirs", CacheSubnetGroupDescription="theirs", SubnetIds=list(SUBNETS)
    )
    client.create_replication_group(
        ReplicationGroupId=NAME,
        ReplicationGroupDescription="theirs",
        Engine="valkey",
        EngineVersion="8.0",
        CacheNodeType="cache.r7g.large",
        NumNodeGroups=1,
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        CacheSubnetGroupName="theirs",
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
        AuthToken=THEIRS,
    )
    return client


def snapshotting(client: Any) -> None:
    client.create_snapshot(ReplicationGroupId=NAME, SnapshotName="daily")


def modifying(client: Any) -> None:
    client.modify_replication_group(
        ReplicationGroupId=NAME, ReplicationGroupDescription="theirs still", ApplyImmediately=True
    )


def look(world: World, object_: Object, minutes: int = 30) -> None:
    """Passes for so long, whatever is pending."""
    world.add(object_)
    world.run(world.once(object_))
    for number in range(minutes):
        world.clock.advance(60)
        world.run(world.once(object_, Priority.DRIFT if number % 10 == 9 else Priority.PROGRESS))


@pytest.mark.parametrize(
    ("age", "busy"),
    [
        pytest.param(10, None, id="being-made"),
        pytest.param(10_000, None, id="at-rest"),
        pytest.param(10_000, snapshotting, id="in-its-daily-snapshot"),
        pytest.param(10_000, modifying, id="being-changed"),
    ],
)
def test_a_group_of_others_is_never_changed_nor_taken(world: World, age: float, busy: Any) -> None:
    client = of_others(world)
    world.clock.advance(age)
    if busy is not None:
        busy(client)
    mark = world.cloud.calls.number
    mine = nodes(deletionPolicy="Delete")
    look(world, mine)
    assert "ModifyReplicationGroup" not in world.mutating(mark)
    assert "AddTagsToResource" not in world.mutating(mark)
    assert "was not made by this object" in mine.condition("Ready")["message"]
    assert world.cloud.extra("elasticache", "accepts", cache=NAME, token=THEIRS)
    assert "url" not in mine.status
    mine.deleting = True
    world.run(world.settle(mine))
    assert "DeleteReplicationGroup" not in world.mutating(mark)


@pytest.mark.parametrize("age", [pytest.param(10, id="being-made"), pytest.param(10_000, id="at-rest")])
def test_a_serverless_cache_of_others_is_never_changed_nor_taken(world: World, age: float) -> None:
    world.client("elasticache").create_serverless_cache(ServerlessCacheName=NAME, Engine="valkey")
    world.clock.advance(age)
    mark = world.cloud.calls.number
    mine = layer(serverless={"maxDataGB": 10}, engineVersion="8", deletionPolicy="Delete")
    look(world, mine)
    assert world.mutating(mark) == []
    assert "was not made by this object" in mine.condition("Ready")["message"]


def test_a_group_whose_record_was_lost_while_it_was_made_is_ours_again(world: World) -> None:
    mine = world.add(nodes())
    world.run(world.once(mine))
    world.clock.advance(30)
    mine.status = {}
    world.start()
    world.run(world.settle(mine))
    assert mine.ready
    assert world.mutating().count("CreateReplicationGroup") == 1
    assert mine.resource("replication-group", "cache").get("origin") is None, "made here, not adopted"


def test_of_two_layers_with_one_name_the_second_is_told_and_touches_nothing(world: World) -> None:
    first = world.add(nodes(awsName=NAME))
    second = world.add(layer("other", **{**nodes().spec, "awsName": NAME}))
    world.run(world.once(first))
    mark = world.cloud.calls.number
    world.run(world.once(second))
    world.clock.advance(2000)
    world.run(world.settle(first, Priority.PROGRESS))
    assert first.ready
    made = world.mutating(mark)
    look(world, second)
    assert "belongs to test/contact-centers/acme-cache" in second.condition("Ready")["message"]
    assert [call for call in world.mutating(mark)[len(made) :] if call.startswith(("Modify", "Delete", "Add"))] == []
    assert secret(world)["password"] == TOKEN
    second.spec["deletionPolicy"] = "Delete"
    second.deleting = True
    world.run(world.settle(second))
    assert first.ready
    world.run(world.once(first, Priority.DRIFT))
    assert first.ready
