"""asyncio on virtual time: when nothing is ready, the clock jumps to the next timer. Deterministic, and never waits.

`run(coroutine)` runs it to its end and returns its result. A `VirtualClock` made beforehand and passed in is the clock
of the loop, of whatever takes a `trunkline.engine.clock.Clock`, and of the offline AWS (`now()`); it survives the loop,
so that one run after the other sees time go on, as a process that is killed and started again does.

What goes to an executor runs inline, in turn, and takes no virtual time. Sockets and threads have no place here: a loop
with nothing ready and no timer set is a deadlock, and says which tasks wait where.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = 1_790_000_000.0  # 2026-09-21T14:13:20Z, a time at which nothing of note happens
A_YEAR = 366 * 86_400.0


class DeadlockError(AssertionError):
    """Every task waits for something that can no longer happen."""


class VirtualClock:
    """Seconds that pass only when a loop has nothing else to do, or by `advance`."""

    def __init__(self, epoch: float = EPOCH) -> None:
        self.epoch = epoch
        self.elapsed = 0.0

    def wall(self) -> float:
        """Seconds since the epoch: the engine's clock port."""
        return self.epoch + self.elapsed

    def now(self) -> float:
        """The same, by the name that the offline AWS asks for."""
        return self.wall()

    def advance(self, seconds: float) -> None:
        """Let time pass while no loop runs."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self.elapsed += seconds


class _NeverWaits(selectors.DefaultSelector):
    """A selector that calls `idle` instead of waiting."""

    def __init__(self, idle: Callable[[], None]) -> None:
        super().__init__()
        self._idle = idle

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._idle()
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is a `VirtualClock`'s; it gives up after `at_most` virtual seconds."""

    def __init__(self, clock: VirtualClock, at_most: float = A_YEAR) -> None:
        self.clock = clock
        self._end = clock.elapsed + at_most
        super().__init__(_NeverWaits(self._jump))
        # asyncio fires what is due before time() + resolution; a year of seconds is a float with steps of 4 ns.
        self._clock_resolution = 1e-7

    def time(self) -> float:
        return self.clock.elapsed

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Inline, at the loop's next turn."""
        future: asyncio.Future[T] = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # what stands for a killed process in tests is no Exception
                future.set_exception(error)

        self.call_soon(work)
        return future

    def _jump(self) -> None:
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        if not timers:
            raise DeadlockError("nothing is ready and no timer is set; waiting:\n" + self._waiting())
        when = timers[0].when()
        if when > self._end:
            raise DeadlockError(f"still not done at virtual second {self._end:.0f}; waiting:\n" + self._waiting())
        self.clock.elapsed = max(self.clock.elapsed, when)

    def _waiting(self) -> str:
        lines = []
        for task in asyncio.all_tasks(self):
            stack = task.get_stack(limit=1)
            where = f"{stack[-1].f_code.co_filename}:{stack[-1].f_lineno}" if stack else "?"
            lines.append(f"  {task.get_name()} at {where}")
        return "\n".join(sorted(lines))


def run(main: Coroutine[Any, Any, T], clock: VirtualClock | None = None, *, at_most: float = A_YEAR) -> T:
    """Run a coroutine on virtual time and return its result. Raises DeadlockError where a real loop would hang."""
    chosen = clock or VirtualClock()
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(chosen, at_most)) as runner:
        return runner.run(main)
