"""Queues: one call per facet that differs, links fifty a call, and as few reads as possible."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.drivers.plans import SCOPE, SOME_ID, Answers, context, entry, found, only, operations, paths, words
from trunkline.drivers.queue import QueueDriver
from trunkline.drivers.queue_state import OutboundDesired, QueueDesired, QueueState
from trunkline.engine.driver import UNREAD, Wanted
from trunkline.engine.resource import Ref

KEY = "queue/sales"
DRIVER = QueueDriver()
DESIRED = QueueDesired("sales", "h1", max_contacts=100)
STATE = QueueState("sales", "h1", max_contacts=100)
WHISPER = Ref("flow/whisper", "id")


def plan(desired, state, **remembered):
    return DRIVER.plan(desired, found(KEY, state), entry(KEY, **remembered), context(KEY))


def test_created_with_all_that_create_takes():
    desired = replace(
        DESIRED,
        hours=Ref("hours/business"),
        outbound=OutboundDesired("Sales Team", "n1", WHISPER),
        quick_connects=tuple(f"qc{index:02}" for index in range(60)),
        status="DISABLED",
    )
    made = DRIVER.plan(desired, None, None, context(KEY))
    assert operations(made) == ["CreateQueue", "UpdateQueueStatus", "AssociateQueueQuickConnects"]
    create, status, rest = made.steps
    assert create.params["HoursOfOperationId"] == Ref("hours/business")
    assert create.params["OutboundCallerConfig"]["OutboundFlowId"] == WHISPER
    assert len(create.params["QuickConnectIds"]) == 50, "more than AWS takes in one call"
    assert len(rest.params["QuickConnectIds"]) == 10
    assert status.interrupts is None, "a queue that was never open interrupts nobody"


def test_what_closes_a_circle_is_set_after_the_create():
    quick = Ref("quick-connect/escalation")
    desired = replace(DESIRED, outbound=OutboundDesired("Sales", flow=WHISPER), quick_connects=(quick,))
    assert DRIVER.deferrable(desired) == {WHISPER, quick}
    made = DRIVER.plan(desired, None, None, context(KEY, deferred=[WHISPER, quick]))
    assert operations(made) == ["CreateQueue", "UpdateQueueOutboundCallerConfig", "AssociateQueueQuickConnects"]
    assert made.steps[0].params["OutboundCallerConfig"] == {"OutboundCallerIdName": "Sales"}
    assert "QuickConnectIds" not in made.steps[0].params
    assert made.steps[1].params["OutboundCallerConfig"] == {"OutboundCallerIdName": "Sales", "OutboundFlowId": WHISPER}


def test_converged_needs_no_step():
    assert plan(DESIRED, STATE).settled
    assert plan(DESIRED, replace(STATE, caller_name="by hand", status="DISABLED")).settled, "not managed, not touched"
    arn = f"arn:aws:connect:us-east-1:123456789012:instance/i/operating-hours/{STATE.hours}"
    assert plan(replace(DESIRED, hours=arn), STATE).settled, "an ARN names the same hours as its id"


@pytest.mark.parametrize(
    ("desired", "operation", "changes"),
    [
        pytest.param(replace(DESIRED, name="Sales"), "UpdateQueueName", {"awsName": ("sales", "Sales")}, id="renamed"),
        pytest.param(
            replace(DESIRED, description="d"), "UpdateQueueName", {"description": (None, "d")}, id="description"
        ),
        pytest.param(replace(DESIRED, hours="h2"), "UpdateQueueHoursOfOperation", {"hours": ("h1", "h2")}, id="hours"),
        pytest.param(
            replace(DESIRED, hours=Ref("hours/new")),
            "UpdateQueueHoursOfOperation",
            {"hours": ("h1", "<hours/new.id>")},
            id="hours known after apply",
        ),
        pytest.param(
            replace(DESIRED, max_contacts=150), "UpdateQueueMaxContacts", {"maxContacts": (100, 150)}, id="limit"
        ),
        pytest.param(
            replace(DESIRED, outbound=OutboundDesired(caller_name="Sales")),
            "UpdateQueueOutboundCallerConfig",
            {"outbound.callerName": (None, "Sales")},
            id="caller name",
        ),
        pytest.param(
            replace(DESIRED, outbound_email="e1"),
            "UpdateQueueOutboundEmailConfig",
            {"email.outboundAddress": (None, "e1")},
            id="outbound email",
        ),
        pytest.param(
            replace(DESIRED, status="DISABLED"),
            "UpdateQueueStatus",
            {"status": ("ENABLED", "DISABLED")},
            id="disabled",
        ),
    ],
)
def test_one_call_for_the_facet_that_differs(desired, operation, changes):
    step = only(plan(desired, STATE))
    assert step.operation == operation
    assert paths(step) == changes
    assert step.params["QueueId"] == SOME_ID


def test_disabling_interrupts_and_enabling_does_not():
    assert "no new contacts" in only(plan(replace(DESIRED, status="DISABLED"), STATE)).interrupts
    enabled = only(plan(replace(DESIRED, status="ENABLED"), replace(STATE, status="DISABLED")))
    assert enabled.interrupts is None


def test_what_is_not_managed_is_sent_as_it_is_where_one_call_carries_both():
    state = replace(STATE, caller_name="Old", caller_number="n1", flow="f1")
    step = only(plan(replace(DESIRED, outbound=OutboundDesired(caller_name="New")), state))
    assert step.params["OutboundCallerConfig"] == {
        "OutboundCallerIdName": "New",
        "OutboundCallerIdNumberId": "n1",
        "OutboundFlowId": "f1",
    }


def test_a_number_by_arn_is_the_same_number():
    arn = "arn:aws:connect:us-east-1:123456789012:phone-number/n1"
    desired = replace(DESIRED, outbound=OutboundDesired(caller_number=arn))
    assert plan(desired, replace(STATE, caller_number="n1")).settled


@pytest.mark.parametrize(
    ("state", "remembered", "operation", "gone"),
    [
        pytest.param(STATE, "maxContacts", "UpdateQueueMaxContacts", "MaxContacts", id="limit"),
        pytest.param(
            replace(STATE, max_contacts=None, caller_name="Sales"),
            "outbound.callerName",
            "UpdateQueueOutboundCallerConfig",
            "OutboundCallerIdName",
            id="caller name",
        ),
    ],
)
def test_what_left_the_spec_is_taken_away(state, remembered, operation, gone):
    reset = plan(replace(DESIRED, max_contacts=None), state, set=remembered)
    step = only(reset)
    assert step.operation == operation
    assert gone not in str(step.params)
    assert words(reset)["set"] == ""


def test_a_status_that_left_the_spec_is_enabled_again():
    step = only(plan(DESIRED, replace(STATE, status="DISABLED"), set="maxContacts,status"))
    assert step.params["Status"] == "ENABLED"


def test_a_description_cannot_be_emptied_so_it_is_reported_once():
    reported = plan(DESIRED, replace(STATE, description="old"), set="description,maxContacts")
    assert not reported.steps
    assert [(change.path, change.old) for change in reported.reports] == [("description", "old")]
    assert words(reported) == {"set": "maxContacts"}
    assert not plan(DESIRED, replace(STATE, description="old"), set="maxContacts").reports


def test_quick_connects_are_linked_and_unlinked():
    desired = replace(DESIRED, quick_connects=("a", "b"))
    moved = plan(desired, replace(STATE, quick_connects=frozenset({"b", "c"})))
    assert operations(moved) == ["AssociateQueueQuickConnects", "DisassociateQueueQuickConnects"]
    assert [step.params["QuickConnectIds"] for step in moved.steps] == [["a"], ["c"]]
    assert plan(desired, replace(STATE, quick_connects=UNREAD)).settled, "what was not read is not diffed"


def test_email_addresses_are_linked_before_one_of_them_is_the_sender():
    desired = replace(DESIRED, email_addresses=("e1",), outbound_email="e1")
    linked = plan(desired, replace(STATE, email_addresses=frozenset()))
    assert operations(linked) == ["AssociateQueueEmailAddresses", "UpdateQueueOutboundEmailConfig"]
    assert linked.steps[0].params["EmailAddressesConfig"] == [{"EmailAddressId": "e1"}]


def test_quick_connects_go_before_the_queue():
    gone = DRIVER.plan(None, found(KEY, replace(STATE, quick_connects=frozenset("a"))), entry(KEY), context(KEY))
    assert operations(gone) == ["DisassociateQueueQuickConnects", "DeleteQueue"]
    assert [step.deletes for step in gone.steps] == [False, True]
    assert DRIVER.plan(None, None, entry(KEY), context(KEY)).settled


def _body(id_: str, name: str) -> dict[str, object]:
    return {"QueueId": id_, "QueueArn": f"arn/{id_}", "Name": name, "HoursOfOperationId": "h1"}


def test_twenty_queues_are_one_call():
    queues = [_body(f"q{index}", f"queue-{index}") for index in range(20)]
    aws = Answers({"SearchQueues": {"Queues": [*queues, _body("basic", "BasicQueue")]}})
    wanted = [Wanted(f"queue/{index}", f"queue-{index}", id=f"q{index}", desired=DESIRED) for index in range(20)]
    seen = asyncio.run(DRIVER.observe(aws, SCOPE, wanted, exact=False))
    assert len(seen) == 21, "a bulk read answers what nobody wanted too"
    assert [item.aws_name for item in seen if item.builtin] == ["BasicQueue"]
    assert len(aws.calls) == 1


def test_links_are_read_only_where_they_are_managed_and_a_deep_read_is_due():
    aws = Answers(
        {
            "SearchQueues": {"Queues": [_body("q1", "sales"), _body("q2", "support")]},
            "ListQueueQuickConnects": {"QuickConnectSummaryList": [{"Id": "a"}]},
        }
    )
    managed = Wanted(KEY, "sales", id="q1", desired=replace(DESIRED, quick_connects=()))
    plain = Wanted("queue/support", "support", id="q2", desired=DESIRED)
    seen = asyncio.run(DRIVER.observe(aws, SCOPE, [managed, plain], exact=False))
    assert [item.state.quick_connects for item in seen] == [frozenset({"a"}), UNREAD]
    shallow = asyncio.run(DRIVER.observe(aws, SCOPE, [replace(managed, deep=False), plain], exact=False))
    assert [item.state.quick_connects for item in shallow] == [UNREAD, UNREAD]
    assert aws.names.count("ListQueueQuickConnects") == 1


def test_read_exactly_by_id_and_by_list_where_only_a_name_is_known():
    aws = Answers(
        {
            "DescribeQueue": lambda params: {"Queue": _body(params["QueueId"], "sales")},
            "ListQueues": {"QueueSummaryList": [{"Id": "q7", "Name": "sales"}, {"Id": "q8", "Name": "other"}]},
        }
    )
    by_id = asyncio.run(DRIVER.observe(aws, SCOPE, [Wanted(KEY, "sales", id="q1", desired=DESIRED)], exact=True))
    assert ([item.id for item in by_id], aws.names) == (["q1"], ["DescribeQueue"])
    by_name = asyncio.run(DRIVER.observe(aws, SCOPE, [Wanted(KEY, "sales", desired=DESIRED)], exact=True))
    assert [item.id for item in by_name] == ["q7"]
