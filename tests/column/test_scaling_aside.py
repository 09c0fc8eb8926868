"""A policy of a million calls: its models are computed beside the loop, which is never held up by them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.column.policies import LOOKUP_LEVER, calls, center, policy
from tests.column.test_scaling_forecast import LIVE
from tests.column.world import World
from tests.virtual_time import VirtualLoop
from trunkline.handlers.scaling_aside import aside

LONGEST_SECONDS = 0.2
"""Of processor time without a turn for anybody else: renewing the lease takes turns too."""


class Watching(VirtualLoop):
    """Processor seconds of each stretch, by whether an executor would have had it."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock)
        self.held: list[float] = []
        self.beside: list[float] = []

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        def timed() -> Any:
            begun = time.thread_time()
            try:
                return func(*args)
            finally:
                self.beside.append(time.thread_time() - begun)

        return super().run_in_executor(executor, timed)

    def _run_once(self) -> None:
        begun, before = time.thread_time(), sum(self.beside)
        super()._run_once()  # type: ignore[misc]
        self.held.append(time.thread_time() - begun - (sum(self.beside) - before))


def test_the_first_pass_at_a_million_calls_holds_nobody_up() -> None:
    world = World()
    world.make(center())
    world.make(policy("warms-up-clients", mode="Recommend", demand={"constant": {"concurrentCalls": 10}}))
    staffing = [{"name": f"pool{n}", "queues": [f"q{n}"], "talkSeconds": 211 + 17 * n} for n in range(2)]
    most = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 5, "max": 10_000}}
    demand = {"metrics": [LIVE], "constant": {"concurrentCalls": 1_000_000}}
    of = world.add(policy(demand=demand, levers=[most], staffing=staffing))
    calls(world, 900_000.0)
    with asyncio.Runner(loop_factory=lambda: Watching(world)) as runner:
        runner.run(world.once(of))
        loop = runner.get_loop()
        assert isinstance(loop, Watching)
        assert max(loop.held) < LONGEST_SECONDS
        assert max(loop.beside) > max(loop.held), "it was computed, only not there"
    assert of.status["demand"]["concurrentCalls"] == 1_000_000


def test_work_beside_the_loop_lets_the_loop_go_on() -> None:
    turn = threading.Event()

    async def both() -> bool:
        asyncio.get_running_loop().call_later(0.0, turn.set)
        return await aside(turn.wait, 10.0)

    assert asyncio.run(both()), "only a loop that goes on lets the work end"
