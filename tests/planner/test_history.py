"""A day that is forecast from a file of counted calls, and dates of breach from its weeks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.planner.test_command import POLICY
from trunkline.cli import main

ZONE = ZoneInfo("America/New_York")
LAST = date(2026, 11, 20)
NEXT_MONDAY = "2026-11-23"


def history(weeks: int, growth: float = 0.0) -> str:
    """Weekdays from eight to six, 1,000 calls a half hour at the end, Mondays a quarter more."""
    lines = ["start,calls"]
    for back in range(7 * weeks, -1, -1):
        day = LAST - timedelta(days=back)
        if day.weekday() < 5:
            level = (1.25 if day.weekday() == 0 else 1.0) * 1_000.0 * (1.0 + growth) ** (-back / 7)
            for slot in range(16, 36):
                start = datetime(day.year, day.month, day.day, slot // 2, 30 * (slot % 2), tzinfo=ZONE)
                lines.append(f"{start.isoformat()},{level + 7 * ((back + slot) % 3 - 1):.0f}")
    return "\n".join(lines)


class Run:
    """A policy whose calls are only in the file."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        spec = {**POLICY["spec"], "demand": {"forecast": {"history": {"connect": {}}}}}
        self.policy = {**POLICY, "spec": spec}

    def __call__(self, text: str, *flags: str, day: str = NEXT_MONDAY) -> tuple[int, str, str]:
        (self._folder / "policy.yaml").write_text(yaml.safe_dump(self.policy), encoding="utf-8")
        (self._folder / "calls.csv").write_text(text, encoding="utf-8")
        files = ["-f", str(self._folder / "policy.yaml"), "--history", str(self._folder / "calls.csv")]
        code = main(["capacity", *files, "--date", day, *flags])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def json(self, text: str, *flags: str, day: str = NEXT_MONDAY) -> dict[str, Any]:
        code, out, err = self(text, "-o", "json", *flags, day=day)
        assert code == 0, err
        found = json.loads(out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


class TestForecast:
    def test_a_day_is_expected_as_its_weekday_was_and_planned_for_more(self, run: Run) -> None:
        found = run.json(history(12))
        assert found["notAsked"] == []
        noon = found["callsPerHour"][24]
        assert noon == pytest.approx(2_500, rel=0.02)
        assert noon < found["callsPerHourHigh"][24] < 1.5 * noon
        assert found["callsPerHour"][6] == 0

    def test_a_closed_day_has_no_calls(self, run: Run) -> None:
        run.policy["spec"]["demand"]["events"] = [{"name": "holiday", "date": NEXT_MONDAY, "closed": True}]
        code, _, err = run(history(12))
        assert code == 1
        assert "no calls on that day" in err

    def test_too_little_history_is_told(self, run: Run) -> None:
        assert "days of history" in run.json(history(1))["day"]


class TestBreach:
    FLAGS = ("--limit", "concurrent-calls=400", "--limit", "users=5000")

    def test_growth_of_the_weeks_gives_a_range_of_dates(self, run: Run) -> None:
        layers = run.json(history(26, growth=0.02), *self.FLAGS)["layers"]
        calls = next(row for row in layers if row["layer"] == "concurrent-calls")
        assert calls["need"] < 400
        assert NEXT_MONDAY < calls["breachEarliest"] <= calls["breachExpected"] <= calls["breachLatest"]
        assert calls["requestBy"] <= calls["breachEarliest"]

    def test_the_table_tells_the_range_and_fits_a_terminal(self, run: Run) -> None:
        head, *rows = history(26, growth=0.02).splitlines()
        uneven = [
            f"{start},{float(calls) * (1.0 + 0.06 * (datetime.fromisoformat(start).isocalendar().week % 3)):.0f}"
            for start, calls in (row.split(",") for row in rows)
        ]
        code, out, err = run("\n".join([head, *uneven]), *self.FLAGS)
        assert code == 0, err
        assert max(map(len, out.split("\nLimits\n")[0].splitlines())) <= 80
        (found,) = re.findall(
            r"\nconcurrent-calls: between (\S+) and (\S+),\s+most\s+likely\s+(\S+);\s+request\s+by\s+(\S+)\n", out
        )
        assert found[3] <= found[0] <= found[2] <= found[1]

    def test_without_growth_there_is_no_date(self, run: Run) -> None:
        layers = run.json(history(26), "--limit", "concurrent-calls=3000", "--limit", "users=5000")["layers"]
        calls = next(row for row in layers if row["layer"] == "concurrent-calls")
        assert calls["breachExpected"] is None


class TestWrongFiles:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            pytest.param("when,calls\n", "has to name the columns start and calls", id="columns"),
            pytest.param("start,calls\n", "no calls in it", id="empty"),
            pytest.param("start,calls\nmonday,3\n", "line 2: 'monday' is no start", id="start"),
            pytest.param("start,calls\n2026-11-02T08:30-05:00,-3\n", "line 2: '-3' is no number of calls", id="calls"),
            pytest.param("start,calls\n2026-11-02T08:30-05:00\n", "line 2: '' is no number of calls", id="short"),
            pytest.param("start;calls\n2026-11-02T08:30;3\n", "comma, not 'start;calls'", id="semicolons"),
            pytest.param("", "calls; it is empty", id="no line"),
            pytest.param("start,calls\n2026-11-02T08:30-05:00,1,234\n", "line 2: more fields", id="comma in a number"),
            pytest.param("start,calls\n2026-11-02T08:30-05:00,1e300\n", "line 2: '1e300' is no number", id="huge"),
            pytest.param(
                "start,calls\n0001-01-01T00:00+14:00,3\n", "line 2: 0001-01-01T00:00+14:00 is not", id="year 1"
            ),
            pytest.param("start,calls\n9999-12-31T23:30-12:00,3\n", "not between 1971 and 2999", id="year 9999"),
        ],
    )
    def test_are_refused_by_line(self, run: Run, text: str, message: str) -> None:
        code, out, err = run(text)
        assert (code, out) == (1, "")
        assert message in err


