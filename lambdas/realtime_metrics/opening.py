"""Opening hours as moments: local times of days, in a time zone, to spans of seconds since the epoch. Pure.

Connect says per local date from when to when; an end at or before its start is on the next day, so 00:00 to 00:00 is
the whole day. Where clocks go back, a time that comes twice means the first: rather closed too early than too late.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from shared.failure import DefectError
from shared.typed import Any, NamedTuple


class Slot(NamedTuple):
    """Open on a local date from `start` to `end`, both (hours, minutes)."""

    on: date
    start: tuple[int, int]
    end: tuple[int, int]


def dates_around(now: float) -> tuple[date, date]:
    """The first and the last date to ask for: yesterday, whose hours may reach into today, to the day after tomorrow,
    so that a spell without answers does not close everything. UTC: no zone is more than a day off.
    """
    today = datetime.fromtimestamp(now, UTC).date()
    return today - timedelta(days=1), today + timedelta(days=2)


def spans(slots: Iterable[Slot], zone: tzinfo) -> tuple[tuple[int, int], ...]:
    """When it is open, [opens, closes), in order."""
    found = []
    for slot in slots:
        ends_on = slot.on if slot.end > slot.start else slot.on + timedelta(days=1)
        found.append((_moment(slot.on, slot.start, zone), _moment(ends_on, slot.end, zone)))
    return tuple(sorted(found))


def known_until(last: date, zone: tzinfo) -> int:
    """The moment after the last local date that was asked for."""
    return _moment(last + timedelta(days=1), (0, 0), zone)


def zone_named(name: str) -> tzinfo:
    """A time zone of the IANA database. Raises DefectError("UnknownTimeZone") if this environment does not have it.

    Some runtimes of Lambda come without the database; the SDK that they do come with brings its own.
    """
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # neither is needed before the first answer of Connect

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        found = _bundled(name)
        if found is None:
            raise DefectError("UnknownTimeZone") from None
        return found


def _bundled(name: str) -> tzinfo | None:
    try:
        from dateutil.zoneinfo import get_zonefile_instance  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415
    except ImportError:
        return None
    found: Any = get_zonefile_instance().get(name)
    return found if isinstance(found, tzinfo) else None


def _moment(day: date, at: tuple[int, int], zone: tzinfo) -> int:
    return int(datetime.combine(day, time(*at), zone).timestamp())
