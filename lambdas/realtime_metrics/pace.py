"""Keeping below a rate that an account shares: calls of one kind at least so many seconds apart. Waits through what it is
given, never past the deadline.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.failure import UnavailableError
from shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.deadline import Deadline


class Pace:
    """One kind of call. seconds: the least between two."""

    def __init__(self, seconds: float, *, clock: Callable[[], float], wait: Callable[[float], object]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._wait = wait
        self._next = float("-inf")

    def keep(self, deadline: Deadline) -> None:
        """Wait for the next call's turn. Raises UnavailableError("throttle") if it does not come within the deadline."""
        missing = self._next - self._clock()
        if missing > 0:
            if missing >= deadline.remaining():
                raise UnavailableError("throttle")
            self._wait(missing)
        self._next = self._clock() + self._seconds
