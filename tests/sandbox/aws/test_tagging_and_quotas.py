"""Resources found by tag across services, and quotas to read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, refused
from tests.sandbox.aws.test_dynamodb_tables import create as create_table
from tests.sandbox.aws.test_lambda_functions import create as create_function

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:lookup"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/customers"
BUCKET = "arn:aws:s3:::packages"


@pytest.fixture
def tagged(aws: Offline) -> Offline:
    create_function(aws, Tags={"owner": "a", "team": "voice"})
    create_table(aws, Tags=[{"Key": "owner", "Value": "b"}])
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket="packages", Tagging={"TagSet": [{"Key": "owner", "Value": "a"}]})
    return aws


def _arns(aws: Offline, **params: Any) -> set[str]:
    found = aws.client("resourcegroupstaggingapi").get_resources(**params)["ResourceTagMappingList"]
    return {item["ResourceARN"] for item in found}


@pytest.mark.parametrize(
    ("params", "arns"),
    [
        pytest.param({}, {FUNCTION, TABLE, BUCKET}, id="all"),
        pytest.param({"TagFilters": [{"Key": "owner"}]}, {FUNCTION, TABLE, BUCKET}, id="key"),
        pytest.param({"TagFilters": [{"Key": "owner", "Values": ["a"]}]}, {FUNCTION, BUCKET}, id="value"),
        pytest.param({"TagFilters": [{"Key": "owner", "Values": ["a", "b"]}]}, {FUNCTION, TABLE, BUCKET}, id="values-or"),
        pytest.param(
            {"TagFilters": [{"Key": "owner", "Values": ["a"]}, {"Key": "team"}]}, {FUNCTION}, id="filters-and"
        ),
        pytest.param({"ResourceTypeFilters": ["dynamodb"]}, {TABLE}, id="service"),
        pytest.param({"ResourceTypeFilters": ["lambda:function", "dynamodb:table"]}, {FUNCTION, TABLE}, id="types"),
        pytest.param({"ResourceARNList": [TABLE]}, {TABLE}, id="arns"),
        pytest.param({"TagFilters": [{"Key": "none"}]}, set(), id="nothing"),
    ],
)  # fmt: skip
def test_resources_are_found_by_tag(tagged: Offline, params: dict[str, Any], arns: set[str]) -> None:
    assert _arns(tagged, **params) == arns


def test_pages_go_through_all(tagged: Offline) -> None:
    client = tagged.client("resourcegroupstaggingapi")
    found: list[str] = []
    token = ""
    while True:
        page = client.get_resources(ResourcesPerPage=1, PaginationToken=token)
        found += [item["ResourceARN"] for item in page["ResourceTagMappingList"]]
        token = page["PaginationToken"]
        if not token:
            break
    assert sorted(found) == sorted([FUNCTION, TABLE, BUCKET])


def test_a_deleted_table_is_not_found(tagged: Offline) -> None:
    tagged.clock.advance(2)
    tagged.client("dynamodb").delete_table(TableName="customers")
    tagged.clock.advance(2)
    assert _arns(tagged, TagFilters=[{"Key": "owner", "Values": ["b"]}]) == set()


def test_arns_and_filters_do_not_go_together(tagged: Offline) -> None:
    call = tagged.client("resourcegroupstaggingapi").get_resources
    refused("InvalidParameterException", call, ResourceARNList=[TABLE], TagFilters=[{"Key": "owner"}])


def test_other_regions_are_not_searched(tagged: Offline) -> None:
    found = tagged.client("resourcegroupstaggingapi", region="us-east-1").get_resources(ResourceTypeFilters=["lambda"])
    assert found["ResourceTagMappingList"] == []


# --- quotas


def _quota(aws: Offline, name: str) -> float:
    found = aws.client("service-quotas").list_service_quotas(ServiceCode="connect")["Quotas"]
    return next(float(item["Value"]) for item in found if item["QuotaName"] == name)


def test_quotas_are_the_defaults_until_switched(aws: Offline) -> None:
    assert _quota(aws, "Queues per instance") == 50
    aws.switch(connect_quotas={"Queues per instance": 75})
    assert _quota(aws, "Queues per instance") == 75
    client = aws.client("service-quotas")
    standard = client.get_aws_default_service_quota(ServiceCode="connect", QuotaCode="L-19A87C94")["Quota"]
    assert standard["Value"] == 50
    refused("NoSuchResourceException", client.get_service_quota, ServiceCode="connect", QuotaCode="L-0")
    refused("NoSuchResourceException", client.list_service_quotas, ServiceCode="nothing")


def test_more_is_asked_for_once(aws: Offline) -> None:
    client = aws.client("service-quotas")
    params = {"ServiceCode": "connect", "QuotaCode": "L-19A87C94"}
    call = client.request_service_quota_increase
    refused("IllegalArgumentException", call, DesiredValue=50, **params)
    assert call(DesiredValue=100, **params)["RequestedQuota"]["Status"] == "PENDING"
    refused("ResourceAlreadyExistsException", call, DesiredValue=200, **params)
    history = client.list_requested_service_quota_change_history_by_quota(**params)["RequestedQuotas"]
    assert [item["DesiredValue"] for item in history] == [100]
