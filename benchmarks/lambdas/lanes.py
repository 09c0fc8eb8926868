"""Callers queued for some environments, each of which answers one call at a time, as Lambda's do."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.parts.emulator import Answer, Emulator

from benchmarks.lambdas.stage import Caller, call


@dataclass(frozen=True, slots=True)
class Served:
    """One call. seconds: from when it was handed to an environment to its answer."""

    caller: Caller
    seconds: float
    answer: Answer

    @property
    def error(self) -> str:
        """What was wrong with the answer; empty if nothing."""
        answer, caller = self.answer, self.caller
        if not answer.succeeded:
            return answer.error or f"status {answer.status}"
        payload = answer.payload
        if payload["Degraded"] != "false":
            return "degraded"
        told = payload["Found"], payload["CustomerId"], payload["CustomerName"]
        return "" if told == ("true", caller.customer_id, caller.name) else "wrong caller"


@dataclass(frozen=True, slots=True)
class Drained:
    """A queue that is empty. seconds: from the first hand-over to the last answer."""

    calls: Sequence[Served]
    seconds: float

    @property
    def errors(self) -> Sequence[str]:
        """What was wrong, call by call."""
        return [call.error for call in self.calls if call.error]


def drain(people: Sequence[Caller], lanes: Sequence[Emulator], midway: Callable[[], object] | None = None) -> Drained:
    """Serve everybody. midway: run once, by nobody's lane, when half of them have been handed over."""
    waiting: queue.SimpleQueue[Caller] = queue.SimpleQueue()
    for caller in people:
        waiting.put(caller)
    served: list[Served] = []
    half = threading.Event()

    def serve(lane: Emulator) -> None:
        while True:
            try:
                caller = waiting.get_nowait()
            except queue.Empty:
                return
            if waiting.qsize() <= len(people) // 2:
                half.set()
            event = call(caller)
            started = time.perf_counter()
            try:
                answer = lane.invoke(event)
            except OSError as error:
                answer = Answer(0, None, error=f"the emulator ended: {error}")
            served.append(Served(caller, time.perf_counter() - started, answer))

    threads = [threading.Thread(target=serve, args=(lane,)) for lane in lanes]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    if midway is not None:
        half.wait()
        midway()
    for thread in threads:
        thread.join()
    return Drained(served, time.perf_counter() - started)
