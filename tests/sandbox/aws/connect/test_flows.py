"""Contact flows: drafts, publishing, versions; flow modules and their contracts."""

import json
from typing import Any

import pytest

from tests.sandbox.aws.connect.center import Center, center, names
from tests.sandbox.aws.connect.flows import BYE, MODULE, RETURN, SAY_GOODBYE, action, content, module

BROKEN = content(action("say", "MessageParticipant", {"Text": "Hi."}, next="nowhere"), BYE)
OTHER = content(action("say", "MessageParticipant", {"Text": "See you."}, next="bye"), BYE)


def described(made: Center, flow: str) -> dict[str, Any]:
    return dict(made.call("DescribeContactFlow", ContactFlowId=flow)["ContactFlow"])


def test_creating_publishes_and_so_validates() -> None:
    made = center()
    fault = made.fault("CreateContactFlow", Name="x", Type="CONTACT_FLOW", Content=BROKEN)
    assert fault.code == "InvalidContactFlowException"
    where = "Actions[0].Transitions.NextAction"
    assert fault.fields == {"problems": [{"message": f"Invalid Action property value. Path: {where}"}]}
    flow = made.flow(SAY_GOODBYE)
    assert (described(made, flow)["Content"], described(made, flow)["Status"]) == (SAY_GOODBYE, "PUBLISHED")


def test_saving_does_not_validate_and_the_draft_needs_its_name() -> None:
    made = center()
    flow = made.flow(BROKEN, Status="SAVED")
    fault = made.fault("DescribeContactFlow", ContactFlowId=flow)
    assert (fault.code, fault.status) == ("ContactFlowNotPublishedException", 404)
    draft = described(made, f"{flow}:$SAVED")
    assert (draft["Id"], draft["Content"], draft["Status"]) == (flow, BROKEN, "SAVED")
    code = made.refused("UpdateContactFlowContent", ContactFlowId=flow, Content=BROKEN)
    assert code == "InvalidContactFlowException", "the bare id publishes"
    made.call("UpdateContactFlowContent", ContactFlowId=flow, Content=SAY_GOODBYE)
    assert described(made, flow)["Status"] == "PUBLISHED"


def test_a_draft_beside_what_is_published() -> None:
    made = center()
    flow = made.flow(SAY_GOODBYE)
    made.call("UpdateContactFlowContent", ContactFlowId=f"{flow}:$SAVED", Content=OTHER)
    assert described(made, flow)["Content"] == SAY_GOODBYE
    assert described(made, f"{flow}:$SAVED")["Content"] == OTHER
    assert described(made, f"{flow}:$SAVED")["Status"] == "SAVED"
    arn = described(made, flow)["Arn"]
    assert described(made, f"{arn}:$SAVED")["Content"] == OTHER, "an ARN takes the alias as well"


def test_flows_that_call_each_other_are_saved_and_then_published() -> None:
    made = center()

    def calling(flow: str) -> str:
        transfer = action(
            "go", "TransferToFlow", {"ContactFlowId": flow}, next="bye", errors={"NoMatchingError": "bye"}
        )
        return content(transfer, BYE)

    one = made.flow(calling("x"), "one", Status="SAVED")
    two = made.flow(calling(one), "two")
    made.call("UpdateContactFlowContent", ContactFlowId=one, Content=calling(two))
    assert described(made, one)["Status"] == "PUBLISHED"


@pytest.mark.parametrize(("scope", "taken"), [("instance", True), ("type", False)])
def test_the_scope_of_flow_names_is_a_switch(scope: str, taken: bool) -> None:
    made = center(duplicate_flow_name_scope=scope)
    made.flow(SAY_GOODBYE, "welcome")
    wanted = {"Name": "welcome", "Content": SAY_GOODBYE}
    assert made.refused("CreateContactFlow", Type="CONTACT_FLOW", **wanted) == "DuplicateResourceException"
    if taken:
        assert made.refused("CreateContactFlow", Type="AGENT_TRANSFER", **wanted) == "DuplicateResourceException"
    else:
        made.call("CreateContactFlow", Type="AGENT_TRANSFER", **wanted)


@pytest.mark.parametrize("answers", [True, False])
def test_whether_search_answers_content_is_a_switch(answers: bool) -> None:
    made = center(search_returns_flow_content=answers)
    made.flow(SAY_GOODBYE, "welcome", Tags={"owner": "a"})
    only = {"TagFilter": {"TagCondition": {"TagKey": "owner", "TagValue": "a"}}}
    found = made.call("SearchContactFlows", SearchFilter=only)["ContactFlows"]
    assert names(found) == ["welcome"]
    assert found[0].get("Content") == (SAY_GOODBYE if answers else None)


