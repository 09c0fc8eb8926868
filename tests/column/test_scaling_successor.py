"""Scalable targets that outlive their policy (deletionPolicy Retain): who may take them up again, and who may not."""

from __future__ import annotations

import pytest

from tests.column.policies import LOOKUP_LEVER, center, lever, policy, provisioned, target
from tests.column.test_scaling_policy import minutes
from tests.column.world import Object, World
from trunkline.engine.driver import OWNER_TAG

MANY = {"constant": {"concurrentCalls": 3000}}
FEWER = {"constant": {"concurrentCalls": 1000}}
OURS = "test/contact-centers/peak"


def orphaned() -> World:
    """A world in which `peak` was deleted, and what it made was kept."""
    world = World()
    world.make(center())
    of = world.make(policy(demand=MANY))
    of.deleting = True
    world.run(world.settle(of))
    assert of.gone
    assert target(world)["MinCapacity"] == 29
    return world


def owner(world: World) -> str:
    arn = target(world)["ScalableTargetARN"]
    return str(world.client("application-autoscaling").list_tags_for_resource(ResourceARN=arn)["Tags"][OWNER_TAG])


def give(world: World, to: str) -> None:
    arn = target(world)["ScalableTargetARN"]
    world.client("application-autoscaling").tag_resource(ResourceARN=arn, Tags={OWNER_TAG: to})


def successor(name: str = "peak", **spec: object) -> Object:
    """Another object: a new uid, and nothing in its status."""
    of = policy(name, **{"demand": FEWER, **spec})
    of.uid = "99999999-3333-4333-8444-555555555555"
    return of


@pytest.mark.parametrize(
    "named", [pytest.param("lookup", id="as it was"), pytest.param("warm", id="its lever is called otherwise now")]
)
def test_a_policy_of_the_same_name_takes_back_what_is_its_own(named: str) -> None:
    world = orphaned()
    world.start()  # nothing is remembered either
    before = len(world.cloud.calls.since(0))
    of = world.make(successor(levers=[{**LOOKUP_LEVER, "name": named}]))
    assert of.ready, of.condition("Ready")["message"]
    assert "RegisterScalableTarget" not in world.mutating(before), "nothing is lower at once for a new uid"
    assert (lever(of, named)["current"], provisioned(world)) == (29, 29)
    world.run(minutes(world, of, 20))
    assert target(world)["MinCapacity"] == lever(of, named)["desired"] == 14, "then it is moved as before"
    of.edit(deletionPolicy="Delete")
    of.deleting = True
    world.run(world.settle(of))
    assert target(world) == {}, "what it made under the former uid is its own to delete"


def test_what_is_anothers_is_left_alone_until_somebody_says_that_it_is_gone() -> None:
    """Another installation's, another namespace's and another name's, each of which then goes by the new object's name."""
    world = orphaned()
    cases = {
        "elsewhere/contact-centers/peak": ("peak", "elsewhere"),
        "test/other-namespace/peak": ("peak", "test/other-namespace/peak"),
        "test/contact-centers/peak": ("peak-v2", "test/contact-centers/peak"),
    }
    for whose, (name, remedy) in cases.items():
        give(world, whose)
        before = len(world.cloud.calls.since(0))
        of = world.make(successor(name))
        message = of.condition("AbleToScale")["message"]
        assert of.condition("AbleToScale")["status"] == "False", whose
        assert f"belongs to {whose}" in message
        assert f"annotate trunkline.dev/take-over: {remedy} if that " in message
        assert (world.mutating(before), owner(world)) == ([], whose)
        of.annotations["trunkline.dev/take-over"] = remedy
        world.run(world.settle(of))
        assert of.ready, of.condition("Ready")["message"]
        assert owner(world) == f"test/contact-centers/{name}"
        of.deleting = True
        world.run(world.settle(of))
