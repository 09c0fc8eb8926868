"""`trunkline capacity` as a person runs it: a manifest in, tables, JSON, CSV and a drawing out; no network, no account."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from trunkline.cli import main

POLICY: dict[str, Any] = {
    "apiVersion": "trunkline.dev/v1alpha1",
    "kind": "ScalingPolicy",
    "metadata": {"name": "acme"},
    "spec": {
        "targetRef": {"name": "acme"},
        "timeZone": "America/New_York",
        "demand": {
            "schedules": [{"name": "day", "start": "0 8 * * *", "end": "0 18 * * *", "callsPerHour": 6000}],
            "forecast": {"history": {"connect": {}}, "growthPercentPerYear": 20},
        },
        "workload": {
            "selfServiceSeconds": 40,
            "containedPercent": 20,
            "talkSeconds": 270,
            "afterContactSeconds": 30,
            "lookupsPerCall": 5,
        },
        "staffing": [
            {"name": "sales", "queues": ["sales"], "sharePercent": 60, "agents": 300},
            {"name": "service", "queues": ["service"]},
        ],
        "levers": [
            {"name": "lookup", "function": "customer-lookup", "provisionedConcurrency": {"min": 5, "max": 100}},
        ],
    },
}
MONDAY = "2026-11-23"


class Desk:
    """A folder with a policy, and what a run printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = folder / "policy.yaml"
        self._capsys = capsys
        self.write(POLICY)

    def write(self, *objects: Mapping[str, Any]) -> None:
        self.file.write_text(yaml.safe_dump_all(objects), encoding="utf-8")

    def run(self, *flags: str, day: str = MONDAY) -> tuple[int, str, str]:
        code = main(["capacity", "-f", str(self.file), "--date", day, *flags])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def json(self, *flags: str, day: str = MONDAY) -> dict[str, Any]:
        code, out, err = self.run("-o", "json", *flags, day=day)
        assert code == 0, err
        found = json.loads(out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def spec(**changes: Any) -> dict[str, Any]:
    return {**POLICY, "spec": {**POLICY["spec"], **changes}}


class TestTables:
    def test_show_half_hours_and_layers_and_mark_the_one_that_binds(self, desk: Desk) -> None:
        code, out, _ = desk.run()
        assert code == 0
        lines = out.splitlines()
        assert lines[0] == "acme, Monday 2026-11-23, America/New_York"
        assert "not asked, since this is offline: forecast" in lines[1]
        assert [line.split()[1] for line in lines if line.startswith(">")] == ["concurrent-calls"]
        assert next(line for line in lines if line.startswith("10:00")).split()[1] == "1,440"

    def test_json_has_every_half_hour_and_every_unit(self, desk: Desk) -> None:
        found = desk.json()
        assert found["bindingLayer"] == "concurrent-calls"
        noon = next(row for row in found["pools"] if row["pool"] == "sales" and "T12:00" in row["start"])
        assert noon["offeredCalls"] == 1440.0
        assert noon["erlangs"] == pytest.approx(6000 / 3600 * 0.8 * 0.6 * 300, rel=1e-4)
        assert (noon["agentsNeeded"], noon["agentsGiven"], noon["agentsOver"]) == (283, 300, 17)
        assert noon["rostered"] == 405
        assert len(found["pools"]) == 2 * 48

    def test_csv_is_one_table(self, desk: Desk) -> None:
        pools = list(csv.DictReader(io.StringIO(desk.run("-o", "csv")[1])))
        layers = list(csv.DictReader(io.StringIO(desk.run("-o", "csv", "--only", "layers")[1])))
        assert {row["pool"] for row in pools} == {"sales", "service"}
        assert "concurrent-calls" in {row["layer"] for row in layers}

    def test_agents_that_nobody_named_are_taken_as_needed(self, desk: Desk) -> None:
        noon = next(row for row in desk.json()["pools"] if row["pool"] == "service" and "T12:00" in row["start"])
        assert noon["agentsGiven"] is None
        assert noon["serviceLevelPercent"] >= 80.0


class TestWhatIf:
    def test_more_calls_keep_the_days_shape(self, desk: Desk) -> None:
        found = desk.json("--calls-per-hour", "12000")
        assert max(found["callsPerHour"]) == 12_000
        assert found["callsPerHour"][0] == 0

    def test_concurrent_calls_are_calls_by_littles_law(self, desk: Desk) -> None:
        found = desk.json("--concurrent-calls", "10000")
        # 40 s of self-service, and 270 s of talk of the 80 % that go to agents.
        assert max(found["callsPerHour"]) == pytest.approx(10_000 / 256 * 3600, abs=0.1)

    def test_fewer_agents_fill_the_quota_with_callers_in_line(self, desk: Desk) -> None:
        few, enough = (
            next(
                row["need"]
                for row in desk.json("--agents", f"sales={agents}")["layers"]
                if row["layer"] == "concurrent-calls"
            )
            for agents in (120, 300)
        )
        assert few != enough
        _, out, _ = desk.run("--agents", "sales=120", "--only", "layers")
        assert "queue" in next(line for line in out.splitlines() if line.startswith("concurrent-calls, "))

    def test_the_accounts_own_limit_goes_first(self, desk: Desk) -> None:
        found = desk.json("--limit", "concurrent-calls=600", "--limit", "users=2000")
        calls = next(row for row in found["layers"] if row["layer"] == "concurrent-calls")
        assert (calls["limit"], calls["limitSource"]) == (600, "what the command line says")
        assert calls["breachExpected"] > MONDAY
        assert calls["requestBy"] < calls["breachExpected"]

    def test_a_center_without_nights_grows_from_what_midnight_holds(self, desk: Desk) -> None:
        """Calls of an hour, as many at all hours: those of the evening before are still there."""
        desk.write(
            spec(
                demand={
                    "constant": {"callsPerHour": 3_000},
                    "forecast": {"history": {"connect": {}}, "growthPercentPerYear": 20},
                },
                workload={"talkSeconds": 3_600},
                staffing=[{"name": "sales", "queues": ["sales"]}],
            )
        )
        need = next(row["need"] for row in desk.json()["layers"] if row["layer"] == "concurrent-calls")
        found = desk.json("--limit", f"concurrent-calls={round(1.05 * need)}")["layers"]
        expected = next(row["breachExpected"] for row in found if row["layer"] == "concurrent-calls")
        # 1.2 ** (98 / 365) = 1.05
        assert 90 <= (date.fromisoformat(expected) - date.fromisoformat(MONDAY)).days <= 106

    def test_a_day_without_calls_becomes_an_even_one(self, desk: Desk) -> None:
        desk.write(spec(demand={"constant": {"concurrentCalls": 0}}))
        assert set(desk.json("--calls-per-hour", "100")["callsPerHour"]) == {100.0}


class TestSharedAgents:
    @staticmethod
    def center(*profiles: tuple[str, ...]) -> dict[str, Any]:
        return {
            "apiVersion": "trunkline.dev/v1alpha1",
            "kind": "ContactCenter",
            "metadata": {"name": "acme"},
            "spec": {
                "region": "us-east-1",
                "instance": {"alias": "acme", "identityManagement": "CONNECT_MANAGED"},
                "queues": [{"name": "sales", "external": {}}, {"name": "service", "external": {}}],
                "routingProfiles": [
                    {
                        "name": f"profile{number}",
                        "defaultOutboundQueue": "sales",
                        "media": [{"channel": "VOICE", "concurrency": 1}],
                        "queues": [
                            {"queue": queue, "channel": "VOICE", "priority": 1, "delaySeconds": 0} for queue in queues
                        ],
                    }
                    for number, queues in enumerate(profiles)
                ],
            },
        }

    def test_pools_that_routing_profiles_join_have_bounds(self, desk: Desk) -> None:
        desk.write(
            spec(objectives={"serviceLevelPercent": 80, "maxOccupancyPercent": 100}), self.center(("sales", "service"))
        )
        (found,) = desk.json("--calls-per-hour", "100")["sharedAgents"]
        assert found["pools"] == ["sales", "service"]
        assert found["agentsPooled"] <= found["agentsSimulated"] <= found["agentsApart"]
        assert "sales and service share agents" in desk.run("--calls-per-hour", "100")[1]

    def test_pools_with_agents_of_their_own_have_none(self, desk: Desk) -> None:
        desk.write(POLICY, self.center(("sales",), ("service",)))
        assert desk.json()["sharedAgents"] == []


class TestDays:
    @pytest.mark.parametrize(
        ("day", "slots", "open_slots"),
        [("2026-11-23", 48, 20), ("2026-03-08", 46, 20), ("2026-11-01", 50, 20)],
        ids=["a day", "of 23 hours", "of 25 hours"],
    )
    def test_have_the_half_hours_that_the_clock_gives_them(
        self, desk: Desk, day: str, slots: int, open_slots: int
    ) -> None:
        rates = desk.json(day=day)["callsPerHour"]
        assert (len(rates), sum(rate > 0 for rate in rates)) == (slots, open_slots)

    def test_schedules_hold_on_their_days(self, desk: Desk) -> None:
        monday = {"name": "monday", "start": "0 8 * * MON", "end": "0 12 * * MON", "callsPerHour": 100}
        desk.write(spec(demand={"constant": {"concurrentCalls": 2}, "schedules": [monday]}))
        assert max(desk.json(day="2026-11-23")["callsPerHour"]) == 100
        assert max(desk.json(day="2026-11-24")["callsPerHour"]) < 100


class TestDrawing:
    def test_shows_calls_and_agents_within_its_frame(self, desk: Desk, tmp_path: Path) -> None:
        target = tmp_path / "day.svg"
        assert desk.run("--svg", str(target), "--limit", "concurrent-calls=900")[0] == 0
        root = ET.fromstring(target.read_text(encoding="utf-8"))
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        shapes = [shape for shape in root.iter() if "points" in shape.attrib]
        assert len(shapes) == 4  # a band and a line for each panel; nobody knows all agents
        for shape in shapes:
            for point in shape.attrib["points"].split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= width, point
                assert 0 <= y <= height, point
        texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {"Concurrent calls", "Agents on the phone", "limit 900"} <= texts

    def test_agents_that_are_known_are_drawn(self, desk: Desk, tmp_path: Path) -> None:
        target = tmp_path / "day.svg"
        desk.run("--svg", str(target), "--agents", "service=200")
        assert "Agents on the phone: there" in target.read_text(encoding="utf-8")


class TestWrongInput:
    @pytest.mark.parametrize(
        ("flags", "message"),
        [
            pytest.param(["--agents", "sale=10"], "--agents sale: no such pool; did you mean sales?", id="pool"),
            pytest.param(["--limit", "calls=10"], "--limit calls: no such layer", id="layer"),
            pytest.param(["--name", "other"], "no ScalingPolicy other in", id="name"),
        ],
    )
    def test_flags_that_do_not_fit_name_the_remedy(self, desk: Desk, flags: list[str], message: str) -> None:
        code, out, err = desk.run(*flags)
        assert (code, out) == (1, "")
        assert message in err

    @pytest.mark.parametrize(
        ("flags", "message"),
        [
            (["--agents", "sales"], "write a name, = and a number"),
            (["--calls-per-hour", "-1"], "'-1' is no whole number from 0"),
            (["--limit", "agents=many"], "'many' is no whole number from 0"),
            (["--days", "0"], "'0' is no whole number from 1 to 400"),
            (["--memory-mb", "0"], "'0' is no whole number from 128 to 10240"),
            (["--date", "9999-12-31"], "9999-12-31 is not between 1971 and 2999"),
            (["--date", "0001-01-01"], "0001-01-01 is not between 1971 and 2999"),
        ],
    )
    def test_flags_of_the_wrong_form_are_refused(
        self, desk: Desk, flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit):
            desk.run(*flags)
        assert message in capsys.readouterr().err

    def test_a_policy_with_problems_is_told_by_path(self, desk: Desk) -> None:
        desk.write(spec(workload={"talkSecond": 3}))
        code, _, err = desk.run()
        assert code == 1
        assert "spec.workload.talkSecond" in err

    def test_several_policies_need_a_name(self, desk: Desk) -> None:
        other = {**POLICY, "metadata": {"name": "other"}}
        desk.write(POLICY, other)
        assert "say which with --name, of acme, other" in desk.run()[2]
        assert desk.run("--name", "other")[1].startswith("other, ")

    def test_a_day_without_calls_says_what_was_not_asked(self, desk: Desk) -> None:
        desk.write(spec(demand={"forecast": {"history": {"connect": {}}}}))
        code, _, err = desk.run()
        assert code == 1
        assert "forecast cannot be asked offline" in err
        assert "--calls-per-hour" in err

    def test_a_file_that_is_not_there_is_no_traceback(self, desk: Desk) -> None:
        desk.file.unlink()
        code, _, err = desk.run()
        assert code == 1
        assert "policy.yaml" in err


CENTER: dict[str, Any] = {
    "apiVersion": "trunkline.dev/v1alpha1",
    "kind": "ContactCenter",
    "metadata": {"name": "acme"},
    "spec": {
        "region": "us-east-1",
        "instance": {"alias": "acme", "identityManagement": "CONNECT_MANAGED"},
        "hoursOfOperation": [
            {"name": "always", "timeZone": "UTC", "hours": [{"days": ["MONDAY"], "start": "00:00", "end": "00:00"}]}
        ],
        "queues": [{"name": "sales", "hours": "always"}, {"name": "services", "hours": "always"}],
    },
}


class TestWhatTheCenterDoesNotHave:
    def test_is_warned_of_beside_the_figures(self, desk: Desk) -> None:
        desk.write(POLICY, CENTER)
        code, out, err = desk.run("-o", "csv")
        assert code == 0, err
        assert out.startswith("pool,")
        lever, queue = err.splitlines()
        assert lever.endswith("warning: spec.levers[name=lookup]: the target has no function 'customer-lookup'")
        assert "warning: spec.staffing[name=service].queues: the target has no queue 'service'" in queue
        assert "did you mean services?" in queue

    def test_a_center_of_another_name_is_not_the_target(self, desk: Desk) -> None:
        desk.write(POLICY, {**CENTER, "metadata": {"name": "acmee"}})
        assert desk.run()[2] == "trunkline capacity: warning: spec.targetRef.name: acme is in no file, only acmee\n"
