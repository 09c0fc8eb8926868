"""The call budget: one token bucket per (account, region, bucket name), shared by all passes of the process.

Waiting costs a coroutine, never a thread; who goes first is said in `bucket.py`. A bucket counts as empty when the
budget starts: whoever led before us may have spent it. Pure asyncio, one loop, no lock: nothing awaits between reading
and writing a bucket. Nothing here knows an AWS service; limits come from outside.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from trunkline.engine.bucket import OVERTAKEN, STOPPED, Bucket, BudgetObserver, Priority, State, Waiter
from trunkline.engine.outcome import PassEndedError

__all__ = ["OVERTAKEN", "STOPPED", "Bucket", "Budget", "BudgetObserver", "Level", "Priority", "resync_period"]

MAX_BUCKETS = 4096
DROPS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Level:
    """How full a bucket is and who waits, for metrics.

    factor: the part of its rate left after throttles. granted: tokens handed out so far, those given back included.
    """

    bucket: Bucket
    tokens: float
    factor: float
    granted: float
    waiting: Mapping[Priority, int]


class Budget:
    """All buckets of the process. Use it from one event loop."""

    def __init__(self, observer: BudgetObserver | None = None, max_buckets: int = MAX_BUCKETS) -> None:
        self._observer = observer
        self._max_buckets = max_buckets
        self._states: OrderedDict[tuple[str, str, str], State] = OrderedDict()
        self._started: float | None = None
        self._stopped = False

    def start(self) -> None:
        """From now on the tokens are ours alone: every bucket is taken for empty. Call it when leadership begins."""
        now = asyncio.get_running_loop().time()
        self._started = now
        for state in self._states.values():
            state.refill(now)
            state.tokens = 0.0
            state.grant(now)

    def stop(self) -> None:
        """Nobody gets another token: who waits, and who comes later, is told that the pass has ended."""
        self._stopped = True
        for state in self._states.values():
            state.dismiss()

    def overtake(self, owner: str) -> None:
        """A change of this owner has come: whoever waits for it in a lower class is told that the pass has ended."""
        now = asyncio.get_running_loop().time()
        for state in self._states.values():
            if state.overtake(owner):
                state.grant(now)

    async def take(self, bucket: Bucket, priority: Priority, owner: str, cost: float = 1.0) -> float:
        """Wait for a token. Returns the loop's time at which it was granted, for `throttled`.

        owner: the object on whose behalf, so that objects take turns. Raises ValueError for a cost that no bucket of
        this size can ever serve, PassEndedError after `stop`. Cancelled while waiting, it takes nothing; cancelled after, it gives the token back.
        """
        if not 0 < cost <= bucket.burst:
            raise ValueError(f"bucket {bucket.name} holds {bucket.burst:g} tokens: a cost of {cost:g} is never served")
        if self._stopped:
            raise PassEndedError(STOPPED)
        loop = asyncio.get_running_loop()
        state = self._state(bucket, loop.time())
        waiter = Waiter(priority, owner, cost, loop.time(), loop.create_future())
        turns = state.classes[priority]
        turns.add(waiter)
        state.grant(loop.time())
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if waiter.future.done() and not waiter.future.cancelled():
                self.give_back(bucket, cost)
            else:
                turns.discard(waiter)
                state.grant(loop.time())
            raise

    def give_back(self, bucket: Bucket, cost: float = 1.0) -> None:
        """Return a token whose call was never made."""
        now = asyncio.get_running_loop().time()
        state = self._state(bucket, now)
        state.refill(now)
        state.tokens = min(bucket.burst, state.tokens + cost)
        state.grant(now)

    def throttled(self, bucket: Bucket, taken: float) -> None:
        """AWS refused a call whose token was granted at `taken`: lower the bucket's rate for a while.

        Other tools use the account too. Calls that were under way together cut it once.
        """
        now = asyncio.get_running_loop().time()
        state = self._state(bucket, now)
        if state.throttle(taken, now):
            state.grant(now)
            if self._observer is not None:
                self._observer.slowed(bucket, state.factor)

    def levels(self) -> Iterator[Level]:
        """Every bucket in use, as it stands."""
        now = asyncio.get_running_loop().time()
        for state in self._states.values():
            state.refill(now)
            waiting = {priority: turns.count for priority, turns in state.classes.items()}
            yield Level(state.bucket, state.tokens, state.factor, state.granted, waiting)

    def _state(self, bucket: Bucket, now: float) -> State:
        if self._started is None:
            self._started = now
        key = (bucket.account, bucket.region, bucket.name)
        state = self._states.get(key)
        if state is None:
            self._drop_idle(now)
            # Nobody of ours drew from it since the start, so it has filled all the while.
            tokens = min(bucket.burst, (now - self._started) * bucket.rate)
            state = self._states[key] = State(bucket, tokens, now, self._observer)
        state.bucket = bucket  # its rate and burst may have been raised meanwhile
        self._states.move_to_end(key)
        return state

    def _drop_idle(self, now: float) -> None:
        """Forget buckets that lose nothing by it. What is not idle was used within burst/rate seconds or is waited for."""
        for key in list(islice(self._states, DROPS_AT_ONCE)) if len(self._states) >= self._max_buckets else ():
            if self._states[key].idle(now):
                del self._states[key]
            else:
                self._states.move_to_end(key)


def resync_period(calls: Mapping[str, float], rates: Mapping[str, float], share: float, floor: float) -> float:
    """Seconds in which all objects of an account and region can be checked once.

    calls: tokens that one round over all objects takes from each bucket. rates: tokens per second of these buckets.
    share: the part of the rate that checking may take. floor: never less than this. The slowest bucket decides.
    """
    return max([floor, *(count / (rates[bucket] * share) for bucket, count in calls.items())])
