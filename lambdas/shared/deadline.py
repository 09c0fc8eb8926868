"""The one time by which an invocation must have answered. Everything that waits is given it; nothing else limits waiting.

A timeout for each read does not do: a peer that sends a byte every now and then holds such a reader for as long as it
likes. Reads the clock that it is given, and does nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class DeadlineExceededError(Exception):
    """There is no time left."""

    def __init__(self, message: str = "no time is left for this") -> None:
        super().__init__(message)


class Deadline:
    """A moment of a monotonic clock, in seconds."""

    __slots__ = ("_at", "_clock")

    def __init__(self, at: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._at = at
        self._clock = clock

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """So many seconds from now."""
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """Seconds that are left; zero or less once it is over."""
        return self._at - self._clock()

    def require(self) -> float:
        """Seconds that are left. Raises DeadlineExceededError if there are none."""
        left = self._at - self._clock()
        if left <= 0:
            raise DeadlineExceededError
        return left

    def within(self, seconds: float) -> Deadline:
        """The sooner of this one and so many seconds from now."""
        return Deadline(min(self._at, self._clock() + seconds), self._clock)
