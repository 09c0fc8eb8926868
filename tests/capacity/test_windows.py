"""Windows by the clock on the wall, also in the nights in which clocks are changed; and cron itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from trunkline.api.cron import Cron
from trunkline.capacity.windows import Window

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # half an hour forward, half an hour back


def local(text: str, zone: ZoneInfo = NEW_YORK, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def window(start: str, end: str) -> Window:
    return Window(Cron.parse(start), Cron.parse(end))


MONDAY = window("0 8 * * MON", "0 12 * * MON")
NIGHT = window("0 22 * * *", "0 6 * * *")


@pytest.mark.parametrize(
    ("of", "at", "open_"),
    [
        pytest.param(MONDAY, "2026-11-23T07:59:59", False, id="before"),
        pytest.param(MONDAY, "2026-11-23T08:00", True, id="at-its-start"),
        pytest.param(MONDAY, "2026-11-23T11:59:59", True, id="within"),
        pytest.param(MONDAY, "2026-11-23T12:00", False, id="at-its-end"),
        pytest.param(MONDAY, "2026-11-24T09:00", False, id="another-day"),
        pytest.param(NIGHT, "2026-11-23T23:00", True, id="evening"),
        pytest.param(NIGHT, "2026-11-24T05:00", True, id="past-midnight"),
        pytest.param(NIGHT, "2026-11-24T12:00", False, id="noon"),
    ],
)
def test_when_a_window_is_open(of: Window, at: str, open_: bool) -> None:  # a case's answer
    assert of.holds(local(at), NEW_YORK) is open_


@pytest.mark.parametrize(
    ("start", "end", "day", "begins", "ends"),
    [
        pytest.param(
            "30 2 * * *",
            "0 5 * * *",
            "2026-03-08",
            "2026-03-08T03:00-04:00",
            "2026-03-08T05:00-04:00",
            id="skipped-start",
        ),
        pytest.param(
            "0 1 * * *",
            "30 2 * * *",
            "2026-03-08",
            "2026-03-08T01:00-05:00",
            "2026-03-08T03:00-04:00",
            id="skipped-end",
        ),
        pytest.param(
            "30 1 * * *",
            "0 5 * * *",
            "2026-11-01",
            "2026-11-01T01:30-04:00",
            "2026-11-01T05:00-05:00",
            id="start-twice",
        ),
        pytest.param(
            "0 0 * * *", "30 1 * * *", "2026-11-01", "2026-11-01T00:00-04:00", "2026-11-01T01:30-05:00", id="end-twice"
        ),
    ],
)
def test_a_changed_clock_never_shortens_a_window(start: str, end: str, day: str, begins: str, ends: str) -> None:
    midnight = local(f"{day}T00:00")
    (span,) = window(start, end).spans(midnight, midnight + timedelta(hours=20), NEW_YORK)
    assert (span.begins, span.ends) == (datetime.fromisoformat(begins), datetime.fromisoformat(ends))


def test_a_gap_of_half_an_hour_ends_where_it_ends() -> None:
    (span,) = window("15 2 * * *", "0 6 * * *").spans(
        local("2026-10-04T00:00", LORD_HOWE), local("2026-10-04T12:00", LORD_HOWE), LORD_HOWE
    )
    assert span.begins == local("2026-10-04T02:30", LORD_HOWE)


def test_spans_agree_with_holding_minute_by_minute() -> None:
    for of in (MONDAY, NIGHT, window("*/30 * * * *", "15,45 * * * *"), window("0 0 * * *", "0 0 * * MON")):
        since = local("2026-10-31T00:00")
        until = since + timedelta(days=3)
        spans = list(of.spans(since, until, NEW_YORK))
        for minute in range(0, 3 * 1440, 5):
            instant = since + timedelta(minutes=minute)
            assert any(span.holds(instant) for span in spans) is of.holds(instant, NEW_YORK), instant


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        pytest.param("0 8 * * MON-FRI", "2026-11-27T08:00", "2026-11-30T08:00", id="over-the-weekend"),
        pytest.param("0 0 1 * *", "2026-11-27T08:00", "2026-12-01T00:00", id="first-of-the-month"),
        pytest.param("0 0 29 2 *", "2026-11-27T08:00", "2028-02-29T00:00", id="leap-day"),
        pytest.param("0 12 13 * FRI", "2026-11-27T13:00", "2026-12-04T12:00", id="either-day-as-cron-does"),
        pytest.param("*/20 9-10 * JAN,DEC 7", "2026-11-27T08:00", "2026-12-06T09:00", id="steps-names-and-seven"),
        pytest.param("50/5 * * * *", "2026-11-27T08:51", "2026-11-27T08:55", id="a-step-from-a-number"),
    ],
)
def test_when_a_cron_comes_next(text: str, after: str, expected: str) -> None:
    cron = Cron.parse(text)
    found = cron.after(local(after), NEW_YORK)
    assert found == local(expected)
    assert cron.before(local(expected), NEW_YORK) == local(expected)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("8 * * MON", "4 fields, write five", id="four-fields"),
        pytest.param("60 * * * *", "minute '60': write 0 to 59", id="minute"),
        pytest.param("0 8 * * MON-", "day of week ''", id="half-a-range"),
        pytest.param("0 8 * * 1-2-3", "a range has two ends", id="three-ends"),
        pytest.param("0 8 * * FRI-MON", "ends before it begins", id="backwards"),
        pytest.param("*/0 8 * * *", "write a step of 1 to 99", id="step"),
        pytest.param("0 8 * JANUARY *", "JAN, FEB", id="long-name"),
        pytest.param("0 8 30 2 *", "no such day", id="no-such-day"),
        pytest.param("0 \N{SUPERSCRIPT TWO} * * *", "hour", id="a-digit-that-is-none"),
    ],
)
def test_what_is_no_cron_is_refused_with_a_remedy(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        Cron.parse(text)


def test_a_day_of_both_kinds_is_asked_by_either() -> None:
    cron = Cron.parse("0 0 13 * FRI")
    assert cron.falls_on(date(2026, 11, 13))
    assert cron.falls_on(date(2026, 11, 20))
    assert not cron.falls_on(date(2026, 11, 19))
