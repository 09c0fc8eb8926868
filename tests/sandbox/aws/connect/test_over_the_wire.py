"""Amazon Connect as an SDK meets it: botocore's own client, requests and answers on the wire, no sockets."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.connect.center import VirtualClock, slot
from tests.sandbox.aws.connect.flows import BYE, SAY_GOODBYE, action, content
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import connected_session


class Wire:
    """A client, and the instance it works on."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.cloud = OfflineAws(clock=self.clock, switches=Switches(throttling=False))
        self.client = connected_session(self.cloud, region="eu-west-2").create_client("connect")
        created = self.client.create_instance(
            IdentityManagementType="SAML", InstanceAlias="acme", InboundCallsEnabled=True, OutboundCallsEnabled=True
        )
        self.instance = {"InstanceId": created["Id"]}

    def hours(self) -> str:
        config = [slot("MONDAY", 9, 17)]
        created = self.client.create_hours_of_operation(**self.instance, Name="b", TimeZone="UTC", Config=config)
        return str(created["HoursOfOperationId"])


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.cloud.reset()


def test_what_is_made_is_described(wire: Wire) -> None:
    hours = wire.hours()
    queue = wire.client.create_queue(**wire.instance, Name="sales", HoursOfOperationId=hours, Tags={"owner": "a"})
    assert queue["QueueArn"].startswith("arn:aws:connect:eu-west-2:")
    described = wire.client.describe_queue(**wire.instance, QueueId=queue["QueueArn"])["Queue"]
    assert (described["Name"], described["HoursOfOperationId"], described["Tags"]) == ("sales", hours, {"owner": "a"})
    assert described["LastModifiedTime"] == datetime.fromtimestamp(wire.clock.now(), UTC)


def test_errors_are_the_sdks_own_classes(wire: Wire) -> None:
    hours = wire.hours()
    with pytest.raises(wire.client.exceptions.DuplicateResourceException) as duplicate:
        wire.client.create_hours_of_operation(**wire.instance, Name="b", TimeZone="UTC", Config=[])
    assert duplicate.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    wire.client.create_queue(**wire.instance, Name="sales", HoursOfOperationId=hours)
    with pytest.raises(wire.client.exceptions.ResourceInUseException) as used:
        wire.client.delete_hours_of_operation(**wire.instance, HoursOfOperationId=hours)
    assert used.value.response["ResourceType"] == "QUEUE"


def test_the_problems_of_a_flow_arrive_and_the_message_is_empty(wire: Wire) -> None:
    broken = content(action("t", "TransferContactToQueue", next="bye", errors={"NoMatchingError": "bye"}), BYE)
    with pytest.raises(wire.client.exceptions.InvalidContactFlowException) as invalid:
        wire.client.create_contact_flow(**wire.instance, Name="f", Type="CONTACT_FLOW", Content=broken)
    assert invalid.value.response["problems"] == [
        {"message": "Action is missing required error. Error: QueueAtCapacity, Path: Actions[0]"}
    ]
    assert invalid.value.response["Error"]["Message"] == ""


def test_a_draft_is_named_in_the_path(wire: Wire) -> None:
    made = wire.client.create_contact_flow(**wire.instance, Name="f", Type="CONTACT_FLOW", Content="{}", Status="SAVED")
    with pytest.raises(wire.client.exceptions.ContactFlowNotPublishedException):
        wire.client.describe_contact_flow(**wire.instance, ContactFlowId=made["ContactFlowId"])
    draft = {"ContactFlowId": f"{made['ContactFlowArn']}:$SAVED"}
    wire.client.update_contact_flow_content(**wire.instance, **draft, Content=SAY_GOODBYE)
    described = wire.client.describe_contact_flow(**wire.instance, **draft)["ContactFlow"]
    assert (described["Status"], described["Content"]) == ("SAVED", SAY_GOODBYE)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        pytest.param({"Name": "x" * 128}, "a name of 128 characters", id="length"),
        pytest.param({"Config": [slot("MONDAY", 9, 24)]}, "24 o'clock", id="range"),
        pytest.param({"Config": [slot("FUNDAY", 9, 17)]}, "a day that does not exist", id="enum"),
    ],
)
def test_the_model_is_enforced_before_the_service_is_asked(wire: Wire, params: dict[str, Any], reason: str) -> None:
    wanted = {"Name": "x", "TimeZone": "UTC", "Config": []}
    with pytest.raises(ClientError) as refused:
        wire.client.create_hours_of_operation(**wire.instance, **(wanted | params))
    assert refused.value.response["Error"]["Code"] in {"InvalidParameterException", "InvalidRequestException"}, reason


def test_paginators_go_through(wire: Wire) -> None:
    attributes = wire.client.get_paginator("list_instance_attributes").paginate(**wire.instance)
    assert sum(len(page["Attributes"]) for page in attributes) == 14
    flows = wire.client.get_paginator("search_contact_flows").paginate(**wire.instance, MaxResults=3)
    assert sum(len(page["ContactFlows"]) for page in flows) == 10


def test_tagged_resources_are_found_by_the_tagging_api(wire: Wire) -> None:
    hours = wire.hours()
    queue = wire.client.create_queue(**wire.instance, Name="sales", HoursOfOperationId=hours, Tags={"owner": "a"})
    tagging = connected_session(wire.cloud, region="eu-west-2").create_client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "owner"}])["ResourceTagMappingList"]
    assert [item["ResourceARN"] for item in found] == [queue["QueueArn"]]
