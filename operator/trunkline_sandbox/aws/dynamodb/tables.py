"""Tables: create, describe, list, delete, and the account's limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.dynamodb import account, faults, mirror, schema
from trunkline_sandbox.aws.dynamodb.description import described, stream_label
from trunkline_sandbox.aws.dynamodb.state import PROVISIONED, Call, Index, Table, must_be_active
from trunkline_sandbox.aws.service import NotImplementedOperation

CONCURRENT_OPERATIONS = 500
NOT_HERE = ("GlobalTableSourceArn", "GlobalTableSettingsReplicationMode", "VectorIndexes")


def check_concurrent(call: Call) -> None:
    """At most 500 tables of an account and Region change at once."""
    busy = 0
    for table in list(call.store.of(call.context.account, call.context.region)):
        table.settle(call.now)
        busy += table.status != "ACTIVE"
    if busy >= CONCURRENT_OPERATIONS:
        text = f"Subscriber limit exceeded: There is a limit of {CONCURRENT_OPERATIONS} concurrent control plane operations"
        raise faults.limit(text)


def encryption_of(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """SSEDescription; the AWS owned key is shown as none."""
    if not given.get("Enabled"):
        if given.get("KMSMasterKeyId") or given.get("SSEType"):
            raise faults.invalid("SSEType and KMSMasterKeyId can only be specified if SSE is enabled")
        return {}
    if given.get("SSEType", "KMS") != "KMS":
        raise faults.invalid("SSEType AES256 is not supported; use KMS")
    key = given.get("KMSMasterKeyId", "alias/aws/dynamodb")
    prefix = f"arn:aws:kms:{call.context.region}:{call.context.account}:"
    arn = key if key.startswith("arn:") else prefix + (key if key.startswith("alias/") else f"key/{key}")
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}


def _indexes(params: dict[str, Any], billing_mode: str) -> dict[str, Index]:
    given = params.get("GlobalSecondaryIndexes", [])
    local = params.get("LocalSecondaryIndexes", [])
    if len(given) > schema.GLOBAL_INDEXES:
        text = f"GlobalSecondaryIndex count exceeds the per-table limit of {schema.GLOBAL_INDEXES}"
        raise faults.invalid(text)
    schema.check_index_names([item["IndexName"] for item in (*given, *local)])
    schema.check_local_indexes(local, params["KeySchema"])
    schema.check_projected([item["Projection"] for item in (*given, *local)])
    return {item["IndexName"]: schema.new_index(item, billing_mode) for item in given}


def _check_attributes(params: dict[str, Any]) -> None:
    used = schema.key_names(params["KeySchema"])
    for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for item in params.get(member, []):
            used |= schema.key_names(item["KeySchema"])
    schema.check_attributes(params.get("AttributeDefinitions", []), used)


def create_table(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for member in NOT_HERE:
        if member in params:
            raise NotImplementedOperation(f"CreateTable with {member}")
    context, name = call.context, params["TableName"]
    schema.check_table_name(name)
    if "KeySchema" not in params or "AttributeDefinitions" not in params:
        raise faults.invalid("KeySchema and AttributeDefinitions must both be specified")
    billing_mode = params.get("BillingMode", PROVISIONED)
    schema.check_keys(params["KeySchema"])
    schema.check_capacity(params, billing_mode)
    indexes = _indexes(params, billing_mode)
    _check_attributes(params)
    stream = params.get("StreamSpecification", {"StreamEnabled": False})
    schema.check_stream(stream)
    tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags", [])}
    schema.check_tags(tags)
    throughput = schema.throughput_of(params.get("ProvisionedThroughput"))
    warm = schema.warm_of(params.get("WarmThroughput"), throughput)
    if call.store.find(context, name) is not None:
        raise faults.in_use(f"Table already exists: {name}")
    check_concurrent(call)
    table = Table(
        name=name,
        account=context.account,
        region=context.region,
        created_at=call.now,
        attributes=params["AttributeDefinitions"],
        keys=params["KeySchema"],
        billing_mode=billing_mode,
        throughput=throughput,
        local_indexes=params.get("LocalSecondaryIndexes", []),
        indexes=indexes,
        stream=stream if stream["StreamEnabled"] else {},
        stream_label=stream_label(call.now) if stream["StreamEnabled"] else "",
        encryption=encryption_of(call, params.get("SSESpecification", {})),
        table_class=params.get("TableClass", ""),
        deletion_protection=params.get("DeletionProtectionEnabled", False),
        on_demand=params.get("OnDemandThroughput", {}),
        warm=warm,
        tags=tags,
        policy=params.get("ResourcePolicy", ""),
    )
    if billing_mode == PROVISIONED:
        made = {index.name: (index.throughput.read, index.throughput.write) for index in indexes.values()}
        for what, (read, write) in {"": (throughput.read, throughput.write), **made}.items():
            account.check_level(call, read, write, f"the index {what}" if what else "the table")
        account.check_new(call, table)
    call.store.add(table)
    mirror.create(table)
    answer = {"TableDescription": described(table, call.now)}

    def ready() -> None:
        table.status = "ACTIVE"
        for index in table.indexes.values():
            index.status = "ACTIVE"

    table.later(call.now + context.switches.table_seconds, ready)
    return answer


def describe_table(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = call.store.get(call.context, params["TableName"])
    return {"Table": described(table, call.now, mirror.item_count(table))}


def list_tables(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for table in list(call.store.of(call.context.account, call.context.region)):
        table.settle(call.now)
    names = [table.name for table in call.store.of(call.context.account, call.context.region)]
    after = params.get("ExclusiveStartTableName", "")
    size = params.get("Limit", 100)
    rest = [name for name in names if name > after]
    answer: dict[str, Any] = {"TableNames": rest[:size]}
    if len(rest) > size:
        answer["LastEvaluatedTableName"] = rest[size - 1]
    return answer


def delete_table(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    table = call.store.get(call.context, params["TableName"])
    must_be_active(table)
    if table.deletion_protection:
        text = "Resource cannot be deleted as it is currently protected against deletion. "
        raise faults.validation(text + "Disable deletion protection first.")
    check_concurrent(call)
    table.status = "DELETING"
    table.due.clear()
    answer = {"TableDescription": described(table, call.now)}

    def gone() -> None:
        call.store.remove(table)

    mirror.delete(table)
    table.later(call.now + call.context.switches.table_seconds, gone)
    return answer


def describe_limits(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    del params
    return {
        f"{level}Max{word}CapacityUnits": account.limit(call, level, word.lower())
        for level in ("Account", "Table")
        for word in ("Read", "Write")
    }


def describe_endpoints(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    del params
    address = f"dynamodb.{call.context.region}.amazonaws.com"
    return {"Endpoints": [{"Address": address, "CachePeriodInMinutes": 1440}]}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateTable": create_table,
    "DeleteTable": delete_table,
    "DescribeEndpoints": describe_endpoints,
    "DescribeLimits": describe_limits,
    "DescribeTable": describe_table,
    "ListTables": list_tables,
}
