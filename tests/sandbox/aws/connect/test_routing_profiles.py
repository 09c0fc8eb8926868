"""Routing profiles and their queues."""

from typing import Any

import pytest

from tests.sandbox.aws.connect.center import Center, center, names

VOICE = {"Channel": "VOICE", "Concurrency": 1}
CHAT = {"Channel": "CHAT", "Concurrency": 2, "CrossChannelBehavior": {"BehaviorType": "ROUTE_ANY_CHANNEL"}}


def config(queue: str, channel: str = "VOICE", priority: int = 1, delay: int = 0) -> dict[str, Any]:
    return {"QueueReference": {"QueueId": queue, "Channel": channel}, "Priority": priority, "Delay": delay}


def reference(queue: str, channel: str = "VOICE") -> dict[str, Any]:
    return {"QueueId": queue, "Channel": channel}


def listed(made: Center, profile: str) -> list[tuple[str, str, int, int]]:
    answer = made.call("ListRoutingProfileQueues", RoutingProfileId=profile)
    items = answer["RoutingProfileQueueConfigSummaryList"]
    return [(item["QueueName"], item["Channel"], item["Priority"], item["Delay"]) for item in items]


@pytest.mark.parametrize(
    "media",
    [
        pytest.param([{"Channel": "VOICE", "Concurrency": 2}], id="two calls at a time"),
        pytest.param([{"Channel": "CHAT", "Concurrency": 11}], id="eleven chats"),
        pytest.param([{"Channel": "TASK", "Concurrency": 0}], id="no task"),
        pytest.param([{"Channel": "CHAT"}], id="no concurrency"),
        pytest.param([VOICE, VOICE], id="a channel twice"),
        pytest.param([], id="no channel"),
    ],
)
def test_concurrencies_that_agents_cannot_have(media: list[dict[str, Any]]) -> None:
    made = center()
    queue = made.find("Queue", "BasicQueue")
    wanted = {"Name": "x", "Description": "x", "DefaultOutboundQueueId": queue, "MediaConcurrencies": media}
    assert made.refused("CreateRoutingProfile", **wanted) == "InvalidParameterException"
    code = made.refused("UpdateRoutingProfileConcurrency", RoutingProfileId=made.profile(), MediaConcurrencies=media)
    assert code == "InvalidParameterException"


def test_more_than_ten_queues_take_more_than_one_call() -> None:
    made = center()
    queues = [made.queue(f"q{number:02d}") for number in range(12)]
    wanted = {"Name": "x", "Description": "x", "DefaultOutboundQueueId": queues[0], "MediaConcurrencies": [VOICE]}
    many = [config(queue) for queue in queues]
    assert made.refused("CreateRoutingProfile", **wanted, QueueConfigs=many[:11]) == "InvalidParameterException"
    profile = str(made.call("CreateRoutingProfile", **wanted, QueueConfigs=many[:10])["RoutingProfileId"])
    made.call("AssociateRoutingProfileQueues", RoutingProfileId=profile, QueueConfigs=many[10:])
    assert len(listed(made, profile)) == 12
    first = made.call("ListRoutingProfileQueues", RoutingProfileId=profile, MaxResults=10)
    assert len(first["RoutingProfileQueueConfigSummaryList"]) == 10
    gone = [reference(queue) for queue in queues]
    which = {"RoutingProfileId": profile}
    assert (
        made.refused("DisassociateRoutingProfileQueues", **which, QueueReferences=gone) == "InvalidParameterException"
    )
    made.call("DisassociateRoutingProfileQueues", **which, QueueReferences=gone[:10])
    assert {name for name, *_ in listed(made, profile)} == {"q10", "q11"}


@pytest.mark.parametrize(
    ("channel", "times", "reason"),
    [
        pytest.param("VOICE", 2, "only once", id="the same pair twice in a call"),
        pytest.param("CHAT", 1, "MediaConcurrencies", id="a channel that the profile does not have"),
    ],
)
def test_queue_configs_that_are_refused(channel: str, times: int, reason: str) -> None:
    made = center()
    configs = [config(made.queue(), channel)] * times
    fault = made.fault("AssociateRoutingProfileQueues", RoutingProfileId=made.profile(), QueueConfigs=configs)
    assert fault.code == "InvalidParameterException"
    assert reason in fault.message


