"""UpdateTable: one kind of change at a time, indexes that build, capacity that may not fall too often."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.offline import Offline, refused
from tests.sandbox.aws.test_dynamodb_tables import FIVE, attributes, create, describe, index

PROVISIONED = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": FIVE}
INDEXED: dict[str, Any] = {
    "AttributeDefinitions": attributes("id", "phone"),
    "GlobalSecondaryIndexes": [index(ProvisionedThroughput=FIVE)],
}


def _capacity(read: int, write: int = 5) -> dict[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def _update(aws: Offline, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("dynamodb").update_table(TableName="customers", **params)["TableDescription"]
    return found


def _change_index(**update: Any) -> dict[str, Any]:
    return {"GlobalSecondaryIndexUpdates": [update]}


def _ready(aws: Offline, **changes: Any) -> None:
    create(aws, **changes)
    aws.clock.advance(2)


def test_a_change_takes_a_while_and_blocks_the_next(aws: Offline) -> None:
    _ready(aws, **PROVISIONED)
    answer = _update(aws, ProvisionedThroughput=_capacity(10))
    assert (answer["TableStatus"], answer["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("UPDATING", 5)
    assert "Table is being updated" in refused(
        "ResourceInUseException", _update, aws=aws, ProvisionedThroughput=_capacity(20)
    )
    aws.clock.advance(2)
    found = describe(aws)
    assert (found["TableStatus"], found["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("ACTIVE", 10)
    assert "LastIncreaseDateTime" in found["ProvisionedThroughput"]
    assert found["WarmThroughput"]["ReadUnitsPerSecond"] == 10, "warm throughput rises with capacity"


@pytest.mark.parametrize(
    ("table", "params", "code", "says"),
    [
        pytest.param(PROVISIONED, {}, "ValidationException", "At least one of", id="nothing"),
        pytest.param(
            PROVISIONED, {"ProvisionedThroughput": FIVE}, "ValidationException", "will not change", id="same-capacity"
        ),
        pytest.param(
            PROVISIONED | INDEXED,
            _change_index(Update={"IndexName": "by-phone", "ProvisionedThroughput": FIVE}),
            "ValidationException", "for the index by-phone will not change", id="same-capacity-of-an-index",
        ),
        pytest.param(
            {}, {"ProvisionedThroughput": FIVE}, "ValidationException", "PAY_PER_REQUEST", id="capacity-on-demand"
        ),
        pytest.param(
            {}, {"BillingMode": "PROVISIONED"}, "ValidationException", "must both be specified", id="provisioned-without"
        ),
        pytest.param(
            {"AttributeDefinitions": attributes("id", "phone"), "GlobalSecondaryIndexes": [index()]},
            {"BillingMode": "PROVISIONED", "ProvisionedThroughput": FIVE},
            "ValidationException", "must be specified for index: by-phone", id="provisioned-without-for-an-index",
        ),
        pytest.param(
            PROVISIONED,
            {"ProvisionedThroughput": _capacity(6), "AttributeDefinitions": attributes("id", "phone"),
             **_change_index(Create=index(ProvisionedThroughput=FIVE))},
            "ValidationException", "Only one kind of change", id="capacity-and-new-index",
        ),
        pytest.param(
            PROVISIONED | INDEXED,
            {"ProvisionedThroughput": _capacity(6), **_change_index(Delete={"IndexName": "by-phone"})},
            "ValidationException", "Only one kind of change", id="capacity-and-index-gone",
        ),
        pytest.param(
            PROVISIONED | INDEXED,
            {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-phone"}}, {"Delete": {"IndexName": "by-phone"}}]},
            "LimitExceededException", "Only 1 online index", id="two-indexes",
        ),
        pytest.param(
            PROVISIONED,
            {"ProvisionedThroughput": _capacity(6), "TableClass": "STANDARD"},
            "ValidationException", "Only one kind of change", id="capacity-and-class",
        ),
        pytest.param(
            PROVISIONED, _change_index(Delete={"IndexName": "gone"}), "ResourceNotFoundException", "", id="no-such-index"
        ),
        pytest.param(
            PROVISIONED | INDEXED,
            {"AttributeDefinitions": attributes("phone"), **_change_index(Create=index(ProvisionedThroughput=FIVE))},
            "ValidationException", "already exists", id="index-is-there",
        ),
        pytest.param(
            PROVISIONED, _change_index(Create=index(ProvisionedThroughput=FIVE)),
            "ValidationException", "not specified in AttributeDefinitions", id="index-of-unknown-attribute",
        ),
        pytest.param(
            PROVISIONED,
            {"AttributeDefinitions": attributes("phone"), **_change_index(Create=index())},
            "ValidationException", "ProvisionedThroughput must be specified", id="index-without-capacity",
        ),
        pytest.param(
            PROVISIONED,
            {"AttributeDefinitions": attributes("phone", "other"),
             **_change_index(Create=index(ProvisionedThroughput=FIVE))},
            "ValidationException", "not used", id="attribute-unused",
        ),
        pytest.param(
            PROVISIONED,
            {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}, *attributes("phone")],
             **_change_index(Create=index(ProvisionedThroughput=FIVE))},
            "ValidationException", "already defined", id="attribute-of-another-type",
        ),
        pytest.param(
            PROVISIONED, {"OnDemandThroughput": {"MaxReadRequestUnits": 5}},
            "ValidationException", "OnDemandThroughput", id="on-demand-limit-of-provisioned",
        ),
        pytest.param(
            {}, {"WarmThroughput": {"ReadUnitsPerSecond": 11_999}},
            "ValidationException", "decreasing WarmThroughput is not supported", id="colder",
        ),
        pytest.param(
            {}, {"StreamSpecification": {"StreamEnabled": False}},
            "ValidationException", "does not have an enabled stream", id="no-stream-to-end",
        ),
    ],
)  # fmt: skip
def test_a_change_that_is_refused_changes_nothing(
    aws: Offline, table: dict[str, Any], params: dict[str, Any], code: str, says: str
) -> None:
    _ready(aws, **table)
    before = describe(aws)
    assert says in refused(code, _update, aws=aws, **params)
    assert describe(aws) == before


def test_an_index_is_built_while_the_table_is_usable(aws: Offline) -> None:
    _ready(aws)
    client = aws.client("dynamodb")
    client.put_item(TableName="customers", Item={"id": {"S": "1"}, "phone": {"S": "+44"}})
    _update(aws, AttributeDefinitions=attributes("phone"), **_change_index(Create=index()))

    def query() -> Any:
        return client.query(
            TableName="customers",
            IndexName="by-phone",
            KeyConditionExpression="phone = :phone",
            ExpressionAttributeValues={":phone": {"S": "+44"}},
        )

    def states() -> tuple[str, str, bool]:
        found = describe(aws)
        built = found["GlobalSecondaryIndexes"][0]
        return found["TableStatus"], built["IndexStatus"], built.get("Backfilling", False)

    assert states() == ("UPDATING", "CREATING", False)
    aws.clock.advance(2)
    assert states() == ("ACTIVE", "CREATING", True)
    assert "backfilling" in refused("ValidationException", query)
    another = {"AttributeDefinitions": attributes("mail"), **_change_index(Create=index("by-mail", "mail"))}
    assert "Only 1 online index" in refused("LimitExceededException", _update, aws=aws, **another)
    aws.clock.advance(5)
    assert states() == ("ACTIVE", "ACTIVE", False)
    assert query()["Count"] == 1
    refused(
        "ValidationException", client.query, TableName="customers", IndexName="by-phone", ConsistentRead=True,
        KeyConditionExpression="phone = :phone", ExpressionAttributeValues={":phone": {"S": "+44"}},
    )  # fmt: skip
    _update(aws, **another)


def test_an_index_goes_with_its_attributes(aws: Offline) -> None:
    _ready(aws, AttributeDefinitions=attributes("id", "phone"), GlobalSecondaryIndexes=[index()])
    _update(aws, **_change_index(Delete={"IndexName": "by-phone"}))
    aws.clock.advance(2)
    assert describe(aws)["GlobalSecondaryIndexes"][0]["IndexStatus"] == "DELETING"
    aws.clock.advance(5)
    found = describe(aws)
    assert "GlobalSecondaryIndexes" not in found
    assert found["AttributeDefinitions"] == attributes("id")


def test_an_index_that_is_being_filled_may_be_deleted(aws: Offline) -> None:
    _ready(aws)
    _update(aws, AttributeDefinitions=attributes("phone"), **_change_index(Create=index()))
    refused("ResourceInUseException", _update, aws=aws, **_change_index(Delete={"IndexName": "by-phone"}))
    aws.clock.advance(2)
    _update(aws, **_change_index(Delete={"IndexName": "by-phone"}))
    aws.clock.advance(7)
    assert "GlobalSecondaryIndexes" not in describe(aws)


def _lower(aws: Offline, read: int) -> None:
    _update(aws, ProvisionedThroughput=_capacity(read))
    aws.clock.advance(2)


def test_capacity_falls_four_times_then_once_an_hour(aws: Offline) -> None:
    aws.clock.advance(86_400 - aws.clock.now() % 86_400)  # midnight UTC
    _ready(aws, BillingMode=None, ProvisionedThroughput=_capacity(100))
    for read in (90, 80, 70, 60):
        _lower(aws, read)
    assert describe(aws)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 4
    assert "decreases are limited" in refused("LimitExceededException", _lower, aws=aws, read=50)
    _update(aws, ProvisionedThroughput=_capacity(200))
    aws.clock.advance(3600)
    _lower(aws, 50)
    refused("LimitExceededException", _lower, aws=aws, read=40)
    aws.clock.advance(86_400)
    assert describe(aws)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
    _lower(aws, 40)


def test_an_index_counts_its_own_decreases(aws: Offline) -> None:
    _ready(aws, **(PROVISIONED | INDEXED))
    for read in (4, 3, 2, 1):
        _lower(aws, read)
    wanted = {"IndexName": "by-phone", "ProvisionedThroughput": _capacity(4)}
    answer = _update(aws, **_change_index(Update=wanted))
    assert answer["GlobalSecondaryIndexes"][0]["IndexStatus"] == "UPDATING"
    aws.clock.advance(2)
    found = describe(aws)["GlobalSecondaryIndexes"][0]
    assert (found["IndexStatus"], found["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("ACTIVE", 4)
    assert found["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


def test_to_on_demand_four_times_a_day_and_back_any_time(aws: Offline) -> None:
    _ready(aws, **PROVISIONED)
    for _ in range(4):
        _update(aws, BillingMode="PAY_PER_REQUEST")
        aws.clock.advance(2)
        _update(aws, **PROVISIONED)
        aws.clock.advance(2)
    assert "PayPerRequest" in refused("LimitExceededException", _update, aws=aws, BillingMode="PAY_PER_REQUEST")
    aws.clock.advance(86_400)
    _update(aws, BillingMode="PAY_PER_REQUEST")
    aws.clock.advance(2)
    found = describe(aws)
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert "LastUpdateToPayPerRequestDateTime" in found["BillingModeSummary"]
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_leaving_on_demand_gives_every_index_its_capacity(aws: Offline) -> None:
    _ready(aws, AttributeDefinitions=attributes("id", "phone"), GlobalSecondaryIndexes=[index()])
    _update(
        aws, **PROVISIONED, **_change_index(Update={"IndexName": "by-phone", "ProvisionedThroughput": _capacity(7)})
    )
    aws.clock.advance(2)
    found = describe(aws)
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert found["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 7


def test_on_demand_limits_are_set_and_taken_away(aws: Offline) -> None:
    _ready(aws)
    _update(aws, OnDemandThroughput={"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 5})
    aws.clock.advance(2)
    _update(aws, OnDemandThroughput={"MaxReadRequestUnits": -1})
    aws.clock.advance(2)
    assert describe(aws)["OnDemandThroughput"] == {"MaxWriteRequestUnits": 5}


def test_a_stream_is_enabled_once(aws: Offline) -> None:
    _ready(aws)
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    _update(aws, StreamSpecification=stream)
    aws.clock.advance(2)
    first = describe(aws)
    assert first["StreamSpecification"] == stream
    assert "already has an enabled stream" in refused(
        "ValidationException", _update, aws=aws, StreamSpecification=stream
    )
    _update(aws, StreamSpecification={"StreamEnabled": False})
    aws.clock.advance(2)
    ended = describe(aws)
    assert "StreamSpecification" not in ended
    assert ended["LatestStreamArn"] == first["LatestStreamArn"]


def test_the_class_changes_twice_a_month(aws: Offline) -> None:
    _ready(aws)
    for name in ("STANDARD_INFREQUENT_ACCESS", "STANDARD"):
        _update(aws, TableClass=name)
        aws.clock.advance(2)
    refused("LimitExceededException", _update, aws=aws, TableClass="STANDARD_INFREQUENT_ACCESS")
    aws.clock.advance(30 * 86_400)
    _update(aws, TableClass="STANDARD_INFREQUENT_ACCESS")


def test_whether_settings_combine_is_a_switch(aws: Offline) -> None:
    _ready(aws)
    both = {"DeletionProtectionEnabled": True, "TableClass": "STANDARD_INFREQUENT_ACCESS"}
    refused("ValidationException", _update, aws=aws, **both)
    aws.switch(table_updates_combine=True)
    _update(aws, **both)
    aws.clock.advance(2)
    assert describe(aws)["DeletionProtectionEnabled"] is True
