"""A new process that cannot read the history: what an earlier one foresaw stays, in its levers and in what AWS runs alone."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.column.policies import TARGET, calls, policy, target
from tests.column.test_scaling_forecast import FORECAST, LIVE, until, world
from tests.column.world import World
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.faults import Fault

__all__ = ["world"]
SALE = [{"name": "sale", "date": "2026-09-22", "percent": 300}]


def planned(made: World) -> dict[str, Any]:
    """The minimums that AWS raises by itself, by their time."""
    client = made.client("application-autoscaling")
    actions = client.describe_scheduled_actions(**TARGET)["ScheduledActions"]
    return {one["Schedule"]: one["ScalableTargetAction"]["MinCapacity"] for one in actions}


def test_without_a_history_nothing_foreseen_is_taken_back_and_an_event_counts_at_once(world: World) -> None:
    of = world.add(policy(demand={"metrics": [LIVE], "forecast": FORECAST}))

    async def blind() -> tuple[int, dict[str, Any], int, dict[str, Any]]:
        calls(world, 60.0)
        await asyncio.sleep(300.0)
        await world.settle(of)
        await until(world, of, 10)
        before = target(world)["MinCapacity"], planned(world)
        world.start()
        world.cloud.faults.add(
            Fault("error", operation="GetMetricDataV2", code="AccessDeniedException", status=403, times=0)
        )
        for _ in range(10):
            await asyncio.sleep(180.0)
            await world.once(of, Priority.DRIFT)
        return *before, target(world)["MinCapacity"], planned(world)

    before, told, after, still = world.run(blind())
    assert before >= 20
    assert after >= before, "few calls are there, but nobody knows how many come"
    assert told.items() <= still.items()
    world.cloud.faults.clear()
    of.edit(demand={"metrics": [LIVE], "forecast": FORECAST})
    world.run(world.settle(of))
    peak = of.status["demand"]["peakCallsPerHour"]
    of.edit(demand={"metrics": [LIVE], "forecast": FORECAST, "events": SALE})
    world.run(world.settle(of))
    assert of.status["demand"]["peakCallsPerHour"] > 1.5 * peak
