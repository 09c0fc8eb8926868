"""Hours: what is called for which difference, and how few reads it takes to see one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.drivers.plans import SCOPE, SOME_ID, Answers, context, entry, found, only, operations, paths, words
from trunkline.drivers.hours import HoursDesired, HoursDriver, HoursState
from trunkline.drivers.hours_overrides import OpenHours, Override, Recurrence
from trunkline.engine.driver import UNREAD, Wanted
from trunkline.engine.resource import Ref

KEY = "hours/business"
DRIVER = HoursDriver()
WEEK = tuple(OpenHours(day, "09:00", "18:00") for day in ("MONDAY", "TUESDAY"))
CHRISTMAS = Override(
    "christmas", "CLOSED", "2026-12-25", "2035-12-25", recurrence=Recurrence("YEARLY", 1, (12,), (25,))
)
DESIRED = HoursDesired("business", "America/New_York", WEEK)
STATE = HoursState("business", "America/New_York", frozenset(WEEK), None, frozenset(), ())


def plan(desired, state, **remembered):
    return DRIVER.plan(desired, found(KEY, state), entry(KEY, **remembered), context(KEY))


def test_created_whole_with_overrides_after_it():
    desired = replace(DESIRED, description="Weekdays", overrides=(CHRISTMAS,), parents=(Ref("hours/holidays"),))
    made = DRIVER.plan(desired, None, None, context(KEY, tags={"team": "blue"}))
    assert operations(made) == ["CreateHoursOfOperation", "CreateHoursOfOperationOverride"]
    create, override = made.steps
    assert create.creates
    assert dict(create.provides) == {"id": "HoursOfOperationId", "arn": "HoursOfOperationArn"}
    assert create.params["Tags"]["team"] == "blue"
    assert create.params["ParentHoursOfOperationConfigs"] == [{"HoursOfOperationId": Ref("hours/holidays")}]
    assert override.params["HoursOfOperationId"] == Ref(KEY), "the override refers to the answer of the create"
    assert override.params["RecurrenceConfig"]["RecurrencePattern"]["ByMonthDay"] == [25]
    assert words(made) == {"set": "description,overrides,parents", "tags": "team"}


def test_converged_needs_no_step():
    assert plan(DESIRED, STATE).settled
    assert plan(DESIRED, replace(STATE, description="by hand")).settled, "a description not in the spec is not managed"


@pytest.mark.parametrize(
    ("desired", "state", "operation", "path"),
    [
        pytest.param(
            replace(DESIRED, time_zone="Europe/Oslo"), STATE, "UpdateHoursOfOperation", "timeZone", id="time zone"
        ),
        pytest.param(replace(DESIRED, hours=WEEK[:1]), STATE, "UpdateHoursOfOperation", "hours", id="a day fewer"),
        pytest.param(
            DESIRED, replace(STATE, name="renamed by hand"), "UpdateHoursOfOperation", "awsName", id="renamed by hand"
        ),
        pytest.param(
            replace(DESIRED, description="new"), STATE, "UpdateHoursOfOperation", "description", id="description"
        ),
        pytest.param(
            replace(DESIRED, parents=("p1",)), STATE, "AssociateHoursOfOperations", "parents", id="a parent gained"
        ),
        pytest.param(
            replace(DESIRED, parents=()),
            replace(STATE, parents=frozenset({"p1"})),
            "DisassociateHoursOfOperations",
            "parents",
            id="a parent lost",
        ),
        pytest.param(
            replace(DESIRED, overrides=(CHRISTMAS,)),
            STATE,
            "CreateHoursOfOperationOverride",
            "overrides[christmas]",
            id="an override missing",
        ),
        pytest.param(
            replace(DESIRED, overrides=(replace(CHRISTMAS, effective_till="2040-12-25"),)),
            replace(STATE, overrides=(("o1", CHRISTMAS),)),
            "UpdateHoursOfOperationOverride",
            "overrides[christmas]",
            id="an override changed",
        ),
        pytest.param(
            replace(DESIRED, overrides=()),
            replace(STATE, overrides=(("o1", CHRISTMAS),)),
            "DeleteHoursOfOperationOverride",
            "overrides[christmas]",
            id="an override that left",
        ),
    ],
)
def test_drift_is_mended_by_one_call(desired, state, operation, path):
    step = only(plan(desired, state))
    assert step.operation == operation
    assert list(paths(step)) == [path]


def test_only_the_hours_that_differ_are_shown():
    longer = (WEEK[0], OpenHours("TUESDAY", "09:00", "20:00"))
    assert paths(only(plan(replace(DESIRED, hours=longer), STATE))) == {
        "hours": ("TUESDAY 09:00-18:00", "TUESDAY 09:00-20:00")
    }


def test_no_open_minute_left_interrupts():
    step = only(plan(replace(DESIRED, hours=()), STATE))
    assert "no open minute" in step.interrupts
    assert only(plan(replace(DESIRED, hours=WEEK[:1]), STATE)).interrupts is None


def test_parents_are_exchanged_without_a_gap_unless_there_is_no_room():
    swapped = plan(replace(DESIRED, parents=("new",)), replace(STATE, parents=frozenset({"old"})))
    assert operations(swapped) == ["AssociateHoursOfOperations", "DisassociateHoursOfOperations"]
    full = replace(STATE, parents=frozenset({"a", "b", "c"}))
    assert operations(plan(replace(DESIRED, parents=("a", "b", "d")), full)) == [
        "DisassociateHoursOfOperations",
        "AssociateHoursOfOperations",
    ]


def test_a_recurrence_is_taken_away_by_making_the_override_again():
    once = replace(CHRISTMAS, effective_till="2026-12-25", recurrence=None)
    mended = plan(replace(DESIRED, overrides=(once,)), replace(STATE, overrides=(("o1", CHRISTMAS),)))
    assert operations(mended) == ["DeleteHoursOfOperationOverride", "CreateHoursOfOperationOverride"]


def test_hours_without_a_day_are_spread_over_the_days_of_the_override():
    stock = Override("stock", "STANDARD", "2026-12-31", "2027-01-01", (OpenHours("", "10:00", "14:00"),))
    step = only(plan(replace(DESIRED, overrides=(stock,)), STATE))
    assert [item["Day"] for item in step.params["Config"]] == ["FRIDAY", "THURSDAY"]
    days = tuple(OpenHours(day, "10:00", "14:00") for day in ("THURSDAY", "FRIDAY"))
    observed = replace(STATE, overrides=(("o1", replace(stock, hours=days)),))
    assert plan(replace(DESIRED, overrides=(stock,)), observed).settled


@pytest.mark.parametrize(
    ("state", "remembered", "expected"),
    [
        pytest.param(
            replace(STATE, description="old"), "description", ["UpdateHoursOfOperation"], id="description is emptied"
        ),
        pytest.param(
            replace(STATE, overrides=(("o1", CHRISTMAS),)),
            "overrides",
            ["DeleteHoursOfOperationOverride"],
            id="overrides go",
        ),
        pytest.param(replace(STATE, overrides=(("o1", CHRISTMAS),)), "", [], id="overrides never set by us stay"),
    ],
)
def test_a_field_that_left_the_spec_goes_back_to_the_default(state, remembered, expected):
    reset = plan(DESIRED, state, set=remembered)
    assert operations(reset) == expected
    if remembered:
        assert words(reset)["set"] == "", "it is reset once, not for ever"


def test_overrides_that_were_not_read_are_left_alone():
    assert plan(replace(DESIRED, overrides=(CHRISTMAS,)), replace(STATE, overrides=UNREAD)).settled


def test_deleted_by_id_and_absent_is_nothing():
    step = only(DRIVER.plan(None, found(KEY, STATE), entry(KEY), context(KEY)))
    assert (step.operation, step.params["HoursOfOperationId"], step.deletes) == (
        "DeleteHoursOfOperation",
        SOME_ID,
        True,
    )
    assert DRIVER.plan(None, None, entry(KEY), context(KEY)).settled


def _body(id_: str, name: str) -> dict[str, object]:
    return {"HoursOfOperationId": id_, "HoursOfOperationArn": f"arn/{id_}", "Name": name, "TimeZone": "UTC"}


def test_bulk_reads_everything_in_one_call_and_all_overrides_in_another():
    aws = Answers(
        {
            "SearchHoursOfOperations": [
                {"HoursOfOperations": [_body("h1", "business")]},
                {"HoursOfOperations": [_body("h2", "Basic Hours")]},
            ],
            "SearchHoursOfOperationOverrides": {
                "HoursOfOperationOverrides": [
                    {
                        "HoursOfOperationOverrideId": "o1",
                        "HoursOfOperationId": "h1",
                        "Name": "x",
                        "EffectiveFrom": "2026-01-01",
                        "EffectiveTill": "2026-01-01",
                    }
                ]
            },
        }
    )
    managed = [Wanted(KEY, "business", id="h1", desired=replace(DESIRED, overrides=()))]
    seen = asyncio.run(DRIVER.observe(aws, SCOPE, managed, exact=False))
    assert [(item.aws_name, item.builtin) for item in seen] == [("business", False), ("Basic Hours", True)]
    assert [name for name, _ in (seen[0].state.overrides[0],)] == ["o1"]
    assert len(aws.calls) == 3, "two pages of hours, one of overrides"

    plain = Answers({"SearchHoursOfOperations": {"HoursOfOperations": []}})
    asyncio.run(DRIVER.observe(plain, SCOPE, [Wanted(KEY, "business", desired=DESIRED)], exact=False))
    assert plain.names == ["SearchHoursOfOperations"], "overrides that nobody manages are not read"
