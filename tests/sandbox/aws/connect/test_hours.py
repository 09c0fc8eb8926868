"""Hours of operation, their overrides and parents."""

from typing import Any

import pytest

from tests.sandbox.aws.connect.center import center, names, slot

MIDNIGHT = {"Hours": 0, "Minutes": 0}


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        pytest.param(
            {"Config": [slot("MONDAY", 9, 12), slot("MONDAY", 11, 17)]}, "overlap", id="overlapping hours of a day"
        ),
        pytest.param({"Config": [slot("MONDAY", 17, 9)]}, "EndTime", id="ends before it starts"),
        pytest.param({"Config": [slot("MONDAY", 9, 9)]}, "EndTime", id="no time at all"),
        pytest.param({"TimeZone": "Mars/Olympus"}, "TimeZone", id="unknown time zone"),
    ],
)
def test_hours_that_make_no_sense_are_refused(params: dict[str, Any], reason: str) -> None:
    made = center()
    wanted = {"Name": "x", "TimeZone": "UTC", "Config": [slot("MONDAY", 9, 17)]}
    fault = made.fault("CreateHoursOfOperation", **(wanted | params))
    assert fault.code == "InvalidParameterException"
    assert reason in fault.message


@pytest.mark.parametrize(
    "config",
    [
        pytest.param([slot("MONDAY", 9, 12), slot("MONDAY", 12, 17)], id="two that touch"),
        pytest.param([slot("MONDAY", 18, 0), slot("TUESDAY", 0, 2)], id="past midnight, split there"),
        pytest.param([slot("SUNDAY", 0, 0)], id="all day"),
        pytest.param([], id="never open"),
    ],
)
def test_hours_that_are_taken_come_back(config: list[dict[str, Any]]) -> None:
    made = center()
    described = made.call("DescribeHoursOfOperation", HoursOfOperationId=made.hours(Config=config))
    assert described["HoursOfOperation"]["Config"] == config


def test_a_name_is_refused_at_once_while_search_lags() -> None:
    made = center(search_lag_seconds=3.0)
    made.hours("business")
    fault = made.fault("CreateHoursOfOperation", Name="business", TimeZone="UTC", Config=[])
    assert (fault.code, fault.status) == ("DuplicateResourceException", 409)
    found = made.call("SearchHoursOfOperations")["HoursOfOperations"]
    assert names(found) == ["Basic Hours"], "the index does not have it yet"
    assert names(made.call("ListHoursOfOperations")["HoursOfOperationSummaryList"]) == ["Basic Hours", "business"]
    made.wait(3)
    assert names(made.call("SearchHoursOfOperations")["HoursOfOperations"]) == ["Basic Hours", "business"]


def test_updates_leave_what_is_absent_and_clear_an_empty_description() -> None:
    made = center()
    identifier = made.hours(Description="office")
    made.call("UpdateHoursOfOperation", HoursOfOperationId=identifier, TimeZone="UTC")
    described = made.call("DescribeHoursOfOperation", HoursOfOperationId=identifier)["HoursOfOperation"]
    assert (described["TimeZone"], described["Description"]) == ("UTC", "office")
    made.call("UpdateHoursOfOperation", HoursOfOperationId=identifier, Description="")
    assert "Description" not in made.call("DescribeHoursOfOperation", HoursOfOperationId=identifier)["HoursOfOperation"]


def test_hours_in_use_stay() -> None:
    made = center()
    identifier = made.hours()
    queue = made.queue(HoursOfOperationId=identifier)
    fault = made.fault("DeleteHoursOfOperation", HoursOfOperationId=identifier)
    assert fault.code == "ResourceInUseException"
    assert str(fault.fields["ResourceId"]).endswith(queue)
    made.call(
        "UpdateQueueHoursOfOperation", QueueId=queue, HoursOfOperationId=made.find("HoursOfOperation", "Basic Hours")
    )
    made.call("DeleteHoursOfOperation", HoursOfOperationId=identifier)
    assert made.refused("DescribeHoursOfOperation", HoursOfOperationId=identifier) == "ResourceNotFoundException"


def test_basic_hours_stay() -> None:
    made = center()
    basic = made.find("HoursOfOperation", "Basic Hours")
    made.call("DeleteQueue", QueueId=made.queue())
    assert made.refused("DeleteHoursOfOperation", HoursOfOperationId=basic) == "InvalidRequestException"


def test_the_quota_counts_what_came_with_the_instance() -> None:
    made = center(connect_quotas={"Hours of operation per instance": 2})
    made.hours("one")
    fault = made.fault("CreateHoursOfOperation", Name="two", TimeZone="UTC", Config=[])
    assert (fault.code, fault.status) == ("LimitExceededException", 429)