def test_a_pair_that_is_associated_is_updated_not_associated_again() -> None:
    made = center()
    queue = made.queue()
    which = {"RoutingProfileId": made.profile(QueueConfigs=[config(queue)])}
    changed = [config(queue, priority=2, delay=30)]
    assert made.refused("AssociateRoutingProfileQueues", **which, QueueConfigs=changed) == "InvalidParameterException"
    made.call("UpdateRoutingProfileQueues", **which, QueueConfigs=changed)
    assert listed(made, which["RoutingProfileId"]) == [("sales", "VOICE", 2, 30)]
    other = [config(made.find("Queue", "BasicQueue"))]
    assert made.refused("UpdateRoutingProfileQueues", **which, QueueConfigs=other) == "InvalidParameterException"


def test_fifty_pairs_in_a_profile() -> None:
    made = center(connect_quotas={"Queues per routing profile per instance": 2})
    queues = [made.queue(f"q{number}") for number in range(3)]
    which = {"RoutingProfileId": made.profile(QueueConfigs=[config(queue) for queue in queues[:2]])}
    code = made.refused("AssociateRoutingProfileQueues", **which, QueueConfigs=[config(queues[2])])
    assert code == "LimitExceededException"


def test_what_search_leaves_out_describe_answers_and_the_other_way_round() -> None:
    made = center()
    queue = made.queue()
    profile = made.profile(MediaConcurrencies=[VOICE, CHAT], QueueConfigs=[config(queue), config(queue, "CHAT")])
    described = made.call("DescribeRoutingProfile", RoutingProfileId=profile)["RoutingProfile"]
    found = made.call("SearchRoutingProfiles")["RoutingProfiles"][-1]
    assert described["MediaConcurrencies"] == [VOICE, CHAT]
    assert found["MediaConcurrencies"][1] == {"Channel": "CHAT", "Concurrency": 2}
    assert {"AgentAvailabilityTimer", "LastModifiedTime"} <= set(described)
    assert not {"AgentAvailabilityTimer", "LastModifiedTime", "LastModifiedRegion"} & set(found)
    assert "AssociatedQueueIds" not in described
    assert found["AssociatedQueueIds"] == [queue]
    assert (described["NumberOfAssociatedQueues"], found["NumberOfAssociatedQueues"]) == (2, 2)
    by_queue = {"StringCondition": {"FieldName": "associatedQueueIds", "Value": queue, "ComparisonType": "EXACT"}}
    assert names(made.call("SearchRoutingProfiles", SearchCriteria=by_queue)["RoutingProfiles"]) == ["agents"]


def test_the_facets() -> None:
    made = center()
    queue, which = made.queue(), {"RoutingProfileId": made.profile()}
    made.call("UpdateRoutingProfileName", **which, Name="people")
    made.call("UpdateRoutingProfileDefaultOutboundQueue", **which, DefaultOutboundQueueId=queue)
    made.call("UpdateRoutingProfileAgentAvailabilityTimer", **which, AgentAvailabilityTimer="TIME_SINCE_LAST_INBOUND")
    made.call("UpdateRoutingProfileConcurrency", **which, MediaConcurrencies=[VOICE, CHAT])
    manual = [{"QueueReference": reference(queue, "CHAT")}]
    made.call("AssociateRoutingProfileQueues", **which, ManualAssignmentQueueConfigs=manual)
    described = made.call("DescribeRoutingProfile", **which)["RoutingProfile"]
    assert (described["Name"], described["DefaultOutboundQueueId"]) == ("people", queue)
    assert described["AgentAvailabilityTimer"] == "TIME_SINCE_LAST_INBOUND"
    assert described["NumberOfAssociatedManualAssignmentQueues"] == 1
    items = made.call("ListRoutingProfileManualAssignmentQueues", **which)
    assert len(items["RoutingProfileManualAssignmentQueueConfigSummaryList"]) == 1
    made.call("DisassociateRoutingProfileQueues", **which, ManualAssignmentQueueReferences=[reference(queue, "CHAT")])
    described = made.call("DescribeRoutingProfile", **which)["RoutingProfile"]
    assert described["NumberOfAssociatedManualAssignmentQueues"] == 0


def test_the_basic_profile_stays() -> None:
    made = center()
    basic = made.find("RoutingProfile", "Basic Routing Profile")
    assert made.refused("DeleteRoutingProfile", RoutingProfileId=basic) == "InvalidRequestException"
    assert made.call("DescribeRoutingProfile", RoutingProfileId=basic)["RoutingProfile"]["IsDefault"] is True


def test_names_are_unique() -> None:
    made = center()
    made.profile("agents")
    other = made.profile("others")
    assert (
        made.refused("UpdateRoutingProfileName", RoutingProfileId=other, Name="agents") == "DuplicateResourceException"
    )
