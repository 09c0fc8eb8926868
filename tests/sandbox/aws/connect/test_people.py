"""Users, security profiles, agent statuses, prompts and views."""

from typing import Any

import pytest

from tests.sandbox.aws.connect.center import Center, center, names

PHONE = {"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 0}


def user(made: Center, name: str = "ada", **params: Any) -> str:
    wanted = {
        "Username": name,
        "Password": "Secret-123",
        "IdentityInfo": {"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com"},
        "PhoneConfig": PHONE,
        "SecurityProfileIds": [made.find("SecurityProfile", "Agent")],
        "RoutingProfileId": made.find("RoutingProfile", "Basic Routing Profile"),
    }
    return str(made.call("CreateUser", **(wanted | params))["UserId"])


def test_a_user_holds_the_profiles_and_has_a_queue() -> None:
    made = center()
    routing = made.profile()
    security = made.call("CreateSecurityProfile", SecurityProfileName="floor", Permissions=["BasicAgentAccess"])
    identifier = user(made, RoutingProfileId=routing, SecurityProfileIds=[security["SecurityProfileId"]])
    assert made.refused("DeleteRoutingProfile", RoutingProfileId=routing) == "ResourceInUseException"
    which = {"SecurityProfileId": security["SecurityProfileId"]}
    assert made.refused("DeleteSecurityProfile", **which) == "ResourceInUseException"
    described = made.call("DescribeRoutingProfile", RoutingProfileId=routing)["RoutingProfile"]
    assert described["NumberOfAssociatedUsers"] == 1
    agents = made.call("ListQueues", QueueTypes=["AGENT"])["QueueSummaryList"]
    assert agents[0]["Arn"].endswith(f"/queue/agent/{identifier}")
    assert made.refused("DeleteQueue", QueueId=identifier) == "InvalidRequestException"
    assert names(made.call("SearchQueues")["Queues"]) == ["BasicQueue"], "agent queues are not searched"
    made.call("DeleteUser", UserId=identifier)
    assert made.call("ListQueues", QueueTypes=["AGENT"])["QueueSummaryList"] == []
    made.call("DeleteRoutingProfile", RoutingProfileId=routing)
    made.call("DeleteSecurityProfile", **which)


def test_the_facets_of_a_user() -> None:
    made = center()
    which = {"UserId": user(made)}
    routing = made.profile()
    made.call("UpdateUserRoutingProfile", **which, RoutingProfileId=routing)
    made.call("UpdateUserSecurityProfiles", **which, SecurityProfileIds=[made.find("SecurityProfile", "Admin")])
    made.call(
        "UpdateUserIdentityInfo", **which, IdentityInfo={"FirstName": "A", "LastName": "L", "Email": "a@example.com"}
    )
    made.call("UpdateUserPhoneConfig", **which, PhoneConfig=PHONE | {"AutoAccept": True})
    made.call("UpdateUserConfig", **which, AutoAcceptConfigs=[{"Channel": "CHAT", "AutoAccept": True}])
    made.call("UpdateUserHierarchy", **which, HierarchyGroupId="g")
    described = made.call("DescribeUser", **which)["User"]
    assert (described["RoutingProfileId"], described["HierarchyGroupId"]) == (routing, "g")
    assert described["PhoneConfig"]["AutoAccept"] is True
    by_profile = {"StringCondition": {"FieldName": "RoutingProfileId", "Value": routing, "ComparisonType": "EXACT"}}
    found = made.call("SearchUsers", SearchCriteria=by_profile)["Users"]
    assert found[0]["IdentityInfo"] == {"FirstName": "A", "LastName": "L"}, "no address in search"
    assert "Password" not in str(made.service.inspect())


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"Password": ""}, "InvalidParameterException", id="no password"),
        pytest.param({"IdentityInfo": {}}, "InvalidParameterException", id="no name"),
        pytest.param({"RoutingProfileId": "nowhere"}, "ResourceNotFoundException", id="no such profile"),
        pytest.param({"SecurityProfileIds": ["nowhere"]}, "ResourceNotFoundException", id="no such security profile"),
        pytest.param({"Username": "ada"}, "DuplicateResourceException", id="a name that is taken"),
    ],
)
def test_users_that_are_refused(params: dict[str, Any], code: str) -> None:
    made = center()
    user(made)
    wanted = {
        "Username": "grace",
        "Password": "Secret-123",
        "IdentityInfo": {"FirstName": "G", "LastName": "H"},
        "PhoneConfig": PHONE,
        "SecurityProfileIds": [made.find("SecurityProfile", "Agent")],
        "RoutingProfileId": made.find("RoutingProfile", "Basic Routing Profile"),
    }
    assert made.refused("CreateUser", **(wanted | params)) == code


