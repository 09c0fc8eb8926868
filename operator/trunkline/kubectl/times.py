"""Times of the API server (RFC 3339, UTC) as people say them: how long ago, or when."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_SEVERAL = 2


def parsed(text: str) -> datetime | None:
    """None of what is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def ago(text: str, now: datetime) -> str:
    """As kubectl writes ages: 12s, 5m, 3h, 58d; empty of what is no time."""
    then = parsed(text)
    if then is None:
        return ""
    seconds = max(0, int((now - then).total_seconds()))
    for size, name in _UNITS:
        if seconds >= size * _SEVERAL or size == 1:
            return f"{seconds // size}{name}"
    return ""


def at(text: str) -> str:
    """To the minute, in UTC: 2026-11-22 08:00Z."""
    then = parsed(text)
    return then.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ") if then is not None else text
