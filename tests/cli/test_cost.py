"""`trunkline cost` as a person runs it: a bill whose parts add up, with the prices' age, offline and at once."""

from __future__ import annotations

import copy
import csv
import io
import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from trunkline.capacity.cost.prices import shipped
from trunkline.cli import main

MONTH_SECONDS = 730 * 3600
POLICY: dict[str, Any] = {
    "apiVersion": "trunkline.dev/v1alpha1",
    "kind": "ScalingPolicy",
    "metadata": {"name": "acme"},
    "spec": {
        "targetRef": {"name": "acme"},
        "demand": {
            "schedules": [{"name": "day", "start": "0 8 * * MON-FRI", "end": "0 18 * * MON-FRI", "callsPerHour": 6000}],
            "forecast": {"history": {"connect": {}}, "growthPercentPerYear": 20},
        },
        "workload": {"talkSeconds": 300, "lookupsPerCall": 5, "lookupMilliseconds": 300, "writesPerCall": 2},
        "levers": [
            {"name": "lookup", "function": "customer-lookup", "provisionedConcurrency": {"min": 5, "max": 100}},
            {"name": "customers", "table": "customers", "readCapacityUnits": {"min": 10, "max": 500}},
        ],
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
            },
            {
                "name": "call-routing",
                "code": {"builtin": "call-routing"},
                "memoryMiB": 2048,
                "architecture": "x86_64",
                "provisionedConcurrency": 3,
            },
        ],
        "tables": [
            {
                "name": "customers",
                "partitionKey": {"name": "Id", "type": "String"},
                "billing": {"mode": "PROVISIONED", "readCapacityUnits": 900, "writeCapacityUnits": 100},
            }
        ],
    },
}
RANGES = ("USDPerMonth", "USD3Months", "USD12Months")


