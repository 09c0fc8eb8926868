"""A DynamoDB table as observed: DescribeTable and its kin read into plain values. Pure.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.table_desired import (
    PROVISIONED,
    GlobalIndex,
    Key,
    LocalIndex,
    PointInTimeRecovery,
    Projection,
    Units,
)
from trunkline.engine.driver import UNREAD, Unread

ACTIVE = "ACTIVE"
COLD = Units(0, 0)  # warm throughput that nobody told of


@dataclass(frozen=True, slots=True)
class Throughput:
    """Provisioned capacity, zeros where billed per request. last_decrease: seconds since the epoch."""

    read: int = 0
    write: int = 0
    decreases_today: int = 0
    last_decrease: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexState:
    """A global index. what: its keys and projection, which never change."""

    what: GlobalIndex
    status: str = ACTIVE
    backfilling: bool = False
    throughput: Throughput = Throughput()
    warm: Units = COLD

    @property
    def name(self) -> str:
        return self.what.name


@dataclass(frozen=True, slots=True)
class TimeToLive:
    """attribute is empty while it is off. changing: ENABLING or DISABLING."""

    attribute: str = ""
    changing: bool = False


@dataclass(frozen=True, slots=True)
class TableState:
    """As observed. max_read_request_units, max_write_request_units: None is no limit. stream: view type, None is off.

    warm_changing: warm throughput is being raised, which may outlast the table's own UPDATING.
    """

    name: str
    partition_key: Key
    sort_key: Key | None = None
    status: str = ACTIVE
    billing_mode: str = PROVISIONED
    throughput: Throughput = Throughput()
    max_read_request_units: int | None = None
    max_write_request_units: int | None = None
    warm: Units = COLD
    warm_changing: bool = False
    indexes: tuple[IndexState, ...] = ()
    local_indexes: tuple[LocalIndex, ...] = ()
    table_class: str = "STANDARD"
    kms_key_arn: str | None = None
    stream: str | None = None
    deletion_protection: bool = False
    time_to_live: TimeToLive | Unread = UNREAD
    recovery: PointInTimeRecovery | Unread = UNREAD

    @property
    def index_in_work(self) -> IndexState | None:
        """The index that is being built or dropped; there is one at a time."""
        return next((index for index in self.indexes if index.status in ("CREATING", "DELETING")), None)


def table_state(
    body: Mapping[str, Any], time_to_live: TimeToLive | Unread, recovery: PointInTimeRecovery | Unread
) -> TableState:
    """From TableDescription and the two settings that are read on their own."""
    types = {item["AttributeName"]: item["AttributeType"] for item in body.get("AttributeDefinitions") or ()}
    partition_keys, sort_keys = _keys(body["KeySchema"], types)
    on_demand = body.get("OnDemandThroughput") or {}
    stream = body.get("StreamSpecification") or {}
    warm = body.get("WarmThroughput") or {}
    indexes = tuple(_index(item, types) for item in body.get("GlobalSecondaryIndexes") or ())
    return TableState(
        name=body["TableName"],
        partition_key=partition_keys[0],
        sort_key=sort_keys[0] if sort_keys else None,
        status=body.get("TableStatus", ACTIVE),
        billing_mode=(body.get("BillingModeSummary") or {}).get("BillingMode", PROVISIONED),
        throughput=_throughput(body.get("ProvisionedThroughput") or {}),
        max_read_request_units=_limit(on_demand.get("MaxReadRequestUnits")),
        max_write_request_units=_limit(on_demand.get("MaxWriteRequestUnits")),
        warm=_warm(warm),
        warm_changing=warm.get("Status", ACTIVE) == "UPDATING",
        indexes=indexes,
        local_indexes=tuple(_local(item, types) for item in body.get("LocalSecondaryIndexes") or ()),
        table_class=(body.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        kms_key_arn=(body.get("SSEDescription") or {}).get("KMSMasterKeyArn"),
        stream=stream.get("StreamViewType") if stream.get("StreamEnabled") else None,
        deletion_protection=bool(body.get("DeletionProtectionEnabled")),
        time_to_live=time_to_live,
        recovery=recovery,
    )


def time_to_live(body: Mapping[str, Any]) -> TimeToLive:
    """From TimeToLiveDescription. What is being turned on counts as on, what is being turned off as off."""
    status = body.get("TimeToLiveStatus", "DISABLED")
    on = status in ("ENABLED", "ENABLING")
    return TimeToLive(body.get("AttributeName", "") if on else "", changing=status in ("ENABLING", "DISABLING"))


def recovery(body: Mapping[str, Any]) -> PointInTimeRecovery:
    """From ContinuousBackupsDescription."""
    described = body.get("PointInTimeRecoveryDescription") or {}
    enabled = described.get("PointInTimeRecoveryStatus") == "ENABLED"
    return PointInTimeRecovery(enabled, described.get("RecoveryPeriodInDays") if enabled else None)


def _keys(schema: Iterable[Mapping[str, str]], types: Mapping[str, str]) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """Partition keys and sort keys, in AWS's order."""
    items = [(item["KeyType"], Key(item["AttributeName"], types.get(item["AttributeName"], ""))) for item in schema]
    return tuple(key for kind, key in items if kind == "HASH"), tuple(key for kind, key in items if kind == "RANGE")


def _projection(body: Mapping[str, Any]) -> Projection:
    return Projection(body.get("ProjectionType", ""), frozenset(body.get("NonKeyAttributes") or ()))


def _index(body: Mapping[str, Any], types: Mapping[str, str]) -> IndexState:
    partition_keys, sort_keys = _keys(body["KeySchema"], types)
    return IndexState(
        what=GlobalIndex(body["IndexName"], partition_keys, _projection(body.get("Projection") or {}), sort_keys),
        status=body.get("IndexStatus", ACTIVE),
        backfilling=bool(body.get("Backfilling")),
        throughput=_throughput(body.get("ProvisionedThroughput") or {}),
        warm=_warm(body.get("WarmThroughput") or {}),
    )


def _local(body: Mapping[str, Any], types: Mapping[str, str]) -> LocalIndex:
    _, sort_keys = _keys(body["KeySchema"], types)
    return LocalIndex(body["IndexName"], sort_keys[0], _projection(body.get("Projection") or {}))


def _throughput(body: Mapping[str, Any]) -> Throughput:
    last = body.get("LastDecreaseDateTime")
    return Throughput(
        read=body.get("ReadCapacityUnits", 0),
        write=body.get("WriteCapacityUnits", 0),
        decreases_today=body.get("NumberOfDecreasesToday", 0),
        last_decrease=last.timestamp() if last is not None else 0.0,
    )


def _warm(body: Mapping[str, Any]) -> Units:
    return Units(body.get("ReadUnitsPerSecond", 0), body.get("WriteUnitsPerSecond", 0))


def _limit(units: int | None) -> int | None:
    return None if units == -1 else units
