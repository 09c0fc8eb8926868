"""Sources of demand that answer nonsense: nothing is lowered for them, nothing is bought, and nobody waits."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.column.policies import calls, center, policy, refused_by_the_server, target
from tests.column.test_scaling_policy import LIVE, minutes
from tests.column.world import World

PATIENCE_SECONDS = 20.0  # of a real clock, for a few passes: all objects of the operator wait meanwhile


@pytest.fixture
def world() -> World:
    made = World()
    made.make(center())
    return made


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="no number"),
        pytest.param(float("inf"), id="without end"),
        pytest.param(-5.0, id="below zero"),
        pytest.param(1e9, id="more than mankind's operators: summing its terms took minutes"),
        pytest.param(1e300, id="overflows"),
    ],
)
def test_a_metric_that_answers_nonsense_has_failed(world: World, value: float) -> None:
    of = world.add(policy(demand=LIVE))
    calls(world, 3000.0)
    world.run(asyncio.sleep(300.0))
    world.run(world.settle(of))
    before = target(world)
    calls(world, value)
    world.run(asyncio.sleep(180.0))
    began = time.monotonic()
    world.run(minutes(world, of, 2))
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert of.condition("ScalingActive")["reason"] == "SourceFailing"
    assert target(world)["MinCapacity"] == before["MinCapacity"]
    assert refused_by_the_server(of) == []
