"""Waiting before the next try: a random while, longer on average each time, never beyond the deadline.

Full jitter, so that environments that failed together do not come back together.
Source: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from __future__ import annotations

import time
from collections.abc import Callable

from shared.deadline import Deadline
from shared.jitter import jitter as random_jitter

DOUBLINGS = 6  # then the pauses stay as long as they are


class Backoff:
    """jitter: from 0 up to 1. wait: sleeps so many seconds."""

    __slots__ = ("_jitter", "_wait")

    def __init__(
        self, jitter: Callable[[], float] = random_jitter, wait: Callable[[float], object] = time.sleep
    ) -> None:
        self._jitter = jitter
        self._wait = wait

    def pause(self, most: float, attempt: int, deadline: Deadline) -> None:
        """Wait up to `most` seconds, doubled with each attempt from 0 on. Raises DeadlineExceededError."""
        left = deadline.require()
        self._wait(min(left, self._jitter() * most * 2.0 ** min(attempt, DOUBLINGS)))
        deadline.require()
