"""`trunkline capacity backtest`: what stands now, days that were learned from, histories that are of no use, and its time."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import date, timedelta
from math import sin
from pathlib import Path
from typing import Any

import pytest
import yaml

from trunkline.cli import main

FIRST = date(2026, 6, 1)
POLICY: dict[str, Any] = {
    "apiVersion": "trunkline.dev/v1alpha1",
    "kind": "ScalingPolicy",
    "metadata": {"name": "acme"},
    "spec": {
        "targetRef": {"name": "acme"},
        "timeZone": "America/New_York",
        "demand": {"forecast": {"history": {"connect": {}}, "coverPercent": 99}},
        "workload": {"talkSeconds": 300, "lookupsPerCall": 5, "lookupMilliseconds": 300},
        "levers": [{"name": "lookup", "function": "customer-lookup", "provisionedConcurrency": {"min": 3, "max": 500}}],
    },
}
CENTER: dict[str, Any] = {
    "apiVersion": "trunkline.dev/v1alpha1",
    "kind": "ContactCenter",
    "metadata": {"name": "acme"},
    "spec": {
        "region": "us-east-1",
        "instance": {"alias": "acme", "identityManagement": "CONNECT_MANAGED"},
        "functions": [
            {
                "name": "customer-lookup",
                "code": {"builtin": "customer-lookup"},
                "memoryMiB": 512,
                "architecture": "arm64",
                "provisionedConcurrency": 40,
            }
        ],
    },
}


def history(days: int, minutes: int = 30, hours: tuple[int, int] = (8, 13)) -> str:
    """Weekdays with a wave of calls; days differ by a few percent, in no rule that can be learned."""
    rows = ["start,calls"]
    for day in (FIRST + timedelta(days=number) for number in range(days)):
        if day.weekday() < 5:
            level = (1.0 + 0.05 * sin(2.9 * day.toordinal())) * minutes / 30
            for minute in range(60 * hours[0], 60 * hours[1], minutes):
                part = (minute - 60 * hours[0]) / (60 * (hours[1] - hours[0]))
                calls = level * (6_000 + 4_000 * sin(3.1 * part))
                rows.append(f"{day}T{minute // 60:02}:{minute % 60:02},{calls:.0f}")
    return "\n".join(rows) + "\n"


class Desk:
    """A folder with manifests and a history, and what a run printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def run(self, text: str, *flags: str, center: bool = False) -> tuple[int, str, str]:
        (self.folder / "policy.yaml").write_text(yaml.safe_dump(POLICY), encoding="utf-8")
        (self.folder / "center.yaml").write_text(yaml.safe_dump(CENTER), encoding="utf-8")
        (self.folder / "calls.csv").write_text(text, encoding="utf-8")
        files = ["-f", str(self.folder / "policy.yaml")] + (["-f", str(self.folder / "center.yaml")] if center else [])
        code = main(["capacity", "backtest", *files, "--history", str(self.folder / "calls.csv"), *flags])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def json(self, text: str, *flags: str, center: bool = False) -> dict[str, Any]:
        code, out, err = self.run(text, "-o", "json", *flags, center=center)
        assert code == 0, err
        found = json.loads(out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def rows(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["policy"]: one for one in found["rows"]}


class TestWhatStandsNow:
    @pytest.mark.parametrize(
        ("flags", "center", "stands", "says"),
        [
            pytest.param((), False, 3, "the lever's min", id="nobody said"),
            pytest.param((), True, 40, "provisionedConcurrency of customer-lookup", id="as the center's file keeps it"),
            pytest.param(("--standing", "60"), True, 60, "--standing", id="the command line goes first"),
        ],
    )
    def test_is_one_of_those_compared(
        self, desk: Desk, flags: tuple[str, ...], center: bool, stands: int, says: str
    ) -> None:
        found = desk.json(history(30), "--days", "2", *flags, center=center)
        assert (found["standing"], found["standingFrom"][: len(says)]) == (stands, says)
        assert rows(found)[f"standing, {stands}"]["changesPerDay"] == 0
        assert f"standing: {says}" in desk.run(history(30), "--days", "2", *flags, center=center)[1]

    def test_costs_what_its_environments_cost_while_it_is_played(self, desk: Desk) -> None:
        """40 environments of half a gigabyte on arm64 for five hours."""
        standing = rows(desk.json(history(30), "--days", "2", center=True))["standing, 40"]
        assert standing["usdPerDay"] == pytest.approx(40 * 5 * 3600 * 0.5 * 3.3334e-06, abs=1e-4)


class TestOrder:
    def test_what_knows_more_is_short_less_and_what_covers_more_costs_more(self, desk: Desk) -> None:
        found = rows(desk.json(history(45), "--days", "4"))
        covers = [
            found[name] for name in ("forecast 90 %", "forecast 95 %", "this policy, forecast 99 %", "forecast 99.9 %")
        ]
        cost = [one["costOverForesight"] for one in covers]
        short = [one["shortLookupsPerMillion"] for one in covers]
        assert cost == sorted(cost)
        assert short == sorted(short, reverse=True)
        assert short[2] < 1_000 < found["target tracking 70 %"]["shortLookupsPerMillion"]
        assert all(found[name]["costOverForesight"] > 1.0 for name in ("schedule by hand", "ceiling"))
        assert found["ceiling"]["changesPerDay"] == 0 < found["schedule by hand"]["changesPerDay"] <= 4, "four blocks"
        for one in found.values():
            assert one["worstDayShortLookupsPerMillion"] >= one["shortLookupsPerMillion"], one["policy"]
            assert one["usdPerDay"] / found["foresight"]["usdPerDay"] == pytest.approx(
                one["costOverForesight"], rel=1e-2
            )

    def test_a_day_is_played_without_what_came_after_it(self, desk: Desk) -> None:
        """The last day has ten times the calls. Who had known it would not have been short, nor paid as before."""
        text = history(43)
        plain = rows(desk.json(text, "--days", "1"))
        after = [f"2026-07-14T{hour:02}:{minute:02},100000" for hour in range(8, 13) for minute in (0, 30)]
        both = rows(desk.json(text + "\n".join(after), "--days", "2"))
        for name in ("this policy, forecast 99 %", "schedule by hand", "ceiling"):
            assert both[name]["worstDay"] == "2026-07-14", f"{name} did not foresee it"
            assert both[name]["worstDayShortLookupsPerMillion"] > 10_000, f"{name} did not foresee it"
        for name in ("schedule by hand", "ceiling"):
            assert both[name]["usdPerDay"] == pytest.approx(plain[name]["usdPerDay"], rel=0.1), (
                f"{name} did not know it"
            )


class TestHistory:
    def test_says_how_many_days_were_learned_from_and_played(self, desk: Desk) -> None:
        found = desk.json(history(42), "--days", "4")
        assert (found["daysLearnedBefore"], found["daysPlayed"], found["daysKnown"]) == (26, 4, 30)
        _, out, _ = desk.run(history(42), "--days", "4")
        assert "4 days from 2026-07-07 to 2026-07-10, each forecast from earlier days only, the first from 26" in out

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            pytest.param(("2026-06-02T08:30,", "2026-06-02T08:30,many#"), "line 13: 'many#6", id="no number"),
            pytest.param(("2026-06-02T08:30,", "2026-06-02T08:30,-"), "line 13: '-6", id="less than nothing"),
            pytest.param(("2026-06-02T08:30,", "2.6.2026 8:30,"), "line 13: '2.6.2026 8:30' is no start", id="no start"),
            pytest.param(("2026-06-02T08:30,", "2026-06-02T08:00,"), "line 13: 2026-06-02T08:00:00-04:00 stands in line 12 already", id="twice"),
            pytest.param(("2026-06-02T08:30,", "2026-06-02T08:30:07,"), "are 1793 s apart: write a line for each slot", id="no slots"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named(self, desk: Desk, change: tuple[str, str], told: str) -> None:
        text = history(42)
        assert change[0] in text
        code, out, err = desk.run(text.replace(*change))
        assert (code, out) == (1, "")
        assert told in err

    def test_daily_counts_have_no_shape(self, desk: Desk) -> None:
        days = "\n".join(f"{FIRST + timedelta(days=number)},5000" for number in range(40))
        code, _, err = desk.run(f"start,calls\n{days}\n")
        assert code == 1
        assert "are 86400 s apart" in err

    def test_the_hour_that_comes_twice_is_no_mistake(self, desk: Desk) -> None:
        """On November 1 New York's clocks go back from two to one: an export without offsets has the hour twice."""
        twice = [f"2026-11-01T{hour:02}:{minute:02},5" for hour in (0, 1, 1, 2) for minute in (0, 30)]
        assert desk.run(history(42) + "\n".join(twice), "--days", "1")[0] == 0
        code, _, err = desk.run(history(42) + "\n".join([*twice, "2026-11-01T01:00,5"]), "--days", "1")
        assert code == 1
        assert "2026-11-01T01:00:00-04:00 stands in line" in err


def test_columns_are_stable(desk: Desk) -> None:
    _, out, _ = desk.run(history(30), "--days", "1", "-o", "csv")
    found = list(csv.DictReader(io.StringIO(out)))
    assert list(found[0]) == [
        "policy", "shortLookupsPerMillion", "worstDayShortLookupsPerMillion", "worstDay", "costOverForesight",
        "usdPerDay", "percentOfBill", "changesPerDay",
    ]  # fmt: skip
    assert [list(one) for one in desk.json(history(30), "--days", "1")["rows"]] == [list(one) for one in found]


@pytest.mark.sweep  # the others play less
def test_five_months_of_five_minutes_are_played_in_ten_seconds(desk: Desk) -> None:
    text = history(152, minutes=5, hours=(7, 21))
    begins = time.process_time()
    found = desk.json(text)
    assert time.process_time() - begins < 10.0
    assert found["daysPlayed"] >= 28
