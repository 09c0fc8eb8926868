"""How much a policy writes and says: figures that only tremble are not written, and nothing is said twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.column.policies import LOOKUP_LEVER, calls, center, lever, policy
from tests.column.test_scaling_policy import DIMENSION, LIVE, minutes, target_id
from tests.column.world import World
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.demand import Judged, Now, State
from trunkline.engine.budget import Priority
from trunkline.handlers.scaling_status import Report, own_conditions
from trunkline.handlers.scaling_steady import steadied

NAMED = {"ServiceNamespace": "lambda", "ResourceId": target_id(), "ScalableDimension": DIMENSION}


@pytest.fixture
def world() -> World:
    made = World()
    made.make(center())
    return made


def trembling(seed: int) -> Iterator[float]:
    """Calls as they come: a Poisson number about the same mean."""
    chance = random.Random(seed)
    while True:
        yield round(chance.gauss(3000.0, 55.0))


def test_calls_that_only_tremble_are_not_written_every_minute(world: World) -> None:
    """A lever at its most does not move, so that nothing but figures does."""
    at_most = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 20, "max": 20}}
    of = world.add(policy(demand=LIVE, levers=[at_most]))
    coming = trembling(3)

    async def hour() -> None:
        for _ in range(60):
            calls(world, next(coming))
            await asyncio.sleep(60.0)
            await world.once(of, Priority.DRIFT)

    world.run(hour())
    before = of.status_writes
    world.run(hour())
    assert of.status_writes - before <= 12, "every quarter of an hour, and where a number leaves its twentieth"
    assert abs(of.status["demand"]["concurrentCalls"] - 3000) <= 300


def test_what_changes_is_written_at_once(world: World) -> None:
    of = world.add(policy(demand=LIVE))
    calls(world, 3000.0)
    world.run(asyncio.sleep(300.0))
    world.run(world.settle(of))
    calls(world, 4000.0)
    world.run(minutes(world, of, 3))
    assert of.status["demand"]["concurrentCalls"] == 4000
    assert lever(of)["desired"] > 29


def test_a_target_of_others_is_said_once(world: World) -> None:
    world.client("application-autoscaling").register_scalable_target(**NAMED, MinCapacity=3, MaxCapacity=50)
    of = world.add(policy(demand=LIVE))
    calls(world, 3000.0)
    world.run(minutes(world, of, 45))
    assert [note.reason for note in of.notes] == ["Conflict", "QuotaLimited"]


def test_what_aws_refuses_is_said_at_once() -> None:
    now = datetime(2026, 9, 22, 10, tzinfo=UTC)
    spec = ScalingPolicySpec.model_validate({"targetRef": {"name": "small"}, "demand": {}})
    well = Report(spec, Now(1.0, "live", hold=False, sources=()), 300.0, None, (), ())
    refused = replace(well, problems=("lookup.provisionedConcurrency: AccessDenied",))
    shown = steadied(None, well, 1, now)
    assert steadied(shown, refused, 1, now + timedelta(minutes=1)).report is refused
    assert steadied(shown, replace(well), 1, now + timedelta(minutes=1)) is shown


@pytest.mark.parametrize("hold", [True, False])
def test_that_nothing_is_lowered_is_said_only_where_it_is_so(hold: bool) -> None:
    spec = ScalingPolicySpec.model_validate({"targetRef": {"name": "small"}, "demand": {}})
    failed = Judged("forecast", State.FAILING, None, "AccessDenied; its last number holds")
    report = Report(spec, Now(1.0, "live", hold=hold, sources=(failed,)), 300.0, None, (), ())
    active = next(one for one in own_conditions(report) if one.type == "ScalingActive")
    assert active.message.startswith("nothing is lowered: ") == hold
    assert "AccessDenied" in active.message
