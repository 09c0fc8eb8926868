"""Scheduled actions: when they run, what they set one by one, and what becomes of capacity at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.aws.applicationautoscaling.targets import (
    ALIAS,
    READS,
    WRITES,
    activities,
    at,
    bounds,
    environments,
    function,
    minutes,
    moment,
    register,
    scaling,
    table,
    units,
)
from tests.sandbox.aws.offline import Offline, ServiceFault, refused
from trunkline_sandbox.aws.applicationautoscaling.schedule import parse


@pytest.fixture
def target(aws: Offline) -> Offline:
    """The alias with a minimum of 5, at the start of a minute."""
    function(aws)
    register(aws, ALIAS, 5, 100)
    return aws


def _put(aws: Offline, schedule: str | None, name: str = "morning", **more: Any) -> Any:
    params: dict[str, Any] = {"ScheduledActionName": name} | ALIAS | more
    return scaling(aws).put_scheduled_action(**(params | ({"Schedule": schedule} if schedule else {})))


def _actions(aws: Offline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scaling(aws).describe_scheduled_actions(ServiceNamespace="lambda")["ScheduledActions"]
    return found


def test_below_the_new_minimum_it_scales_out_at_once(target: Offline) -> None:
    _put(target, at(target, 600), ScalableTargetAction={"MinCapacity": 40})
    minutes(target, 9)
    assert (environments(target), bounds(target, ALIAS)) == (5, (5, 100))
    minutes(target, 1)
    assert (environments(target), bounds(target, ALIAS)) == (40, (40, 100))
    causes = [item["Cause"] for item in activities(target, ALIAS)]
    assert causes[:2] == ["minimum capacity was set to 40", "scheduled action name morning was triggered"]


def test_a_lower_minimum_alone_takes_nothing_away(target: Offline) -> None:
    register(target, ALIAS, 40, 100)
    _put(target, at(target, 60), ScalableTargetAction={"MinCapacity": 5})
    minutes(target, 30)
    assert (environments(target), bounds(target, ALIAS)) == (40, (5, 100))


def test_above_the_new_maximum_it_scales_in(target: Offline) -> None:
    register(target, ALIAS, 5, 100)
    register(target, ALIAS, 60, 100)
    _put(target, at(target, 60), ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 20})
    minutes(target, 1)
    assert (environments(target), bounds(target, ALIAS)) == (20, (1, 20))


def test_a_minimum_above_the_maximum_fails_and_changes_nothing(target: Offline) -> None:
    _put(target, at(target, 60), ScalableTargetAction={"MinCapacity": 200})
    minutes(target, 1)
    assert bounds(target, ALIAS) == (5, 100)
    assert activities(target, ALIAS)[0]["StatusCode"] == "Failed"


def test_actions_run_in_the_order_of_their_times(target: Offline) -> None:
    _put(target, at(target, 120), "second", ScalableTargetAction={"MinCapacity": 20})
    _put(target, at(target, 60), "first", ScalableTargetAction={"MinCapacity": 50})
    minutes(target, 10)
    assert (environments(target), bounds(target, ALIAS)[0]) == (50, 20)


def test_an_action_waits_while_environments_are_being_allocated(target: Offline) -> None:
    target.switch(provisioned_concurrency_seconds=90)
    register(target, ALIAS, 10, 100)
    _put(target, at(target, 30), ScalableTargetAction={"MinCapacity": 30})
    target.clock.advance(45)
    assert environments(target) == 10
    assert activities(target, ALIAS)[0]["StatusCode"] == "Pending"
    minutes(target, 5)
    assert environments(target) == 30
    assert [item["StatusCode"] for item in activities(target, ALIAS)[:3]] == ["Successful", "Successful", "Overridden"]


def test_both_capacities_of_a_table_rise_at_the_same_time(aws: Offline) -> None:
    table(aws)
    aws.switch(table_seconds=20)
    client = scaling(aws)
    for names in (READS, WRITES):
        register(aws, names, 1, 100)
        client.put_scheduled_action(
            ScheduledActionName="rise", Schedule=at(aws, 60), ScalableTargetAction={"MinCapacity": 50}, **names
        )
    minutes(aws, 4)
    assert units(aws) == (50, 50)


def test_suspended_schedules_do_not_run(target: Offline) -> None:
    register(target, ALIAS, 5, 100, SuspendedState={"ScheduledScalingSuspended": True})
    _put(target, at(target, 60), ScalableTargetAction={"MinCapacity": 40})
    minutes(target, 5)
    assert (environments(target), bounds(target, ALIAS)) == (5, (5, 100))


def test_what_never_runs_again_stays_until_it_is_deleted(target: Offline) -> None:
    _put(target, at(target, 60), ScalableTargetAction={"MinCapacity": 6})
    minutes(target, 5)
    assert [item["ScheduledActionName"] for item in _actions(target)] == ["morning"]
    scaling(target).delete_scheduled_action(ScheduledActionName="morning", **ALIAS)
    assert _actions(target) == []
    target.switch(scheduled_actions_remain=False)
    _put(target, at(target, 60), ScalableTargetAction={"MinCapacity": 7})
    minutes(target, 5)
    assert _actions(target) == []


def test_an_update_changes_what_is_given_and_forgets_start_and_end(target: Offline) -> None:
    _put(
        target, "rate(1 hour)", ScalableTargetAction={"MinCapacity": 7}, StartTime=moment(target, 60), EndTime=moment(target, 9999)
    )  # fmt: skip
    before = _actions(target)[0]
    assert {"StartTime", "EndTime"} <= before.keys()
    _put(target, None, ScalableTargetAction={"MaxCapacity": 90})
    after = _actions(target)[0]
    assert after["Schedule"] == "rate(1 hour)"
    assert after["ScalableTargetAction"] == {"MaxCapacity": 90}
    assert not {"StartTime", "EndTime"} & after.keys()
    assert after["ScheduledActionARN"] == before["ScheduledActionARN"]


def test_a_rate_counts_from_its_start_to_its_end(target: Offline) -> None:
    _put(
        target, "rate(10 minutes)", ScalableTargetAction={"MinCapacity": 7}, StartTime=moment(target, 300), EndTime=moment(target, 1600)
    )  # fmt: skip
    minutes(target, 120)
    runs = [item for item in activities(target, ALIAS) if "morning" in item["Cause"]]
    assert len(runs) == 3, "at 5, 15 and 25 minutes"


@pytest.mark.parametrize(
    ("schedule", "params", "says"),
    [
        pytest.param("at(2020-01-01T00:00:00)", {}, "future", id="past"),
        pytest.param("at(2027-02-30T00:00:00)", {}, "no such time", id="no-such-day"),
        pytest.param("at(2027-01-01)", {}, "Use at", id="form"),
        pytest.param("rate(0 hours)", {}, "positive", id="zero"),
        pytest.param("rate(1 hours)", {}, "singular", id="plural"),
        pytest.param("cron(0 8 * * MON *)", {}, "must be ?", id="both-days"),
        pytest.param("cron(0 8 * * *)", {}, "six fields", id="five-fields"),
        pytest.param("cron(0 25 * * ? *)", {}, "out of its range", id="hour"),
        pytest.param("rate(1 day)", {"Timezone": "Mars/Olympus"}, "timezone", id="zone"),
        pytest.param("rate(1 day)", {"ScalableTargetAction": {}}, "must be specified", id="nothing-to-set"),
        pytest.param(
            "rate(1 day)", {"ScalableTargetAction": {"MinCapacity": 9, "MaxCapacity": 5}}, "less than", id="crossed"
        ),
        pytest.param(None, {}, "must be specified", id="new-without-schedule"),
    ],
)
def test_actions_that_are_refused(target: Offline, schedule: str | None, params: dict[str, Any], says: str) -> None:
    wanted = {"ScalableTargetAction": {"MinCapacity": 7}} | params
    assert says in refused("ValidationException", _put, aws=target, schedule=schedule, **wanted)


def test_a_target_has_room_for_200_actions(target: Offline) -> None:
    for number in range(200):
        _put(target, "rate(9 days)", f"n{number}", ScalableTargetAction={"MinCapacity": 7})
    refused("LimitExceededException", _put, aws=target, schedule="rate(9 days)", name="x", ScalableTargetAction={"MinCapacity": 7})  # fmt: skip
    _put(target, "rate(8 days)", "n7", ScalableTargetAction={"MinCapacity": 7})


NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        pytest.param("cron(30 8 ? * MON-FRI *)", "", "2026-11-20T09:00", "2026-11-23T08:30", id="weekdays"),
        pytest.param("cron(30 8 ? * 2 *)", "", "2026-11-20T09:00", "2026-11-23T08:30", id="2-is-monday"),
        pytest.param("cron(0 8 L * ? *)", "", "2026-11-20T09:00", "2026-11-30T08:00", id="last-of-month"),
        pytest.param("cron(0 8 1W * ? *)", "", "2026-07-20T09:00", "2026-08-03T08:00", id="nearest-weekday"),
        pytest.param("cron(0 8 ? * FRI#4 *)", "", "2026-11-01T09:00", "2026-11-27T08:00", id="fourth-friday"),
        pytest.param("cron(0 8 ? * FRIL *)", "", "2026-11-01T09:00", "2026-11-27T08:00", id="last-friday"),
        pytest.param("cron(0/15 8 * * ? *)", "", "2026-11-20T08:31", "2026-11-20T08:45", id="every-quarter"),
        pytest.param("cron(0 8 * * ? *)", NEW_YORK, "2026-11-20T09:00", "2026-11-20T13:00", id="winter"),
        pytest.param("cron(0 8 * * ? *)", NEW_YORK, "2026-07-20T09:00", "2026-07-20T12:00", id="summer"),
        pytest.param("cron(30 2 * * ? *)", NEW_YORK, "2026-03-08T05:00", "2026-03-09T06:30", id="skipped-hour"),
        pytest.param("cron(30 1 * * ? *)", NEW_YORK, "2026-11-01T05:40", "2026-11-02T06:30", id="second-hour"),
        pytest.param("at(2026-11-27T08:00:00)", NEW_YORK, "2026-11-20T09:00", "2026-11-27T13:00", id="at"),
        pytest.param("cron(0 8 1 1 ? 2020)", "", "2026-11-20T09:00", None, id="never"),
    ],
)
def test_when_a_schedule_comes_next(expression: str, zone: str, after: str, expected: str | None) -> None:
    start = datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp()
    found = parse(expression, zone).next_after(start, start)
    shown = None if found is None else datetime.fromtimestamp(found, ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M")
    assert shown == expected


@pytest.mark.parametrize("expression", ["cron(0 8 40 * ? *)", "cron(0 8 ? * FRI#x *)", "cron(a b ? * 1 *)"])
def test_expressions_out_of_range_are_refused(expression: str) -> None:
    with pytest.raises(ServiceFault, match="Invalid schedule expression"):
        parse(expression, "")
