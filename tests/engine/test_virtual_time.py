"""The loop on virtual time that other tests stand on."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.virtual_time import EPOCH, DeadlockError, VirtualClock, run


def test_a_year_of_sleep_takes_no_time_and_timers_fire_in_order() -> None:
    seen: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append((name, asyncio.get_running_loop().time()))

    async def main() -> None:
        await asyncio.gather(sleeper("year", 31_536_000.0), sleeper("hour", 3600.0), sleeper("day", 86_400.0))

    before = time.monotonic()
    run(main())
    assert seen == [("hour", 3600.0), ("day", 86_400.0), ("year", 31_536_000.0)]
    assert time.monotonic() - before < 5


def test_one_clock_goes_on_from_run_to_run_as_for_a_process_started_again() -> None:
    clock = VirtualClock()
    run(asyncio.sleep(10), clock)
    clock.advance(5)

    async def later() -> tuple[float, float]:
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(1)
        return start, clock.wall()

    assert run(later(), clock) == (15.0, EPOCH + 16.0)


def test_timeouts_work() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run(main()) == 30.0


def test_what_goes_to_a_thread_runs_inline_and_raises_here() -> None:
    async def main() -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.get_running_loop().run_in_executor(None, lambda: 1 // 0)
        return await asyncio.to_thread(lambda: 7)

    assert run(main()) == 7


def test_a_deadlock_is_named_instead_of_hanging() -> None:
    async def stuck() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError, match=r"no timer is set(.|\n)*test_virtual_time\.py"):
        run(stuck())


def test_polling_for_ever_is_a_failure_too() -> None:
    async def polls() -> None:
        while True:
            await asyncio.sleep(1)

    with pytest.raises(DeadlockError, match="still not done at virtual second 100"):
        run(polls(), at_most=100)
