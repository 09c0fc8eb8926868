"""Phone numbers."""

from typing import Any

import pytest

from tests.sandbox.aws.connect.center import Center, center
from tests.sandbox.aws.connect.flows import SAY_GOODBYE, WHISPER

DAY = 24 * 3600.0


def available(made: Center, **params: Any) -> list[str]:
    wanted = {"PhoneNumberCountryCode": "US", "PhoneNumberType": "DID"}
    found = made.call("SearchAvailablePhoneNumbers", **(wanted | params))
    return [item["PhoneNumber"] for item in found["AvailableNumbersList"]]


def claim(made: Center, **params: Any) -> str:
    return str(made.call("ClaimPhoneNumber", **({"PhoneNumber": available(made)[0]} | params))["PhoneNumberId"])


def status(made: Center, number: str) -> str:
    summary = made.call("DescribePhoneNumber", PhoneNumberId=number)["ClaimedPhoneNumberSummary"]
    return str(summary["PhoneNumberStatus"]["Status"])


def test_a_claim_answers_before_it_is_done() -> None:
    made = center(phone_number_claim_seconds=30.0)
    number = claim(made)
    flow = made.flow(SAY_GOODBYE)
    assert status(made, number) == "IN_PROGRESS"
    code = made.refused("AssociatePhoneNumberContactFlow", PhoneNumberId=number, ContactFlowId=flow)
    assert code == "InvalidParameterException"
    made.wait(30)
    assert status(made, number) == "CLAIMED"
    made.call("AssociatePhoneNumberContactFlow", PhoneNumberId=number, ContactFlowId=flow)
    found = made.call("BatchGetFlowAssociation", ResourceIds=[number], ResourceType="VOICE_PHONE_NUMBER")
    assert found["FlowAssociationSummaryList"][0]["FlowId"].endswith(flow)
    whisper = made.flow(WHISPER, "w", Type="OUTBOUND_WHISPER")
    code = made.refused("AssociatePhoneNumberContactFlow", PhoneNumberId=number, ContactFlowId=whisper)
    assert code == "InvalidParameterException"


def test_two_that_search_and_claim_the_same_number() -> None:
    made = center()
    number = available(made)[0]
    made.call("ClaimPhoneNumber", PhoneNumber=number)
    assert made.refused("ClaimPhoneNumber", PhoneNumber=number) == "InvalidParameterException"
    assert number not in available(made)


def test_a_token_answers_the_same_number() -> None:
    made = center()
    one, two = available(made)[:2]
    first = made.call("ClaimPhoneNumber", PhoneNumber=one, ClientToken="t")
    assert made.call("ClaimPhoneNumber", PhoneNumber=one, ClientToken="t") == first
    assert made.refused("ClaimPhoneNumber", PhoneNumber=two, ClientToken="t") == "IdempotencyException"


def test_a_claim_beyond_the_quota_fails_afterwards() -> None:
    made = center(connect_quotas={"Phone numbers per instance": 1})
    claim(made)
    assert status(made, claim(made)) == "FAILED"
    assert len(made.call("ListPhoneNumbersV2")["ListPhoneNumbersSummaryList"]) == 1


def test_released_numbers_cool_down_and_churn_is_stopped() -> None:
    made = center(connect_quotas={"Phone numbers per instance": 2})
    number = available(made)[0]
    for _ in range(2):
        made.call("ReleasePhoneNumber", PhoneNumberId=claim(made))
    assert number not in available(made)
    fault = made.fault("ClaimPhoneNumber", PhoneNumber=available(made)[0])
    assert "200%" in fault.message
    made.wait(181 * DAY)
    assert number in available(made)
    claim(made)


@pytest.mark.parametrize("goes", [True, False])
def test_whether_an_instance_with_numbers_goes_is_a_switch(goes: bool) -> None:
    made = center(instance_with_numbers_deletable=goes)
    number = claim(made)
    if not goes:
        assert made.refused("DeleteInstance") == "InvalidRequestException"
        made.call("ReleasePhoneNumber", PhoneNumberId=number)
    made.call("DeleteInstance")
    assert made.refused("DescribePhoneNumber", PhoneNumberId=number) == "ResourceNotFoundException"


def test_a_queue_calls_out_with_a_number_of_its_instance() -> None:
    made = center()
    number = claim(made)
    queue = made.queue(OutboundCallerConfig={"OutboundCallerIdNumberId": number})
    config = made.call("DescribeQueue", QueueId=queue)["Queue"]["OutboundCallerConfig"]
    assert config == {"OutboundCallerIdNumberId": number}
