"""A deleted CacheLayer: what goes, what stays, and the last snapshot, whatever is left of the record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.column.layers import layer, nodes
from tests.column.test_cache_nodes import NAME, SLOW
from tests.column.test_crash import Strike
from tests.column.world import Object, World
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.messages import ProcessKilled

FINAL = {"final": True}


@pytest.fixture
def world() -> World:
    return World(SLOW)


def snapshots(world: World) -> list[str]:
    return [item["SnapshotName"] for item in world.client("elasticache").describe_snapshots()["Snapshots"]]


def groups(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    return found


def nothing_is_left(world: World) -> None:
    client = world.client("elasticache")
    assert groups(world) == []
    assert client.describe_serverless_caches()["ServerlessCaches"] == []
    assert client.describe_cache_subnet_groups()["CacheSubnetGroups"] == []
    assert world.client("secretsmanager").list_secrets()["SecretList"] == []
    assert world.published == {}


def delete(world: World, object_: Object) -> None:
    object_.deleting = True
    world.run(world.settle(object_))
    assert object_.gone


def test_the_last_snapshot_is_made_also_where_the_record_was_lost(world: World) -> None:
    made = world.make(nodes(deletionPolicy="Delete", snapshots=FINAL))
    made.status = {}
    world.start()
    delete(world, made)
    assert snapshots(world) == [f"{NAME}-final-{made.uid[:8]}"]
    nothing_is_left(world)


def test_the_last_snapshot_is_made_also_where_it_was_wished_for_just_before(world: World) -> None:
    made = world.make(nodes(deletionPolicy="Delete"))
    made.edit(snapshots=FINAL)
    delete(world, made)
    assert len(snapshots(world)) == 1


def test_a_serverless_cache_has_its_last_snapshot_too(world: World) -> None:
    made = world.make(layer(serverless={"maxDataGB": 10}, engineVersion="8", deletionPolicy="Delete", snapshots=FINAL))
    made.status = {}
    world.start()
    delete(world, made)
    found = world.client("elasticache").describe_serverless_cache_snapshots()["ServerlessCacheSnapshots"]
    assert [item["ServerlessCacheSnapshotName"] for item in found] == [f"{NAME}-final-{made.uid[:8]}"]


def test_two_lives_of_one_name_have_a_last_snapshot_each(world: World) -> None:
    for uid in ("11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"):
        made = nodes(deletionPolicy="Delete", snapshots=FINAL)
        made.uid = uid
        world.make(made)
        assert made.ready
        delete(world, made)
    assert snapshots(world) == [f"{NAME}-final-11111111", f"{NAME}-final-22222222"]


@pytest.mark.parametrize("record", ["kept", "lost"])
def test_nothing_is_left_of_what_was_made(world: World, record: str) -> None:
    made = world.make(nodes(deletionPolicy="Delete"))
    if record == "lost":
        made.status = {}
        world.start()
    delete(world, made)
    nothing_is_left(world)


DELETES = 3  # mutating calls: the group, its subnet group, the secret


@pytest.mark.parametrize("fault", ["killed-before", "killed-after", "lost-before", "lost-after"])
@pytest.mark.parametrize("number", range(1, DELETES + 1))
def test_a_deletion_survives_a_crash_at_every_call(world: World, number: int, fault: str) -> None:
    made = world.make(nodes(deletionPolicy="Delete", snapshots=FINAL))
    strike = Strike(world, fault, number)
    world.cloud.hooks.append(strike)
    made.deleting = True
    try:
        world.run(world.settle(made))
    except (ProcessKilled, BaseExceptionGroup):
        if not strike.dead:
            raise
    assert strike.struck, "there is no such call"
    if strike.dead:
        strike.dead = False
        world.start()
        world.run(world.settle(made))
    assert made.gone
    assert len(snapshots(world)) == 1
    nothing_is_left(world)


def test_retain_leaves_everything_and_the_same_layer_takes_it_back(world: World) -> None:
    first = world.make(nodes())
    host = first.status["endpoint"]
    mark = world.cloud.calls.number
    delete(world, first)
    assert world.calls(mark) == []
    second = nodes()
    second.uid = "99999999-2222-4333-8444-555555555555"
    world.make(second)
    assert second.ready
    assert second.status["endpoint"] == host
    assert "CreateReplicationGroup" not in world.mutating(mark)


def test_a_layer_that_is_deleted_while_its_cache_is_made_leaves_nothing(world: World) -> None:
    made = world.add(nodes(deletionPolicy="Delete"))
    world.run(world.once(made))
    world.clock.advance(20)
    world.run(world.once(made, Priority.PROGRESS))
    delete(world, made)
    nothing_is_left(world)
