"""Two centers in one account: what their policies share, and who has a field that two policies want."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.column.centers import small_center
from tests.column.policies import LOOKUP_LEVER, lever, policy, refused_by_the_server, target
from tests.column.world import Object, World
from trunkline.engine.budget import Priority

WIDE: dict[str, Any] = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 1, "max": 5000}}
MOST = 900  # of an account's 1,000 Lambda keeps 100
LARGE = {"constant": {"concurrentCalls": 120_000}}  # 600 busy environments, 678 so that a thousandth finds none
ROOMY = {"constant": {"concurrentCalls": 30_000}}


@pytest.fixture
def world() -> World:
    made = World()
    for name, uid in (("small", "1"), ("other", "2")):
        center = small_center(name)
        center.uid = f"{uid * 8}-2222-4333-8444-555555555555"
        made.make(center)
    return made


def of(name: str, center: str, **spec: Any) -> Object:
    reference = {"kind": "ContactCenter", "name": center}
    return policy(name, targetRef=reference, levers=[WIDE], **spec)


async def rounds(world: World, policies: list[Object], count: int) -> None:
    for _ in range(count):
        for one in policies:
            await world.once(one, Priority.DRIFT)
        await asyncio.sleep(60.0)


def minimum(world: World, center: str) -> int:
    return int(target(world, ResourceId=f"function:{center}-lookup:live").get("MinCapacity", 0))


def test_what_is_in_use_stays_and_the_second_gets_what_is_left(world: World) -> None:
    first, second = of("first", "small", demand=LARGE), of("second", "other", demand=LARGE)
    world.add(first)
    world.add(second)
    world.run(rounds(world, [first], 3))
    taken = minimum(world, "small")
    world.run(rounds(world, [first, second], 4))
    assert taken == minimum(world, "small") > MOST / 2, "what is in use is not taken away"
    assert minimum(world, "other") == MOST - taken
    for one, other in ((first, second), (second, first)):
        (shared,) = one.status["shared"]
        assert shared["with"] == [f"contact-centers/{other.name}"]
        assert "contact-centers/second" in shared["message"], "both say who was cut"
        assert "request" in shared["message"]
    assert refused_by_the_server(first) == refused_by_the_server(second) == []
    assert second.condition("ScalingLimited")["status"] == "True"
    assert first.condition("ScalingLimited")["status"] == "False"


def test_enough_for_both_is_shared_without_a_word_of_cutting(world: World) -> None:
    first, second = of("first", "small", demand=ROOMY), of("second", "other", demand=ROOMY)
    world.add(first)
    world.add(second)
    world.run(rounds(world, [first, second], 3))
    assert minimum(world, "small") == minimum(world, "other") > 150
    assert all("message" not in one.status["shared"][0] for one in (first, second))


def test_a_policy_that_is_gone_asks_for_nothing_any_more(world: World) -> None:
    first, second = of("first", "small", demand=LARGE), of("second", "other", demand=LARGE)
    first.spec["deletionPolicy"] = "Delete"
    world.add(first)
    world.add(second)
    world.run(rounds(world, [first, second], 4))
    first.deleting = True
    world.run(world.settle(first))
    client = world.client("lambda")
    client.delete_provisioned_concurrency_config(FunctionName="small-lookup", Qualifier="live")
    world.run(rounds(world, [second], 4))
    assert "shared" not in second.status
    assert minimum(world, "other") == lever(second)["desired"] > MOST / 2


def test_a_field_that_two_policies_want_has_the_first_and_the_other_is_told(world: World) -> None:
    first, second = of("a-first", "small", demand=ROOMY), of("b-second", "small", demand=LARGE)
    world.add(first)
    world.add(second)
    world.run(rounds(world, [first, second], 3))
    assert minimum(world, "small") == lever(first)["desired"]
    assert second.condition("AbleToScale")["status"] == "False"
    assert "Conflict: the policy a-first moves it" in second.condition("AbleToScale")["message"]
