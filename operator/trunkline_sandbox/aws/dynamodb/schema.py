"""Keys, indexes, projections and attribute definitions: what fits together. Pure.

Source: DynamoDB API reference, CreateTable and UpdateTable; developer guide, "Service, account, and table quotas".
"""

from __future__ import annotations

import re
from typing import Any

from trunkline_sandbox.aws.dynamodb import faults
from trunkline_sandbox.aws.dynamodb.state import PAY_PER_REQUEST, PROVISIONED, Index, Throughput

NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
TABLE_UNITS = 40_000.0  # capacity units of a table or index, of reads and of writes each
GLOBAL_INDEXES = 20
LOCAL_INDEXES = 5
PROJECTED_ATTRIBUTES = 100
TAGS = 50
WARM_ON_DEMAND = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}


def check_table_name(name: str) -> None:
    """The model allows ARNs too; a new table has a name."""
    if not NAME.fullmatch(name):
        raise faults.validation(
            "TableName must be at least 3 characters long and at most 255 characters long, "
            "and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'"
        )


def check_keys(keys: list[dict[str, str]]) -> None:
    """One HASH key, then perhaps one RANGE key."""
    if keys[0]["KeyType"] != "HASH":
        raise faults.validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len(keys) > 2:
        raise faults.validation("Invalid KeySchema: at most one HASH and one RANGE key")
    if len(keys) == 2:
        if keys[1]["KeyType"] != "RANGE":
            raise faults.validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        if keys[0]["AttributeName"] == keys[1]["AttributeName"]:
            raise faults.invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")


def check_attributes(attributes: list[dict[str, str]], used: set[str]) -> None:
    """Exactly the key attributes are defined, each once."""
    names = [item["AttributeName"] for item in attributes]
    if len(names) != len(set(names)):
        raise faults.invalid("Cannot have more than one definition of an attribute in AttributeDefinitions")
    shown, keys = ", ".join(sorted(names)), ", ".join(sorted(used))
    if used - set(names):
        missing = ", ".join(sorted(used - set(names)))
        text = "Some index key attributes are not defined in AttributeDefinitions. "
        raise faults.invalid(f"{text}Keys: [{missing}], AttributeDefinitions: [{shown}]")
    if set(names) - used:
        text = "Some AttributeDefinitions are not used. "
        raise faults.invalid(f"{text}AttributeDefinitions: [{shown}], keys used: [{keys}]")


def key_names(keys: list[dict[str, str]]) -> set[str]:
    return {item["AttributeName"] for item in keys}


def check_projection(projection: dict[str, Any], index: str) -> None:
    kind = projection.get("ProjectionType")
    if kind is None:
        raise faults.invalid(f"Unknown ProjectionType: null (index {index})")
    if kind == "INCLUDE" and not projection.get("NonKeyAttributes"):
        raise faults.invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and "NonKeyAttributes" in projection:
        raise faults.invalid(f"ProjectionType is {kind}, but NonKeyAttributes is specified")


def check_local_indexes(found: list[dict[str, Any]], keys: list[dict[str, str]]) -> None:
    if len(found) > LOCAL_INDEXES:
        text = f"Number of LocalSecondaryIndexes exceeds per-table limit of {LOCAL_INDEXES}"
        raise faults.invalid(text)
    for item in found:
        if len(keys) < 2:
            text = "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"
            raise faults.invalid(text)
        check_keys(item["KeySchema"])
        if item["KeySchema"][0]["AttributeName"] != keys[0]["AttributeName"]:
            text = "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
            raise faults.invalid(text + item["IndexName"])
        if len(item["KeySchema"]) < 2:
            raise faults.invalid(f"Index KeySchema does not have a range key for index: {item['IndexName']}")
        check_projection(item["Projection"], item["IndexName"])


def check_index_names(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise faults.invalid(f"Duplicate index name: {name}")
    if len(names) > GLOBAL_INDEXES + LOCAL_INDEXES:
        raise faults.invalid(f"GlobalSecondaryIndex count exceeds the per-table limit of {GLOBAL_INDEXES}")


def check_projected(projections: list[dict[str, Any]]) -> None:
    total = sum(len(item.get("NonKeyAttributes", [])) for item in projections)
    if total > PROJECTED_ATTRIBUTES:
        text = f"Number of projected NonKeyAttributes over all indexes exceeds {PROJECTED_ATTRIBUTES}"
        raise faults.invalid(text)


def check_capacity(params: dict[str, Any], billing_mode: str) -> None:
    """Provisioned capacity if and only if the table is provisioned."""
    if billing_mode == PROVISIONED:
        if "ProvisionedThroughput" not in params:
            text = "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
            raise faults.invalid(text)
        if "OnDemandThroughput" in params:
            raise faults.invalid("OnDemandThroughput cannot be specified when BillingMode is PROVISIONED")
    elif "ProvisionedThroughput" in params:
        text = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
        raise faults.invalid(text)


def check_index_capacity(item: dict[str, Any], billing_mode: str) -> None:
    name = item["IndexName"]
    if billing_mode == PROVISIONED and "ProvisionedThroughput" not in item:
        raise faults.invalid(f"ProvisionedThroughput must be specified for index: {name}")
    if billing_mode == PAY_PER_REQUEST and "ProvisionedThroughput" in item:
        text = f"ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
        raise faults.invalid(text)
    if billing_mode == PROVISIONED and "OnDemandThroughput" in item:
        raise faults.invalid(f"OnDemandThroughput should not be specified for index: {name}")


def check_stream(stream: dict[str, Any]) -> None:
    if stream["StreamEnabled"] and "StreamViewType" not in stream:
        raise faults.invalid("StreamViewType is required when StreamEnabled is true")
    if not stream["StreamEnabled"] and "StreamViewType" in stream:
        raise faults.invalid("StreamViewType cannot be specified when StreamEnabled is false")


def check_tags(tags: dict[str, str]) -> None:
    if len(tags) > TAGS:
        raise faults.invalid(f"Too many tags: a table has at most {TAGS}")
    for key in tags:
        if key.lower().startswith("aws:"):
            raise faults.validation(f"Tag keys starting with 'aws:' are reserved for system use: {key}")


def throughput_of(given: dict[str, int] | None) -> Throughput:
    return Throughput(given["ReadCapacityUnits"], given["WriteCapacityUnits"]) if given else Throughput()


def warm_of(given: dict[str, int] | None, throughput: Throughput) -> dict[str, int]:
    """What a table or index can take at once: at least its capacity, or that of a fresh on-demand one."""
    if throughput.read:
        least = {"ReadUnitsPerSecond": throughput.read, "WriteUnitsPerSecond": throughput.write}
    else:
        least = dict(WARM_ON_DEMAND)
    wanted = given or {}
    for name, floor in least.items():
        if name in wanted and wanted[name] < floor:
            text = (
                f"Requested {name} for WarmThroughput is lower than what the throughput settings already give: {floor}"
            )
            raise faults.invalid(text)
    return least | wanted


def new_index(item: dict[str, Any], billing_mode: str) -> Index:
    """A global secondary index from its definition, checked on its own. Raises ValidationException."""
    check_keys(item["KeySchema"])
    check_projection(item["Projection"], item["IndexName"])
    check_index_capacity(item, billing_mode)
    throughput = throughput_of(item.get("ProvisionedThroughput"))
    return Index(
        name=item["IndexName"],
        keys=item["KeySchema"],
        projection=item["Projection"],
        throughput=throughput,
        status="CREATING",
        on_demand=item.get("OnDemandThroughput", {}),
        warm=warm_of(item.get("WarmThroughput"), throughput),
    )
