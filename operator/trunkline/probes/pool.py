"""Asks caches how they are, in a few threads of its own, each cache within one deadline.

A cache that hangs costs a thread for the deadline and no pass more than that: at its end the sockets are closed under
the thread, which then fails at once. Implements `trunkline.handlers.health.Probe`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trunkline.handlers.health import Counters, ProbeFailedError, Target
from trunkline.probes.conversation import Conversation

THREADS = 8
DEADLINE_SECONDS = 2.0
PATIENCE_SECONDS = 2.0  # for a thread; a cache that was not asked in time is asked at the next turn
LAST_SECONDS = 0.5  # for a thread whose sockets were closed


class ProbePool:
    """ca_file: authorities to trust instead of the system's."""

    def __init__(
        self, *, ca_file: Path | None = None, threads: int = THREADS, deadline: float = DEADLINE_SECONDS
    ) -> None:
        self._ca_file = ca_file
        self._deadline = deadline
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="probe")
        self._free = asyncio.Semaphore(threads)

    async def ask(self, target: Target) -> Counters:
        """As the port says. Raises ProbeFailedError."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise ProbeFailedError("all probes are at work", busy=True) from None
        talk = Conversation(target, self._deadline, self._ca_file)
        work = asyncio.get_running_loop().run_in_executor(self._executor, talk.counters)
        work.add_done_callback(
            self._left
        )  # also of a thread that nobody waits for any more: name resolution cannot be cut
        done, _ = await asyncio.wait([work], timeout=self._deadline)
        if not done:
            talk.cut()
            done, _ = await asyncio.wait([work], timeout=LAST_SECONDS)
        if not done:
            raise ProbeFailedError(f"no answer within {self._deadline:g} s")
        return work.result()

    def _left(self, work: asyncio.Future[Counters]) -> None:
        self._free.release()
        if not work.cancelled():
            work.exception()

    def close(self) -> None:
        """Waits for nobody."""
        self._executor.shutdown(wait=False, cancel_futures=True)
