"""Queues and quick connects."""

from typing import Any

import pytest

from tests.sandbox.aws.connect.center import center, names
from tests.sandbox.aws.connect.flows import SAY_GOODBYE, WHISPER


def test_the_life_of_a_queue() -> None:
    made = center()
    queue = made.queue(MaxContacts=100, Tags={"owner": "acme"})
    described = made.call("DescribeQueue", QueueId=queue)["Queue"]
    assert described["QueueArn"].endswith(f":instance/{made.instance_id}/queue/{queue}")
    assert (described["Status"], described["MaxContacts"], described["Tags"]) == ("ENABLED", 100, {"owner": "acme"})
    made.call("UpdateQueueName", QueueId=queue, Description="people who buy")
    made.call("UpdateQueueMaxContacts", QueueId=queue, MaxContacts=150)
    made.call("UpdateQueueStatus", QueueId=queue, Status="DISABLED")
    changed = made.call("DescribeQueue", QueueId=queue)["Queue"]
    assert (changed["Name"], changed["Description"]) == ("sales", "people who buy")
    assert (changed["MaxContacts"], changed["Status"]) == (150, "DISABLED")
    made.call("DeleteQueue", QueueId=queue)
    assert made.refused("DescribeQueue", QueueId=queue) == "ResourceNotFoundException"


def test_ids_may_be_arns_of_this_instance_only() -> None:
    made = center(connect_quotas={"Amazon Connect instance count": 5})
    arn = made.call("DescribeQueue", QueueId=made.queue())["Queue"]["QueueArn"]
    assert made.call("DescribeQueue", QueueId=arn)["Queue"]["Name"] == "sales"
    hours = made.hours()
    made.create_instance("other")
    assert made.refused("DescribeQueue", QueueId=arn) == "InvalidParameterException", "an ARN of another instance"
    assert made.refused("CreateQueue", Name="q", HoursOfOperationId=hours) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"HoursOfOperationId": "nowhere"}, "ResourceNotFoundException", id="no such hours"),
        pytest.param({"MaxContacts": 100_000}, "InvalidParameterException", id="more than concurrent contacts"),
        pytest.param({"QuickConnectIds": ["nowhere"]}, "ResourceNotFoundException", id="no such quick connect"),
        pytest.param(
            {"OutboundCallerConfig": {"OutboundCallerIdNumberId": "n"}},
            "ResourceNotFoundException",
            id="no such number",
        ),
    ],
)
def test_what_a_queue_names_must_exist(params: dict[str, Any], code: str) -> None:
    made = center()
    wanted = {"Name": "sales", "HoursOfOperationId": made.find("HoursOfOperation", "Basic Hours")}
    assert made.refused("CreateQueue", **(wanted | params)) == code
    assert names(made.call("ListQueues")["QueueSummaryList"]) == ["BasicQueue"], "nothing was made"


def test_the_outbound_flow_must_be_an_outbound_whisper() -> None:
    made = center()
    inbound = made.flow(SAY_GOODBYE)
    whisper = made.flow(WHISPER, "whisper", Type="OUTBOUND_WHISPER")
    queue = made.queue(OutboundCallerConfig={"OutboundCallerIdName": "Acme", "OutboundFlowId": whisper})
    wrong = {"OutboundFlowId": inbound}
    code = made.refused("UpdateQueueOutboundCallerConfig", QueueId=queue, OutboundCallerConfig=wrong)
    assert code == "InvalidParameterException"
    made.call("UpdateQueueOutboundCallerConfig", QueueId=queue, OutboundCallerConfig={"OutboundCallerIdName": "A"})
    described = made.call("DescribeQueue", QueueId=queue)["Queue"]
    assert described["OutboundCallerConfig"] == {"OutboundCallerIdName": "A"}, "the whole configuration is replaced"


def test_fifty_queues_with_the_basic_one() -> None:
    made = center()
    for number in range(49):
        made.queue(f"q{number}")
    hours = made.find("HoursOfOperation", "Basic Hours")
    fault = made.fault("CreateQueue", Name="one-more", HoursOfOperationId=hours)
    assert (fault.code, fault.status) == ("LimitExceededException", 429)


def test_names_are_unique_at_once() -> None:
    made = center(search_lag_seconds=60.0, list_lag_seconds=60.0, describe_lag_seconds=60.0)
    made.wait(60)
    queue = made.queue("sales")
    hours = made.find("HoursOfOperation", "Basic Hours")
    assert made.refused("CreateQueue", Name="sales", HoursOfOperationId=hours) == "DuplicateResourceException"
    other = made.queue("support")
    assert made.refused("UpdateQueueName", QueueId=other, Name="sales") == "DuplicateResourceException"
    assert made.refused("DescribeQueue", QueueId=queue) == "ResourceNotFoundException", "Describe lags too"


def test_a_deleted_queue_is_searched_until_the_lag_is_over() -> None:
    made = center(search_lag_seconds=3.0)
    queue = made.queue()
    made.wait(3)
    made.call("DeleteQueue", QueueId=queue)
    assert names(made.call("SearchQueues")["Queues"]) == ["BasicQueue", "sales"]
    made.wait(3)
    assert names(made.call("SearchQueues")["Queues"]) == ["BasicQueue"]


def test_a_new_queue_is_unknown_to_references_for_a_while() -> None:
    made = center(reference_lag_seconds=2.0)
    queue = made.queue()
    assert made.refused("UpdateQueueStatus", QueueId=queue, Status="DISABLED") == "ResourceNotFoundException"
    made.wait(2)
    made.call("UpdateQueueStatus", QueueId=queue, Status="DISABLED")


