"""Tables: entries of `spec.tables` to nodes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.api.tables import Billing, Capacity, GlobalIndex, Key, KeyType, LocalIndex, Projection, Table
from trunkline.api.tables import WarmThroughput as Warm
from trunkline.blueprints.claims import NO_CLAIMS, READ_UNITS, WARM_READS, WARM_WRITES, WRITE_UNITS, Claims
from trunkline.blueprints.entries import broken_node, path_of, policy
from trunkline.drivers import table_desired as wanted
from trunkline.engine.resource import Node

SECTION = "tables"
_DIMENSIONS = {READ_UNITS: wanted.READ, WRITE_UNITS: wanted.WRITE}
Told = Mapping[tuple[str, str], int | None]  # of a table, by index and field
_LETTERS = {KeyType.STRING: "S", KeyType.NUMBER: "N", KeyType.BINARY: "B"}


def table_node(entry: Table, center: str, tags: Mapping[str, str], claims: Claims = NO_CLAIMS) -> Node:
    """The node of one table. claims: of which some may be on its capacity."""
    external = entry.external is not None
    if entry.partition_key is None and not external:
        return broken_node("table", SECTION, entry.name, "partitionKey is required")
    return Node(
        key=f"table/{entry.name}",
        kind="table",
        section=SECTION,
        name=entry.name,
        path=path_of(SECTION, entry.name),
        aws_name=entry.effective_aws_name(center),
        desired=None
        if entry.partition_key is None or external
        else _desired(entry, entry.partition_key, center, claims),
        external=external,
        external_arn=entry.external.arn if entry.external is not None else None,
        deletion_policy=policy(entry.deletion_policy),
        tags={**tags, **(entry.tags or {})},
    )


def _desired(entry: Table, partition_key: Key, center: str, claims: Claims) -> wanted.TableDesired:
    owned = claims.of("table", entry.name)
    recovery = entry.point_in_time_recovery
    return wanted.TableDesired(
        name=entry.effective_aws_name(center),
        partition_key=_key(partition_key),
        sort_key=_key(entry.sort_key) if entry.sort_key is not None else None,
        indexes=None if entry.indexes is None else tuple(_index(index, owned) for index in entry.indexes),
        local_indexes=tuple(_local(index) for index in entry.local_indexes or ()),
        billing=_billing(entry.billing) if entry.billing is not None else None,
        warm_throughput=_warm(entry.warm_throughput, owned),
        table_class=entry.table_class.value if entry.table_class is not None else None,
        kms_key_arn=entry.encryption.kms_key_arn if entry.encryption is not None else None,
        point_in_time_recovery=wanted.PointInTimeRecovery(recovery.enabled, recovery.recovery_period_in_days)
        if recovery is not None
        else None,
        stream=entry.stream.value if entry.stream is not None else None,
        ttl_attribute=entry.ttl_attribute,
        deletion_protection=entry.deletion_protection,
        capacity_owned=frozenset((index, _DIMENSIONS[field]) for index, field in owned if field in _DIMENSIONS),
        capacity_told=tuple(
            sorted(
                (index, _DIMENSIONS[field], told)
                for (index, field), told in owned.items()
                if field in _DIMENSIONS and told
            )
        ),
    )


def _key(key: Key) -> wanted.Key:
    return wanted.Key(key.name, _LETTERS[key.type])


def _projection(projection: Projection) -> wanted.Projection:
    return wanted.Projection(projection.type.value, frozenset(projection.attributes or ()))


def _index(index: GlobalIndex, owned: Told) -> wanted.GlobalIndex:
    return wanted.GlobalIndex(
        name=index.name,
        partition_keys=tuple(_key(key) for key in index.partition_keys),
        projection=_projection(index.projection),
        sort_keys=tuple(_key(key) for key in index.sort_keys or ()),
        capacity=_capacity(index.capacity),
        warm_throughput=_warm(index.warm_throughput, owned, index.name),
    )


def _local(index: LocalIndex) -> wanted.LocalIndex:
    return wanted.LocalIndex(index.name, _key(index.sort_key), _projection(index.projection))


def _capacity(capacity: Capacity | None) -> wanted.Units | None:
    return wanted.Units(capacity.read_capacity_units, capacity.write_capacity_units) if capacity is not None else None


def _warm(warm: Warm | None, owned: Told, index: str = "") -> wanted.Units | None:
    """What the spec says, and what a claim says more: it only rises. 0 is what nobody says anything of."""
    read = max(warm.read_units_per_second if warm is not None else 0, owned.get((index, WARM_READS)) or 0)
    write = max(warm.write_units_per_second if warm is not None else 0, owned.get((index, WARM_WRITES)) or 0)
    return wanted.Units(read, write) if read or write else None


def _billing(billing: Billing) -> wanted.Billing:
    read, write = billing.read_capacity_units, billing.write_capacity_units
    return wanted.Billing(
        mode=billing.mode.value,
        capacity=wanted.Units(read, write) if read is not None and write is not None else None,
        max_read_request_units=billing.max_read_request_units,
        max_write_request_units=billing.max_write_request_units,
    )
