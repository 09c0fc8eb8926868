"""Never faster than asked: how long to wait before the next items may go. Pure but for the clock it is given."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """So many items a second on average, from the first on; time that nobody used is not made up for later.

    rate: items a second; 0 is as fast as it goes.
    """

    def __init__(self, rate: float, clock: Callable[[], float], wait: Callable[[float], None]) -> None:
        self._rate = rate
        self._clock = clock
        self._wait = wait
        self._free_at = clock()

    def take(self, n: float) -> None:
        """Wait until n more may go."""
        if self._rate <= 0:
            return
        now = self._clock()
        if self._free_at > now:
            self._wait(self._free_at - now)
        self._free_at = max(self._free_at, now) + n / self._rate
