"""Clocks of the offline AWS: the machine's, and one that stands still until it is told to move.

Everything that takes time here (states, lags, token buckets, sessions) reads one clock, handed in; nothing else in the
package looks at the machine's. A clock that has `advance` is virtual: waiting moves it instead of the caller.
"""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable

from trunkline_sandbox.aws.service import Clock

EPOCH = 1_790_000_000.0  # 2026-09-21T14:13:20Z: where a virtual clock starts if nobody says otherwise


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()


@runtime_checkable
class Virtual(Protocol):
    """A clock that moves only by being told to."""

    def now(self) -> float: ...

    def advance(self, seconds: float) -> None: ...


class ManualClock:
    """Seconds that pass only by `advance`."""

    def __init__(self, epoch: float = EPOCH) -> None:
        self._now = epoch

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Raises ValueError if asked to go back."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._now += seconds


def wait(clock: Clock, seconds: float) -> None:
    """Let `seconds` pass: a virtual clock is moved, a real one is waited for."""
    if isinstance(clock, Virtual):
        clock.advance(seconds)
    else:
        time.sleep(seconds)
