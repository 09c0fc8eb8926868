"""One owner per field: what a policy moves, the target's own pass leaves alone, or is told; and what stays when it ends."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from tests.column.centers import CUSTOMERS, small_spec
from tests.column.layers import nodes
from tests.column.policies import CENTER, policy, refused_by_the_server
from tests.column.world import Object, World, quick

TABLE = {**CUSTOMERS, "billing": {"mode": "PROVISIONED", "readCapacityUnits": 100, "writeCapacityUnits": 50}}
READS = {"name": "reads", "table": "customers", "readCapacityUnits": {"min": 10, "max": 5000}}
DEMAND = {"constant": {"concurrentCalls": 15000}}  # 50 calls a second, 250 reads of up to 4 KB, 1 unit each
NEED = 301  # so that a thousandth of the seconds has more


def scaled() -> Object:
    """A center with a table of provisioned capacity."""
    spec: dict[str, Any] = copy.deepcopy(small_spec())
    spec["tables"] = [copy.deepcopy(TABLE)]
    return Object(CENTER, spec)


def capacity(world: World) -> tuple[int, int]:
    found = world.client("dynamodb").describe_table(TableName=f"{CENTER}-customers")["Table"]["ProvisionedThroughput"]
    return found["ReadCapacityUnits"], found["WriteCapacityUnits"]


@pytest.fixture
def world() -> World:
    return World(quick(cache_vpc_must_exist=False))


def test_what_application_auto_scaling_has_the_center_leaves_alone(world: World) -> None:
    center = world.make(scaled())
    world.make(policy(levers=[READS], demand=DEMAND))
    world.run(asyncio.sleep(120.0))
    assert capacity(world) == (NEED, 50)
    world.run(world.settle(center))
    assert capacity(world) == (NEED, 50), "a missing owner would reset it"
    assert center.ready
    assert center.status["claims"] == [{"kind": "table", "name": "customers", "field": "readCapacityUnits", "own": 100}]


def test_a_neighboring_field_changes_and_the_foreign_one_stays(world: World) -> None:
    center = world.make(scaled())
    world.make(policy(levers=[READS], demand=DEMAND))
    table = center.entry("tables", "customers")
    table["billing"]["writeCapacityUnits"] = 70
    center.edit()
    world.run(world.settle(center))
    assert capacity(world) == (NEED, 70)


def test_a_claim_is_applied_by_the_target_which_is_told_of_it(world: World) -> None:
    center = world.make(scaled())
    of = world.add(policy(levers=[{**READS, "through": "Claim"}], demand=DEMAND))
    result = world.run(world.once(of))
    assert result.informs == {center.key}
    assert capacity(world) == (100, 50), "it is another object's field"
    world.run(world.settle(center))
    assert capacity(world) == (NEED, 50)
    assert center.status["claims"][0]["value"] == NEED
    assert world.run(world.once(of)).informs == frozenset(), "told once"


def test_recommending_claims_nothing(world: World) -> None:
    center = world.make(scaled())
    of = world.add(policy(mode="Recommend", levers=[{**READS, "through": "Claim"}], demand=DEMAND))
    world.run(world.once(of))
    world.run(world.settle(center))
    assert capacity(world) == (100, 50)
    assert "claims" not in center.status


@pytest.mark.parametrize("through", ["Claim", "ApplicationAutoScaling"])
def test_a_policy_that_is_deleted_at_noon_drops_no_capacity(world: World, through: str) -> None:
    center = world.make(scaled())
    of = world.add(policy(levers=[{**READS, "through": through}], demand=DEMAND))
    world.run(world.settle(of))
    world.run(world.settle(center))
    of.deleting = True
    world.run(world.settle(of))
    assert of.gone
    world.run(world.settle(center))
    assert capacity(world) == (NEED, 50)
    assert center.status["claims"][0]["ended"] is True
    assert refused_by_the_server(center) == []
    world.start()  # a new process knows it from the status
    world.run(world.settle(center))
    assert capacity(world) == (NEED, 50)


def test_the_specs_own_value_counts_again_once_it_is_edited(world: World) -> None:
    center = world.make(scaled())
    of = world.add(policy(levers=[{**READS, "through": "Claim"}], demand=DEMAND))
    world.run(world.once(of))
    world.run(world.settle(center))
    of.deleting = True
    world.run(world.settle(of))
    center.entry("tables", "customers")["billing"]["readCapacityUnits"] = 120
    center.edit()
    world.run(world.settle(center))
    assert capacity(world) == (120, 50)
    assert "claims" not in center.status


def test_a_reconcile_that_is_asked_for_takes_the_specs_own_value(world: World) -> None:
    center = world.make(scaled())
    of = world.add(policy(levers=[{**READS, "through": "Claim"}], demand=DEMAND))
    world.run(world.once(of))
    world.run(world.settle(center))
    of.deleting = True
    world.run(world.settle(of))
    center.annotations["trunkline.dev/reconcile"] = "2026-09-22"
    world.run(world.settle(center))
    assert capacity(world) == (100, 50)


def test_a_function_is_told_by_a_claim_too(world: World) -> None:
    center = world.make(scaled())
    lever = {
        "name": "lookup",
        "function": "lookup",
        "provisionedConcurrency": {"min": 5, "max": 200},
        "through": "Claim",
    }
    of = world.add(policy(levers=[lever], demand={"constant": {"concurrentCalls": 3000}}))
    world.run(world.once(of))
    world.run(world.settle(center))
    client = world.client("lambda")
    found = client.get_provisioned_concurrency_config(FunctionName=f"{CENTER}-lookup", Qualifier="live")
    assert found["RequestedProvisionedConcurrentExecutions"] == 29


def test_a_cache_gets_the_replicas_that_a_tier_asks_for(world: World) -> None:
    world.make(scaled())
    cache = world.make(nodes())
    tier = {
        "name": "large",
        "above": {"concurrentCalls": 1000},
        "untilPercent": 90,
        "actions": [{"lever": "cache", "min": 2}, {"task": "Ask for a higher quota"}],
    }
    lever = {"name": "cache", "cacheRef": {"name": cache.name}, "replicasPerShard": {"min": 1, "max": 3}}
    of = world.add(policy(levers=[lever], tiers=[tier], demand=DEMAND))
    assert cache.key in world.run(world.once(of)).informs
    assert refused_by_the_server(of) == []
    assert of.status["tiers"] == [{"name": "large", "tasks": ["Ask for a higher quota"]}]
    world.run(world.settle(cache))
    assert refused_by_the_server(cache) == []
    client = world.client("elasticache")
    (group,) = client.describe_replication_groups(ReplicationGroupId="acme-cache")["ReplicationGroups"]
    assert len(group["MemberClusters"]) == 3, "a primary and two replicas"