def test_security_profiles() -> None:
    made = center()
    listed = made.call("ListSecurityProfiles")["SecurityProfileSummaryList"]
    assert names(listed) == ["Admin", "Agent", "CallCenterManager", "QualityAnalyst"]
    for item in listed:
        assert made.refused("DeleteSecurityProfile", SecurityProfileId=item["Id"]) == "InvalidRequestException"
    created = made.call("CreateSecurityProfile", SecurityProfileName="floor", Permissions=["A", "B"])
    which = {"SecurityProfileId": created["SecurityProfileId"]}
    assert made.call("ListSecurityProfilePermissions", **which)["Permissions"] == ["A", "B"]
    made.call("UpdateSecurityProfile", **which, Permissions=["A"], Description="x")
    assert made.call("ListSecurityProfilePermissions", **which)["Permissions"] == ["A"]
    assert made.call("DescribeSecurityProfile", **which)["SecurityProfile"]["Description"] == "x"
    assert made.refused("CreateSecurityProfile", SecurityProfileName="floor") == "DuplicateResourceException"


def test_agent_statuses() -> None:
    made = center()
    created = made.call("CreateAgentStatus", Name="Lunch", State="ENABLED", DisplayOrder=3)
    which = {"AgentStatusId": created["AgentStatusId"]}
    made.call("UpdateAgentStatus", **which, State="DISABLED", ResetOrderNumber=True)
    described = made.call("DescribeAgentStatus", **which)["AgentStatus"]
    assert (described["State"], described["Type"]) == ("DISABLED", "CUSTOM")
    assert "DisplayOrder" not in described
    listed = made.call("ListAgentStatuses")["AgentStatusSummaryList"]
    assert [(item["Name"], item["Type"]) for item in listed] == [
        ("Available", "ROUTABLE"),
        ("Offline", "OFFLINE"),
        ("Lunch", "CUSTOM"),
    ]
    system = {"AgentStatusId": listed[0]["Id"]}
    assert made.refused("UpdateAgentStatus", **system, Name="Ready") == "InvalidRequestException"


def test_prompts() -> None:
    made = center()
    created = made.call("CreatePrompt", Name="welcome", S3Uri="s3://acme/welcome.wav")
    which = {"PromptId": created["PromptId"]}
    assert made.refused("CreatePrompt", Name="welcome", S3Uri="s3://acme/w.wav") == "DuplicateResourceException"
    assert made.refused("CreatePrompt", Name="other", S3Uri="s3://acme/w.mp3") == "InvalidParameterException"
    made.call("UpdatePrompt", **which, Name="hello", S3Uri="s3://acme/hello.wav")
    described = made.call("DescribePrompt", **which)["Prompt"]
    assert described["Name"] == "hello"
    assert "S3Uri" not in described, "audio cannot be read back"
    assert "Beep.wav" in names(made.call("ListPrompts")["PromptSummaryList"])
    made.call("DeletePrompt", **which)
    assert made.refused("DescribePrompt", **which) == "ResourceNotFoundException"


def test_views_of_aws() -> None:
    made = center()
    listed = made.call("ListViews", Type="AWS_MANAGED")["ViewsSummaryList"]
    assert "arn:aws:connect:us-east-1:aws:view/form" in [item["Arn"] for item in listed]
    assert made.call("DescribeView", ViewId="form:1")["View"]["Name"] == "Form"
    assert made.refused("DescribeView", ViewId="unknown") == "ResourceNotFoundException"