def test_content_may_come_back_in_another_form() -> None:
    made = center(flow_content_reformatted=True)
    given = described(made, made.flow(SAY_GOODBYE))["Content"]
    assert given != SAY_GOODBYE
    assert json.loads(given) == json.loads(SAY_GOODBYE)


def test_search_by_type_and_state() -> None:
    made = center()
    flow = made.flow(SAY_GOODBYE, "old")
    made.call("UpdateContactFlowMetadata", ContactFlowId=flow, ContactFlowState="ARCHIVED")
    found = made.call("SearchContactFlows", SearchCriteria={"StateCondition": "ARCHIVED"})["ContactFlows"]
    assert names(found) == ["old"]
    found = made.call("SearchContactFlows", SearchCriteria={"TypeCondition": "AGENT_HOLD"})["ContactFlows"]
    assert names(found) == ["Default agent hold"]
    listed = made.call("ListContactFlows", ContactFlowTypes=["AGENT_HOLD"])["ContactFlowSummaryList"]
    assert names(listed) == ["Default agent hold"]


@pytest.mark.parametrize(("deletable", "code"), [(True, None), (False, "ResourceInUseException")])
def test_whether_a_flow_in_use_goes_is_a_switch(deletable: bool, code: str | None) -> None:
    made = center(referenced_flow_deletable=deletable)
    target = made.flow(SAY_GOODBYE, "target")
    transfer = action("go", "TransferToFlow", {"ContactFlowId": target}, next="bye", errors={"NoMatchingError": "bye"})
    made.flow(content(transfer, BYE), "caller")
    if code is None:
        made.call("DeleteContactFlow", ContactFlowId=target)
    else:
        assert made.refused("DeleteContactFlow", ContactFlowId=target) == code


def test_default_flows_stay() -> None:
    made = center()
    flow = made.find("ContactFlow", "Default agent hold")
    assert made.refused("DeleteContactFlow", ContactFlowId=flow) == "InvalidRequestException"


def test_versions_are_copies_of_what_is_published() -> None:
    made = center()
    flow = made.flow(SAY_GOODBYE)
    digest = described(made, flow)["FlowContentSha256"]
    first = made.call("CreateContactFlowVersion", ContactFlowId=flow, FlowContentSha256=digest, Description="first")
    assert first["Version"] == 1
    made.call("UpdateContactFlowContent", ContactFlowId=flow, Content=OTHER)
    code = made.refused("CreateContactFlowVersion", ContactFlowId=flow, FlowContentSha256=digest)
    assert code == "InvalidRequestException", "the digest is no longer that of what is published"
    assert described(made, f"{flow}:1")["Content"] == SAY_GOODBYE
    assert made.refused("DescribeContactFlow", ContactFlowId=f"{flow}:2") == "ResourceNotFoundException"
    versions = made.call("ListContactFlowVersions", ContactFlowId=flow)["ContactFlowVersionSummaryList"]
    assert [version["Version"] for version in versions] == [1]


def test_aliases_point_to_versions() -> None:
    made = center()
    which = {"ContactFlowModuleId": made.call("CreateContactFlowModule", Name="m", Content=MODULE)["Id"]}
    made.call("CreateContactFlowModuleVersion", **which)
    alias = made.call("CreateContactFlowModuleAlias", **which, AliasName="live", ContactFlowModuleVersion=1)
    named = made.call("DescribeContactFlowModule", ContactFlowModuleId=f"{which['ContactFlowModuleId']}:live")
    assert named["ContactFlowModule"]["Version"] == 1
    which_alias = which | {"AliasId": alias["Id"]}
    code = made.refused("UpdateContactFlowModuleAlias", **which_alias, ContactFlowModuleVersion=2)
    assert code == "ResourceNotFoundException"
    assert (
        made.refused("DeleteContactFlowModuleVersion", **which, ContactFlowModuleVersion=1) == "InvalidRequestException"
    )
    made.call("DeleteContactFlowModuleAlias", **which_alias)
    made.call("DeleteContactFlowModuleVersion", **which, ContactFlowModuleVersion=1)
    assert made.call("CreateContactFlowModuleVersion", **which)["Version"] == 2, "numbers are not used again"


def test_a_module_token_answers_the_same_module() -> None:
    made = center()
    wanted = {"Name": "m", "Content": MODULE, "ClientToken": "t"}
    first = made.call("CreateContactFlowModule", **wanted)
    assert made.call("CreateContactFlowModule", **wanted) == first
    assert made.refused("CreateContactFlowModule", **(wanted | {"Name": "n"})) == "IdempotencyException"
    wanted["ClientToken"] = "other"
    assert made.refused("CreateContactFlowModule", **wanted) == "DuplicateResourceException"


