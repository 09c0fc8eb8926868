"""The operator dies, or an answer is lost, at every mutating call of a cache's life: it ends as if nothing had happened."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import pytest

from tests.column.layers import LOG_GROUP, nodes
from tests.column.test_cache_nodes import NAME, SLOW, secret
from tests.column.test_crash import Strike
from tests.column.world import Object, World
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.messages import ProcessKilled

RECORDS = ("reported", "at-the-end", "lost")
CASES = (
    *itertools.product(("killed-before", "killed-after"), RECORDS),
    ("lost-before", "reported"),
    ("lost-after", "reported"),
)
FULL: dict[str, Any] = {
    "confirm": "Never",
    "parameters": [{"name": "maxmemory-policy", "value": "volatile-lru"}],
    "snapshots": {"retentionDays": 3, "final": True},
    "tags": {"team": "calls"},
    "logDelivery": [{"type": "slow-log", "format": "json", "cloudWatchLogs": {"logGroup": LOG_GROUP}}],
}
CREATIONS, CHANGES = 5, 8  # mutating calls; a test says so when they become more


def change(made: Object) -> None:
    """All at once: nodes, replicas, cluster mode, parameters, tags, snapshots."""
    group = {**made.spec["nodes"], "type": "cache.r7g.xlarge", "replicasPerShard": 2}
    parameters = [{"name": "maxmemory-policy", "value": "allkeys-lru"}, {"name": "timeout", "value": "300"}]
    made.edit(nodes=group, parameters=parameters, snapshots={"retentionDays": 5}, tags={"team": "others"})


def picture(world: World) -> dict[str, Any]:
    """All that matters of what is in AWS."""
    client = world.client("elasticache")
    (group,) = client.describe_replication_groups()["ReplicationGroups"]
    names = ("Status", "CacheNodeType", "SnapshotRetentionLimit", "MultiAZ", "AutomaticFailover", "Description")
    parameters = client.describe_cache_parameters(CacheParameterGroupName=f"{NAME}-valkey8", Source="user")
    return {
        **{name: group[name] for name in names},
        "members": len(group["MemberClusters"]),
        "logs": len(group.get("LogDeliveryConfigurations", ())),
        "tags": sorted(str(tag) for tag in client.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]),
        "subnets": [
            item["CacheSubnetGroupName"] for item in client.describe_cache_subnet_groups()["CacheSubnetGroups"]
        ],
        "parameters": sorted((item["ParameterName"], item["ParameterValue"]) for item in parameters["Parameters"]),
        "secrets": [item["Name"] for item in world.client("secretsmanager").list_secrets()["SecretList"]],
        "password": secret(world)["password"],
        "published": sorted(str(place) for place in world.published),
    }


@cache
def undisturbed(*, changed: bool) -> tuple[dict[str, Any], int]:
    """The picture of a world without faults, and how many mutating calls led from the state before to it."""
    world = World(SLOW)
    made = world.add(nodes(**FULL))
    if changed:
        world.run(world.settle(made))
        change(made)
    mark = world.cloud.calls.number
    world.run(world.settle(made))
    assert made.ready, made.condition("Ready")
    return picture(world), len(world.mutating(mark))


def walk(fault: str, number: int, record: str, *, changed: bool) -> None:
    expected, _ = undisturbed(changed=changed)
    world = World(SLOW)
    made = world.add(nodes(**FULL))
    if changed:
        world.run(world.settle(made))
        change(made)
    world.reports = record != "at-the-end"
    strike = Strike(world, fault, number)
    world.cloud.hooks.append(strike)
    try:
        world.run(world.settle(made))
    except (ProcessKilled, BaseExceptionGroup):
        if not strike.dead:
            raise
    assert strike.struck, "there is no such call"
    if strike.dead:
        strike.dead = False
        if record == "lost":
            made.status = {}
        world.start()
        world.run(world.settle(made))
    world.clock.advance(900)
    world.run(world.settle(made, Priority.DRIFT))
    where = f"{fault} call {number} ({strike.struck}), record {record}"
    assert made.ready, f"{where}: {made.condition('Ready')}"
    assert picture(world) == expected, where
    mark = world.cloud.calls.number
    world.run(world.once(made, Priority.DRIFT))
    assert world.mutating(mark) == [], f"{where}: still at work afterwards"


def sample(calls: int) -> list[Any]:
    """Every call, each with one of the cases: what the sweep does in full."""
    cases = itertools.cycle(CASES)
    chosen = [(number, *next(cases)) for number in range(1, calls + 1)]
    return [pytest.param(*case, id="-".join(map(str, case))) for case in chosen]


@pytest.mark.parametrize(("number", "fault", "record"), sample(CREATIONS))
def test_a_cache_is_made_once_whatever_call_is_struck(number: int, fault: str, record: str) -> None:
    walk(fault, number, record, changed=False)


@pytest.mark.parametrize(("number", "fault", "record"), sample(CHANGES))
def test_a_cache_is_changed_once_whatever_call_is_struck(number: int, fault: str, record: str) -> None:
    walk(fault, number, record, changed=True)


@pytest.mark.sweep
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("fault", "record"), CASES)
def test_every_call_of_every_case(fault: str, record: str) -> None:
    for changed, calls in ((False, CREATIONS), (True, CHANGES)):
        for number in range(1, calls + 1):
            walk(fault, number, record, changed=changed)


def test_the_walks_hit_every_call() -> None:
    assert (undisturbed(changed=False)[1], undisturbed(changed=True)[1]) == (CREATIONS, CHANGES)
