"""What is sent when a serverless cache changes, when it waits, and what it says before it interrupts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.cases.serverless_cache import DESIRED
from tests.drivers.plans import SCOPE, check, only
from trunkline.drivers.serverless_cache import ServerlessCacheDriver, ServerlessCacheState
from trunkline.engine.driver import Context, Found
from trunkline.engine.plan import CannotPlanError, Plan
from trunkline.engine.record import Entry

STATE = ServerlessCacheState(
    name="acme-cache",
    status="available",
    description="Made by Trunkline",
    engine="valkey",
    major_version="8",
    max_data_gb=10,
    min_data_gb=1,
    max_ecpu_per_second=5000,
    security_group_ids=frozenset(),
    user_group_id=None,
    snapshot_retention_days=3,
    snapshot_window="03:00",
)
DRIVER = ServerlessCacheDriver()


def plan(desired: dict[str, Any] | None, state: dict[str, Any] | None = None, **words: str) -> Plan:
    """desired: what differs from the case's; None to have it deleted."""
    seen = replace(STATE, **(state or {}))
    found = Found(seen.name, "arn", seen.name, seen, {}, going=seen.status == "deleting")
    entry = Entry("cache", "serverless-cache", "cache", seen.name, "arn", seen.name).remember(words)
    context = Context(SCOPE, "serverless-cache/cache", {}, frozenset(), now=0.0)
    made = DRIVER.plan(None if desired is None else replace(DESIRED, **desired), found, entry, context)
    check(made)
    return made


def test_a_time_of_day_is_the_window_that_begins_then() -> None:
    assert plan({}).settled


@pytest.mark.parametrize(
    ("desired", "state", "words", "params"),
    [
        pytest.param(
            {"max_data_gb": 20},
            {},
            {},
            {
                "CacheUsageLimits": {
                    "DataStorage": {"Maximum": 20, "Minimum": 1, "Unit": "GB"},
                    "ECPUPerSecond": {"Maximum": 5000},
                }
            },
            id="a-limit-that-is-left-out-would-be-taken-away",
        ),
        pytest.param(
            {"max_data_gb": 20, "min_data_gb": None, "max_ecpu_per_second": None},
            {},
            {},
            {
                "CacheUsageLimits": {
                    "DataStorage": {"Maximum": 20, "Minimum": 1, "Unit": "GB"},
                    "ECPUPerSecond": {"Maximum": 5000},
                }
            },
            id="also-one-that-somebody-else-has-set",
        ),
        pytest.param(
            {},
            {"engine": "redis", "major_version": "7"},
            {},
            {"Engine": "valkey", "MajorEngineVersion": "8"},
            id="engine",
        ),
        pytest.param(
            {"engine_version": "8.1"},
            {"major_version": "7"},
            {},
            {"Engine": "valkey", "MajorEngineVersion": "8"},
            id="major",
        ),
        pytest.param(
            {"snapshot_retention_days": None},
            {},
            {"set": "snapshots.retentionDays"},
            {"SnapshotRetentionLimit": 0},
            id="what-the-spec-kept-is-kept-no-more",
        ),
        pytest.param({"user_group_id": "acme"}, {}, {}, {"UserGroupId": "acme"}, id="users"),
        pytest.param(
            {}, {"user_group_id": "acme"}, {"set": "auth.users.groupIds"}, {"RemoveUserGroup": True}, id="users-go"
        ),
    ],
)
def test_a_change_sends_what_differs_and_no_more(
    desired: dict[str, Any], state: dict[str, Any], words: dict[str, str], params: dict[str, Any]
) -> None:
    step = only(plan(desired, state, **words))
    assert dict(step.params) == {"ServerlessCacheName": "acme-cache", **params}
    assert step.settles
    assert bool(step.interrupts) is bool({"UserGroupId", "RemoveUserGroup"} & params.keys()), "who signs in changes"


@pytest.mark.parametrize(
    ("desired", "state"),
    [
        pytest.param({"snapshot_retention_days": None}, {}, id="snapshots-that-we-never-set"),
        pytest.param({}, {"user_group_id": "theirs"}, id="users-that-we-never-set"),
        pytest.param({}, {"security_group_ids": frozenset({"sg-1"})}, id="security-groups-of-the-vpc"),
    ],
)
def test_what_the_spec_does_not_say_is_left_alone(desired: dict[str, Any], state: dict[str, Any]) -> None:
    assert plan(desired, state).steps == ()


@pytest.mark.parametrize(
    ("status", "blocks"),
    [
        pytest.param("creating", True, id="functions-need-its-address"),
        pytest.param("modifying", False, id="it-answers-meanwhile"),
    ],
)
def test_nothing_is_asked_for_while_aws_is_at_work(status: str, blocks: bool) -> None:
    waits = plan({"max_data_gb": 20}, {"status": status})
    assert waits.steps == ()
    assert waits.waiting is not None
    assert waits.waiting.blocks is blocks


@pytest.mark.parametrize(
    ("desired", "state", "says"),
    [
        pytest.param({"engine": "redis"}, {}, "second CacheLayer", id="valkey-to-redis"),
        pytest.param({}, {"status": "create-failed"}, "delete it there", id="it-could-not-be-made"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way(desired: dict[str, Any], state: dict[str, Any], says: str) -> None:
    with pytest.raises(CannotPlanError, match=says):
        plan(desired, state)


def test_a_delete_asks_and_takes_the_last_snapshot_that_the_spec_wants() -> None:
    plain, kept = only(plan(None)), only(plan(None, final="yes"))
    assert plain.interrupts
    assert "FinalSnapshotName" not in plain.params
    assert kept.params["FinalSnapshotName"].startswith("acme-cache-final-")
    assert "FinalSnapshotName" not in only(plan(None, {"status": "create-failed"}, final="yes")).params


@pytest.mark.parametrize("status", ["creating", "modifying", "deleting"])
def test_a_delete_waits_for_what_aws_does(status: str) -> None:
    waits = plan(None, {"status": status})
    assert waits.steps == ()
    assert waits.waiting is not None
