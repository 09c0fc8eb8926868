"""Whether to ask the cache at all: after failures in a row it is left alone for a while. Pure: the clock is passed in.

One per environment of Lambda, which serves one invocation at a time; what opens it in one environment says nothing to
the others, because where they could tell each other is the very thing that failed.
"""

from __future__ import annotations

from collections.abc import Callable

FAILURES = 5  # in a row
OPEN_SECONDS = 5.0
SPREAD = 0.2  # of the time open, either way: environments that failed together do not come back together


class Breaker:
    """Closed until FAILURES failures in a row, then open; when its time is over one call may probe.

    `clock` gives seconds, monotonic; `jitter` a number in [0, 1).
    """

    __slots__ = ("_clock", "_jitter", "_probe_at", "failures")

    def __init__(self, clock: Callable[[], float], jitter: Callable[[], float]) -> None:
        self._clock = clock
        self._jitter = jitter
        self._probe_at = 0.0
        self.failures = 0  # in a row; 0 is the common case, which callers may test without asking `allows`

    def allows(self) -> bool:
        """Whether this call may ask. While open, the first to be allowed is the probe; others wait for its result.

        A probe that never tells its result (the environment was frozen in it) is given up after another period.
        """
        if self.failures < FAILURES:
            return True
        now = self._clock()
        if now < self._probe_at:
            return False
        self._probe_at = now + self._period()
        return True

    def succeeded(self) -> None:
        """The cache answered."""
        self.failures = 0

    def failed(self) -> None:
        """The cache did not answer, or not in a way that another call could rely on."""
        self.failures += 1
        if self.failures >= FAILURES:
            self._probe_at = self._clock() + self._period()

    def reset(self) -> None:
        """Closed, with nothing remembered: after a snapshot was restored."""
        self.failures = 0

    def _period(self) -> float:
        return OPEN_SECONDS * (1 - SPREAD + 2 * SPREAD * self._jitter())
