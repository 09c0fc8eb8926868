"""The service as a whole: tags, what is offered, inspection, reset, time."""

import json
from typing import Any

import pytest

from tests.sandbox.aws.connect.center import center, names
from tests.sandbox.aws.connect.model import service_model
from trunkline_sandbox.aws.connect.service import ConnectService
from trunkline_sandbox.aws.service import NotImplementedOperation, OwnService


def test_it_is_a_service_of_the_framework() -> None:
    service: OwnService = ConnectService()
    assert service.name == "connect"


def test_what_is_offered_exists_in_the_api() -> None:
    assert ConnectService().operations <= set(service_model().operation_names)


def test_what_is_not_offered_says_so() -> None:
    with pytest.raises(NotImplementedOperation, match="StartOutboundVoiceContact"):
        center().call("StartOutboundVoiceContact")


def test_tags_of_everything() -> None:
    made = center()
    queue = made.call("DescribeQueue", QueueId=made.queue(Tags={"a": "1"}))["Queue"]["QueueArn"]
    instance = made.call("DescribeInstance")["Instance"]["Arn"]
    made.raw("TagResource", resourceArn=queue, tags={"b": "2"})
    made.raw("UntagResource", resourceArn=queue, tagKeys=["a", "unknown"])
    made.raw("TagResource", resourceArn=instance, tags={"c": "3"})
    assert made.raw("ListTagsForResource", resourceArn=queue)["tags"] == {"b": "2"}
    assert made.call("DescribeInstance")["Instance"]["Tags"] == {"c": "3"}
    tagged = made.service.tagged(made.account, made.region)
    assert sorted(tagged) == sorted([(instance, {"c": "3"}), (queue, {"b": "2"})])
    found = made.call("SearchResourceTags", ResourceTypes=["queue"])["Tags"]
    assert found == [{"key": "b", "value": "2"}]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        pytest.param({"aws:mine": "x"}, "InvalidParameterException", id="the prefix of AWS"),
        pytest.param({str(number): "x" for number in range(51)}, "InvalidParameterException", id="fifty-one"),
    ],
)
def test_tags_that_are_refused(tags: dict[str, str], code: str) -> None:
    made = center()
    arn = made.call("DescribeQueue", QueueId=made.queue())["Queue"]["QueueArn"]
    assert made.refused("TagResource", resourceArn=arn, tags=tags) == code
    hours = made.find("HoursOfOperation", "Basic Hours")
    assert made.refused("CreateQueue", Name="q", HoursOfOperationId=hours, Tags=tags) == code


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        pytest.param("queue", "InvalidParameterException", id="not an ARN"),
        pytest.param(
            "arn:aws:connect:us-east-1:123456789012:instance/x/queue/y", "ResourceNotFoundException", id="no such"
        ),
        pytest.param("arn:aws:connect:eu-west-1:123456789012:instance/x", "ResourceNotFoundException", id="elsewhere"),
    ],
)
def test_tagging_what_is_not_there(arn: str, code: str) -> None:
    assert center().refused("TagResource", resourceArn=arn, tags={"a": "b"}) == code


def test_tagging_shows_in_search_when_the_lag_is_over() -> None:
    made = center(search_lag_seconds=3.0)
    arn = made.call("DescribeQueue", QueueId=made.queue())["Queue"]["QueueArn"]
    made.wait(3)
    made.raw("TagResource", resourceArn=arn, tags={"owner": "a"})
    only: dict[str, Any] = {"TagFilter": {"TagCondition": {"TagKey": "owner", "TagValue": "a"}}}
    assert made.call("SearchQueues", SearchFilter=only)["Queues"] == []
    made.wait(3)
    assert names(made.call("SearchQueues", SearchFilter=only)["Queues"]) == ["sales"]


def test_inspection_is_json_and_reset_forgets() -> None:
    made = center()
    made.profile()
    made.hours()
    seen = json.loads(json.dumps(made.service.inspect()))
    assert [item["fields"]["Name"] for item in seen["instances"][0]["resources"]["hours"]] == [
        "Basic Hours",
        "business",
    ]
    made.service.reset()
    assert made.service.inspect() == {"instances": [], "phone_numbers": []}


def test_the_same_calls_give_the_same_ids() -> None:
    assert center().queue() == center().queue()


def test_an_answer_is_a_copy() -> None:
    made = center()
    hours = made.hours()
    made.call("DescribeHoursOfOperation", HoursOfOperationId=hours)["HoursOfOperation"]["Config"].clear()
    assert made.call("DescribeHoursOfOperation", HoursOfOperationId=hours)["HoursOfOperation"]["Config"]


def test_old_states_are_forgotten_and_the_newest_stays() -> None:
    made = center()
    queue = made.queue()
    for number in range(5):
        made.wait(3600)
        made.call("UpdateQueueMaxContacts", QueueId=queue, MaxContacts=number)
    assert made.call("DescribeQueue", QueueId=queue)["Queue"]["MaxContacts"] == 4
    made.switch(describe_lag_seconds=1800.0)
    assert made.call("DescribeQueue", QueueId=queue)["Queue"]["MaxContacts"] == 3
