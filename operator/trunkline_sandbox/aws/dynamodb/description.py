"""TableDescription: a table as DescribeTable and its kin show it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from trunkline_sandbox.aws.dynamodb.state import PAY_PER_REQUEST, Index, Table, Throughput


def described(table: Table, now: float, items: int = 0) -> dict[str, Any]:
    """The whole description. `items` is how many the table holds."""
    found: dict[str, Any] = {
        "TableName": table.name,
        "TableArn": table.arn,
        "TableId": table.id,
        "TableStatus": table.status,
        "CreationDateTime": table.created_at,
        "AttributeDefinitions": table.attributes,
        "KeySchema": table.keys,
        "ProvisionedThroughput": _throughput(table.throughput, now),
        "TableSizeBytes": items * 100,
        "ItemCount": items,
        "DeletionProtectionEnabled": table.deletion_protection,
        "WarmThroughput": table.warm | {"Status": "ACTIVE"},
    }
    if table.billing_mode == PAY_PER_REQUEST or table.billing_stated:
        found["BillingModeSummary"] = {"BillingMode": table.billing_mode}
        if table.on_demand_switches:
            found["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"] = table.on_demand_switches[-1]
    if table.indexes:
        found["GlobalSecondaryIndexes"] = [_index(table, index, now) for index in table.indexes.values()]
    if table.local_indexes:
        found["LocalSecondaryIndexes"] = [_local(table, item) for item in table.local_indexes]
    if table.on_demand:
        found["OnDemandThroughput"] = dict(table.on_demand)
    if table.encryption:
        found["SSEDescription"] = dict(table.encryption)
    if table.table_class:
        found["TableClassSummary"] = {"TableClass": table.table_class}
        if table.class_changes:
            found["TableClassSummary"]["LastUpdateDateTime"] = table.class_changes[-1]
    return found | _stream(table)


def _stream(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if table.stream.get("StreamEnabled"):
        found["StreamSpecification"] = dict(table.stream)
    if table.stream_label:
        found["LatestStreamLabel"] = table.stream_label
        found["LatestStreamArn"] = f"{table.arn}/stream/{table.stream_label}"
    return found


def decreases_today(throughput: Throughput, now: float) -> int:
    """Decreases since midnight UTC."""
    midnight = now - now % 86_400
    return sum(moment >= midnight for moment in throughput.decreases)


def _throughput(throughput: Throughput, now: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ReadCapacityUnits": throughput.read,
        "WriteCapacityUnits": throughput.write,
        "NumberOfDecreasesToday": decreases_today(throughput, now),
    }
    if throughput.increased_at is not None:
        found["LastIncreaseDateTime"] = throughput.increased_at
    if throughput.decreases:
        found["LastDecreaseDateTime"] = throughput.decreases[-1]
    return found


def _index(table: Table, index: Index, now: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "IndexName": index.name,
        "IndexArn": f"{table.arn}/index/{index.name}",
        "IndexStatus": index.status,
        "KeySchema": index.keys,
        "Projection": index.projection,
        "ProvisionedThroughput": _throughput(index.throughput, now),
        "IndexSizeBytes": 0,
        "ItemCount": 0,
        "WarmThroughput": index.warm | {"Status": "ACTIVE"},
    }
    if index.status == "CREATING":
        found["Backfilling"] = index.backfilling
    if index.on_demand:
        found["OnDemandThroughput"] = dict(index.on_demand)
    return found


def _local(table: Table, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": item["IndexName"],
        "IndexArn": f"{table.arn}/index/{item['IndexName']}",
        "KeySchema": item["KeySchema"],
        "Projection": item["Projection"],
        "IndexSizeBytes": 0,
        "ItemCount": 0,
    }


def stream_label(now: float) -> str:
    """Streams are named by the moment they were enabled."""
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}"
