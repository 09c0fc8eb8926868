"""What an operator's /metrics shows that has worked for a while: a center, a cache and a policy, by real passes; and what
goes wrong with another center, told to the same figures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tests.column.layers import HOST, external
from tests.column.policies import LOOKUP_LEVER, calls, center, policy
from tests.column.test_scaling_forecast import FORECAST, LIVE, rate
from tests.column.world import Object, World
from tests.telemetry.test_operator import result
from trunkline.engine.budget import Priority
from trunkline.handlers.health import Counters
from trunkline.handlers.port import Key
from trunkline.telemetry.calls import BudgetFigures, BudgetLevels, CallFigures
from trunkline.telemetry.exposition import exposition
from trunkline.telemetry.passes import PassFigures
from trunkline.telemetry.scaling import ScalingFigures

ROUNDS = 4
STEP = 300.0
WRONG = Key("ContactCenter", "contact-centers", "wrong")
YESTERDAY = {"date": "2026-09-20", "shortCallsPerMillion": 12, "costPercentOfForesight": 120, "changes": 30}
FEW = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 1, "max": 10}}


def pages() -> list[bytes]:
    """One after each round of passes, so that counters grow from one to the next."""
    world = World(waits=BudgetFigures)
    of_center = world.make(center())
    queue = next(line["id"] for line in of_center.status["resources"] if line["kind"] == "queue")

    def growing(at: float) -> dict[str, float]:
        return {"CONTACTS_CREATED": rate(at) * 900 * 1.03 ** ((at - world.clock.epoch) / 604_800)}

    world.cloud.extra("connect", "history", queue=queue, channel="VOICE", values=growing)
    staffing = [{"name": "sales", "queues": ["sales"], "agents": 100}]
    peak = policy(demand={"metrics": [LIVE], "forecast": FORECAST}, levers=[FEW], staffing=staffing)
    peak.status = {"score": [YESTERDAY]}
    cache = external()
    for one in (cache, peak):
        world.add(one)
    passes = PassFigures(world.registry, [ScalingFigures(world.registry, world.clock), world.kept])
    passes.queue(lambda: (0, 1, 0.0, 2.0))
    passes.leadership(lambda: True)
    BudgetLevels(world.registry, world.budget)
    answers = CallFigures(world.registry)

    async def work(objects: Sequence[Object]) -> list[bytes]:
        calls(world, 3000.0)
        found = []
        for number in range(ROUNDS):
            await asyncio.sleep(STEP)
            world.caches.answers[HOST] = _counters(number)
            since = len(world.made.calls)
            for one in objects:
                passes.stated(one.key, await world.once(one, Priority.DRIFT))
                passes.passed(one.key, Priority.DRIFT, 0.1, "Done")
            for call in world.made.calls[since:]:
                answers.called(call)
            passes.stated(WRONG, result("Blocked", ready="False", drift=number))
            passes.passed(WRONG, Priority.CHANGE, 40.0, "Failed")
            answers.called(replace(world.made.calls[-1], code="AccessDeniedException"))
            bucket = min((level.bucket for level in world.budget.levels()), key=lambda one: one.name)
            world.budget.throttled(bucket, asyncio.get_running_loop().time())
            found.append(exposition(world.registry)[1])
        return found

    return world.run(work((of_center, cache, peak)))


def _counters(number: int) -> Counters:
    return Counters(
        hits=930 * number,
        misses=70 * number,
        evictions=5 * number,
        connections=40,
        ops_per_second=1200,
        memory_used_percent=41,
        run="a",
    )
