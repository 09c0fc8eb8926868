"""A policy that learns from Amazon Connect's own contacts: capacity before the calls come, also with a silent metric."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.column.policies import calls, center, lever, policy, provisioned, refused_by_the_server, target
from tests.column.world import Object, World
from trunkline.engine.budget import Priority

NEW_YORK = ZoneInfo("America/New_York")
LIVE = {
    "name": "live",
    "cloudWatch": {
        "namespace": "AWS/Connect",
        "metricName": "ConcurrentCalls",
        "statistic": "Maximum",
        "periodSeconds": 60,
    },
    "measures": "ConcurrentCalls",
    "maxAgeSeconds": 180,
    "whenMissing": "Fail",
}
FORECAST = {"history": {"connect": {}}, "coverPercent": 99}


def rate(at: float) -> float:
    """Calls a second of a working day, 08:00 to 18:00 in New York; none on weekends."""
    local = datetime.fromtimestamp(at, UTC).astimezone(NEW_YORK)
    hour = local.hour + local.minute / 60
    if local.weekday() >= 5 or not 8 <= hour < 18:
        return 0.0
    return 8.0 + 4.0 * math.sin((hour - 8) / 10 * math.pi)


@pytest.fixture
def world() -> World:
    made = World()
    of = made.make(center())
    for line in of.status["resources"]:
        if line["kind"] == "queue":
            told = {"queue": line["id"], "channel": "VOICE"}
            made.cloud.extra("connect", "history", **told, values=lambda at: {"CONTACTS_CREATED": rate(at) * 900})
            break
    return made


async def until(world: World, of: Object, hour: int, every: float = 600.0) -> None:
    """Passes until it is that hour in New York."""
    while datetime.fromtimestamp(world.clock.wall(), UTC).astimezone(NEW_YORK).hour != hour:
        await asyncio.sleep(every)
        await world.once(of, Priority.DRIFT)


def test_it_is_there_before_the_calls_are(world: World) -> None:
    of = world.add(policy(demand={"metrics": [LIVE], "forecast": FORECAST}))

    async def morning() -> tuple[int, int]:
        calls(world, 0.0)
        await asyncio.sleep(300.0)
        await world.settle(of)
        await until(world, of, 3)
        night = target(world)["MinCapacity"]
        await until(world, of, 8)
        return night, target(world)["MinCapacity"]

    night, opening = world.run(morning())
    assert night == 5, "nobody calls at night"
    assert opening >= 24, "8 calls a second ask for 12 busy environments, 24 so that a thousandth finds none"
    assert of.status["demand"]["historyDays"] >= 60
    assert refused_by_the_server(of) == []
    assert of.status["demand"]["sources"][-1]["name"] == "forecast"


def test_aws_is_told_two_days_and_goes_on_with_the_operator_dead(world: World) -> None:
    of = world.add(policy(demand={"forecast": FORECAST}))

    async def weekend() -> tuple[int, int]:
        await world.settle(of)
        await until(world, of, 4)
        assert lever(of)["desired"] == 5
        await asyncio.sleep(8 * 3600.0)
        noon = provisioned(world)
        await asyncio.sleep(24 * 3600.0)
        return noon, provisioned(world)

    noon, next_noon = world.run(weekend())
    assert noon >= 27
    assert next_noon >= 27


def test_a_history_that_cannot_be_read_is_told_and_keeps_what_was_learned(world: World) -> None:
    of = world.add(
        policy(
            demand={
                "metrics": [LIVE],
                "forecast": {**FORECAST, "history": {"configMapKeyRef": {"name": "calls", "key": "calls.csv"}}},
            }
        )
    )

    async def missing() -> None:
        calls(world, 3000.0)
        await asyncio.sleep(300.0)
        await world.settle(of)

    world.run(missing())
    (source,) = [item for item in of.status["demand"]["sources"] if item["name"] == "forecast"]
    assert source["state"] == "Failing"
    assert "ConfigMap calls not found" in source["message"]
    assert lever(of)["desired"] >= 29, "live calls count all the same"


def test_a_new_process_lowers_nothing_before_it_has_looked_for_a_while(world: World) -> None:
    of = world.add(policy(demand={"metrics": [LIVE]}))

    async def restarted() -> tuple[int, int]:
        calls(world, 3000.0)
        await asyncio.sleep(300.0)
        await world.settle(of)
        before = target(world)["MinCapacity"]
        calls(world, 600.0)
        world.start()
        for _ in range(5):
            await asyncio.sleep(60.0)
            await world.once(of, Priority.DRIFT)
        return before, target(world)["MinCapacity"]

    before, after = world.run(restarted())
    assert after == before
