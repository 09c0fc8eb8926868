"""The table of call rates."""

from __future__ import annotations

import botocore.session
import pytest

from trunkline.aws.limits import DEFAULTS, DOCUMENTED, OPERATIONS, granted
from trunkline.engine.bucket import Bucket

ACCOUNT, REGION = "111122223333", "eu-west-2"


@pytest.mark.parametrize(
    ("service", "operation", "name", "rate", "burst"),
    [
        pytest.param("connect", "SearchQueues", "connect.SearchQueues", 2, 5, id="Connect: each operation its own"),
        pytest.param("connect", "CreateQueue", "connect.CreateQueue", 2, 5, id="Connect: writes too"),
        pytest.param("connect", "GetMetricDataV2", "connect.GetMetricDataV2", 10, 10, id="Connect: an exception"),
        pytest.param("lambda", "CreateFunction", "lambda.control-plane", 15, 5, id="Lambda: one for all"),
        pytest.param("lambda", "ListTags", "lambda.control-plane", 15, 5, id="Lambda: reads draw from it too"),
        pytest.param("lambda", "GetFunction", "lambda.GetFunction", 100, 20, id="Lambda: but GetFunction"),
        pytest.param("lambda", "GetPolicy", "lambda.GetPolicy", 15, 5, id="Lambda: and GetPolicy"),
        pytest.param("dynamodb", "TagResource", "dynamodb.TagResource", 5, 5, id="DynamoDB: five taggings a second"),
        pytest.param("made-up", "DoThing", "made-up.DoThing", 2, 5, id="unknown: shy"),
    ],
)
def test_bucket_of_an_operation(service: str, operation: str, name: str, rate: float, burst: float) -> None:
    found = DOCUMENTED.bucket(ACCOUNT, REGION, service, operation)
    assert (found.name, found.rate, found.burst) == (name, rate, burst)
    assert (found.account, found.region) == (ACCOUNT, REGION)


def test_iam_is_one_service_for_all_regions() -> None:
    bucket = DOCUMENTED.bucket
    assert bucket(ACCOUNT, "us-east-1", "iam", "GetRole") == bucket(ACCOUNT, "eu-west-2", "iam", "CreateRole")


@pytest.mark.parametrize(("service", "operation"), sorted(OPERATIONS))
def test_named_operations_exist(service: str, operation: str) -> None:
    assert operation in botocore.session.get_session().get_service_model(service).operation_names


@pytest.mark.parametrize("service", sorted(DEFAULTS))
def test_a_single_call_can_always_be_served(service: str) -> None:
    limits = [DEFAULTS[service], *(DOCUMENTED.limit(*key) for key in OPERATIONS if key[0] == service)]
    assert all(one.burst >= 1 and one.rate > 0 for one in limits)


def test_two_regions_do_not_share() -> None:
    one, other = (
        DOCUMENTED.bucket(ACCOUNT, region, "connect", "SearchQueues") for region in ("us-east-1", "eu-west-2")
    )
    assert one != other
    assert isinstance(one, Bucket)


@pytest.mark.parametrize(
    ("operation", "rate", "burst"),
    [
        pytest.param(("connect", "CreateQueue"), 20, 50, id="the service's"),
        pytest.param(("connect", "SearchContacts"), 2, 4, id="its own; twice as many at once unless said"),
        pytest.param(("connect", "GetMetricDataV2"), 10, 10, id="documented for itself: not the service's"),
        pytest.param(("lambda", "CreateFunction"), 30, 60, id="shared as before"),
        pytest.param(("dynamodb", "DescribeTable"), 10, 10, id="not granted"),
    ],
)
def test_what_an_account_was_granted_stands_in_the_place_of_the_default(
    operation: tuple[str, str], rate: float, burst: float
) -> None:
    limits = granted("connect=20/50, connect:SearchContacts=2,lambda=30")
    found = limits.bucket(ACCOUNT, REGION, *operation)
    documented = DOCUMENTED.bucket(ACCOUNT, REGION, *operation)
    assert (found.rate, found.burst) == (rate, burst)
    assert (found.name, found.region) == (documented.name, documented.region)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("connect", "write service=calls a second", id="no rate"),
        pytest.param("connect=0", "no call rate", id="nothing"),
        pytest.param("connect=5/0", "no call rate", id="never any"),
        pytest.param("conect=5", "conect is none of", id="misspelled"),
        pytest.param("lambda:CreateFunction=5", "write lambda=5", id="of a shared rate"),
    ],
)
def test_a_rate_that_cannot_be_meant_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        granted(text)