class Desk:
    """A folder with manifests, and what a run printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.write(POLICY)

    def write(self, *objects: dict[str, Any]) -> None:
        (self.folder / "all.yaml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")

    def run(self, *flags: str) -> tuple[int, str, str]:
        code = main(["cost", "-f", str(self.folder / "all.yaml"), *flags])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def json(self, *flags: str) -> dict[str, Any]:
        code, out, err = self.run("-o", "json", *flags)
        assert code == 0, err
        found = json.loads(out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def changed(**spec: Any) -> dict[str, Any]:
    return {**POLICY, "spec": {**POLICY["spec"], **spec}}


def row(found: dict[str, Any], kind: str, name: str | None = None) -> dict[str, Any]:
    rows: list[dict[str, Any]] = found["rows"]
    return next(one for one in rows if one["kind"] == kind and name in (None, one["name"]))


def line(found: dict[str, Any], what: str) -> dict[str, Any]:
    lines: dict[str, dict[str, Any]] = {one["what"]: one for one in found["lines"]}
    assert what in lines, f"there are {', '.join(lines)}"
    return lines[what]


class TestFigures:
    def test_parts_add_up_to_the_whole(self, desk: Desk) -> None:
        desk.write(POLICY, CENTER)
        found = desk.json()
        for kind, whole in (("service", "total"), ("lever", "levers")):
            for unit in (f"{end}{unit}" for end in ("low", "expected", "high") for unit in RANGES):
                parts = sum(one[unit] for one in found["rows"] if one["kind"] == kind)
                assert parts == pytest.approx(row(found, whole)[unit], abs=0.01), f"{unit} of the {kind}s"
        for service in (one for one in found["rows"] if one["kind"] == "service"):
            lines = [one for one in found["lines"] if one["service"] == service["name"]]
            assert sum(one["expectedUSDPerMonth"] for one in lines) == pytest.approx(
                service["expectedUSDPerMonth"], abs=0.01
            )
        shares = [one["percentOfBill"] for one in found["rows"] if one["kind"] == "service"]
        assert sum(shares) == pytest.approx(100.0)
        assert shares == sorted(shares, reverse=True), "the dearest first"

    def test_low_is_below_expected_and_expected_below_high(self, desk: Desk) -> None:
        found = desk.json()
        for one in found["rows"]:
            for unit in RANGES:
                assert 0 < one[f"low{unit}"] <= one[f"expected{unit}"] <= one[f"high{unit}"], one["name"]
        assert row(found, "total")["lowUSDPerMonth"] < row(found, "total")["highUSDPerMonth"], (
            "nobody counted the calls"
        )

    @pytest.mark.parametrize(
        ("flags", "minute"),
        [
            pytest.param((), 0.038 + 0.0022, id="a new instance, local numbers"),
            pytest.param(("--plan", "legacy"), 0.018 + 0.0022, id="the older plan"),
            pytest.param(("--number", "tollfree"), 0.038 + 0.012, id="toll-free numbers"),
        ],
    )
    def test_minutes_of_callers_are_most_of_it(self, desk: Desk, flags: tuple[str, ...], minute: float) -> None:
        found = desk.json("--calls-per-month", "1000000", *flags)
        assert row(found, "service", "Amazon Connect")["expectedUSDPerMonth"] == pytest.approx(5e6 * minute)
        assert row(found, "service", "Amazon Connect")["percentOfBill"] > 95

    def test_schedules_are_a_month_of_calls(self, desk: Desk) -> None:
        """Twenty weekdays in 28, ten hours of 6,000 calls, over 730 hours."""
        found = desk.json("--date", "2026-11-02")
        assert found["expectedCallsPerMonth"] == pytest.approx(20 * 10 * 6000 / 28 * 730 / 24)

    def test_months_to_come_grow_as_the_policy_states(self, desk: Desk) -> None:
        found = row(desk.json(), "service", "Amazon Connect")
        months = [sum(1.2 ** (month / 12) for month in range(count)) for count in (3, 12)]
        assert found["expectedUSD3Months"] == pytest.approx(months[0] * found["expectedUSDPerMonth"], rel=1e-6)
        assert found["expectedUSD12Months"] == pytest.approx(months[1] * found["expectedUSDPerMonth"], rel=1e-6)

    def test_phone_numbers_cost_by_the_day(self, desk: Desk) -> None:
        assert line(desk.json("--numbers", "100"), "phone numbers")["expectedUSDPerMonth"] == pytest.approx(
            100 * 730 / 24 * 0.03, abs=0.001
        )


class TestLevers:
    def test_stay_within_their_bounds(self, desk: Desk) -> None:
        spans = [
            {"name": "least", "function": "a", "provisionedConcurrency": {"min": 50, "max": 60}},
            {"name": "most", "function": "b", "provisionedConcurrency": {"min": 1, "max": 1}},
        ]
        desk.write(changed(levers=spans))
        second = shipped().find("AWS Lambda", "Lambda-Provisioned-Concurrency", "us-east-1").usd(1.0)
        found = desk.json("--calls-per-hour", "6000")
        assert row(found, "lever", "most")["highUSDPerMonth"] == pytest.approx(MONTH_SECONDS * second, abs=0.001)
        assert row(found, "lever", "least")["lowUSDPerMonth"] == pytest.approx(50 * MONTH_SECONDS * second, abs=0.001)

    def test_follow_the_calls(self, desk: Desk) -> None:
        few, many = (row(desk.json("--calls-per-hour", calls), "levers") for calls in ("2000", "40000"))
        assert few["expectedUSDPerMonth"] < many["expectedUSDPerMonth"]
        assert many["expectedUSD12Months"] > 12 * many["expectedUSDPerMonth"], "more calls ask more of them next year"

    def test_are_priced_as_the_center_has_the_function(self, desk: Desk) -> None:
        alone = row(desk.json("--memory-mb", "512"), "lever", "lookup")["expectedUSDPerMonth"]
        desk.write(POLICY, CENTER)
        there = row(desk.json(), "lever", "lookup")["expectedUSDPerMonth"]
        assert there == pytest.approx(alone * 3.3334 / 4.1667, rel=1e-4), "arm64 costs a fifth less"

    def test_what_no_lever_moves_stands_and_what_one_moves_is_there_once(self, desk: Desk) -> None:
        desk.write(POLICY, CENTER)
        found = desk.json()
        standing = line(found, "provisioned concurrency of call-routing")
        assert (standing["lever"], standing["expectedAmount"]) == ("", 3 * 2 * MONTH_SECONDS)
        assert line(found, "write capacity of customers")["expectedAmount"] == 100 * 730
        assert line(found, "read capacity of customers")["lever"] == "customers"
        names = [one["what"] for one in found["lines"]]
        assert names.count("provisioned concurrency of customer-lookup") == 1
        assert names.count("read capacity of customers") == 1

    def test_without_capacity_reads_and_writes_are_paid_by_the_request(self, desk: Desk) -> None:
        desk.write(changed(levers=None))
        found = desk.json("--calls-per-month", "1000000")
        assert line(found, "reads of tables")["expectedAmount"] == 5e6
        assert line(found, "reads of tables")["lowAmount"] == 2.5e6, "eventually consistent ones are half"
        assert line(found, "writes of tables")["expectedAmount"] == 2e6
        assert row(found, "levers")["expectedUSDPerMonth"] == 0

    @pytest.mark.parametrize(
        ("budget", "told"),
        [
            pytest.param(1, "budget of the levers: 1 USD a month, exceeded", id="exceeded"),
            pytest.param(9_000, "budget of the levers: 9,000 USD a month, kept", id="kept"),
        ],
    )
    def test_budget_is_of_the_levers_alone(self, desk: Desk, budget: int, told: str) -> None:
        desk.write(changed(budget={"monthlyUSD": budget}))
        assert told in desk.run()[1]


class TestWhatIsSaid:
    def test_of_the_prices(self, desk: Desk) -> None:
        found = desk.json()
        today = datetime.now(UTC).date()
        oldest = date.fromisoformat(found["oldestPriceDate"])
        assert abs(found["oldestPriceAgeDays"] - (today - oldest).days) <= 1, "in whichever zone today begins"
        assert all(one["priceSource"] and one["priceDate"] >= found["oldestPriceDate"] for one in found["lines"])
        _, out, _ = desk.run()
        assert f"the oldest is {found['oldestPriceAgeDays']} days old" in out

    def test_of_a_region_without_prices(self, desk: Desk) -> None:
        center = copy.deepcopy(CENTER)
        center["spec"]["region"] = "eu-central-1"
        desk.write(POLICY, center)
        found = desk.json()
        assert found["region"] == "eu-central-1"
        assert any("of another Region" in note for note in found["notes"])

    def test_of_what_is_in_no_file(self, desk: Desk) -> None:
        assert any("the ContactCenter is in no file" in note for note in desk.json()["notes"])
        center = copy.deepcopy(CENTER)
        center["spec"]["cacheRef"] = {"name": "acme-cache"}
        desk.write(POLICY, center)
        assert any(note.startswith("CacheLayer acme-cache is in no file") for note in desk.json()["notes"])

    def test_of_calls_that_have_no_shape(self, desk: Desk) -> None:
        desk.write(changed(demand={"forecast": {"history": {"connect": {}}}}))
        code, _, err = desk.run()
        assert code == 1
        assert "say how many with --calls-per-month, or give --history" in err
        assert "evenly at all hours" in desk.json("--calls-per-month", "1000000")["callsFrom"]

    def test_of_a_price_file_that_is_none(self, desk: Desk) -> None:
        (desk.folder / "prices.json").write_text('{"format": 1, "home_region": "us-east-1"}', encoding="utf-8")
        code, _, err = desk.run("--prices", str(desk.folder / "prices.json"))
        assert code == 1
        assert "prices.json: the price file lacks elsewhere" in err


def test_other_prices_are_taken_from_a_file(desk: Desk) -> None:
    shipped_file = Path(__file__).parents[2] / "operator/trunkline/capacity/cost/prices.json"
    prices = json.loads(shipped_file.read_text(encoding="utf-8"))
    for price in prices["prices"]:
        if price["sku"] == "ai-end-customer-mins":
            price |= {"usd": 0.01, "as_of": "2026-11-01"}
    (desk.folder / "prices.json").write_text(json.dumps(prices), encoding="utf-8")
    found = desk.json("--calls-per-month", "1000000", "--prices", str(desk.folder / "prices.json"))
    assert line(found, "minutes of callers")["expectedUSDPerMonth"] == pytest.approx(50_000)
    assert found["newestPriceDate"] == "2026-11-01"


def test_a_history_says_how_many_calls_and_how_they_grow(desk: Desk) -> None:
    """Twelve weeks of a thousand calls each half hour from eight to six, weekdays: 2 % more each week."""
    first = datetime(2026, 8, 31, tzinfo=UTC)
    rows = ["start,calls"]
    for day in (first + timedelta(days=number) for number in range(84)):
        if day.weekday() < 5:
            week = (day - first).days // 7
            rows += [
                f"{(day + timedelta(minutes=30 * slot)).isoformat()},{1000 * 1.02**week:.0f}" for slot in range(16, 36)
            ]
    (desk.folder / "calls.csv").write_text("\n".join(rows), encoding="utf-8")
    desk.write(changed(demand={"forecast": {"history": {"connect": {}}}}))
    found = desk.json("--history", str(desk.folder / "calls.csv"))
    assert found["firstDay"] == "2026-11-21", "after the last day that is known"
    assert found["expectedCallsPerMonth"] == pytest.approx(20 * 20 * 1000 * 1.02**11 / 28 * 730 / 24, rel=0.05)
    assert found["expectedGrowthFactorPerYear"] == pytest.approx(1.02**52, rel=0.1)
    assert found["lowCallsPerMonth"] < found["expectedCallsPerMonth"] < found["highCallsPerMonth"]


class TestForms:
    def test_columns_are_stable(self, desk: Desk) -> None:
        _, out, _ = desk.run("-o", "csv")
        rows = list(csv.DictReader(io.StringIO(out)))
        assert list(rows[0]) == [
            "kind", "name", "lowUSDPerMonth", "expectedUSDPerMonth", "highUSDPerMonth", "percentOfBill",
            "lowUSD3Months", "expectedUSD3Months", "highUSD3Months",
            "lowUSD12Months", "expectedUSD12Months", "highUSD12Months",
        ]  # fmt: skip
        assert [one["kind"] for one in rows if one["kind"] not in ("service", "lever")] == ["total", "levers"]
        assert [list(one) for one in desk.json()["rows"]] == [list(one) for one in rows]

    def test_lines_are_a_table_of_their_own(self, desk: Desk) -> None:
        _, out, _ = desk.run("-o", "csv", "--lines")
        rows = list(csv.DictReader(io.StringIO(out)))
        assert list(rows[0]) == [
            "service", "usageType", "what", "lever", "unit", "lowAmount", "expectedAmount", "highAmount",
            "lowUSDPerMonth", "expectedUSDPerMonth", "highUSDPerMonth",
            "priceDate", "priceAgeDays", "priceOfRegion", "priceSource",
        ]  # fmt: skip
        assert "minutes of telephony" in desk.run("--lines")[1]

    def test_is_there_within_a_second(self, desk: Desk) -> None:
        desk.write(POLICY, CENTER)
        desk.run()
        begins = time.process_time()
        desk.run()
        assert time.process_time() - begins < 1.0
