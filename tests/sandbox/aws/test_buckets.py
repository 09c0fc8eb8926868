"""Rates are granted per account, Region and bucket, on the clock."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.offline import Offline, refused, status_of
from trunkline_sandbox.aws.buckets import bucket_name, rate_of
from trunkline_sandbox.aws.switches import Switches


@pytest.fixture
def aws() -> Offline:
    return Offline(Switches())


def _granted(call: Any, attempts: int) -> int:
    granted = 0
    for _ in range(attempts):
        try:
            call()
        except ClientError:
            break
        granted += 1
    return granted


def test_connect_grants_a_burst_of_five_then_two_a_second(aws: Offline) -> None:
    call = aws.client("connect").list_instances
    assert _granted(call, 10) == 5
    aws.clock.advance(1)
    assert _granted(call, 10) == 2
    aws.clock.advance(60)
    assert _granted(call, 10) == 5, "the bucket holds no more than the burst"


def test_a_client_at_the_rate_is_never_throttled(aws: Offline) -> None:
    call = aws.client("connect").list_instances
    _granted(call, 5)
    for number in range(200):
        aws.clock.advance(0.5)
        assert _granted(call, 1) == 1, f"throttled at call {number}"


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        pytest.param("connect", "list_instances", "ThrottlingException", 429, id="connect"),
        pytest.param("lambda", "get_account_settings", "TooManyRequestsException", 429, id="lambda"),
        pytest.param("dynamodb", "describe_limits", "ThrottlingException", 400, id="dynamodb"),
        pytest.param("iam", "list_roles", "Throttling", 400, id="iam"),
        pytest.param("s3", "list_buckets", "SlowDown", 503, id="s3"),
    ],
)
def test_each_service_spells_throttling_its_way(
    aws: Offline, service: str, operation: str, code: str, status: int
) -> None:
    name = bucket_name(service, "".join(word.capitalize() for word in operation.split("_")))
    aws.switch(rates={name: (0.001, 0.0)})
    call = getattr(aws.client(service), operation)
    refused(code, call)
    assert status_of(call) == status


def test_operations_accounts_and_regions_do_not_share(aws: Offline) -> None:
    aws.cloud.credentials.register("AKIAOTHERACCOUNT0000", "222222222222")
    assert _granted(aws.client("connect").list_instances, 10) == 5
    assert _granted(aws.client("connect", region="us-east-1").list_instances, 10) == 5
    assert _granted(aws.client("connect", access_key="AKIAOTHERACCOUNT0000").list_instances, 10) == 5
    refused("ThrottlingException", aws.client("connect").list_instances)


def test_lambdas_control_plane_shares_one_bucket_but_for_get_function(aws: Offline) -> None:
    client = aws.client("lambda")
    assert _granted(client.list_functions, 20) == 15
    refused("TooManyRequestsException", client.get_account_settings)
    refused("ResourceNotFoundException", client.get_function, FunctionName="f")


def test_rates_can_be_set_and_turned_off(aws: Offline) -> None:
    aws.switch(rates={"connect:ListInstances": (10.0, 20.0)})
    assert _granted(aws.client("connect").list_instances, 30) == 20
    aws.switch(throttling=False)
    assert _granted(aws.client("connect").list_instances, 30) == 30


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        pytest.param("connect:CreateQueue", (2.0, 5.0), id="default"),
        pytest.param("connect:GetMetricDataV2", (10.0, 10.0), id="metrics"),
        pytest.param("connect:GetCurrentMetricData", (5.0, 8.0), id="current-metrics"),
        pytest.param("connect:SearchContacts", (0.5, 1.0), id="search-contacts"),
        pytest.param("lambda:GetFunction", (100.0, 100.0), id="get-function"),
        pytest.param("dynamodb:TagResource", (5.0, 5.0), id="dynamodb-tags"),
    ],
)
def test_documented_rates(name: str, rate: tuple[float, float]) -> None:
    assert rate_of(name, {}) == rate


def test_a_throttled_call_is_not_validated_and_changes_nothing(aws: Offline) -> None:
    aws.switch(rates={"logs:CreateLogGroup": (0.001, 0.0)})
    refused("ThrottlingException", aws.client("logs").create_log_group, logGroupName="*not valid*")
