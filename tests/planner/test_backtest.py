"""`trunkline capacity backtest`: known days played again under this policy and under what it is compared with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from math import sin
from pathlib import Path
from typing import Any

import pytest
import yaml

from trunkline.cli import main

FIRST = date(2026, 9, 7)
POLICY: dict[str, Any] = {
    "apiVersion": "trunkline.dev/v1alpha1",
    "kind": "ScalingPolicy",
    "metadata": {"name": "acme"},
    "spec": {
        "targetRef": {"name": "acme"},
        "timeZone": "America/New_York",
        "demand": {"forecast": {"history": {"connect": {}}, "coverPercent": 95}},
        "workload": {"talkSeconds": 300, "lookupsPerCall": 5, "lookupMilliseconds": 300},
        "levers": [
            {"name": "lookup", "function": "customer-lookup", "provisionedConcurrency": {"min": 2, "max": 500}},
            {"name": "notes", "function": "notes", "provisionedConcurrency": {"min": 2, "max": 5}},
        ],
    },
}

Cell = Callable[[date, int], str | None]


def calls(day: date, slot: int) -> str | None:
    """Weekdays from eight to noon; days differ by a few percent, in no rule that can be learned."""
    if day.weekday() > 4 or not 16 <= slot < 24:
        return None
    return f"{(1.0 + 0.06 * sin(2.9 * day.toordinal())) * (8_000 + 3_000 * sin((slot - 16) / 3.0)):.0f}"


def lines(days: int, cell: Cell = calls) -> str:
    found = [
        f"{FIRST + timedelta(days=number)}T{slot // 2:02}:{30 * (slot % 2):02},{count}"
        for number in range(days)
        for slot in range(48)
        if (count := cell(FIRST + timedelta(days=number), slot)) is not None
    ]
    return "\n".join(["start,calls", *found]) + "\n"


class Run:
    """The command in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def __call__(self, text: str, *flags: str, policy: dict[str, Any] | None = None) -> tuple[int, str, str]:
        (self._folder / "policy.yaml").write_text(yaml.safe_dump(policy or POLICY), encoding="utf-8")
        (self._folder / "calls.csv").write_text(text, encoding="utf-8")
        files = ["-f", str(self._folder / "policy.yaml"), "--history", str(self._folder / "calls.csv")]
        code = main(["capacity", "backtest", *files, *flags])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def rows(self, text: str, *flags: str) -> dict[str, dict[str, Any]]:
        code, out, err = self(text, "-o", "json", *flags)
        assert code == 0, err
        return {row["policy"]: row for row in json.loads(out)["rows"]}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


def test_everybody_plays_the_same_days(run: Run) -> None:
    rows = run.rows(lines(42), "--days", "5", "--standing", "60")
    assert list(rows) == [
        "this policy, forecast 95 %",
        "forecast 90 %",
        "forecast 99 %",
        "forecast 99.9 %",
        "standing, 60",
        "nobody there, scheduled minimums",
        "target tracking 70 %",
        "target tracking 50 %",
        "schedule by hand",
        "ceiling",
        "foresight",
    ]


def test_what_the_figures_say(run: Run) -> None:
    rows = run.rows(lines(42), "--days", "5", "--standing", "20")
    ours, tracking = rows["this policy, forecast 95 %"], rows["target tracking 70 %"]
    assert ours["shortLookupsPerMillion"] < 500 < tracking["shortLookupsPerMillion"]
    assert rows["foresight"]["costOverForesight"] == 1.0
    assert 500 < rows["foresight"]["shortLookupsPerMillion"] < 1_000, "foresight keeps one in a thousand"
    assert rows["standing, 20"]["changesPerDay"] == 0
    covers = [rows[name]["costOverForesight"] for name in ("forecast 90 %", "forecast 99 %", "forecast 99.9 %")]
    assert covers == sorted(covers), "more cover costs more"


def test_a_table_for_people_and_csv_for_machines(run: Run) -> None:
    code, out, _ = run(lines(30), "--days", "2")
    assert code == 0
    assert "2 days from 2026-10-05 to 2026-10-06" in out.splitlines()[0]
    assert "this policy, forecast 95 %" in out
    _, out, _ = run(lines(30), "--days", "2", "-o", "csv")
    assert {row["policy"] for row in csv.DictReader(io.StringIO(out))} >= {"foresight", "ceiling"}


def test_a_day_with_gaps_is_not_played(run: Run) -> None:
    def gap(day: date, slot: int) -> str | None:
        return None if day == FIRST + timedelta(days=29) and slot > 18 else calls(day, slot)

    _, out, _ = run(lines(30, gap), "--days", "1", "-o", "json")
    assert json.loads(out)["lastDay"] == "2026-10-05", "an export that ends at ten has no afternoon to be played"


def test_a_utilization_is_the_only_headroom(run: Run) -> None:
    policy = json.loads(json.dumps(POLICY))
    policy["spec"]["levers"][0]["provisionedConcurrency"]["utilizationPercent"] = 50
    code, out, err = run(lines(30), "--days", "1", "-o", "json", policy=policy)
    assert code == 0, err
    assert json.loads(out)["rows"][0]["policy"] == "this policy, utilization 50 %"


@pytest.mark.parametrize(
    ("text", "flags", "told"),
    [
        pytest.param(lines(12), (), "10 whole days of history: 14 to learn from and one to play", id="too-short"),
        pytest.param(lines(30), ("--lever", "lokup"), "--lever lokup: no such lever of a function; did you mean lookup?", id="no-such-lever"),
        pytest.param("when,calls\n1,2\n", (), "the first line has to name the columns start and calls", id="no-history"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(run: Run, text: str, flags: tuple[str, ...], told: str) -> None:
    code, out, err = run(text, *flags)
    assert (code, out) == (1, "")
    assert told in err


def test_a_policy_without_a_lever_of_a_function_has_nothing_to_play(run: Run) -> None:
    policy = {**POLICY, "spec": {key: value for key, value in POLICY["spec"].items() if key != "levers"}}
    code, _, err = run(lines(30), policy=policy)
    assert code == 1
    assert "no lever moves provisionedConcurrency" in err


def test_without_a_history_it_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.yaml").write_text(yaml.safe_dump(POLICY), encoding="utf-8")
    assert main(["capacity", "backtest", "-f", str(tmp_path / "policy.yaml")]) == 1
    assert "write --history FILE" in capsys.readouterr().err
