"""Maintenance and snapshot windows, in UTC. Pure.

Source: API reference, CreateReplicationGroup: `ddd:hh24:mi-ddd:hh24:mi` of at least 60 minutes, and `hh24:mi-hh24:mi`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from trunkline_sandbox.aws.elasticache import faults

DEFAULT_MAINTENANCE = "mon:03:00-mon:04:00"
DEFAULT_SNAPSHOT = "05:00-06:00"
SHORTEST_MINUTES = 60
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_WEEKLY = re.compile(rf"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")
_DAILY = re.compile(rf"{_TIME}-{_TIME}")


def _weekly(window: str) -> tuple[int, int] | None:
    """Minutes after Monday 00:00 of start and end; None if it is no window."""
    found = _WEEKLY.fullmatch(window.lower())
    if found is None:
        return None
    day, hour, minute, last_day, last_hour, last_minute = found.groups()
    start = _DAYS.index(day) * _DAY_MINUTES + int(hour) * 60 + int(minute)
    return start, _DAYS.index(last_day) * _DAY_MINUTES + int(last_hour) * 60 + int(last_minute)


def maintenance(window: str) -> str:
    """The window as it is stored. Raises InvalidParameterValue."""
    parsed = _weekly(window)
    if parsed is None:
        raise faults.value(
            f"Invalid maintenance window format: {window}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC)."
        )
    start, end = parsed
    if (end - start) % _WEEK_MINUTES < SHORTEST_MINUTES:
        raise faults.value("The maintenance window must be at least 60 minutes.")
    return window.lower()


def snapshot(window: str) -> str:
    """The window as it is stored. Raises InvalidParameterValue."""
    found = _DAILY.fullmatch(window)
    if found is None:
        raise faults.value(
            f"Invalid snapshot window format: {window}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC)."
        )
    hour, minute, last_hour, last_minute = map(int, found.groups())
    if ((last_hour - hour) * 60 + last_minute - minute) % _DAY_MINUTES < SHORTEST_MINUTES:
        raise faults.value("The snapshot window must be at least 60 minutes.")
    return window


def next_start(window: str, now: float) -> float:
    """When a maintenance window next begins after `now`, in seconds since the epoch."""
    parsed = _weekly(window)
    if parsed is None:
        raise ValueError(f"{window!r} is no maintenance window")
    moment = datetime.fromtimestamp(now, UTC)
    monday = (moment - timedelta(days=moment.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    start = monday + timedelta(minutes=parsed[0])
    return (start if start > moment else start + timedelta(days=7)).timestamp()
