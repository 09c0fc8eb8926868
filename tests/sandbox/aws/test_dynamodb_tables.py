"""Tables: what a definition must be, which states a table passes through, what hangs on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, refused
from trunkline_sandbox.aws.switches import Switches

ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/customers"
FIVE = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
ALL = {"ProjectionType": "ALL"}


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def index(name: str = "by-phone", *key_names: str, **changes: Any) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": keys(*(key_names or ("phone",))), "Projection": ALL} | changes


def create(aws: Offline, **changes: Any) -> Any:
    params = {
        "TableName": "customers",
        "AttributeDefinitions": attributes("id"),
        "KeySchema": keys("id"),
        "BillingMode": "PAY_PER_REQUEST",
    }
    wanted = params | changes
    return aws.client("dynamodb").create_table(**{key: value for key, value in wanted.items() if value is not None})


def describe(aws: Offline) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("dynamodb").describe_table(TableName="customers")["Table"]
    return found


def test_a_table_is_creating_then_active_with_everything_it_was_given(aws: Offline) -> None:
    answer = create(
        aws,
        AttributeDefinitions=attributes("id", "at", "phone"),
        KeySchema=keys("id", "at"),
        GlobalSecondaryIndexes=[index(OnDemandThroughput={"MaxReadRequestUnits": 10})],
        LocalSecondaryIndexes=[index("by-phone-too", "id", "phone")],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
        TableClass="STANDARD_INFREQUENT_ACCESS",
        DeletionProtectionEnabled=True,
        OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50},
        WarmThroughput={"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 5_000},
        Tags=[{"Key": "team", "Value": "voice"}],
    )["TableDescription"]
    assert answer["TableStatus"] == "CREATING"
    aws.clock.advance(2)
    found = describe(aws)
    assert (found["TableStatus"], found["TableArn"], found["ItemCount"]) == ("ACTIVE", ARN, 0)
    assert found["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    (built,) = found["GlobalSecondaryIndexes"]
    assert (built["IndexStatus"], built["OnDemandThroughput"]) == ("ACTIVE", {"MaxReadRequestUnits": 10})
    assert built["IndexArn"] == f"{ARN}/index/by-phone"
    assert found["LocalSecondaryIndexes"][0]["IndexName"] == "by-phone-too"
    assert found["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert found["LatestStreamArn"].startswith(f"{ARN}/stream/")
    assert found["SSEDescription"]["SSEType"] == "KMS"
    assert found["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert found["DeletionProtectionEnabled"] is True
    assert found["OnDemandThroughput"] == {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}
    assert found["WarmThroughput"]["ReadUnitsPerSecond"] == 13_000
    tags = aws.client("dynamodb").list_tags_of_resource(ResourceArn=ARN)["Tags"]
    assert tags == [{"Key": "team", "Value": "voice"}]


def test_the_answer_says_creating_however_fast_it_goes() -> None:
    aws = Offline(Switches(throttling=False))
    assert create(aws)["TableDescription"]["TableStatus"] == "CREATING"
    assert describe(aws)["TableStatus"] == "ACTIVE"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"TableName": "ab"}, "at least 3 characters", id="name-short"),
        pytest.param({"TableName": "a b c"}, "regular expression|at least 3", id="name-with-space"),
        pytest.param({"AttributeDefinitions": attributes("id", "x")}, "not used", id="attribute-unused"),
        pytest.param({"AttributeDefinitions": attributes("x")}, "not defined", id="attribute-missing"),
        pytest.param({"AttributeDefinitions": attributes("id", "id")}, "more than one definition", id="attribute-twice"),
        pytest.param({"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]}, "not a HASH", id="range-first"),
        pytest.param({"KeySchema": keys("id", "id")}, "same name", id="one-attribute-for-both-keys"),
        pytest.param({"BillingMode": None}, "must both be specified", id="provisioned-without-capacity"),
        pytest.param({"ProvisionedThroughput": FIVE}, "Neither ReadCapacityUnits", id="on-demand-with-capacity"),
        pytest.param(
            {"BillingMode": None, "ProvisionedThroughput": FIVE, "OnDemandThroughput": {"MaxReadRequestUnits": 1}},
            "OnDemandThroughput", id="provisioned-with-on-demand-limit",
        ),
        pytest.param(
            {"BillingMode": None, "ProvisionedThroughput": FIVE, "GlobalSecondaryIndexes": [index()],
             "AttributeDefinitions": attributes("id", "phone")},
            "ProvisionedThroughput must be specified for index: by-phone", id="index-without-capacity",
        ),
        pytest.param(
            {"GlobalSecondaryIndexes": [index(ProvisionedThroughput=FIVE)], "AttributeDefinitions": attributes("id", "phone")},
            "should not be specified for index: by-phone", id="index-with-capacity",
        ),
        pytest.param(
            {"GlobalSecondaryIndexes": [index(), index()], "AttributeDefinitions": attributes("id", "phone")},
            "Duplicate index name: by-phone", id="index-twice",
        ),
        pytest.param(
            {"GlobalSecondaryIndexes": [index(f"index-{n}") for n in range(21)],
             "AttributeDefinitions": attributes("id", "phone")},
            "per-table limit of 20", id="21-indexes",
        ),
        pytest.param(
            {"GlobalSecondaryIndexes": [index(Projection={"ProjectionType": "INCLUDE"})],
             "AttributeDefinitions": attributes("id", "phone")},
            "NonKeyAttributes is not specified", id="include-without-attributes",
        ),
        pytest.param(
            {"GlobalSecondaryIndexes": [index(Projection={"ProjectionType": "ALL", "NonKeyAttributes": ["x"]})],
             "AttributeDefinitions": attributes("id", "phone")},
            "ProjectionType is ALL", id="all-with-attributes",
        ),
        pytest.param(
            {"LocalSecondaryIndexes": [index("local", "id", "phone")], "AttributeDefinitions": attributes("id", "phone")},
            "does not have a range key", id="local-index-needs-a-range-key",
        ),
        pytest.param(
            {"StreamSpecification": {"StreamEnabled": True}}, "StreamViewType is required", id="stream-without-view"
        ),
        pytest.param({"WarmThroughput": {"ReadUnitsPerSecond": 1}}, "WarmThroughput", id="warm-below-what-it-has"),
        pytest.param({"SSESpecification": {"KMSMasterKeyId": "k"}}, "SSE is enabled", id="key-without-encryption"),
        pytest.param({"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, "Too many tags", id="51-tags"),
        pytest.param({"Tags": [{"Key": "aws:x", "Value": ""}]}, "reserved", id="aws-tag"),
    ],
)  # fmt: skip
def test_a_definition_that_does_not_fit(aws: Offline, changes: dict[str, Any], says: str) -> None:
    text = refused("ValidationException", create, aws=aws, **changes)
    assert any(part in text for part in says.split("|")), text
    assert aws.client("dynamodb").list_tables()["TableNames"] == []


def test_a_name_is_taken_while_the_table_is_there(aws: Offline) -> None:
    create(aws)
    assert refused("ResourceInUseException", create, aws=aws) == "Table already exists: customers"
    aws.clock.advance(2)
    aws.client("dynamodb").delete_table(TableName="customers")
    refused("ResourceInUseException", create, aws=aws)
    aws.clock.advance(2)
    create(aws)


def test_deleting_takes_a_while_and_waits_for_other_changes(aws: Offline) -> None:
    create(aws)
    client = aws.client("dynamodb")
    assert "Table is being created" in refused("ResourceInUseException", client.delete_table, TableName="customers")
    aws.clock.advance(2)
    assert client.delete_table(TableName="customers")["TableDescription"]["TableStatus"] == "DELETING"
    assert describe(aws)["TableStatus"] == "DELETING"
    assert "Table is being deleted" in refused("ResourceInUseException", client.delete_table, TableName="customers")
    aws.clock.advance(2)
    refused("ResourceNotFoundException", client.describe_table, TableName="customers")
    refused("ResourceNotFoundException", client.delete_table, TableName="customers")


def test_a_protected_table_is_not_deleted(aws: Offline) -> None:
    create(aws, DeletionProtectionEnabled=True)
    aws.clock.advance(2)
    client = aws.client("dynamodb")
    assert "protected against deletion" in refused("ValidationException", client.delete_table, TableName="customers")
    client.update_table(TableName="customers", DeletionProtectionEnabled=False)
    aws.clock.advance(2)
    client.delete_table(TableName="customers")


def test_tables_are_listed_in_pages(aws: Offline) -> None:
    for name in ("aaa", "bbb", "ccc"):
        create(aws, TableName=name)
    client = aws.client("dynamodb")
    first = client.list_tables(Limit=2)
    assert (first["TableNames"], first["LastEvaluatedTableName"]) == (["aaa", "bbb"], "bbb")
    assert client.list_tables(ExclusiveStartTableName="bbb")["TableNames"] == ["ccc"]


def test_a_table_is_named_by_its_arn_too(aws: Offline) -> None:
    create(aws)
    assert aws.client("dynamodb").describe_table(TableName=ARN)["Table"]["TableName"] == "customers"
    other = ARN.replace(REGION, "us-east-1")
    refused("ResourceNotFoundException", aws.client("dynamodb").describe_table, TableName=other)


def test_500_tables_change_at_once_and_no_more(aws: Offline) -> None:
    aws.switch(table_seconds=60.0)
    for number in range(500):
        create(aws, TableName=f"table-{number}")
    assert "concurrent control plane operations" in refused("LimitExceededException", create, aws=aws)
    aws.clock.advance(60)
    create(aws)


def test_global_tables_are_not_offered(aws: Offline) -> None:
    create(aws)
    aws.clock.advance(2)
    call = aws.client("dynamodb").update_table
    replicas = [{"Create": {"RegionName": "us-east-1"}}]
    refused("NotImplementedInSandbox", call, TableName="customers", ReplicaUpdates=replicas)


# --- time to live


def _time_to_live(aws: Offline, attribute: str = "expires", *, enabled: bool = True) -> Any:
    wanted = {"Enabled": enabled, "AttributeName": attribute}
    return aws.client("dynamodb").update_time_to_live(TableName="customers", TimeToLiveSpecification=wanted)


def _status(aws: Offline) -> dict[str, str]:
    found: dict[str, str] = aws.client("dynamodb").describe_time_to_live(TableName="customers")["TimeToLiveDescription"]
    return found


def test_time_to_live_changes_once_an_hour(aws: Offline) -> None:
    aws.switch(time_to_live_seconds=30.0)
    create(aws)
    refused("ResourceInUseException", _time_to_live, aws=aws)
    aws.clock.advance(2)
    assert _status(aws) == {"TimeToLiveStatus": "DISABLED"}
    _time_to_live(aws)
    assert _status(aws) == {"TimeToLiveStatus": "ENABLING", "AttributeName": "expires"}
    aws.clock.advance(30)
    assert _status(aws)["TimeToLiveStatus"] == "ENABLED"
    assert "multiple times within a fixed interval" in refused(
        "ValidationException", _time_to_live, aws=aws, enabled=False
    )
    aws.clock.advance(3600)
    assert refused("ValidationException", _time_to_live, aws=aws) == "TimeToLive is already enabled"
    assert "different AttributeName" in refused("ValidationException", _time_to_live, aws=aws, attribute="other")
    assert "different AttributeName" in refused(
        "ValidationException", _time_to_live, aws=aws, attribute="other", enabled=False
    )
    _time_to_live(aws, enabled=False)
    assert _status(aws)["TimeToLiveStatus"] == "DISABLING"
    aws.clock.advance(3600)
    assert _status(aws) == {"TimeToLiveStatus": "DISABLED"}
    assert refused("ValidationException", _time_to_live, aws=aws, enabled=False) == "TimeToLive is already disabled"


# --- point-in-time recovery


def _recovery(aws: Offline, **wanted: Any) -> Any:
    return aws.client("dynamodb").update_continuous_backups(
        TableName="customers", PointInTimeRecoverySpecification=wanted
    )["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]


def test_recovery_waits_for_the_table_and_keeps_its_days(aws: Offline) -> None:
    refused("TableNotFoundException", _recovery, aws=aws, PointInTimeRecoveryEnabled=True)
    create(aws)
    refused("ContinuousBackupsUnavailableException", _recovery, aws=aws, PointInTimeRecoveryEnabled=True)
    aws.clock.advance(2)
    assert _recovery(aws, PointInTimeRecoveryEnabled=True)["RecoveryPeriodInDays"] == 35
    assert _recovery(aws, PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)["RecoveryPeriodInDays"] == 7
    found = aws.client("dynamodb").describe_continuous_backups(TableName="customers")["ContinuousBackupsDescription"]
    assert found["ContinuousBackupsStatus"] == "ENABLED"
    assert found["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
    assert "EarliestRestorableDateTime" in found["PointInTimeRecoveryDescription"]
    refused("ValidationException", _recovery, aws=aws, PointInTimeRecoveryEnabled=False, RecoveryPeriodInDays=7)
    assert _recovery(aws, PointInTimeRecoveryEnabled=False) == {"PointInTimeRecoveryStatus": "DISABLED"}


# --- tags, policy, insights


def test_tags_are_added_and_taken(aws: Offline) -> None:
    create(aws, Tags=[{"Key": "a", "Value": "1"}])
    client = aws.client("dynamodb")
    more = [{"Key": "b", "Value": "2"}]
    refused("ResourceInUseException", client.tag_resource, ResourceArn=ARN, Tags=more)
    aws.clock.advance(2)
    client.tag_resource(ResourceArn=ARN, Tags=more)
    client.untag_resource(ResourceArn=ARN, TagKeys=["a"])
    assert client.list_tags_of_resource(ResourceArn=ARN)["Tags"] == more
    refused("ResourceNotFoundException", client.tag_resource, ResourceArn=ARN + "x", Tags=more)


def test_a_resource_policy_is_kept_with_its_revision(aws: Offline) -> None:
    create(aws)
    aws.clock.advance(2)
    client = aws.client("dynamodb")
    refused("PolicyNotFoundException", client.get_resource_policy, ResourceArn=ARN)
    revision = client.put_resource_policy(ResourceArn=ARN, Policy="{}")["RevisionId"]
    assert client.get_resource_policy(ResourceArn=ARN)["Policy"] == "{}"
    refused("PolicyNotFoundException", client.delete_resource_policy, ResourceArn=ARN, ExpectedRevisionId="9")
    client.delete_resource_policy(ResourceArn=ARN, ExpectedRevisionId=revision)


def test_contributor_insights_per_table_and_index(aws: Offline) -> None:
    create(aws, AttributeDefinitions=attributes("id", "phone"), GlobalSecondaryIndexes=[index()])
    client = aws.client("dynamodb")
    client.update_contributor_insights(TableName="customers", IndexName="by-phone", ContributorInsightsAction="ENABLE")
    table = client.describe_contributor_insights(TableName="customers")
    of_index = client.describe_contributor_insights(TableName="customers", IndexName="by-phone")
    assert (table["ContributorInsightsStatus"], of_index["ContributorInsightsStatus"]) == ("DISABLED", "ENABLED")


# --- items


def _put(number: object) -> dict[str, Any]:
    return {"PutRequest": {"Item": {"id": {"S": str(number)}, "phone": {"S": "+44"}}}}


def test_items_need_an_active_table(aws: Offline) -> None:
    client = aws.client("dynamodb")
    item = {"id": {"S": "1"}}
    refused("ResourceNotFoundException", client.put_item, TableName="customers", Item=item)
    create(aws)
    refused("ResourceNotFoundException", client.put_item, TableName="customers", Item=item)
    aws.clock.advance(2)
    client.put_item(TableName="customers", Item=item)
    assert client.get_item(TableName="customers", Key=item)["Item"] == item
    assert describe(aws)["ItemCount"] == 1
    client.delete_table(TableName="customers")
    refused("ResourceNotFoundException", client.get_item, TableName="customers", Key=item)


def test_batches_have_limits_and_no_duplicates(aws: Offline) -> None:
    create(aws)
    create(aws, TableName="others")
    aws.clock.advance(2)
    client = aws.client("dynamodb")
    client.batch_write_item(RequestItems={"customers": [_put(number) for number in range(25)]})
    over = {"customers": [_put(number) for number in range(26)]}
    refused("ValidationException", client.batch_write_item, RequestItems=over)
    spread = {"customers": [_put(n) for n in range(13)], "others": [_put(n) for n in range(13)]}
    assert "Too many items" in refused("ValidationException", client.batch_write_item, RequestItems=spread)
    twice = {"customers": [_put(1), {"DeleteRequest": {"Key": {"id": {"S": "1"}}}}]}
    assert "duplicates" in refused("ValidationException", client.batch_write_item, RequestItems=twice)
    reading = [{"id": {"S": str(number)}} for number in range(101)]
    client.batch_get_item(RequestItems={"customers": {"Keys": reading[:100]}})
    refused("ValidationException", client.batch_get_item, RequestItems={"customers": {"Keys": reading}})
    same = {"customers": {"Keys": [reading[0], reading[0]]}}
    assert "duplicates" in refused("ValidationException", client.batch_get_item, RequestItems=same)