def override(**params: Any) -> dict[str, Any]:
    wanted = {
        "Name": "christmas",
        "Config": [],
        "EffectiveFrom": "2026-12-25",
        "EffectiveTill": "2026-12-25",
        "OverrideType": "CLOSED",
    }
    return wanted | params


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"EffectiveTill": "2026-12-24"}, id="ends before it begins"),
        pytest.param({"EffectiveFrom": "2026-02-30"}, id="no such date"),
        pytest.param({"OverrideType": "OPEN"}, id="open without hours"),
        pytest.param(
            {
                "OverrideType": "STANDARD",
                "RecurrenceConfig": {"RecurrencePattern": {"Frequency": "YEARLY", "Interval": 1}},
            },
            id="a standard override does not recur",
        ),
        pytest.param(
            {"OverrideType": "STANDARD", "Config": [slot("FRIDAY", 9, 12), slot("FRIDAY", 10, 13)]}, id="overlap"
        ),
    ],
)
def test_overrides_that_make_no_sense_are_refused(params: dict[str, Any]) -> None:
    made = center()
    code = made.refused("CreateHoursOfOperationOverride", HoursOfOperationId=made.hours(), **override(**params))
    assert code == "InvalidParameterException"


def test_the_life_of_an_override() -> None:
    made = center()
    where = {"HoursOfOperationId": made.hours()}
    created = made.call("CreateHoursOfOperationOverride", **where, **override())
    which = where | {"HoursOfOperationOverrideId": created["HoursOfOperationOverrideId"]}
    assert made.refused("CreateHoursOfOperationOverride", **where, **override()) == "DuplicateResourceException"
    made.call("UpdateHoursOfOperationOverride", **which, Name="xmas")
    listed = made.call("ListHoursOfOperationOverrides", **where)["HoursOfOperationOverrideList"]
    assert names(listed) == ["xmas"]
    searched = made.call(
        "SearchHoursOfOperationOverrides",
        SearchCriteria={
            "DateCondition": {"FieldName": "effectiveFrom", "Value": "2026-12-01", "ComparisonType": "GREATER_THAN"}
        },
    )
    assert names(searched["HoursOfOperationOverrides"]) == ["xmas"]
    made.call("DeleteHoursOfOperationOverride", **which)
    assert made.refused("DescribeHoursOfOperationOverride", **which) == "ResourceNotFoundException"


def test_an_override_of_other_hours_is_not_found() -> None:
    made = center()
    one, two = made.hours("one"), made.hours("two")
    created = made.call("CreateHoursOfOperationOverride", HoursOfOperationId=one, **override())
    which = {"HoursOfOperationId": two, "HoursOfOperationOverrideId": created["HoursOfOperationOverrideId"]}
    assert made.refused("DescribeHoursOfOperationOverride", **which) == "ResourceNotFoundException"


def test_fifty_overrides_per_hours() -> None:
    made = center(connect_quotas={"Overrides per hours of operation": 1})
    where = {"HoursOfOperationId": made.hours()}
    made.call("CreateHoursOfOperationOverride", **where, **override())
    assert made.refused("CreateHoursOfOperationOverride", **where, **override(Name="b")) == "LimitExceededException"


def test_parents() -> None:
    made = center()
    child, parent = made.hours("child"), made.hours("holidays")
    made.call(
        "AssociateHoursOfOperations",
        HoursOfOperationId=child,
        ParentHoursOfOperationConfigs=[{"HoursOfOperationId": parent}],
    )
    described = made.call("DescribeHoursOfOperation", HoursOfOperationId=child)["HoursOfOperation"]
    assert names(described["ParentHoursOfOperations"]) == ["holidays"]
    children = made.call("ListChildHoursOfOperations", HoursOfOperationId=parent)
    assert names(children["ChildHoursOfOperationsSummaryList"]) == ["child"]
    circle = {"HoursOfOperationId": parent, "ParentHoursOfOperationConfigs": [{"HoursOfOperationId": child}]}
    assert made.refused("AssociateHoursOfOperations", **circle) == "ConditionalOperationFailedException"
    assert made.refused("DeleteHoursOfOperation", HoursOfOperationId=parent) == "ResourceInUseException"
    made.call("DisassociateHoursOfOperations", HoursOfOperationId=child, ParentHoursOfOperationIds=[parent])
    made.call("DeleteHoursOfOperation", HoursOfOperationId=parent)


def test_three_parents_at_most() -> None:
    made = center()
    parents = [{"HoursOfOperationId": made.hours(f"p{number}")} for number in range(4)]
    fault = made.fault(
        "CreateHoursOfOperation", Name="x", TimeZone="UTC", Config=[], ParentHoursOfOperationConfigs=parents
    )
    assert fault.code == "ServiceQuotaExceededException"