def test_a_module_is_published_and_says_so_in_lower_case() -> None:
    made = center()
    created = made.call("CreateContactFlowModule", Name="m", Content=MODULE, Settings="{}")
    assert f"/flow-module/{created['Id']}" in created["Arn"]
    found = made.call("DescribeContactFlowModule", ContactFlowModuleId=created["Id"])["ContactFlowModule"]
    assert (found["Status"], found["State"], found["Settings"]) == ("published", "ACTIVE", "{}")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(content(RETURN), "InvalidRequestException", id="no Settings in the content"),
        pytest.param("{", "InvalidContactFlowModuleException", id="not JSON"),
        pytest.param(
            module(BYE | {"Transitions": {"NextAction": "x"}}), "InvalidContactFlowModuleException", id="invalid"
        ),
    ],
)
def test_module_content_is_validated(given: str, code: str) -> None:
    assert center().refused("CreateContactFlowModule", Name="m", Content=given) == code


CONTRACT = json.dumps(
    {
        "input": {"schema": {"type": "object", "properties": {"tries": {"type": "number"}, "who": {"type": "string"}}}},
        "resultData": {"schema": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "transitions": {"results": [{"name": "known", "description": ""}]},
    }
)


@pytest.mark.parametrize(
    ("given", "on", "accepted"),
    [
        pytest.param({"tries": 3, "who": "$.Attributes.who"}, {"known": "bye"}, True, id="as declared"),
        pytest.param(None, {}, True, id="nothing given"),
        pytest.param({"tries": "3"}, {}, False, id="a text where a number is declared"),
        pytest.param({"tries": "$.Attributes.n"}, {}, False, id="a reference where a number is declared"),
        pytest.param({"color": "red"}, {}, False, id="not declared"),
        pytest.param(None, {"unknown": "bye"}, False, id="a branch that the module does not have"),
    ],
)
def test_a_call_is_held_against_the_contract(given: dict[str, Any] | None, on: dict[str, str], accepted: bool) -> None:
    made = center()
    identifier = made.call("CreateContactFlowModule", Name="m", Content=MODULE, Settings=CONTRACT)["Id"]
    parameters = {"FlowModuleId": identifier} | ({"Input": given} if given is not None else {})
    errors = {"NoMatchingError": "bye", "NoMatchingCondition": "bye"}
    flow = content(action("m", "InvokeFlowModule", parameters, next="bye", errors=errors, on=on), BYE)
    if accepted:
        made.flow(flow)
    else:
        assert (
            made.refused("CreateContactFlow", Name="f", Type="CONTACT_FLOW", Content=flow)
            == "InvalidContactFlowException"
        )


@pytest.mark.parametrize(
    ("parameters", "accepted"),
    [
        pytest.param({"Result": "known", "ResultData": {"name": "Ada"}}, True, id="as declared"),
        pytest.param({}, True, id="nothing"),
        pytest.param({"Result": "Success"}, False, id="the name that every module's content carries"),
        pytest.param({"ResultData": {"age": "36"}}, False, id="data that is not declared"),
    ],
)
def test_a_return_is_held_against_the_contract(parameters: dict[str, Any], accepted: bool) -> None:
    made = center()
    wanted = {"Name": "m", "Content": module(action("r", "EndFlowModuleExecution", parameters)), "Settings": CONTRACT}
    if accepted:
        made.call("CreateContactFlowModule", **wanted)
    else:
        assert made.refused("CreateContactFlowModule", **wanted) == "InvalidContactFlowModuleException"


def invoking(identifier: str) -> str:
    errors = {"NoMatchingError": "bye"}
    return module(action("m", "InvokeFlowModule", {"FlowModuleId": identifier}, next="bye", errors=errors), RETURN)


def test_modules_nest_five_deep_and_not_in_a_circle() -> None:
    made = center()
    deepest = str(made.call("CreateContactFlowModule", Name="m1", Content=MODULE)["Id"])
    above = deepest
    for level in range(2, 6):
        above = str(made.call("CreateContactFlowModule", Name=f"m{level}", Content=invoking(above))["Id"])
    code = made.refused("CreateContactFlowModule", Name="m6", Content=invoking(above))
    assert code == "InvalidContactFlowModuleException"
    code = made.refused("UpdateContactFlowModuleContent", ContactFlowModuleId=deepest, Content=invoking(above))
    assert code == "InvalidContactFlowModuleException"
