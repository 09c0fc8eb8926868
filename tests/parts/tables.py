"""The two tables of the functions, made at DynamoDB Local with the keys and the index that the functions use."""

from __future__ import annotations

from tests.parts.dynamodb import Account

CUSTOMERS = "acme-customers"
OPERATIONS = "acme-operations"


def create_customers(account: Account, name: str = CUSTOMERS) -> None:
    """CustomerId and SK; sparse index PhoneNumberIndex with what the IVR needs."""
    account.client().create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("CustomerId", "SK", "PhoneNumber")
        ],
        KeySchema=[{"AttributeName": "CustomerId", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "PhoneNumberIndex",
                "KeySchema": [{"AttributeName": "PhoneNumber", "KeyType": "HASH"}],
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": ["CustomerName", "Tier", "Language", "Type"],
                },
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def create_operations(account: Account, name: str = OPERATIONS) -> None:
    """PK and SK."""
    account.client().create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in ("PK", "SK")],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
