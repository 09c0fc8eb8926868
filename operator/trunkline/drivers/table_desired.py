"""A wanted DynamoDB table, in plain values. Pure data; what is None is not managed."""

from __future__ import annotations

from dataclasses import dataclass

PROVISIONED, ON_DEMAND = "PROVISIONED", "PAY_PER_REQUEST"
READ, WRITE = "ReadCapacityUnits", "WriteCapacityUnits"  # dimensions, as AWS names them


@dataclass(frozen=True, slots=True)
class Key:
    """A key attribute. type: AWS's letter, "S", "N" or "B"."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Projection:
    """What an index holds beside the keys. type: ALL, KEYS_ONLY or INCLUDE; attributes with INCLUDE only."""

    type: str
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Units:
    """A pair of rates: reads and writes a second (capacity units, or units of warm throughput)."""

    read: int
    write: int


@dataclass(frozen=True, slots=True)
class GlobalIndex:
    """A global secondary index. Keys and projection never change. capacity: None takes the table's when it is built."""

    name: str
    partition_keys: tuple[Key, ...]
    projection: Projection
    sort_keys: tuple[Key, ...] = ()
    capacity: Units | None = None
    warm_throughput: Units | None = None


@dataclass(frozen=True, slots=True)
class LocalIndex:
    """A local secondary index: made with the table, never changed."""

    name: str
    sort_key: Key
    projection: Projection


@dataclass(frozen=True, slots=True)
class Billing:
    """mode: PROVISIONED with capacity, or PAY_PER_REQUEST with the most units a second, if they are limited."""

    mode: str
    capacity: Units | None = None
    max_read_request_units: int | None = None
    max_write_request_units: int | None = None


@dataclass(frozen=True, slots=True)
class PointInTimeRecovery:
    """Continuous backups, and how far back."""

    enabled: bool
    recovery_period_in_days: int | None = None


@dataclass(frozen=True, slots=True)
class TableDesired:
    """A table. indexes: empty removes all. kms_key_arn: None is AWS's own key; like the keys it never changes.

    stream: view type. capacity_owned: (name of the index or "" for the table, `READ` or `WRITE`) of capacity that an
    autoscaler or a claim owns: sent when the table or index is made, afterwards neither diffed nor sent, unless
    capacity_told names it with the value that its owner has this pass apply.
    """

    name: str
    partition_key: Key
    sort_key: Key | None = None
    indexes: tuple[GlobalIndex, ...] | None = None
    local_indexes: tuple[LocalIndex, ...] = ()
    billing: Billing | None = None
    warm_throughput: Units | None = None
    table_class: str | None = None
    kms_key_arn: str | None = None
    point_in_time_recovery: PointInTimeRecovery | None = None
    stream: str | None = None
    ttl_attribute: str | None = None
    deletion_protection: bool | None = None
    capacity_owned: frozenset[tuple[str, str]] = frozenset()
    capacity_told: tuple[tuple[str, str, int], ...] = ()
