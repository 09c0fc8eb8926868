"""Changes of a cache of nodes that must not cost more than they have to: no failover by surprise, no rotation held up by
something else, no request made over and over.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.column.layers import NEXT, TOKEN, nodes
from tests.column.test_cache_nodes import NAME, SLOW, Readers, accepts, rotate, secret
from tests.column.world import Object, World, quick
from trunkline.engine.budget import Priority

LARGER = "cache.r7g.xlarge"
PARAMETERS = [{"name": "maxmemory-policy", "value": "volatile-lru"}]


@pytest.fixture
def world() -> World:
    return World(SLOW)


def group(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.client("elasticache").describe_replication_groups(ReplicationGroupId=NAME)[
        "ReplicationGroups"
    ][0]
    return found


def member(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.client("elasticache").describe_cache_clusters()["CacheClusters"][0]
    return found


def look(world: World, made: Object, minutes: int = 30) -> None:
    """Passes for so long, whatever is pending."""
    world.run(world.once(made))
    for _ in range(minutes):
        world.clock.advance(60)
        world.run(world.once(made, Priority.PROGRESS))


def retype(made: Object, type_: str = LARGER) -> None:
    made.edit(nodes={**made.spec["nodes"], "type": type_})


def confirm(made: Object) -> None:
    made.annotations["trunkline.dev/confirm"] = made.status["lastPlan"]["id"]


# What waits for the maintenance window


def waiting_for_the_window(world: World) -> Object:
    made = world.make(nodes(apply="MaintenanceWindow"))
    retype(made)
    look(world, made, 10)
    assert group(world)["CacheNodeType"] == "cache.r7g.large"
    assert "waits for the maintenance window" in made.condition("Ready")["message"]
    return made


def test_a_setting_does_not_bring_the_failover_forward(world: World) -> None:
    """ApplyImmediately is of all that is pending, AWS says, so one careless description moves all nodes at noon."""
    made = waiting_for_the_window(world)
    made.edit(snapshots={"retentionDays": 3})
    look(world, made)
    assert group(world)["SnapshotRetentionLimit"] == 3
    assert group(world)["CacheNodeType"] == "cache.r7g.large"


def test_a_rotation_that_would_bring_it_forward_is_asked_about(world: World) -> None:
    made = waiting_for_the_window(world)
    rotate(made)
    look(world, made)
    assert group(world)["CacheNodeType"] == "cache.r7g.large"
    assert "brings forward what waits for the maintenance window" in made.condition("ConfirmationRequired")["message"]
    assert secret(world)["password"] == TOKEN
    confirm(made)
    look(world, made)
    assert made.ready
    assert group(world)["CacheNodeType"] == LARGER
    assert secret(world)["password"] == NEXT
    assert not accepts(world, TOKEN)


def test_the_end_of_a_rotation_does_not_bring_it_forward_either(world: World) -> None:
    made = world.make(nodes(apply="MaintenanceWindow"))
    rotate(made)
    world.run(world.once(made))
    retype(made)
    look(world, made)
    assert group(world)["CacheNodeType"] == "cache.r7g.large"


def test_after_the_window_all_is_as_the_spec_says(world: World) -> None:
    made = waiting_for_the_window(world)
    world.clock.advance(7 * 86_400)
    world.run(world.settle(made, Priority.DRIFT))
    assert made.ready
    assert group(world)["CacheNodeType"] == LARGER


def test_a_layer_that_is_taken_back_is_given_to_functions_although_something_waits(world: World) -> None:
    without = {"auth": None, "publish": {"awsSecretName": NAME}, "apply": "MaintenanceWindow"}
    first = world.make(nodes(**without))
    retype(first)
    look(world, first, 10)
    first.deleting = True
    world.run(world.settle(first))
    second = nodes(**without)
    second.spec["nodes"]["type"] = LARGER
    second.uid = "99999999-2222-4333-8444-555555555555"
    world.add(second)
    look(world, second)
    assert group(world)["CacheNodeType"] == "cache.r7g.large"
    assert second.status.get("url"), second.status["conditions"]


# What waits for a person


def test_a_rotation_goes_on_beside_a_change_that_waits_for_a_person(world: World) -> None:
    world.made = Readers(world)
    world.start()
    made = world.make(nodes())
    world.made.watching = True
    retype(made)
    world.run(world.once(made))
    assert made.condition("ConfirmationRequired")["status"] == "True"
    rotate(made)
    look(world, made)
    assert made.condition("ConfirmationRequired")["status"] == "True"
    assert secret(world)["password"] == NEXT
    assert not accepts(world, TOKEN), "a token that leaked would be taken as long as nobody confirms something else"
    assert world.made.lost == []
    assert group(world)["CacheNodeType"] == "cache.r7g.large"
    assert made.status["url"]


def test_tls_is_not_switched_off_under_functions_unasked(world: World) -> None:
    encryption = {"atRest": True, "inTransit": "preferred"}
    made = world.make(nodes(encryption=encryption, auth=None, publish={"awsSecretName": NAME}))
    assert made.status["url"].startswith("rediss://")
    made.edit(encryption={**encryption, "inTransit": "disabled"})
    look(world, made, 5)
    assert "refuses clients that speak TLS" in made.condition("ConfirmationRequired")["message"]
    assert group(world)["TransitEncryptionEnabled"]


# What AWS does by itself


def test_a_minor_version_that_aws_installed_is_not_taken_back(world: World) -> None:
    made = world.make(nodes())
    world.client("elasticache").modify_replication_group(
        ReplicationGroupId=NAME, EngineVersion="8.1", ApplyImmediately=True
    )
    world.clock.advance(1000)
    mark = world.cloud.calls.number
    look(world, made, 5)
    assert made.ready, made.condition("Ready")
    assert world.mutating(mark) == []
    assert made.condition("ConfirmationRequired")["status"] == "False"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"replicasPerShard": 3}, {"replicasPerShard": 1}, id="replicas"),
        pytest.param({"type": LARGER}, {"type": "cache.r7g.large"}, id="nodes"),
        pytest.param(
            {"type": LARGER, "replicasPerShard": 3}, {"type": "cache.r7g.large", "replicasPerShard": 1}, id="both"
        ),
        pytest.param({"clusterMode": "enabled", "shards": 3}, {"shards": 2}, id="shards"),
    ],
)
def test_what_aws_rolls_back_is_asked_for_once(before: dict[str, Any], after: dict[str, Any]) -> None:
    world = World(quick(SLOW, cache_scale_down_rolls_back=True))
    made = world.make(nodes(nodes={**nodes().spec["nodes"], **before}, confirm="Never"))
    mark = world.cloud.calls.number
    made.edit(nodes={**made.spec["nodes"], **after})
    look(world, made, 60)
    assert len(world.mutating(mark)) == len(after), world.mutating(mark)
    assert made.condition("Reconciling")["status"] == "False"


def test_what_was_rolled_back_is_asked_for_again_once_the_spec_has_changed(world: World) -> None:
    world = World(quick(SLOW, cache_scale_down_rolls_back=True))
    made = world.make(nodes(nodes={**nodes().spec["nodes"], "replicasPerShard": 3}))
    mark = 0
    for wanted in (1, 3, 1):
        mark = world.cloud.calls.number
        made.edit(nodes={**made.spec["nodes"], "replicasPerShard": wanted})
        look(world, made, 15)
    assert world.mutating(mark) == ["DecreaseReplicaCount"]


@pytest.mark.parametrize("mode", ["disabled", "enabled"])
@pytest.mark.parametrize(
    ("engine", "version"),
    [("redis", "5.0.6"), ("redis", "6.2"), ("redis", "7.1"), ("valkey", "7.2"), ("valkey", "8.2")],
)
def test_every_engine_is_made_and_at_rest(world: World, engine: str, version: str, mode: str) -> None:
    given = {**nodes().spec["nodes"], "clusterMode": mode}
    made = world.make(nodes(engine=engine, engineVersion=version, nodes=given, parameters=PARAMETERS))
    assert made.ready, made.condition("Ready")
    assert made.status["url"].startswith("rediss://")
    world.clock.advance(900)
    mark = world.cloud.calls.number
    world.run(world.once(made, Priority.DRIFT))
    assert world.mutating(mark) == []


# Parameters


@pytest.mark.parametrize("apply", ["Immediately", "MaintenanceWindow"])
def test_parameters_that_come_are_given_once(world: World, apply: str) -> None:
    made = world.make(nodes(apply=apply))
    mark = world.cloud.calls.number
    made.edit(parameters=PARAMETERS)
    look(world, made)
    assert made.ready
    assert world.mutating(mark).count("ModifyReplicationGroup") == 1
    assert member(world)["CacheParameterGroup"]["CacheParameterGroupName"] == f"{NAME}-valkey8"


@pytest.mark.parametrize("apply", ["Immediately", "MaintenanceWindow"])
def test_parameters_that_leave_the_spec_give_way_to_awss_own(world: World, apply: str) -> None:
    made = world.make(nodes(parameters=PARAMETERS, apply=apply))
    made.spec.pop("parameters")
    made.edit()
    look(world, made)
    assert made.ready, made.condition("Ready")
    assert member(world)["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"
    assert not [call for call in world.cloud.failures if "Parameter" in str(call)]


def test_an_upgrade_that_waits_does_not_ask_for_its_parameters_before(world: World) -> None:
    older = {"engine": "redis", "engineVersion": "7.1"}
    made = world.make(nodes(parameters=PARAMETERS, **older))
    assert made.ready, made.condition("Ready")
    mark = world.cloud.calls.number
    made.edit(engine="valkey", engineVersion="8.0")
    look(world, made)
    assert made.condition("ConfirmationRequired")["status"] == "True"
    assert not [call for call in world.mutating(mark) if call == "ModifyReplicationGroup"]
    confirm(made)
    look(world, made)
    assert made.ready, made.condition("Ready")
    assert (group(world)["Engine"], member(world)["EngineVersion"][:3]) == ("valkey", "8.0")
