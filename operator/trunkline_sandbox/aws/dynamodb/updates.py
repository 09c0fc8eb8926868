"""UpdateTable: one kind of change at a time, each with its own rules.

Source: DynamoDB API reference, UpdateTable ("you can only perform one of the following operations at once: modify the
provisioned throughput settings, remove a global secondary index, create one"); "once the backfilling begins you can
use UpdateTable to perform other operations". Whether settings beside these combine is not documented:
`Switches.table_updates_combine`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trunkline_sandbox.aws.dynamodb import account, capacity, faults, mirror, schema
from trunkline_sandbox.aws.dynamodb.capacity import Effect
from trunkline_sandbox.aws.dynamodb.description import described, stream_label
from trunkline_sandbox.aws.dynamodb.state import PROVISIONED, Call, Index, Table, must_be_active
from trunkline_sandbox.aws.dynamodb.tables import check_concurrent, encryption_of
from trunkline_sandbox.aws.service import NotImplementedOperation

NOT_HERE = (
    "ReplicaUpdates",
    "MultiRegionConsistency",
    "GlobalTableWitnessUpdates",
    "GlobalTableSettingsReplicationMode",
    "DisassociationProtectionEnabled",
    "VectorIndexUpdates",
)
CLASS_CHANGES = 2
CLASS_WINDOW_SECONDS = 30 * 86_400.0
_CAPACITY = ("BillingMode", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput")


def update_table(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for member in NOT_HERE:
        if member in params:
            raise NotImplementedOperation(f"UpdateTable with {member}")
    table = call.store.get(call.context, params["TableName"])
    kinds = _kinds(params)
    _check_kinds(call, kinds)
    must_be_active(table)
    check_concurrent(call)
    until = call.now + call.context.switches.table_seconds
    # Every check comes before every effect: a refused call changes nothing.
    effects = [*_index_effects(call, table, params, until), *_effects(call, table, params, kinds, until=until)]
    table.status = "UPDATING"
    for effect in effects:
        effect()
    answer = {"TableDescription": described(table, call.now, mirror.item_count(table))}
    table.later(until, lambda: table.become("ACTIVE"))
    return answer


def _index_effects(call: Call, table: Table, params: dict[str, Any], until: float) -> Iterator[Effect]:
    for update in params.get("GlobalSecondaryIndexUpdates", []):
        if "Create" in update:
            yield _create_index(call, table, update["Create"], params, until)
        elif "Delete" in update:
            yield _delete_index(call, table, update["Delete"]["IndexName"], until)


def _effects(call: Call, table: Table, params: dict[str, Any], kinds: set[str], *, until: float) -> Iterator[Effect]:
    if "capacity" in kinds:
        yield capacity.change(call, table, params, until)
    if "stream" in kinds:
        yield _change_stream(call, table, params["StreamSpecification"], until)
    if "encryption" in kinds:
        yield _set_later(table, "encryption", encryption_of(call, params["SSESpecification"]), until)
    if "class" in kinds:
        yield _change_class(call, table, params["TableClass"], until)
    if "protection" in kinds:
        yield _set_later(table, "deletion_protection", params["DeletionProtectionEnabled"], until)


def _set_later(table: Table, name: str, value: object, until: float) -> Effect:
    return lambda: table.later(until, lambda: setattr(table, name, value))


def _kinds(params: dict[str, Any]) -> set[str]:
    kinds: set[str] = set()
    if any(member in params for member in _CAPACITY):
        kinds.add("capacity")
    for update in params.get("GlobalSecondaryIndexUpdates", []):
        if len(update) != 1:
            raise faults.invalid("One of GlobalSecondaryIndexUpdate's Update, Create or Delete must be specified")
        kinds.add({"Update": "capacity", "Create": "create index", "Delete": "delete index"}[next(iter(update))])
    for member, kind in (
        ("StreamSpecification", "stream"),
        ("SSESpecification", "encryption"),
        ("TableClass", "class"),
        ("DeletionProtectionEnabled", "protection"),
    ):
        if member in params:
            kinds.add(kind)
    changes = [update for update in params.get("GlobalSecondaryIndexUpdates", []) if "Update" not in update]
    if len(changes) > 1:
        text = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        raise faults.limit(text)
    return kinds


def _check_kinds(call: Call, kinds: set[str]) -> None:
    if not kinds:
        text = (
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
        )
        raise faults.validation(text + "SSESpecification or ReplicaUpdates is required")
    exclusive = kinds & {"capacity", "create index", "delete index"}
    if len(exclusive) > 1 or (len(kinds) > 1 and not call.context.switches.table_updates_combine):
        raise faults.invalid(f"Only one kind of change is possible at once, not: {', '.join(sorted(kinds))}")


# --- indexes


def _index_in_work(table: Table) -> str | None:
    return next((index.name for index in table.indexes.values() if index.status in ("CREATING", "DELETING")), None)


def _create_index(call: Call, table: Table, item: dict[str, Any], params: dict[str, Any], until: float) -> Effect:
    name = item["IndexName"]
    if name in table.indexes or any(local["IndexName"] == name for local in table.local_indexes):
        raise faults.validation("Attempting to create an index which already exists")
    if _index_in_work(table) is not None:
        text = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        raise faults.limit(text)
    if len(table.indexes) >= schema.GLOBAL_INDEXES:
        text = f"GlobalSecondaryIndex count exceeds the per-table limit of {schema.GLOBAL_INDEXES}"
        raise faults.invalid(text)
    index = schema.new_index(item, table.billing_mode)
    if table.billing_mode == PROVISIONED:
        account.check_total(call, table, {name: (index.throughput.read, index.throughput.write)})
    projections = [other.projection for other in table.indexes.values()]
    schema.check_projected([*projections, *(local["Projection"] for local in table.local_indexes), index.projection])
    attributes = _merged_attributes(table, index, params.get("AttributeDefinitions", []))

    def start() -> None:
        table.attributes = attributes
        table.indexes[name] = index
        table.later(until, lambda: setattr(index, "backfilling", index.status == "CREATING"))
        table.later(until + call.context.switches.index_seconds, lambda: _finish_index(table, index))

    return start


def _finish_index(table: Table, index: Index) -> None:
    if index.status != "CREATING":  # deleted while it was being filled
        return
    index.status, index.backfilling = "ACTIVE", False
    mirror.sync_indexes(table)


def _merged_attributes(table: Table, index: Index, given: list[dict[str, str]]) -> list[dict[str, str]]:
    """Known attributes and those of the new index; types must agree and nothing may be unused."""
    found = {item["AttributeName"]: item["AttributeType"] for item in table.attributes}
    used = set(found) | schema.key_names(index.keys)
    for item in given:
        name, kind = item["AttributeName"], item["AttributeType"]
        if found.get(name, kind) != kind:
            raise faults.invalid(f"Attribute {name} is already defined with type {found[name]}")
        if name not in used:
            text = f"Some AttributeDefinitions are not used. AttributeDefinitions: [{name}], keys used: "
            raise faults.invalid(f"{text}[{', '.join(sorted(used))}]")
        found[name] = kind
    missing = sorted(schema.key_names(index.keys) - set(found))
    if missing:
        text = "Global Secondary Index hash or range key is not specified in AttributeDefinitions: "
        raise faults.invalid(text + ", ".join(missing))
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in found.items()]


def _delete_index(call: Call, table: Table, name: str, until: float) -> Effect:
    if name not in table.indexes:
        raise faults.not_found("Requested resource not found")
    other = _index_in_work(table)
    # An index that is being filled may be deleted, one that is being allocated not.
    if other is not None and not (other == name and table.indexes[name].backfilling):
        text = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        raise faults.limit(text)

    def start() -> None:
        table.indexes[name].status, table.indexes[name].backfilling = "DELETING", False
        mirror.sync_indexes(table)
        table.later(until + call.context.switches.index_seconds, gone)

    def gone() -> None:
        table.indexes.pop(name, None)
        used = set(table.key_names)
        for keys in (*(index.keys for index in table.indexes.values()), *(i["KeySchema"] for i in table.local_indexes)):
            used |= schema.key_names(keys)
        table.attributes = [item for item in table.attributes if item["AttributeName"] in used]

    return start


# --- the rest


def _change_stream(call: Call, table: Table, stream: dict[str, Any], until: float) -> Effect:
    schema.check_stream(stream)
    enabled = bool(table.stream)
    if stream["StreamEnabled"] and enabled:
        raise faults.validation(f"Table already has an enabled stream: TableName: {table.name}")
    if not stream["StreamEnabled"] and not enabled:
        raise faults.validation(f"Table does not have an enabled stream: TableName: {table.name}")
    label = stream_label(call.now) if stream["StreamEnabled"] else table.stream_label

    def finish() -> None:
        table.stream = stream if stream["StreamEnabled"] else {}
        table.stream_label = label
        mirror.sync_stream(table)

    return lambda: table.later(until, finish)


def _change_class(call: Call, table: Table, wanted: str, until: float) -> Effect:
    recent = [moment for moment in table.class_changes if call.now - moment < CLASS_WINDOW_SECONDS]
    if len(recent) >= CLASS_CHANGES:
        raise faults.limit("Subscriber limit exceeded: The table class was updated twice within 30 days")

    def start() -> None:
        table.class_changes.append(call.now)
        table.later(until, lambda: setattr(table, "table_class", wanted))

    return start
