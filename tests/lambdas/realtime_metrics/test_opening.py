"""Opening hours as moments: midnights, time zones, clocks that go forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from realtime_metrics.opening import Slot, dates_around, known_until, spans, zone_named
from shared.failure import DefectError

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("slot", "zone", "opens", "closes"),
    [
        pytest.param(Slot(date(2026, 11, 21), (9, 0), (17, 30)), BERLIN, "2026-11-21T09:00+01:00", "2026-11-21T17:30+01:00", id="a day"),
        pytest.param(Slot(date(2026, 7, 1), (9, 0), (17, 0)), NEW_YORK, "2026-07-01T09:00-04:00", "2026-07-01T17:00-04:00", id="a zone behind UTC, in summer"),
        pytest.param(Slot(date(2026, 11, 21), (0, 0), (0, 0)), BERLIN, "2026-11-21T00:00+01:00", "2026-11-22T00:00+01:00", id="the whole day"),
        pytest.param(Slot(date(2026, 11, 21), (8, 0), (0, 0)), BERLIN, "2026-11-21T08:00+01:00", "2026-11-22T00:00+01:00", id="until midnight"),
        pytest.param(Slot(date(2026, 11, 21), (22, 0), (6, 0)), BERLIN, "2026-11-21T22:00+01:00", "2026-11-22T06:00+01:00", id="through the night"),
        pytest.param(Slot(date(2026, 12, 31), (22, 0), (2, 0)), BERLIN, "2026-12-31T22:00+01:00", "2027-01-01T02:00+01:00", id="into the next year"),
        pytest.param(Slot(date(2026, 3, 29), (0, 0), (0, 0)), BERLIN, "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00", id="a day of 23 hours"),
        pytest.param(Slot(date(2026, 10, 25), (1, 0), (4, 0)), BERLIN, "2026-10-25T01:00+02:00", "2026-10-25T04:00+01:00", id="through the hour that comes twice"),
        pytest.param(Slot(date(2026, 10, 25), (1, 0), (2, 30)), BERLIN, "2026-10-25T01:00+02:00", "2026-10-25T02:30+02:00", id="closes in the hour that comes twice: the first time"),
    ],
)  # fmt: skip
def test_local_times_are_moments(slot: Slot, zone: ZoneInfo, opens: str, closes: str) -> None:
    assert spans([slot], zone) == ((at(opens), at(closes)),)


def test_spans_are_in_order() -> None:
    day = date(2026, 11, 21)

    assert len(spans([Slot(day, (14, 0), (18, 0)), Slot(day, (9, 0), (12, 0))], BERLIN)) == 2
    assert spans([Slot(day, (14, 0), (18, 0)), Slot(day, (9, 0), (12, 0))], BERLIN)[0][0] == at(
        "2026-11-21T09:00+01:00"
    )


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_the_dates_asked_for_cover_now_in_every_zone_and_a_day_more(zone: str) -> None:
    for hour in range(24):
        now = datetime(2026, 11, 21, hour, 30, tzinfo=UTC)
        first, last = dates_around(now.timestamp())
        local = now.astimezone(ZoneInfo(zone)).date()
        assert first < local <= last or first == local
        assert known_until(last, ZoneInfo(zone)) - now.timestamp() > 86_400


def test_a_zone_that_is_none_is_a_defect() -> None:
    for name in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(DefectError, match="UnknownTimeZone"):
            zone_named(name)


def test_zones_are_found() -> None:
    assert datetime(2026, 7, 1, tzinfo=zone_named("Europe/Berlin")).utcoffset() is not None
