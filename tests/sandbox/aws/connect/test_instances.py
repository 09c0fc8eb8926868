"""Instances: how they come to be, what they contain, how they go."""

from typing import Any

import pytest

from tests.sandbox.aws.connect.center import Center, center, names

DAY = 24 * 3600.0


def status(made: Center) -> str:
    return str(made.call("DescribeInstance")["Instance"]["InstanceStatus"])


def test_an_instance_is_in_progress_before_it_is_active() -> None:
    made = Center(instance_creation_seconds=60.0)
    made.create_instance()
    assert status(made) == "CREATION_IN_PROGRESS"
    assert made.refused("ListQueues") == "InvalidRequestException", "nothing can be done with an unfinished instance"
    made.wait(60)
    assert status(made) == "ACTIVE"
    assert names(made.call("ListQueues")["QueueSummaryList"]) == ["BasicQueue"]


def test_a_failed_creation_says_why_and_is_gone_after_a_day() -> None:
    made = Center(instance_creation_seconds=60.0, instance_creation_failure="The directory is not reachable.")
    made.create_instance()
    made.wait(60)
    described = made.call("DescribeInstance")["Instance"]
    assert described["InstanceStatus"] == "CREATION_FAILED"
    assert described["StatusReason"] == {"Message": "The directory is not reachable."}
    assert made.refused("CreateHoursOfOperation", Name="x", TimeZone="UTC", Config=[]) == "InvalidRequestException"
    made.wait(DAY + 1)
    assert made.refused("DescribeInstance") == "ResourceNotFoundException"
    assert made.raw("ListInstances")["InstanceSummaryList"] == []


def test_what_a_new_instance_contains() -> None:
    made = center()
    assert names(made.call("ListHoursOfOperations")["HoursOfOperationSummaryList"]) == ["Basic Hours"]
    assert names(made.call("ListRoutingProfiles")["RoutingProfileSummaryList"]) == ["Basic Routing Profile"]
    flows = names(made.call("ListContactFlows")["ContactFlowSummaryList"])
    assert {"Default agent hold", "Default customer queue", "Default queue transfer", "Default outbound"} <= set(flows)


def test_a_client_token_answers_the_same_instance() -> None:
    made = Center()
    first = made.create_instance(ClientToken="t-1")
    assert made.create_instance(ClientToken="t-1") == first
    assert len(made.raw("ListInstances")["InstanceSummaryList"]) == 1


def test_a_client_token_with_other_parameters_is_refused() -> None:
    made = Center()
    made.create_instance(ClientToken="t-1")
    asked: dict[str, Any] = {
        "IdentityManagementType": "SAML",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
    }
    code = made.refused("CreateInstance", InstanceAlias="acme", ClientToken="t-1", **asked)
    assert code == "InvalidRequestException"


def test_an_alias_is_taken_in_every_account_until_the_instance_goes() -> None:
    made = center()
    first = made.instance_id
    made.account = "999999999999"
    asked: dict[str, Any] = {
        "IdentityManagementType": "SAML",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
    }
    fault = made.fault("CreateInstance", InstanceAlias="Acme", **asked)
    assert (fault.code, fault.message) == ("InvalidRequestException", "Invalid Input. Instance alias is already used.")
    made.account = "123456789012"
    made.raw("DeleteInstance", InstanceId=first)
    assert made.create_instance("acme") != first


def test_an_account_has_two_instances_unless_the_quota_is_raised() -> None:
    made = Center()
    made.create_instance("one")
    made.create_instance("two")
    asked: dict[str, Any] = {
        "IdentityManagementType": "SAML",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
    }
    fault = made.fault("CreateInstance", InstanceAlias="three", **asked)
    assert (fault.code, fault.status) == ("ServiceQuotaExceededException", 402)
    made.switch(connect_quotas={"Amazon Connect instance count": 3})
    made.create_instance("three")


def test_a_hundred_creations_and_deletions_in_thirty_days() -> None:
    made = Center()
    for number in range(50):
        made.create_instance(f"i-{number}")
        made.call("DeleteInstance")
    asked: dict[str, Any] = {
        "IdentityManagementType": "SAML",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
    }
    fault = made.fault("CreateInstance", InstanceAlias="one-more", **asked)
    assert fault.code == "ServiceQuotaExceededException"
    assert "30 days" in fault.message
    made.wait(30 * DAY + 1)
    made.create_instance("one-more")


def test_a_deleted_instance_is_described_until_the_lag_is_over() -> None:
    made = center(describe_lag_seconds=5.0)
    made.call("DeleteInstance")
    assert status(made) == "ACTIVE", "there is no deleting state"
    made.wait(5)
    assert made.refused("DescribeInstance") == "ResourceNotFoundException"
    assert made.refused("DeleteInstance") == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"IdentityManagementType": "EXISTING_DIRECTORY"}, "InvalidRequestException", id="no directory"),
        pytest.param({"DirectoryId": "d-1234567890"}, "InvalidRequestException", id="directory that is not asked for"),
        pytest.param({"InstanceAlias": ""}, "InvalidRequestException", id="no alias"),
    ],
)
def test_identity_must_fit(params: dict[str, Any], code: str) -> None:
    wanted = {
        "InstanceAlias": "acme",
        "IdentityManagementType": "SAML",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
    }
    assert Center().refused("CreateInstance", **(wanted | params)) == code


def test_an_instance_of_another_region_or_account_is_not_found() -> None:
    made = center()
    made.region = "eu-central-1"
    assert made.refused("DescribeInstance") == "ResourceNotFoundException"
    assert made.refused("ListQueues") == "ResourceNotFoundException"


def test_attributes_come_in_pages_of_seven_and_are_text() -> None:
    made = center()
    first = made.call("ListInstanceAttributes")
    rest = made.call("ListInstanceAttributes", NextToken=first["NextToken"])
    assert [len(first["Attributes"]), len(rest["Attributes"])] == [7, 7]
    assert "NextToken" not in rest
    made.call("UpdateInstanceAttribute", AttributeType="CONTACTFLOW_LOGS", Value="true")
    described = made.call("DescribeInstanceAttribute", AttributeType="CONTACTFLOW_LOGS")
    assert described["Attribute"] == {"AttributeType": "CONTACTFLOW_LOGS", "Value": "true"}
    assert (
        made.refused("UpdateInstanceAttribute", AttributeType="EARLY_MEDIA", Value="yes") == "InvalidParameterException"
    )


def test_switching_calls_off_shows_in_the_instance() -> None:
    made = center()
    made.call("UpdateInstanceAttribute", AttributeType="INBOUND_CALLS", Value="false")
    assert made.call("DescribeInstance")["Instance"]["InboundCallsEnabled"] is False


def test_instances_that_an_account_has_had_for_long_are_no_changes_of_these_30_days() -> None:
    """Or nothing could be tried with more of them than AWS lets anybody make at once."""
    made = Center()

    def old(*aliases: str) -> list[str]:
        return made.service.instances(made.account, made.region, list(aliases))

    ids = old(*(f"old-{number}" for number in range(120)))
    assert len(set(ids)) == 120
    assert made.raw("DescribeInstance", InstanceId=ids[-1])["Instance"]["InstanceAlias"] == "old-119"
    hours = made.raw("ListHoursOfOperations", InstanceId=ids[0])["HoursOfOperationSummaryList"]
    assert names(hours) == ["Basic Hours"]
    with pytest.raises(ValueError, match="old-7 is taken"):
        old("old-7")
