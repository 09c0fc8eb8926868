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
        "demand": {
            "metrics": [
                {
                    "name": "live",
                    "cloudWatch": {"namespace": "AWS/Connect", "metricName": "CallsPerInterval"},
                    "measures": "CallsPerHour",
                }
            ],
            "forecast": {"history": {"connect": {}}, "coverPercent": 95},
        },
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


def test_a_gap_within_a_half_hour_is_a_gap(run: Run) -> None:
    def fine(gap: bool) -> str:
        rows = ["start,calls"]
        for row in lines(30).splitlines()[1:]:
            start, count = row.split(",")
            rows += [f"{start[:-2]}{int(start[-2:]) + at:02},{int(count) // 3}" for at in (0, 10, 20)]
        return "\n".join(row for row in rows if not (gap and row.startswith("2026-10-06T10:10")))

    for gap, last in ((False, "2026-10-06"), (True, "2026-10-05")):
        _, out, _ = run(fine(gap), "--days", "1", "-o", "json")
        assert json.loads(out)["lastDay"] == last


def test_gaps_are_told_where_they_leave_too_few_days(run: Run) -> None:
    """An export without the slots in which nobody called."""
    code, _, err = run(lines(30, lambda day, slot: None if (day.day + slot) % 8 == 7 else calls(day, slot)))
    assert code == 1
    assert "more have gaps, and a slot without calls needs a line as well: write 0" in err


def with_demand(**demand: Any) -> dict[str, Any]:
    return {**POLICY, "spec": {**POLICY["spec"], "demand": {**POLICY["spec"]["demand"], **demand}}}


def test_what_a_policy_states_is_there_whatever_was_forecast(run: Run) -> None:
    def level(policy: dict[str, Any]) -> float:
        _, out, _ = run(lines(30), "--days", "1", "-o", "json", policy=policy)
        row = next(row for row in json.loads(out)["rows"] if row["policy"].startswith("this policy"))
        return float(row["costOverForesight"])

    stated = {"name": "sale", "start": "0 7 * * *", "end": "0 13 * * *", "callsPerHour": 100_000}
    assert level(with_demand(schedules=[stated])) > 3.0 * level(POLICY)
    assert level(with_demand(constant={"callsPerHour": 100_000})) > 3.0 * level(POLICY)


def test_a_policy_without_a_metric_sees_nothing_of_the_day(run: Run) -> None:
    def grown(day: date, slot: int) -> str | None:
        count = calls(day, slot)
        return count if count is None or day != date(2026, 10, 6) else f"{3 * int(count)}"

    short = []
    for policy in (POLICY, with_demand(metrics=[])):
        _, out, _ = run(lines(30, grown), "--days", "1", "-o", "json", policy=policy)
        found = json.loads(out)
        short.append(found["rows"][0]["shortLookupsPerMillion"])
        assert ("no metric" in found["measured"]) == (policy is not POLICY)
    assert short[1] > 100_000 > 10 * short[0]


def test_the_day_after_one_on_which_nobody_called_brings_more(run: Run) -> None:
    """Three Mondays without a call, named by no event: the third Tuesday is known for what it is."""
    silent = {date(2026, 9, 28), date(2026, 10, 12), date(2026, 10, 26)}

    def after(day: date, slot: int) -> str | None:
        count = calls(day, slot)
        if count is None or day in silent:
            return count and "0"
        return count if day - timedelta(days=1) not in silent else f"{2 * int(count)}"

    text = lines(51, after)
    _, out, _ = run(text, "--days", "1", "-o", "json", policy=with_demand(metrics=[]))
    found = json.loads(out)
    assert found["lastDay"] == "2026-10-27"
    assert found["rows"][0]["shortLookupsPerMillion"] < 3.0, "it is 12 as a Tuesday like any other"


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
