"""DynamoDB tables.

Limits: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.common import (
    ATOMIC,
    SET,
    ExternalArn,
    Flag,
    KmsKeyArn,
    Model,
    Rule,
    absent,
    entries,
    example,
    integer,
    list_map,
    required,
    text,
    unmanaged,
)
from trunkline.api.entry import DATA_DELETION, Entry, unless_external
from trunkline.api.policies import DeletionPolicy


class KeyType(StrEnum):
    STRING = "String"
    NUMBER = "Number"
    BINARY = "Binary"


class ProjectionType(StrEnum):
    ALL = "ALL"
    KEYS_ONLY = "KEYS_ONLY"
    INCLUDE = "INCLUDE"


class BillingMode(StrEnum):
    PROVISIONED = "PROVISIONED"
    PAY_PER_REQUEST = "PAY_PER_REQUEST"


class TableClass(StrEnum):
    STANDARD = "STANDARD"
    STANDARD_INFREQUENT_ACCESS = "STANDARD_INFREQUENT_ACCESS"


class StreamView(StrEnum):
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"
    KEYS_ONLY = "KEYS_ONLY"


_MOST_UNITS = 10_000_000
_Attribute = Annotated[str, text(255), example("CustomerId")]
_IndexName = Annotated[str, text(255, least=3, pattern="^[a-zA-Z0-9_.-]+$"), example("PhoneNumberIndex")]
_Units = Annotated[int, integer(1, _MOST_UNITS)]
_WAY = "add a table under another name, move the items, and drop this one"
_INDEX_WAY = "add an index under another name, move the readers, and drop this one"


class Key(Model):
    """A key attribute."""

    name: _Attribute = required("Name of the attribute.")
    type: KeyType = required("String, Number or Binary.")


class Projection(Model):
    """What an index holds beside the keys."""

    rules = (
        Rule(
            "(self.type == 'INCLUDE') == has(self.attributes)",
            "write attributes with type: INCLUDE, and only then",
            ".attributes",
            holds=lambda p: (p.type is ProjectionType.INCLUDE) == (p.attributes is not None),
        ),
    )

    type: ProjectionType = required("ALL, KEYS_ONLY or INCLUDE.")
    attributes: Annotated[tuple[_Attribute, ...], entries(20, 1), SET] | None = absent(
        "Attributes, with INCLUDE.", "no others"
    )


class Capacity(Model):
    """Provisioned capacity."""

    read_capacity_units: _Units = required("Reads of 4 KB a second.")
    write_capacity_units: _Units = required("Writes of 1 KB a second.")


class WarmThroughput(Model):
    """What a table can take at once; it only rises."""

    read_units_per_second: _Units = required("Read units a second.")
    write_units_per_second: _Units = required("Write units a second.")


_WARM = "!(has(self.warmThroughput) && has(oldSelf.warmThroughput)) || (self.warmThroughput.readUnitsPerSecond >= oldSelf.warmThroughput.readUnitsPerSecond && self.warmThroughput.writeUnitsPerSecond >= oldSelf.warmThroughput.writeUnitsPerSecond)"


class GlobalIndex(Model):
    """A global secondary index. Built and dropped one at a time; keys and projection cannot change."""

    rules = (
        Rule(
            "self.partitionKeys == oldSelf.partitionKeys",
            f"the partition keys of an index cannot change: {_INDEX_WAY}",
            ".partitionKeys",
        ),
        Rule(
            "has(self.sortKeys) == has(oldSelf.sortKeys) && (!has(self.sortKeys) || self.sortKeys == oldSelf.sortKeys)",
            f"the sort keys of an index cannot change: {_INDEX_WAY}",
            ".sortKeys",
        ),
        Rule(
            "self.projection == oldSelf.projection",
            f"the projection of an index cannot change: {_INDEX_WAY}",
            ".projection",
        ),
        Rule(_WARM, "warm throughput only rises: leave it as it is", ".warmThroughput"),
    )

    name: _IndexName = required("Name of the index, in AWS too.")
    partition_keys: Annotated[tuple[Key, ...], entries(4, 1), ATOMIC] = required(
        "One to four partition keys. Cannot change."
    )
    sort_keys: Annotated[tuple[Key, ...], entries(4, 1), ATOMIC] | None = absent(
        "Up to four sort keys. Cannot change.", "none"
    )
    projection: Projection = required("What it holds beside the keys. Cannot change.")
    capacity: Capacity | None = unmanaged(
        "Its own capacity, with billing mode PROVISIONED.", "a new index gets the table's"
    )
    warm_throughput: WarmThroughput | None = unmanaged("What it can take at once; only rises.")


class LocalIndex(Model):
    """A local secondary index; made with the table, and never after."""

    name: _IndexName = required("Name of the index, in AWS too.")
    sort_key: Key = required("Its sort key.")
    projection: Projection = required("What it holds beside the keys.")


class Billing(Model):
    """How throughput is paid."""

    rules = (
        Rule(
            "(self.mode == 'PROVISIONED') == has(self.readCapacityUnits) && (self.mode == 'PROVISIONED') == has(self.writeCapacityUnits)",
            "write readCapacityUnits and writeCapacityUnits with mode: PROVISIONED, and only then",
            holds=lambda b: all(
                (b.mode is BillingMode.PROVISIONED) == (units is not None)
                for units in (b.read_capacity_units, b.write_capacity_units)
            ),
        ),
        Rule(
            "self.mode == 'PAY_PER_REQUEST' || !(has(self.maxReadRequestUnits) || has(self.maxWriteRequestUnits))",
            "maxReadRequestUnits and maxWriteRequestUnits belong to mode: PAY_PER_REQUEST",
            holds=lambda b: (
                b.mode is BillingMode.PAY_PER_REQUEST
                or (b.max_read_request_units is None and b.max_write_request_units is None)
            ),
        ),
    )

    mode: BillingMode = required("PROVISIONED or PAY_PER_REQUEST.")
    read_capacity_units: _Units | None = absent(
        "Reads of 4 KB a second. An autoscaler that owns it goes first.", "billed per request"
    )
    write_capacity_units: _Units | None = absent(
        "Writes of 1 KB a second. An autoscaler that owns it goes first.", "billed per request"
    )
    max_read_request_units: _Units | None = unmanaged("Most reads a second, billed per request.")
    max_write_request_units: _Units | None = unmanaged("Most writes a second, billed per request.")


class TableEncryption(Model):
    """A key of yours."""

    kms_key_arn: KmsKeyArn = required("KMS key.")


class PointInTimeRecovery(Model):
    """Continuous backups."""

    rules = (
        Rule(
            "self.enabled || !has(self.recoveryPeriodInDays)",
            "with enabled: false leave recoveryPeriodInDays away",
            ".recoveryPeriodInDays",
            holds=lambda p: p.enabled or p.recovery_period_in_days is None,
        ),
    )

    enabled: Flag = required("Whether the table can be restored to any second.")
    recovery_period_in_days: Annotated[int, integer(1, 35)] | None = unmanaged("How far back.", "AWS's default is 35")


class Table(Entry):
    """A DynamoDB table."""

    rules = (
        *unless_external("partitionKey"),
        Rule(
            "!(has(self.partitionKey) && has(oldSelf.partitionKey)) || self.partitionKey == oldSelf.partitionKey",
            f"the partition key of a table cannot change: {_WAY}",
            ".partitionKey",
        ),
        Rule(
            "has(self.external) || has(oldSelf.external) || (has(self.sortKey) == has(oldSelf.sortKey) && (!has(self.sortKey) || self.sortKey == oldSelf.sortKey))",
            f"the sort key of a table cannot change: {_WAY}",
            ".sortKey",
        ),
        Rule(
            "has(self.external) || has(oldSelf.external) || (has(self.localIndexes) == has(oldSelf.localIndexes) && (!has(self.localIndexes) || self.localIndexes == oldSelf.localIndexes))",
            f"local indexes of a table cannot change: {_WAY}",
            ".localIndexes",
        ),
        Rule(
            "has(self.external) || has(oldSelf.external) || (has(self.encryption) == has(oldSelf.encryption) && (!has(self.encryption) || self.encryption == oldSelf.encryption))",
            f"the encryption of a table is set when it is made: {_WAY}",
            ".encryption",
        ),
        Rule(
            "has(self.awsName) == has(oldSelf.awsName) && (!has(self.awsName) || self.awsName == oldSelf.awsName)",
            f"the awsName of a table cannot change: {_WAY}",
            ".awsName",
        ),
        Rule(
            "!has(self.indexes) || (has(self.billing) && self.billing.mode == 'PROVISIONED') || !self.indexes.exists(i, has(i.capacity))",
            "the capacity of an index belongs to billing mode PROVISIONED",
            ".indexes",
            holds=lambda t: (
                (t.billing is not None and t.billing.mode is BillingMode.PROVISIONED)
                or not any(i.capacity for i in t.indexes or ())
            ),
        ),
        Rule(
            "!has(self.localIndexes) || has(self.sortKey)",
            "local indexes need a table with a sortKey",
            ".localIndexes",
            holds=lambda t: t.local_indexes is None or t.sort_key is not None,
        ),
        Rule(_WARM, "warm throughput only rises: leave it as it is", ".warmThroughput"),
    )

    aws_name: Annotated[str, text(255, least=3, pattern="^[a-zA-Z0-9_.-]+$"), example("customers")] | None = absent(
        "Name in AWS; letters, digits, _, . and -. Cannot change.", "<center>-<name>"
    )
    description: Annotated[str, text(250)] | None = absent("For readers of this object; DynamoDB has none.", "none")
    deletion_policy: DeletionPolicy | None = absent(DATA_DELETION, "retained")
    external: ExternalArn | None = absent(
        "Write external: {arn} or {} for one that exists: named to functions, never changed.", "ours to manage"
    )
    partition_key: Key | None = absent("Partition key. Required. Cannot change.", "the table is external")
    sort_key: Key | None = absent("Sort key. Cannot change.", "none")
    indexes: Annotated[tuple[GlobalIndex, ...], entries(20), list_map("name")] | None = unmanaged(
        "Global secondary indexes. [] removes all."
    )
    local_indexes: Annotated[tuple[LocalIndex, ...], entries(5, 1), list_map("name")] | None = absent(
        "Local secondary indexes. Cannot change.", "none"
    )
    billing: Billing | None = unmanaged("How throughput is paid.", "a new table is PAY_PER_REQUEST")
    warm_throughput: WarmThroughput | None = unmanaged("What the table can take at once; only rises.")
    table_class: TableClass | None = unmanaged("STANDARD or STANDARD_INFREQUENT_ACCESS.", "AWS's default is STANDARD")
    encryption: TableEncryption | None = absent("Encryption by a key of yours. Cannot change.", "AWS's own key")
    point_in_time_recovery: PointInTimeRecovery | None = unmanaged("Continuous backups.", "AWS's default is none")
    stream: StreamView | None = unmanaged("Stream of changes and what it shows.", "a new table has none")
    ttl_attribute: _Attribute | None = unmanaged(
        "Attribute with the time, in seconds since 1970, at which an item expires."
    )
    deletion_protection: Flag | None = unmanaged("AWS refuses to delete the table.", "AWS's default is false")

    def effective_aws_name(self, center: str) -> str:
        """Its name in the account."""
        return self.aws_name or f"{center}-{self.name}"
