"""Service Quotas: what is granted, what is asked for, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.aws.offline import Offline, refused
from tests.sandbox.aws.test_dynamodb_tables import FIVE
from tests.sandbox.aws.test_dynamodb_tables import create as create_table

CALLS = {"ServiceCode": "connect", "QuotaCode": "L-12AB7C57"}
CONCURRENCY = {"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"}
READS = {"ServiceCode": "dynamodb", "QuotaCode": "L-CF0CBE56"}
ACCOUNT_READS = {"ServiceCode": "dynamodb", "QuotaCode": "L-34F6A552"}
INSTANCE = "arn:aws:connect:eu-west-2:123456789012:instance/11111111-2222-4333-8444-555555555555"


def _value(aws: Offline, quota: dict[str, str], **more: str) -> float:
    return float(aws.client("service-quotas").get_service_quota(**quota, **more)["Quota"]["Value"])


def _ask(aws: Offline, quota: dict[str, str], value: float, **more: Any) -> Any:
    call = aws.client("service-quotas").request_service_quota_increase
    return call(DesiredValue=value, **quota, **more)["RequestedQuota"]


def _decide(aws: Offline, request: Any, status: str) -> None:
    aws.cloud.extra("service-quotas", "decide", id=request["Id"], status=status)


@pytest.mark.parametrize(
    ("quota", "value"),
    [
        pytest.param(CALLS, 10, id="concurrent-calls"),
        pytest.param(CONCURRENCY, 1000, id="concurrent-executions"),
        pytest.param(READS, 40_000, id="read-units-of-a-table"),
    ],
)
def test_new_accounts_have_the_documented_quotas(aws: Offline, quota: dict[str, str], value: float) -> None:
    assert _value(aws, quota) == value


def test_an_approved_request_is_what_the_services_allow(aws: Offline) -> None:
    request = _ask(aws, CONCURRENCY, 3000)
    assert _value(aws, CONCURRENCY) == 1000
    _decide(aws, request, "CASE_OPENED")
    aws.clock.advance(86_400)
    _decide(aws, request, "APPROVED")
    assert _value(aws, CONCURRENCY) == 3000
    settings = aws.client("lambda").get_account_settings()["AccountLimit"]
    assert settings["ConcurrentExecutions"] == 3000
    found = aws.client("service-quotas").get_requested_service_quota_change(RequestId=request["Id"])["RequestedQuota"]
    assert (found["Status"], found["DesiredValue"]) == ("APPROVED", 3000)
    assert (found["LastUpdated"] - found["Created"]).total_seconds() == 86_400
    _ask(aws, CONCURRENCY, 5000)


def test_a_denied_request_changes_nothing_and_makes_room_for_another(aws: Offline) -> None:
    request = _ask(aws, READS, 80_000)
    refused("ResourceAlreadyExistsException", _ask, aws=aws, quota=READS, value=90_000)
    _decide(aws, request, "DENIED")
    assert _value(aws, READS) == 40_000
    _ask(aws, READS, 90_000)
    with pytest.raises(ValueError, match="no open request"):
        _decide(aws, request, "APPROVED")


def test_an_instance_has_quotas_of_its_own(aws: Offline) -> None:
    request = _ask(aws, CALLS, 500, ContextId=INSTANCE)
    assert request["QuotaRequestedAtLevel"] == "RESOURCE"
    _decide(aws, request, "APPROVED")
    assert _value(aws, CALLS, ContextId=INSTANCE) == 500
    assert _value(aws, CALLS) == 10, "the others keep theirs"
    refused("IllegalArgumentException", _value, aws=aws, quota=CONCURRENCY, ContextId=INSTANCE)


def test_the_history_is_found_by_service_quota_and_status(aws: Offline) -> None:
    _decide(aws, _ask(aws, CALLS, 100), "DENIED")
    _ask(aws, CONCURRENCY, 3000)
    call = aws.client("service-quotas").list_requested_service_quota_change_history
    assert [item["QuotaCode"] for item in call()["RequestedQuotas"]] == ["L-12AB7C57", "L-B99A9384"]
    assert [item["QuotaCode"] for item in call(ServiceCode="lambda")["RequestedQuotas"]] == ["L-B99A9384"]
    assert [item["QuotaCode"] for item in call(Status="DENIED")["RequestedQuotas"]] == ["L-12AB7C57"]
    other = aws.client("service-quotas", region="us-east-1").list_requested_service_quota_change_history
    assert other()["RequestedQuotas"] == [], "of another Region"


def test_quotas_come_in_pages(aws: Offline) -> None:
    call = aws.client("service-quotas").list_service_quotas
    first = call(ServiceCode="connect", MaxResults=10)
    second = call(ServiceCode="connect", MaxResults=10, NextToken=first["NextToken"])
    names = [item["QuotaName"] for page in (first, second) for item in page["Quotas"]]
    assert len(set(names)) == 16
    refused("InvalidPaginationTokenException", call, ServiceCode="connect", NextToken="x")


def test_a_table_gets_no_more_than_its_quota(aws: Offline) -> None:
    create_table(aws, BillingMode="PROVISIONED", ProvisionedThroughput=FIVE)
    aws.clock.advance(60)
    client = aws.client("dynamodb")
    wanted = {"TableName": "customers", "ProvisionedThroughput": FIVE | {"ReadCapacityUnits": 40_001}}
    assert "table-level limit of 40000" in refused("LimitExceededException", client.update_table, **wanted)
    _decide(aws, _ask(aws, READS, 50_000), "APPROVED")
    client.update_table(**wanted)
    assert client.describe_limits()["TableMaxReadCapacityUnits"] == 50_000


def test_all_tables_together_get_no_more_than_the_accounts_quota(aws: Offline) -> None:
    client = aws.client("dynamodb")
    most = {"ReadCapacityUnits": 40_000, "WriteCapacityUnits": 10}
    for name in ("one", "two"):
        create_table(aws, TableName=name, BillingMode="PROVISIONED", ProvisionedThroughput=most)
        aws.clock.advance(60)
    told = client.describe_limits()
    assert (told["AccountMaxReadCapacityUnits"], told["AccountMaxWriteCapacityUnits"]) == (80_000, 80_000)
    provisioned: dict[str, Any] = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": FIVE}
    said = refused("LimitExceededException", create_table, aws=aws, TableName="three", **provisioned)
    assert "80005 for all tables and indexes of the account in this Region exceeds the account-level limit" in said
    create_table(aws, TableName="on-demand")  # what is billed per request is none of it
    _decide(aws, _ask(aws, ACCOUNT_READS, 80_010), "APPROVED")
    create_table(aws, TableName="three", **provisioned)
    aws.clock.advance(60)
    more = {"TableName": "three", "ProvisionedThroughput": FIVE | {"ReadCapacityUnits": 10}}
    client.update_table(**more)
    other = {"TableName": "one", "ProvisionedThroughput": {"ReadCapacityUnits": 39_999, "WriteCapacityUnits": 10}}
    client.update_table(**other)  # on their way: the increase counts at once, the decrease only when it is done
    create = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    refused("LimitExceededException", create_table, aws=aws, TableName="four", **create)
    aws.clock.advance(60)
    create_table(aws, TableName="four", **create)
    assert _used(aws, "Read") == 80_010
    assert _used(aws, "Write") == 26


def _used(aws: Offline, word: str) -> float:
    """As CloudWatch has it."""
    dimensions = {"Service": "DynamoDB", "Type": "Resource", "Class": "None"}
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    named.append({"Name": "Resource", "Value": f"AccountProvisioned{word}CapacityUnits"})
    metric = {"Namespace": "AWS/Usage", "MetricName": "ResourceCount", "Dimensions": named}
    now = datetime.fromtimestamp(aws.clock.now(), UTC)
    (result,) = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Maximum"}}],
        StartTime=now - timedelta(minutes=15),
        EndTime=now,
    )["MetricDataResults"]
    return float(result["Values"][0])
