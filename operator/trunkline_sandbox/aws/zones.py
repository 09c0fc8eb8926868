"""The names of time zones that AWS takes: IANA's. May not decide anything else."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> frozenset[str]:
    """All names. Read once: the standard library walks a folder of hundreds of files for them each time."""
    return frozenset(available_timezones())