def test_a_queue_in_a_routing_profile_stays() -> None:
    made = center()
    queue = made.queue()
    profile = made.profile(DefaultOutboundQueueId=queue)
    fault = made.fault("DeleteQueue", QueueId=queue)
    assert (fault.code, fault.fields["ResourceType"]) == ("ResourceInUseException", "ROUTING_PROFILE")
    made.call("DeleteRoutingProfile", RoutingProfileId=profile)
    made.call("DeleteQueue", QueueId=queue)


def test_search_by_tag_and_name() -> None:
    made = center()
    made.queue("sales", Tags={"owner": "a", "stage": "test"})
    made.queue("support", Tags={"owner": "b"})
    made.queue("sales-vip")
    by_tag = {"TagFilter": {"TagCondition": {"TagKey": "owner", "TagValue": "b"}}}
    assert names(made.call("SearchQueues", SearchFilter=by_tag)["Queues"]) == ["support"]
    either = {
        "TagFilter": {
            "OrConditions": [[{"TagKey": "stage", "TagValue": "test"}], [{"TagKey": "owner", "TagValue": "b"}]]
        }
    }
    assert names(made.call("SearchQueues", SearchFilter=either)["Queues"]) == ["sales", "support"]
    by_name = {"StringCondition": {"FieldName": "name", "Value": "sales", "ComparisonType": "STARTS_WITH"}}
    assert names(made.call("SearchQueues", SearchCriteria=by_name)["Queues"]) == ["sales", "sales-vip"]
    wrong = {"StringCondition": {"FieldName": "color", "Value": "x", "ComparisonType": "EXACT"}}
    assert made.refused("SearchQueues", SearchCriteria=wrong) == "InvalidParameterException"


def test_pages_hold_while_queues_come_and_go() -> None:
    made = center()
    queues = [made.queue(f"q{number}") for number in range(4)]
    first = made.call("ListQueues", MaxResults=3)
    assert names(first["QueueSummaryList"]) == ["BasicQueue", "q0", "q1"]
    made.call("DeleteQueue", QueueId=queues[0])
    made.queue("q4")
    rest = made.call("ListQueues", MaxResults=3, NextToken=first["NextToken"])
    assert names(rest["QueueSummaryList"]) == ["q2", "q3", "q4"], "nothing is skipped, nothing comes twice"
    assert "NextToken" not in rest
    assert made.refused("ListPrompts", NextToken=first["NextToken"]) == "InvalidParameterException"
    assert made.refused("ListQueues", NextToken="nonsense") == "InvalidParameterException"


def quick_connect(made: Any, name: str, number: str = "+12025550100") -> str:
    config = {"QuickConnectType": "PHONE_NUMBER", "PhoneConfig": {"PhoneNumber": number}}
    return str(made.call("CreateQuickConnect", Name=name, QuickConnectConfig=config)["QuickConnectId"])


def test_quick_connects_of_a_queue() -> None:
    made = center()
    queue = made.queue()
    connects = [quick_connect(made, f"c{number}") for number in range(3)]
    made.call("AssociateQueueQuickConnects", QueueId=queue, QuickConnectIds=connects)
    made.call("AssociateQueueQuickConnects", QueueId=queue, QuickConnectIds=connects[:1])
    made.call("DisassociateQueueQuickConnects", QueueId=queue, QuickConnectIds=connects[1:2])
    listed = made.call("ListQueueQuickConnects", QueueId=queue)["QuickConnectSummaryList"]
    assert names(listed) == ["c0", "c2"]
    code = made.refused("DisassociateQueueQuickConnects", QueueId=queue, QuickConnectIds=connects[1:2])
    assert code == "ResourceNotFoundException"
    made.call("DeleteQuickConnect", QuickConnectId=connects[0])
    assert names(made.call("ListQueueQuickConnects", QueueId=queue)["QuickConnectSummaryList"]) == ["c2"]


def test_a_quick_connect_to_a_queue() -> None:
    made = center()
    queue = made.queue()
    transfer = made.find("ContactFlow", "Default queue transfer")
    config = {"QuickConnectType": "QUEUE", "QueueConfig": {"QueueId": queue, "ContactFlowId": transfer}}
    created = made.call("CreateQuickConnect", Name="escalate", QuickConnectConfig=config)
    assert "/transfer-destination/" in created["QuickConnectARN"]
    assert made.refused("DeleteQueue", QueueId=queue) == "ResourceInUseException"
    wrong = {"QuickConnectType": "QUEUE", "QueueConfig": {"QueueId": queue, "ContactFlowId": made.flow(SAY_GOODBYE)}}
    which = {"QuickConnectId": created["QuickConnectId"]}
    assert made.refused("UpdateQuickConnectConfig", **which, QuickConnectConfig=wrong) == "InvalidParameterException"
    made.call("UpdateQuickConnectName", **which, Name="up")
    assert names(made.call("SearchQuickConnects")["QuickConnects"]) == ["up"]


def test_a_quick_connect_has_the_member_of_its_type() -> None:
    config = {"QuickConnectType": "QUEUE", "PhoneConfig": {"PhoneNumber": "+12025550100"}}
    assert center().refused("CreateQuickConnect", Name="x", QuickConnectConfig=config) == "InvalidParameterException"
