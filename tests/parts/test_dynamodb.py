"""DynamoDB Local answers, keeps accounts apart, and refuses what DynamoDB refuses."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.parts.dynamodb import DynamoDBServer


@pytest.fixture
def table(dynamodb_local: DynamoDBServer) -> Any:
    """A boto3 client of an account with one table, things."""
    client = dynamodb_local.account().client()
    client.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def test_items_are_kept(table: Any) -> None:
    table.put_item(TableName="things", Item={"Id": {"S": "a"}, "N": {"N": "1"}})
    assert table.get_item(TableName="things", Key={"Id": {"S": "a"}})["Item"]["N"] == {"N": "1"}


def test_accounts_do_not_see_each_other(table: Any, dynamodb_local: DynamoDBServer) -> None:
    assert table.list_tables()["TableNames"] == ["things"]
    assert dynamodb_local.account().client().list_tables()["TableNames"] == []


def test_too_many_items_are_refused(table: Any) -> None:
    puts = [{"PutRequest": {"Item": {"Id": {"S": str(number)}}}} for number in range(26)]
    with pytest.raises(ClientError, match="ValidationException"):
        table.batch_write_item(RequestItems={"things": puts})
