"""The work queue, as client-go has it: a key is dirty or not, in processing or not, and never twice in either.

What is added while its pass runs is handed out again afterwards, so any order of events ends with a pass that saw the
last of them. Each key has a cause; more urgent causes go first, equals in turn. Appointments (`add_after`) keep the
earliest; failures back off per key. Pure asyncio, one loop, no lock. Knows nothing of what a key is.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

from trunkline.engine.budget import Priority

K = TypeVar("K", bound=Hashable)

BACKOFF_BASE = 0.5
BACKOFF_CAP = 300.0
JITTER = 0.2
_URGENCY = {priority: rank for rank, priority in enumerate(Priority)}  # declared most urgent first


@dataclass(frozen=True, slots=True)
class Item(Generic[K]):
    """A key whose turn it is. event: something happened to it, in contrast to an appointment that came due."""

    key: K
    cause: Priority
    event: bool


def backoff(attempt: int, random: Random) -> float:
    """Seconds before try number `attempt` (from 0) is repeated."""
    base = BACKOFF_BASE * 2.0 ** min(attempt, 20)
    return min(BACKOFF_CAP, base * random.uniform(1 - JITTER, 1 + JITTER))


class QueueClosedError(Exception):
    """Nothing is handed out any more."""


class WorkQueue(Generic[K]):
    """See the module. Use it from one event loop.

    limits: of a cause at most so many are in processing at once, so that what can wait does not fill the memory.
    overtake: told of a key that was changed while a less urgent pass of it goes on.
    """

    def __init__(
        self,
        random: Random,
        limits: Mapping[Priority, int] | None = None,
        overtake: Callable[[K], None] | None = None,
    ) -> None:
        self._random = random
        self._overtake = overtake
        self._limits = limits or {}
        self._running: Counter[Priority] = Counter()
        self._dirty: dict[K, tuple[Priority, bool]] = {}
        self._turns: dict[Priority, deque[K]] = {priority: deque() for priority in Priority}
        self._processing: dict[K, tuple[Priority, float]] = {}  # cause, and since when; the oldest first
        self._appointments: dict[K, dict[Priority, asyncio.TimerHandle]] = {}
        self._failures: dict[K, int] = {}
        self._getters: deque[asyncio.Future[None]] = deque()
        self._turnstile = asyncio.Lock()
        self._idle: asyncio.Event | None = None
        self._open = False
        self._closed = False
        self._added: dict[K, float] = {}  # since when a key is dirty
        self._moved = 0.0  # when a key was handed out or done last

    def __len__(self) -> int:
        """How many keys are dirty, those in processing included."""
        return len(self._dirty)

    @property
    def processing(self) -> int:
        """How many keys are in processing."""
        return len(self._processing)

    @property
    def longest(self) -> float:
        """Seconds for which the key that is dirty longest has been; 0 if none is."""
        return asyncio.get_running_loop().time() - min(self._added.values()) if self._added else 0.0

    def lasting(self, seconds: float = 0.0) -> Mapping[K, float]:
        """The keys that have been in processing for as many seconds, and for how many: the one for longest first."""
        now = asyncio.get_running_loop().time()
        ages = ((key, now - begun) for key, (_, begun) in self._processing.items())
        return dict(itertools.takewhile(lambda item: item[1] >= seconds, ages))

    @property
    def slowest(self) -> float:
        """Seconds for which the key has been in processing that has been for longest; 0 if none is."""
        if not self._processing:
            return 0.0
        _, begun = next(iter(self._processing.values()))
        return asyncio.get_running_loop().time() - begun

    @property
    def moved(self) -> float:
        """The loop's time when a key was handed out or done last."""
        return self._moved

    def neglected(self, workers: int) -> float:
        """Seconds for which a key waits although not all of so many workers are in a pass; 0 if none does."""
        if not self._open or self._closed or len(self._processing) >= workers:
            return 0.0
        waiting = [
            self._added[key]
            for key, (cause, _) in self._dirty.items()
            if key not in self._processing and self._running[cause] < self._limits.get(cause, workers)
        ]
        return asyncio.get_running_loop().time() - max(self._moved, min(waiting)) if waiting else 0.0

    def open(self) -> None:
        """From now on keys are handed out; before, they only pile up."""
        self._move()
        self._open = True
        for _ in range(len(self._dirty)):
            self._wake()

    def close(self) -> None:
        """Nothing is handed out any more; who waits is told by QueueClosedError. Appointments end."""
        self._closed = True
        for handles in self._appointments.values():
            for handle in handles.values():
                handle.cancel()
        self._appointments.clear()
        while self._getters:
            getter = self._getters.popleft()
            if not getter.done():
                getter.set_exception(QueueClosedError())

    def add(self, key: K, cause: Priority = Priority.CHANGE, *, event: bool = True) -> None:
        """The key wants a pass. Known as dirty already, the more urgent cause counts."""
        if self._closed:
            return
        running, _ = self._processing.get(key, (None, 0.0))
        if self._overtake is not None and cause is Priority.CHANGE and running not in (None, cause):
            self._overtake(key)
        known = self._dirty.get(key)
        if known is None:
            self._added[key] = asyncio.get_running_loop().time()
            self._dirty[key] = (cause, event)
            self._take_turn(key, cause)
            return
        urgent = cause if _URGENCY[cause] < _URGENCY[known[0]] else known[0]
        self._dirty[key] = (urgent, known[1] or event)
        if urgent is not known[0]:
            self._take_turn(key, urgent)  # its place in the other turn is skipped when it comes up

    def add_after(self, key: K, delay: float, cause: Priority) -> None:
        """The key wants a pass in `delay` seconds. Of appointments with the same cause the earliest stays."""
        if self._closed:
            return
        if delay <= 0:
            self.add(key, cause, event=False)
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + delay
        handles = self._appointments.setdefault(key, {})
        known = handles.get(cause)
        if known is not None:
            if known.when() <= when:
                return
            known.cancel()
        handles[cause] = loop.call_at(when, self._due, key, cause)

    def failed(self, item: Item[K]) -> float:
        """The pass of this item failed: it is tried again after the backoff. Returns its seconds.

        A failure of a pass that an event caused does not count: the event may not use up what the backoff has grown.
        """
        attempt = self._failures.get(item.key, 0)
        if not item.event:
            self._failures[item.key] = attempt + 1
        delay = backoff(attempt, self._random)
        self.add_after(item.key, delay, item.cause)
        return delay

    def succeeded(self, key: K) -> None:
        """The next failure starts with the shortest backoff again."""
        self._failures.pop(key, None)

    def forget(self, key: K) -> None:
        """The key is gone: no appointment, no turn, no memory of failures."""
        self._failures.pop(key, None)
        self._dirty.pop(key, None)
        self._added.pop(key, None)
        self._cancel(key, tuple(Priority))

    async def get(self) -> Item[K]:
        """Wait for the next key. Its appointments are off, for its pass makes new ones; a pass for mere progress leaves
        that for drift. Raises QueueClosedError.

        One is handed out at a time, and the loop makes a turn before the next: who only waits holds up nobody, but where
        the processor is what is short, passes that have begun come first. Else all would be under way and none be done.
        """
        async with self._turnstile:
            await asyncio.sleep(0)
            return await self._get()

    async def _get(self) -> Item[K]:
        while True:
            if self._closed:
                raise QueueClosedError
            if self._open and (item := self._next()) is not None:
                return item
            getter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._getters.append(getter)
            try:
                await getter
            except asyncio.CancelledError:
                if getter.done() and not getter.cancelled():
                    self._wake()  # the turn that we were woken for is another's
                raise

    def done(self, key: K) -> None:
        """The pass of the key is over. Became it dirty meanwhile, it is its turn again."""
        self._move()
        cause, _ = self._processing.pop(key)
        self._running[cause] -= 1
        self._wake()  # there may be one more of its cause
        if (known := self._dirty.get(key)) is not None:
            self._take_turn(key, known[0])
        if not self._processing and self._idle is not None:
            self._idle.set()

    async def idle(self) -> None:
        """Wait until nothing is in processing."""
        while self._processing:
            self._idle = asyncio.Event()
            await self._idle.wait()

    def _move(self) -> None:
        self._moved = asyncio.get_running_loop().time()

    def _next(self) -> Item[K] | None:
        for cause, turns in self._turns.items():
            while turns and self._running[cause] < self._limits.get(cause, len(self._processing) + 1):
                key = turns.popleft()
                known = self._dirty.get(key)
                if known is None or known[0] is not cause or key in self._processing:
                    continue
                del self._dirty[key], self._added[key]
                self._move()
                self._processing[key] = cause, self._moved
                self._running[cause] += 1
                self._cancel(key, (cause,) if cause is Priority.PROGRESS else tuple(Priority))
                return Item(key, cause, known[1])
        return None

    def _take_turn(self, key: K, cause: Priority) -> None:
        if key not in self._processing:
            self._turns[cause].append(key)
            self._wake()

    def _wake(self) -> None:
        if not self._open:
            return
        while self._getters:
            getter = self._getters.popleft()
            if not getter.done():
                getter.set_result(None)
                return

    def _due(self, key: K, cause: Priority) -> None:
        handles = self._appointments.get(key)
        if handles is not None:
            handles.pop(cause, None)
            if not handles:
                del self._appointments[key]
        self.add(key, cause, event=False)

    def _cancel(self, key: K, causes: tuple[Priority, ...]) -> None:
        handles = self._appointments.get(key)
        if handles is None:
            return
        for cause in causes:
            if (handle := handles.pop(cause, None)) is not None:
                handle.cancel()
        if not handles:
            del self._appointments[key]
