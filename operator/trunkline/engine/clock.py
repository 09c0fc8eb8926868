"""The clock port: seconds since the epoch, handed in wherever wall time matters.

Monotonic time and sleeping are the running asyncio loop's own (`loop.time()`, `asyncio.sleep`), so a loop on virtual
time needs nothing patched. This module reads no other clock than the system's.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time, for what AWS and Kubernetes stamp: tags, conditions, expiry of credentials."""

    def wall(self) -> float:
        """Seconds since the epoch."""
        ...


class SystemClock:
    """The machine's clock."""

    def wall(self) -> float:
        return time.time()
