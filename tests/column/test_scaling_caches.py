"""A cache's shards and replicas as levers: sized by calls, moved by AWS where it can, refused with a remedy where not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.column.centers import small_spec
from tests.column.layers import nodes
from tests.column.policies import CENTER, lever, policy, refused_by_the_server
from tests.column.world import Object, World, quick

DIMENSION = "elasticache:replication-group:NodeGroups"
SHARDS: dict[str, Any] = {
    "name": "cache",
    "cacheRef": {"name": "acme-cache"},
    "shards": {"min": 1, "max": 10},
    "operationsPerNode": 1000,
}
AWS = {"through": "ApplicationAutoScaling"}
CALLS = {"constant": {"concurrentCalls": 150_000}}  # 500 calls a second, 5 lookups each that all miss: 5,000 operations
NEED = 6  # with what a thousandth of the seconds has more


@pytest.fixture
def world() -> World:
    made = World(quick(cache_vpc_must_exist=False))
    made.make(Object(CENTER, small_spec()))
    return made


def cached(world: World, **changes: Any) -> Object:
    cache = nodes()
    cache.spec["nodes"] |= {"type": "cache.r7g.large", "clusterMode": "enabled", "shards": 2, **changes}
    return world.make(cache)


def group(world: World) -> dict[str, Any]:
    client = world.client("elasticache")
    (found,) = client.describe_replication_groups(ReplicationGroupId="acme-cache")["ReplicationGroups"]
    return dict(found)


def target(world: World) -> dict[str, Any]:
    client = world.client("application-autoscaling")
    found = client.describe_scalable_targets(
        ServiceNamespace="elasticache", ResourceIds=["replication-group/acme-cache"]
    )
    return next((dict(one) for one in found["ScalableTargets"] if one["ScalableDimension"] == DIMENSION), {})


def test_aws_moves_the_shards_and_the_cache_leaves_them_alone(world: World) -> None:
    cache = cached(world)
    of = world.make(policy(levers=[{**SHARDS, **AWS}], demand=CALLS))
    assert (target(world)["MinCapacity"], target(world)["MaxCapacity"]) == (NEED, 10)
    world.run(asyncio.sleep(1800.0))
    world.run(world.settle(cache))
    assert len(group(world)["NodeGroups"]) == NEED, "the cache's own spec says 2, which is no longer its business"
    assert cache.ready
    assert cache.status["claims"] == [{"kind": "cache", "name": "acme-cache", "field": "shards", "own": 2}]
    world.run(world.once(of))
    line = lever(of, "cache")
    assert (line["current"], line["desired"], line["through"]) == (NEED, NEED, "ApplicationAutoScaling")
    assert refused_by_the_server(of) == refused_by_the_server(cache) == []
    client = world.client("application-autoscaling")
    (tracking,) = client.describe_scaling_policies(ServiceNamespace="elasticache")["ScalingPolicies"]
    asked = tracking["TargetTrackingScalingPolicyConfiguration"]
    assert (asked["TargetValue"], asked["ScaleOutCooldown"]) == (70.0, 600)
    layers = {layer["layer"]: layer for layer in of.status["layers"]}
    assert layers["cache-shards"]["need"] == layers["cache-shards"]["have"] == NEED
    assert layers["cache-shards"]["limit"] == 10
    assert layers["cache-connections"]["limit"] == 65_000


def test_a_claim_is_sized_by_calls_and_falls_no_lower_than_the_data(world: World) -> None:
    cache = cached(world)
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 0, "tolerancePercent": 0}}
    of = world.add(policy(levers=[SHARDS], demand=CALLS, behavior=behavior))
    world.run(world.once(of))
    world.run(world.settle(cache))
    assert len(group(world)["NodeGroups"]) == NEED
    cache.status["memoryUsedPercent"] = 50  # of each of six nodes: four hold it at three quarters
    rush = {"name": "rush", "start": "0 8 * * *", "end": "0 9 * * *", "concurrentCalls": 150_000}
    of.edit(demand={"constant": {"concurrentCalls": 150}, "schedules": [rush]})
    world.run(world.once(of))
    assert lever(of, "cache")["desired"] == 4
    assert lever(of, "cache")["nextChange"] == {"at": "2026-09-22T11:30:00Z", "value": NEED}, "half an hour before"
    del of.status["levers"]  # as a restore loses it: nothing is told, and nothing is put back
    world.run(world.settle(cache))
    assert len(group(world)["NodeGroups"]) == NEED


def test_what_aws_does_not_scale_is_refused_with_the_remedy(world: World) -> None:
    cached(world, type="cache.t4g.small")
    of = world.add(policy(levers=[{**SHARDS, **AWS}], demand=CALLS))
    world.run(world.once(of))
    assert "does not scale cache.t4g.small" in of.condition("AbleToScale")["message"]
    assert of.condition("AbleToScale")["status"] == "False"
    assert target(world) == {}
