"""Items: checked here for what moto lets pass, answered by moto.

Source: DynamoDB API reference, BatchWriteItem (25 requests), BatchGetItem (100 keys), TransactWriteItems (100).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trunkline_sandbox.aws.dynamodb import faults
from trunkline_sandbox.aws.dynamodb.state import Call, Table

WRITES = 25
READS = 100
OPERATIONS = frozenset(
    {
        *("BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem", "ExecuteStatement"),
        *("ExecuteTransaction", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems", "TransactWriteItems"),
        "UpdateItem",
    }
)


def check(call: Call, operation: str, params: dict[str, Any]) -> None:
    """Refuse what DynamoDB refuses before it looks at the items. Raises its errors."""
    for name in _tables(params):
        table = call.store.find(call.context, name)
        if table is None or table.status in ("CREATING", "DELETING"):
            raise faults.no_such_table()
    if "IndexName" in params:
        _check_index(call, params)
    if operation == "BatchWriteItem":
        _check_writes(call, params["RequestItems"])
    elif operation == "BatchGetItem":
        _check_reads(params["RequestItems"])


def _tables(params: dict[str, Any]) -> Iterator[str]:
    if "TableName" in params:
        yield params["TableName"]
    if isinstance(params.get("RequestItems"), dict):
        yield from params["RequestItems"]
    for item in params.get("TransactItems", []):
        for action in item.values():
            if "TableName" in action:
                yield action["TableName"]


def _check_index(call: Call, params: dict[str, Any]) -> None:
    table = call.store.get(call.context, params["TableName"])
    index = table.indexes.get(params["IndexName"])
    if index is None:
        if not any(item["IndexName"] == params["IndexName"] for item in table.local_indexes):
            raise faults.validation(f"The table does not have the specified index: {params['IndexName']}")
        return
    if index.status == "CREATING":
        raise faults.validation(f"Cannot read from backfilling global secondary index: {index.name}")
    if index.status == "DELETING":
        raise faults.validation(f"The table does not have the specified index: {index.name}")
    if params.get("ConsistentRead"):
        raise faults.validation("Consistent reads are not supported on global secondary indexes")


def _key(table: Table, item: dict[str, Any]) -> str:
    return json.dumps([item.get(name) for name in table.key_names], sort_keys=True, default=repr)


def _check_writes(call: Call, requests: dict[str, list[dict[str, Any]]]) -> None:
    if sum(len(found) for found in requests.values()) > WRITES:
        raise faults.validation("Too many items requested for the BatchWriteItem call")
    for name, found in requests.items():
        table = call.store.get(call.context, name)
        keys: list[str] = []
        for request in found:
            if len(request) != 1:
                text = (
                    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported"
                )
                raise faults.validation(text)
            item = request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]
            keys.append(_key(table, item))
        _check_duplicates(keys)


def _check_reads(requests: dict[str, dict[str, Any]]) -> None:
    if sum(len(found["Keys"]) for found in requests.values()) > READS:
        raise faults.validation("Too many items requested for the BatchGetItem call")
    for found in requests.values():
        _check_duplicates([json.dumps(key, sort_keys=True, default=repr) for key in found["Keys"]])


def _check_duplicates(keys: list[str]) -> None:
    if len(keys) != len(set(keys)):
        raise faults.validation("Provided list of item keys contains duplicates")
