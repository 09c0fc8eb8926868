"""One token bucket: how full it is, how fast it fills after throttles, who waits and who is next.

Three classes: a user's change and deletion, progress of a pending resource, drift. A higher class goes first, but each
lower one that waits is left its share of the grants; drift leaves the last tokens of a burst alone, so a change finds
them; within a class the objects take turns. Asyncio timers only; `budget.py` holds all buckets of the process.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trunkline.engine.outcome import PassEndedError

PROGRESS_SHARE = 0.2  # of the grants of a bucket, while someone of that class waits
DRIFT_SHARE = 0.2
BURST_RESERVE = 0.6  # of a burst that drift leaves to the others: 3 tokens of Connect's 5
CUT = 0.5  # what is left of the rate after a throttle
LEAST_FACTOR = 0.1  # a rate is never cut below this part of it
RECOVERY_STEP = 0.25  # of the full rate, given back ...
RECOVERY_SECONDS = 15.0  # ... each time so many seconds passed without a throttle
STOPPED = "the operator is shutting down: no new call is made"
OVERTAKEN = "a change of the object goes first"
EPSILON = 1e-6  # of a token: rounding must not make a timer fire for ever


class Priority(StrEnum):
    """Classes of calls, most urgent first."""

    CHANGE = "change"
    PROGRESS = "progress"
    DRIFT = "drift"


SHARES: Mapping[Priority, float] = {Priority.PROGRESS: PROGRESS_SHARE, Priority.DRIFT: DRIFT_SHARE}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Which bucket a call draws from.

    rate: tokens per second; burst: the most that it holds. margin: tokens never drawn on: calls that left in time may
    arrive closer together, and AWS's own bucket counts arrivals.
    """

    account: str
    region: str
    name: str
    rate: float
    burst: float
    margin: float = 0.0


class BudgetObserver(Protocol):
    """Told what happens, for metrics; called in the loop, must not block or raise."""

    def waited(self, bucket: Bucket, priority: Priority, seconds: float) -> None:
        """A token was granted after so many seconds."""
        ...

    def slowed(self, bucket: Bucket, factor: float) -> None:
        """A throttle cut the bucket's rate to this part of it."""
        ...


class Waiter:
    """One `take` in a queue."""

    __slots__ = ("cost", "future", "owner", "priority", "since")

    def __init__(
        self, priority: Priority, owner: str, cost: float, since: float, future: asyncio.Future[float]
    ) -> None:
        self.priority = priority
        self.owner = owner
        self.cost = cost
        self.since = since
        self.future = future


class Turns:
    """The waiters of one class: owners take turns, those of one owner come in order."""

    __slots__ = ("_owners", "count", "debt")

    def __init__(self) -> None:
        self._owners: OrderedDict[str, deque[Waiter]] = OrderedDict()
        self.count = 0
        self.debt = 0.0  # tokens that this class is owed for the grants of others while it waited

    def add(self, waiter: Waiter) -> None:
        self._owners.setdefault(waiter.owner, deque()).append(waiter)
        self.count += 1

    def head(self) -> Waiter | None:
        return next(iter(self._owners.values()))[0] if self._owners else None

    def pop(self) -> Waiter:
        owner, queue = next(iter(self._owners.items()))
        waiter = queue.popleft()
        self._owners.move_to_end(owner)
        self._left(owner, queue)
        return waiter

    def discard(self, waiter: Waiter) -> None:
        queue = self._owners.get(waiter.owner)
        if queue is not None and waiter in queue:
            queue.remove(waiter)
            self._left(waiter.owner, queue)

    def of(self, owner: str) -> list[Waiter]:
        """Those of one owner; they wait no more afterwards."""
        waiters = list(self._owners.get(owner, ()))
        for waiter in waiters:
            self.discard(waiter)
        return waiters

    def clear(self) -> list[Waiter]:
        """Everyone who waits; nobody does afterwards."""
        waiters = [waiter for queue in self._owners.values() for waiter in queue]
        self._owners.clear()
        self.count, self.debt = 0, 0.0
        return waiters

    def _left(self, owner: str, queue: deque[Waiter]) -> None:
        self.count -= 1
        if not queue:
            del self._owners[owner]
        if not self.count:
            self.debt = 0.0


