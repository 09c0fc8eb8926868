"""`trunkline data` at a table in DynamoDB Local, as somebody at a terminal runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from trunkline.cli import main

INDEX = {
    "IndexName": "PhoneNumberIndex",
    "KeySchema": [{"AttributeName": "PhoneNumber", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["CustomerName", "Tier", "Language", "Type"]},
}
TABLE = "acme"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def line(self, word: str) -> str:
        """The one line of the output that begins with this."""
        (line,) = [line for line in self.out.splitlines() if line.strip().startswith(word)]
        return line


class Desk:
    """An account with tables. client: boto3's, for looking behind the command."""

    def __init__(self, client: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.client = client
        self._capsys = capsys

    def create(
        self, *keys: str, name: str = TABLE, indexes: tuple[Mapping[str, Any], ...] = (), tags: Mapping[str, str] = {}
    ) -> None:
        """An empty table with these keys."""
        attributes = {*keys, *(key["AttributeName"] for index in indexes for key in index["KeySchema"])}
        more: dict[str, Any] = {"GlobalSecondaryIndexes": list(indexes)} if indexes else {}
        self.client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in sorted(attributes)],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            **more,
        )

    def customers(self, **tags: str) -> None:
        """The customers table of the high-volume example."""
        self.create("CustomerId", "SK", indexes=(INDEX,), tags=tags)

    def operations(self, **tags: str) -> None:
        """The operations table of the high-volume example."""
        self.create("PK", "SK", tags=tags)

    def put(self, **attributes: Any) -> None:
        """An item; text, or {"N": "1"}."""
        item = {name: value if isinstance(value, dict) else {"S": value} for name, value in attributes.items()}
        self.client.put_item(TableName=TABLE, Item=item)

    def items(self) -> list[dict[str, Any]]:
        """Everything in the table, in the order of its keys."""
        found = [item for page in self.client.get_paginator("scan").paginate(TableName=TABLE) for item in page["Items"]]
        return sorted(found, key=str)

    def run(self, command: str, *flags: str, table: str = TABLE) -> Said:
        """`trunkline data COMMAND --table TABLE FLAGS`."""
        self._capsys.readouterr()
        code = main(["data", command, "--table", table, *flags])
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def seed(self, *flags: str) -> Said:
        """As fast as it goes."""
        return self.run("seed", "--rate", "40000", *flags)
