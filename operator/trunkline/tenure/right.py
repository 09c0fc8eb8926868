"""Until when this process surely leads. The elector writes it, whoever sends a change reads it, from any thread.

On CLOCK_BOOTTIME, which goes on while the machine is suspended and which nobody sets.
https://man7.org/linux/man-pages/man2/clock_gettime.2.html
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


class NotLeadingError(Exception):
    """Another process may lead before this change arrives: not a byte of it was sent, or not all of them."""


def boottime() -> float:
    """Seconds since the machine started, suspended time included."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@dataclass(slots=True)
class Tenure:
    """until: of `now`'s seconds; infinite for a process that is alone and needs no Lease."""

    until: float = math.inf
    now: Callable[[], float] = field(default=boottime)

    def left(self) -> float:
        """Seconds that we surely still lead; 0 if we do not."""
        return max(0.0, self.until - self.now())