class State:
    """One bucket: its tokens, its rate after throttles, and who waits."""

    __slots__ = (
        "bucket",
        "classes",
        "cut_at",
        "factor",
        "granted",
        "observer",
        "recovers_at",
        "timer",
        "tokens",
        "updated",
    )

    def __init__(self, bucket: Bucket, tokens: float, now: float, observer: BudgetObserver | None) -> None:
        self.bucket = bucket
        self.tokens = tokens
        self.updated = now
        self.factor = 1.0
        self.recovers_at = now
        self.cut_at = float("-inf")
        self.granted = 0.0
        self.timer: asyncio.TimerHandle | None = None
        self.classes = {priority: Turns() for priority in Priority}
        self.observer = observer

    @property
    def waiting(self) -> bool:
        return any(turns.count for turns in self.classes.values())

    def idle(self, now: float) -> bool:
        """Full, unthrottled and nobody waits: forgetting it loses nothing."""
        self.refill(now)
        return not self.waiting and self.factor >= 1.0 and self.tokens >= self.bucket.burst - EPSILON

    def refill(self, now: float) -> None:
        """Add what has come since the last look; the rate recovers in steps on the way."""
        while self.factor < 1.0 and self.recovers_at <= now:
            self._flow(self.recovers_at)
            self.factor = min(1.0, self.factor + RECOVERY_STEP)
            self.recovers_at += RECOVERY_SECONDS
        self._flow(now)

    def _flow(self, until: float) -> None:
        if until > self.updated:
            gained = (until - self.updated) * self.bucket.rate * self.factor
            self.tokens = min(self.bucket.burst, self.tokens + gained)
            self.updated = until

    def throttle(self, taken: float, now: float) -> bool:
        """Cut the rate, once for all calls that were already under way at the last cut."""
        if taken <= self.cut_at:
            return False
        self.refill(now)
        self.factor = max(LEAST_FACTOR, self.factor * CUT)
        self.tokens = 0.0  # AWS's own bucket is empty
        self.cut_at = now
        self.recovers_at = now + RECOVERY_SECONDS
        return True

    def choose(self) -> tuple[Waiter, float] | None:
        """Who is next, and the tokens that must be there for it."""
        for priority in reversed(Priority):
            turns = self.classes[priority]
            head = turns.head()
            if head is not None and priority in SHARES:
                owed = turns.debt + SHARES[priority] * head.cost
                if owed >= head.cost - EPSILON:
                    return head, self._needed(head.cost, self.bucket.margin)
        for priority in Priority:
            head = self.classes[priority].head()
            if head is not None:
                reserve = BURST_RESERVE * self.bucket.burst if priority is Priority.DRIFT else 0.0
                return head, self._needed(head.cost, max(reserve, self.bucket.margin))
        return None

    def _needed(self, cost: float, kept: float) -> float:
        return min(cost + kept, self.bucket.burst)

    def dismiss(self) -> None:
        """End the passes of all who wait."""
        for turns in self.classes.values():
            _end(turns.clear(), STOPPED)

    def overtake(self, owner: str) -> bool:
        """End the less urgent passes of one owner that wait; whether there were any."""
        waiters = [waiter for priority in SHARES for waiter in self.classes[priority].of(owner)]
        _end(waiters, OVERTAKEN)
        return bool(waiters)

    def grant(self, now: float) -> None:
        """Serve whoever can be served now, and set the timer for the next."""
        self.refill(now)
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        while (chosen := self.choose()) is not None:
            waiter, needed = chosen
            if self.tokens < needed - EPSILON:
                self._wake_after(needed - self.tokens, now)
                return
            self._serve(waiter, now)

    def _serve(self, waiter: Waiter, now: float) -> None:
        turns = self.classes[waiter.priority]
        for priority, share in SHARES.items():
            if self.classes[priority].count:
                self.classes[priority].debt += share * waiter.cost
        if waiter.priority in SHARES:
            turns.debt = max(0.0, turns.debt - waiter.cost)
        turns.pop()
        self.tokens -= waiter.cost
        self.granted += waiter.cost
        if not waiter.future.done():
            waiter.future.set_result(now)
        if self.observer is not None:
            self.observer.waited(self.bucket, waiter.priority, now - waiter.since)

    def _wake_after(self, missing: float, now: float) -> None:
        at = now + missing / (self.bucket.rate * self.factor)
        if self.factor < 1.0:
            at = min(at, self.recovers_at)  # from there on it goes faster
        loop = asyncio.get_running_loop()
        self.timer = loop.call_at(at, lambda: self.grant(loop.time()))


def _end(waiters: Iterable[Waiter], why: str) -> None:
    for waiter in waiters:
        if not waiter.future.done():
            waiter.future.set_exception(PassEndedError(why))
