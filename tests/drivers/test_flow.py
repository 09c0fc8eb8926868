"""Flows and modules: compared as callers hear them, linked after the flows they name, read as seldom as possible."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.drivers.plans import SCOPE, SOME_ID, Answers, context, entry, found, only, operations, paths, refused, words
from trunkline.drivers.flow import FlowDriver
from trunkline.drivers.flow_content import ObservedContent, digest
from trunkline.drivers.flow_state import FlowDesired, FlowState
from trunkline.drivers.module import ModuleDesired, ModuleDriver, ModuleState
from trunkline.engine.driver import UNREAD, Wanted
from trunkline.engine.plan import CannotPlanError
from trunkline.engine.resource import Join, Json, Ref

KEY, MODULE = "flow/inbound", "module/auth"
DRIVER, MODULES = FlowDriver(), ModuleDriver()
OTHER = Ref("flow/after-hours", "arn")
QUEUE = Ref("queue/sales", "arn")


def content(text: str = "Welcome.", **parameters: object) -> dict[str, object]:
    return {
        "Version": "2019-10-30",
        "StartAction": "greet",
        "Actions": [
            {
                "Identifier": "greet",
                "Type": "MessageParticipant",
                "Parameters": {"Text": text, **parameters},
                "Transitions": {"NextAction": "end"},
            },
            {"Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}},
        ],
    }


TEXT = json.dumps(content(), separators=(",", ":"))
SPACED = json.dumps({**content(), "Metadata": {"entryPointPosition": {"x": 1, "y": 2}}}, indent=2, sort_keys=True)
DESIRED = FlowDesired("inbound", "CONTACT_FLOW", TEXT)
STATE = FlowState("inbound", "CONTACT_FLOW", ObservedContent(TEXT))


def plan(desired, state, **remembered):
    return DRIVER.plan(desired, found(KEY, state), entry(KEY, **remembered), context(KEY))


def test_a_flow_that_names_queues_only_is_made_and_published_at_once():
    desired = replace(DESIRED, content=Json(content(QueueId=QUEUE)))
    step = only(DRIVER.plan(desired, None, None, context(KEY)))
    assert (step.operation, step.params["Status"]) == ("CreateContactFlow", "PUBLISHED")
    assert DRIVER.deferrable(desired) == frozenset(), "a queue closes its circles itself"


@pytest.mark.parametrize(
    ("ref", "deferred"),
    [
        pytest.param(OTHER, [OTHER], id="flows that call each other"),
        pytest.param(Ref(KEY, "arn"), [], id="a flow that calls itself"),
    ],
)
def test_a_circle_is_saved_empty_then_linked_and_published(ref, deferred):
    desired = replace(DESIRED, content=Json(content(ContactFlowId=ref)))
    assert DRIVER.deferrable(desired) == {ref}
    made = DRIVER.plan(desired, None, None, context(KEY, deferred=deferred))
    assert operations(made) == ["CreateContactFlow", "UpdateContactFlowContent"]
    create, link = made.steps
    assert create.params["Status"] == "SAVED"
    assert "after-hours" not in str(create.params)
    assert json.loads(create.params["Content"])["StartAction"] == "end"
    assert link.params["ContactFlowId"] == Ref(KEY), "the bare id publishes"
    assert link.params["Content"] == desired.content


def test_a_draft_stays_a_draft():
    desired = replace(DESIRED, status="SAVED", content=Json(content(ContactFlowId=OTHER)))
    made = DRIVER.plan(desired, None, None, context(KEY, deferred=[OTHER]))
    assert made.steps[1].params["ContactFlowId"] == Join((Ref(KEY), ":$SAVED"))
    changed = replace(DESIRED, status="SAVED", content=json.dumps(content("Hello.")))
    step = only(plan(changed, replace(STATE, status="SAVED")))
    assert step.params["ContactFlowId"] == SOME_ID + ":$SAVED"


def test_an_archived_flow_is_made_and_archived():
    made = DRIVER.plan(replace(DESIRED, state="ARCHIVED"), None, None, context(KEY))
    assert operations(made) == ["CreateContactFlow", "UpdateContactFlowMetadata"]
    assert made.steps[1].params["ContactFlowState"] == "ARCHIVED"


def test_key_order_spaces_and_positions_are_no_change():
    assert plan(DESIRED, replace(STATE, content=ObservedContent(SPACED))).settled


def test_a_change_is_shown_per_action():
    step = only(plan(replace(DESIRED, content=json.dumps(content("Good evening."))), STATE))
    assert (step.operation, step.params["ContactFlowId"]) == ("UpdateContactFlowContent", SOME_ID)
    assert len(step.changes) == 1
    change = step.changes[0]
    assert "greet" in change.path
    assert "Welcome." in str(change.old)
    assert "Good evening." in str(change.new)


def test_an_open_reference_differs_from_anything():
    step = only(plan(replace(DESIRED, content=Json(content(QueueId=QUEUE))), STATE))
    assert step.operation == "UpdateContactFlowContent"
    assert step.changes, "a change must be shown even where the new value is known after apply only"


def test_half_way_between_create_and_link_it_is_linked_and_published():
    saved = replace(STATE, status="SAVED", content=ObservedContent('{"Version":"2019-10-30","Actions":[]}'))
    assert only(plan(DESIRED, saved)).operation == "UpdateContactFlowContent"
    same = plan(DESIRED, replace(STATE, status="SAVED"))
    assert paths(only(same)) == {"status": ("SAVED", "PUBLISHED")}, "the same content is published too"


def test_what_was_published_cannot_be_taken_back_so_it_is_reported():
    reported = plan(replace(DESIRED, status="SAVED"), STATE)
    assert not reported.steps
    assert [(change.old, change.new) for change in reported.reports] == [("PUBLISHED", "SAVED")]


@pytest.mark.parametrize(
    ("desired", "path"),
    [
        pytest.param(replace(DESIRED, name="Inbound"), "awsName", id="renamed"),
        pytest.param(replace(DESIRED, description="d"), "description", id="description"),
        pytest.param(replace(DESIRED, state="ARCHIVED"), "state", id="archived"),
    ],
)
def test_metadata_is_one_call_without_the_content(desired, path):
    step = only(plan(desired, STATE))
    assert step.operation == "UpdateContactFlowMetadata"
    assert list(paths(step)) == [path]
    assert "Content" not in step.params


def test_the_type_cannot_change():
    with pytest.raises(CannotPlanError, match="under another name"):
        plan(replace(DESIRED, type="CUSTOMER_QUEUE"), STATE)


def test_deleted():
    step = only(DRIVER.plan(None, found(KEY, STATE), entry(KEY), context(KEY)))
    assert (step.operation, step.deletes) == ("DeleteContactFlow", True)


# --- what is read, with and without content in Search


def _body(**more: object) -> dict[str, object]:
    return {"Id": "f1", "Arn": "arn/f1", "Name": "inbound", "Type": "CONTACT_FLOW", "Status": "PUBLISHED", **more}


NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KNOWN = {"stamp": "aws-checksum", "content": digest(TEXT)}


@pytest.mark.parametrize(
    ("body", "remembered", "reads", "read"),
    [
        pytest.param(_body(Content=SPACED), {}, [], SPACED, id="Search shows content"),
        pytest.param(_body(FlowContentSha256="aws-checksum"), KNOWN, [], UNREAD, id="the stamp is the one on record"),
        pytest.param(_body(FlowContentSha256="another"), KNOWN, ["DescribeContactFlow"], TEXT, id="the stamp moved"),
        pytest.param(
            _body(FlowContentSha256="aws-checksum"), {}, ["DescribeContactFlow"], TEXT, id="nothing on record"
        ),
        pytest.param(_body(), KNOWN, ["DescribeContactFlow"], TEXT, id="no stamp at all"),
        pytest.param(
            _body(LastModifiedTime=NOON),
            {**KNOWN, "stamp": NOON.isoformat()},
            [],
            UNREAD,
            id="no checksum, but unchanged since",
        ),
        pytest.param(
            _body(LastModifiedTime=NOON), KNOWN, ["DescribeContactFlow"], TEXT, id="no checksum, and changed since"
        ),
        pytest.param(
            _body(Content=SPACED, Status="SAVED"), {}, ["DescribeContactFlow"], TEXT, id="published, with a newer draft"
        ),
    ],
)
def test_content_is_described_only_where_the_stamp_does_not_tell(body, remembered, reads, read):
    described = _body(Content=TEXT, FlowContentSha256="another", LastModifiedTime=NOON)
    aws = Answers({"SearchContactFlows": {"ContactFlows": [body]}, "DescribeContactFlow": {"ContactFlow": described}})
    wanted = [Wanted(KEY, "inbound", id="f1", desired=DESIRED, words=remembered)]
    (seen,) = asyncio.run(DRIVER.observe(aws, SCOPE, wanted, exact=False))
    assert aws.names == ["SearchContactFlows", *reads]
    assert seen.state.content.text == read


def test_flows_that_nobody_wants_are_not_described():
    aws = Answers({"SearchContactFlows": {"ContactFlows": [_body(Name="Default outbound"), _body(Id="f2", Name="x")]}})
    seen = asyncio.run(DRIVER.observe(aws, SCOPE, [Wanted(KEY, "inbound", desired=DESIRED)], exact=False))
    assert [item.builtin for item in seen] == [True, False]
    assert aws.names == ["SearchContactFlows"]


def test_the_record_learns_a_stamp_and_then_needs_no_describe():
    observed = replace(STATE, content=ObservedContent(SPACED, "aws-checksum"))
    learnt = plan(DESIRED, observed)
    assert not learnt.steps
    assert words(learnt) == KNOWN
    known = plan(DESIRED, replace(STATE, content=ObservedContent(UNREAD, "aws-checksum")), **KNOWN)
    assert known.settled
    assert not known.remembers, "nothing new, so status is not written"


def test_an_edit_is_seen_although_the_content_was_not_read():
    changed = replace(DESIRED, content=json.dumps(content("Hello.")))
    edited = plan(changed, replace(STATE, content=ObservedContent(UNREAD, "aws-checksum")), **KNOWN)
    assert operations(edited) == ["UpdateContactFlowContent"]
    assert words(edited) == {"stamp": "", "content": ""}, "the stamp of the new content is not known yet"


def test_where_search_shows_content_no_words_are_needed():
    assert words(plan(DESIRED, STATE, **KNOWN)) == {"stamp": "", "content": ""}
    assert words(plan(DESIRED, STATE)) == {}


def test_a_flow_never_published_is_read_as_a_draft():
    def describe(params):
        if params["ContactFlowId"].endswith(":$SAVED"):
            return {"ContactFlow": _body(Id="f1:$SAVED", Arn="arn/f1:$SAVED", Status="SAVED", Content=TEXT)}
        return refused("DescribeContactFlow", "ContactFlowNotPublishedException")

    aws = Answers({"DescribeContactFlow": describe})
    (seen,) = asyncio.run(DRIVER.observe(aws, SCOPE, [Wanted(KEY, "inbound", id="f1", desired=DESIRED)], exact=True))
    assert (seen.id, seen.arn, seen.state.status, seen.state.content.text) == ("f1", "arn/f1", "SAVED", TEXT)


# --- modules

MODULE_DESIRED = ModuleDesired("auth", TEXT)
MODULE_STATE = ModuleState("auth", ObservedContent(TEXT))


def module_plan(desired, state, **remembered):
    return MODULES.plan(desired, found(MODULE, state), entry(MODULE, **remembered), context(MODULE))


def test_module_created_with_a_token_that_follows_what_is_asked():
    desired = replace(MODULE_DESIRED, settings='{"a":1}', external_invocation=True)
    step = only(MODULES.plan(desired, None, None, context(MODULE)))
    assert step.operation == "CreateContactFlowModule"
    assert step.params["ExternalInvocationConfiguration"] == {"Enabled": True}
    same = only(MODULES.plan(desired, None, None, context(MODULE)))
    edited = only(MODULES.plan(replace(desired, description="d"), None, None, context(MODULE)))
    assert step.params["ClientToken"] == same.params["ClientToken"], "a repeated create must be recognized"
    assert step.params["ClientToken"] != edited.params["ClientToken"], "the old token with other params is refused"


@pytest.mark.parametrize(
    ("desired", "operation", "path"),
    [
        pytest.param(
            replace(MODULE_DESIRED, description="d"), "UpdateContactFlowModuleMetadata", "description", id="description"
        ),
        pytest.param(
            replace(MODULE_DESIRED, state="ARCHIVED"), "UpdateContactFlowModuleMetadata", "state", id="archived"
        ),
        pytest.param(
            replace(MODULE_DESIRED, settings='{"a":1}'), "UpdateContactFlowModuleContent", "settings", id="settings"
        ),
    ],
)
def test_module_drift_is_mended_by_one_call(desired, operation, path):
    step = only(module_plan(desired, MODULE_STATE))
    assert step.operation == operation
    assert list(paths(step)) == [path]


def test_module_settings_are_compared_as_json_and_kept_where_they_are_not_managed():
    state = replace(MODULE_STATE, settings='{ "b": 2, "a": 1 }')
    assert module_plan(replace(MODULE_DESIRED, settings='{"a":1,"b":2}'), state).settled
    step = only(module_plan(replace(MODULE_DESIRED, content=json.dumps(content("Hello."))), state))
    assert step.params["Settings"] == '{ "b": 2, "a": 1 }'


def test_external_invocation_is_reported_since_aws_takes_it_at_creation_only():
    reported = module_plan(replace(MODULE_DESIRED, external_invocation=True), MODULE_STATE)
    assert not reported.steps
    assert [change.path for change in reported.reports] == ["externalInvocation"]


def test_module_content_is_described_only_where_the_stamp_does_not_tell():
    body = {"Id": "m1", "Arn": "arn/m1", "Name": "auth", "FlowModuleContentSha256": "aws-checksum"}
    aws = Answers(
        {
            "SearchContactFlowModules": {"ContactFlowModules": [body]},
            "DescribeContactFlowModule": {"ContactFlowModule": {**body, "Content": TEXT}},
        }
    )
    unknown = Wanted(MODULE, "auth", id="m1", desired=MODULE_DESIRED)
    (seen,) = asyncio.run(MODULES.observe(aws, SCOPE, [unknown], exact=False))
    assert seen.state.content == ObservedContent(TEXT, "aws-checksum")
    (seen,) = asyncio.run(MODULES.observe(aws, SCOPE, [replace(unknown, words=KNOWN)], exact=False))
    assert seen.state.content == ObservedContent(UNREAD, "aws-checksum")
    assert aws.names.count("DescribeContactFlowModule") == 1