class TestRightFiles:
    """The same calls, written as other programs write them."""

    @pytest.mark.parametrize(
        "written",
        [
            pytest.param(lambda text: "\ufeff" + text.replace("\n", "\r\n"), id="Excel"),
            pytest.param(lambda text: text.replace(",", ", "), id="spaces"),
            pytest.param(lambda text: text.replace("\n", "\n\n"), id="blank lines"),
            pytest.param(
                lambda text: "\n".join([text.split("\n")[0], *reversed(text.split("\n")[1:])]), id="backwards"
            ),
            pytest.param(lambda text: re.sub(r"-0[45]:00,", ",", text), id="by the policy's clock"),
        ],
    )
    def test_say_the_same(self, run: Run, written: Callable[[str], str]) -> None:
        text = history(8)
        code, out, err = run(written(text), "-o", "csv")
        assert code == 0, err
        assert out == run(text, "-o", "csv")[1]

    def test_a_day_of_which_nothing_is_expected_is_like_a_closed_one(self, run: Run) -> None:
        run.policy["spec"]["demand"]["events"] = [
            {"name": "strike", "date": NEXT_MONDAY, "percent": 0},
            {"name": "end", "date": "9999-12-31", "closed": True},
        ]
        code, _, err = run(history(12))
        assert code == 1
        assert "no calls on that day" in err


def test_what_is_no_text_is_named(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(history(3))
    policy, calls = tmp_path / "policy.yaml", tmp_path / "calls.csv"
    calls.write_bytes(b"start,calls\n\xff")
    for files, message in [
        ((policy, calls), f"{calls} is no text in UTF-8: byte 12 is 0xff"),
        ((policy, tmp_path / "none.csv"), f"{tmp_path / 'none.csv'}: No such file or directory"),
        ((tmp_path / "none.yaml", calls), f"{tmp_path / 'none.yaml'}: No such file or directory"),
    ]:
        for command in ("capacity", "cost"):
            assert main([command, "-f", str(files[0]), "--history", str(files[1])]) == 1
            assert capsys.readouterr().err == f"trunkline {command}: {message}\n"
