"""moto's copy of each table, which holds the items: made, changed and deleted along with ours."""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.dynamodb.state import Index, Table


def _backend(table: Table) -> Any:
    from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415 - slow to import and not always needed

    return dynamodb_backends[table.account][table.region]


def _index(index: Index) -> dict[str, Any]:
    return {"IndexName": index.name, "KeySchema": index.keys, "Projection": index.projection}


def create(table: Table) -> None:
    """A table for items; capacity and states are not moto's business."""
    _backend(table).create_table(
        table.name,
        schema=table.keys,
        throughput=None,
        attr=table.attributes,
        global_indexes=[_index(index) for index in table.indexes.values()],
        indexes=table.local_indexes,
        streams=dict(table.stream) or None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )


def delete(table: Table) -> None:
    _backend(table).tables.pop(table.name, None)


def item_count(table: Table) -> int:
    copy = _backend(table).tables.get(table.name)
    return len(list(copy.all_items())) if copy is not None else 0


def sync_indexes(table: Table) -> None:
    """The indexes that can be read."""
    from moto.dynamodb.models.table import GlobalSecondaryIndex  # noqa: PLC0415

    copy = _backend(table).tables.get(table.name)
    if copy is None:
        return
    readable = [index for index in table.indexes.values() if index.status in ("ACTIVE", "UPDATING")]
    copy.attr = table.attributes
    copy.global_indexes = [GlobalSecondaryIndex.create(_index(index), copy.table_key_attrs) for index in readable]


def sync_stream(table: Table) -> None:
    copy = _backend(table).tables.get(table.name)
    if copy is not None:
        copy.set_stream_specification(dict(table.stream) or None)


def sync_time_to_live(table: Table) -> None:
    copy = _backend(table).tables.get(table.name)
    if copy is not None:
        found = {"TimeToLiveStatus": table.time_to_live.status}
        copy.ttl = found | ({"AttributeName": table.time_to_live.attribute} if table.time_to_live.attribute else {})
