"""Instances: made once, waited for, touched only where the spec speaks, deleted with a warning."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.drivers.plans import NOW, SCOPE, Answers, context, entry, found, only, operations, paths, refused, words
from trunkline.drivers.instance import InstanceDesired, InstanceDriver, InstanceState
from trunkline.engine.driver import Wanted
from trunkline.engine.plan import CannotPlanError

KEY = "instance/instance"
DRIVER = InstanceDriver()
DESIRED = InstanceDesired("acme", identity_management="SAML", attributes={"INBOUND_CALLS": True, "CONTACT_LENS": True})
STATE = InstanceState(
    "acme",
    "SAML",
    "ACTIVE",
    attributes={"INBOUND_CALLS": True, "OUTBOUND_CALLS": True, "CONTACT_LENS": True, "EARLY_MEDIA": True},
)


def plan(desired, state, **remembered):
    return DRIVER.plan(desired, found(KEY, state, name="acme"), entry(KEY, **remembered), context(KEY))


def test_created_once_and_the_plan_shows_the_attributes_too():
    made = DRIVER.plan(DESIRED, None, None, context(KEY))
    assert operations(made) == ["CreateInstance", "UpdateInstanceAttribute"]
    create = made.steps[0]
    assert create.settles, "AWS takes minutes; attributes are refused before that"
    assert (create.params["InboundCallsEnabled"], create.params["OutboundCallsEnabled"]) == (True, True)
    again = DRIVER.plan(replace(DESIRED, attributes={}), None, None, context(KEY)).steps[0]
    assert again.params["ClientToken"] == create.params["ClientToken"], "an edit must not mint a second instance"


def test_a_lost_instance_is_made_again_under_another_token():
    lost = replace(context(KEY), scope=replace(SCOPE, incarnation="uid-1/old-id"))
    token = DRIVER.plan(DESIRED, None, entry(KEY), lost).steps[0].params["ClientToken"]
    assert token != DRIVER.plan(DESIRED, None, None, context(KEY)).steps[0].params["ClientToken"]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        pytest.param(replace(STATE, status="CREATION_IN_PROGRESS"), "being created", id="in progress"),
        pytest.param(
            replace(STATE, status="CREATION_FAILED", status_reason="no directory"), "no directory", id="failed"
        ),
    ],
)
def test_what_is_not_active_is_waited_for(state, reason):
    waits = plan(DESIRED, state)
    assert not waits.steps
    assert reason in waits.waiting.reason
    assert waits.waiting.blocks


def test_only_listed_attributes_are_touched():
    assert plan(DESIRED, STATE).settled
    off = {**STATE.attributes, "CONTACT_LENS": False, "EARLY_MEDIA": False}
    step = only(plan(DESIRED, replace(STATE, attributes=off)))
    assert (step.operation, step.params["AttributeType"], step.params["Value"]) == (
        "UpdateInstanceAttribute",
        "CONTACT_LENS",
        "true",
    )
    assert paths(step) == {"attributes.contactLens": (False, True)}
    unread = {"INBOUND_CALLS": True, "OUTBOUND_CALLS": True}
    assert plan(DESIRED, replace(STATE, attributes=unread)).settled, "what was not read is not diffed"


def test_an_attribute_that_left_the_spec_stays_and_is_reported_once():
    desired = replace(DESIRED, attributes={"INBOUND_CALLS": True})
    told = plan(desired, STATE, set="attributes.contactLens,attributes.inboundCalls")
    assert [change.path for change in told.reports] == ["attributes.contactLens"]
    assert not told.steps
    assert words(told)["set"] == "attributes.inboundCalls"


@pytest.mark.parametrize(
    ("desired", "message"),
    [
        pytest.param(replace(DESIRED, alias="other"), "alias: the instance is called acme", id="alias"),
        pytest.param(
            replace(DESIRED, identity_management="CONNECT_MANAGED"), "identityManagement", id="identity management"
        ),
    ],
)
def test_what_aws_cannot_change_names_the_way(desired, message):
    with pytest.raises(CannotPlanError, match=message) as error:
        plan(desired, STATE)
    assert "create another center" in str(error.value)


def test_an_existing_instance_is_never_made():
    with pytest.raises(CannotPlanError, match="no instance gone exists in region us-east-1 of account 123456789012"):
        DRIVER.plan(InstanceDesired(id="gone"), None, None, context(KEY))
    assert plan(InstanceDesired(id="i"), STATE).settled


def test_deleted_with_a_warning_and_not_asked_for_twice():
    step = only(DRIVER.plan(None, found(KEY, STATE, name="acme"), entry(KEY), context(KEY)))
    assert step.operation == "DeleteInstance"
    assert "deletes the instance acme" in step.interrupts
    word = dict(step.remembers)["deleting"]
    for after, operation in ((60.0, []), (3600.0, ["DeleteInstance"])):
        later = DRIVER.plan(
            None, found(KEY, STATE, name="acme"), entry(KEY, deleting=word), context(KEY, now=NOW + after)
        )
        assert operations(later) == operation, f"{after} s after the call"
        assert later.waiting is not None
    assert DRIVER.plan(None, None, entry(KEY), context(KEY)).settled


def _body(**more: object) -> dict[str, object]:
    return {
        "Id": "i1",
        "Arn": "arn/i1",
        "InstanceAlias": "acme",
        "IdentityManagementType": "SAML",
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": False,
        "ServiceRole": "arn/role",
        "InstanceAccessUrl": "https://acme.my.connect.aws",
        "Tags": {"a": "b"},
        **more,
    }


def _observe(aws: Answers, wanted: Wanted):
    return asyncio.run(DRIVER.observe(aws, SCOPE, [wanted], exact=False))


@pytest.mark.parametrize(
    ("desired", "body", "reads"),
    [
        pytest.param(replace(DESIRED, attributes={}), _body(), ["DescribeInstance"], id="no attributes managed"),
        pytest.param(
            replace(DESIRED, attributes={"OUTBOUND_CALLS": True}), _body(), ["DescribeInstance"], id="Describe shows it"
        ),
        pytest.param(
            DESIRED,
            _body(),
            ["DescribeInstance", "ListInstanceAttributes", "ListInstanceAttributes"],
            id="attributes in two pages",
        ),
        pytest.param(
            DESIRED,
            _body(InstanceStatus="CREATION_IN_PROGRESS"),
            ["DescribeInstance"],
            id="attributes not readable yet",
        ),
    ],
)
def test_few_reads(desired, body, reads):
    pages = [
        {"Attributes": [{"AttributeType": "CONTACT_LENS", "Value": "true"}]},
        {"Attributes": [{"AttributeType": "EARLY_MEDIA", "Value": "false"}]},
    ]
    aws = Answers({"DescribeInstance": {"Instance": body}, "ListInstanceAttributes": pages})
    (seen,) = _observe(aws, Wanted(KEY, "acme", id="i1", desired=desired))
    assert aws.names == reads
    assert seen.state.attributes["OUTBOUND_CALLS"] is False
    assert seen.attributes == {
        "service_role": "arn/role",
        "access_url": "https://acme.my.connect.aws",
        "status": body["InstanceStatus"],
    }


def test_found_by_its_alias_where_no_id_is_known():
    aws = Answers(
        {
            "ListInstances": [
                {"InstanceSummaryList": [{"Id": "i0", "InstanceAlias": "other"}]},
                {"InstanceSummaryList": [{"Id": "i1", "InstanceAlias": "acme"}]},
            ],
            "DescribeInstance": {"Instance": _body()},
        }
    )
    (seen,) = _observe(aws, Wanted(KEY, "acme", desired=replace(DESIRED, attributes={})))
    assert (seen.id, seen.tags) == ("i1", {"a": "b"})


def test_absent_is_absent():
    gone = Answers({"DescribeInstance": refused("DescribeInstance", "ResourceNotFoundException", absent=True)})
    assert _observe(gone, Wanted(KEY, "", id="i1", desired=InstanceDesired(id="i1"))) == []


def test_one_to_be_deleted_is_not_looked_for_under_its_name():
    gone = Answers({"DescribeInstance": refused("DescribeInstance", "ResourceNotFoundException", absent=True)})
    assert _observe(gone, Wanted(KEY, "acme", id="i1")) == []
    assert gone.names == ["DescribeInstance"]
