"""A budget that caps, and a metric that fails: the cap is for what a forecast adds, and takes nothing that calls need."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.column.policies import calls, center, lever, policy, provisioned, target
from tests.column.test_scaling_forecast import FORECAST, LIVE, rate
from tests.column.test_scaling_policy import minutes
from tests.column.world import World

CAP = {"monthlyUSD": 1, "onExceeded": "Cap"}


def failing(fallback: int) -> dict[str, Any]:
    return {**LIVE, "fallback": {"failureThreshold": 3, "concurrentCalls": fallback}}


def test_a_failed_metric_under_a_cap_never_takes_what_stands() -> None:
    """Half past ten in New York: 10 calls a second, 29 warm functions; the forecast would have asked for more. Then there is
    no number: for three minutes the last one holds, then a fallback of 1 call a second, in the end one of 20.
    """
    world = World()
    made = world.make(center())
    queue = next(line["id"] for line in made.status["resources"] if line["kind"] == "queue")
    told = {"queue": queue, "channel": "VOICE"}
    world.cloud.extra("connect", "history", **told, values=lambda at: {"CONTACTS_CREATED": 4.0 * rate(at) * 900})
    of = world.add(policy(demand={"metrics": [failing(300)], "forecast": FORECAST}, budget=CAP))
    seen: list[int] = []

    async def looked(count: int) -> None:
        for _ in range(count):
            await minutes(world, of, 1)
            seen.extend((provisioned(world), target(world)["MinCapacity"], lever(of)["desired"]))

    async def morning() -> None:
        calls(world, 3000.0)
        await asyncio.sleep(300.0)
        await world.settle(of)
        assert of.condition("BudgetExceeded")["status"] == "True"
        assert lever(of)["reason"] == "Live", "the forecast of forty calls a second is capped"
        await looked(1)
        calls(world, None)
        await looked(24)  # more than the quarter of an hour after which less would be enough
        assert of.status["demand"]["sources"][0]["state"] == "Fallback"
        world.start()  # who remembers nothing takes nothing either
        await looked(18)
        of.edit(demand={"metrics": [failing(6000)], "forecast": FORECAST})
        await world.settle(of)
        await minutes(world, of, 4)

    world.run(morning())
    assert min(seen) >= 29
    assert lever(of)["desired"] >= 49, "a fallback states calls: it is served, over the budget"
    assert provisioned(world) >= 49
