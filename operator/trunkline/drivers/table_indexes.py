"""Keys and indexes of a table: their parameters, what cannot change, and one index built or dropped at a time. Pure.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trunkline.drivers.fields import Fields
from trunkline.drivers.table_capacity import SERVICE, index_capacity, units, warm_units
from trunkline.drivers.table_desired import GlobalIndex, Key, LocalIndex, Projection, TableDesired
from trunkline.drivers.table_state import ACTIVE, IndexState, TableState
from trunkline.engine.plan import CannotPlanError, Change, Step, Waiting

INDEX_SECONDS = 15.0  # to the next look at an index that is being built; a large one takes hours

_WAY = "add a table under another name, move the items, and drop this one"
_INDEX_WAY = "add an index under another name, move the readers, and drop this one"


# --- parameters


def key_schema(partition_keys: Iterable[Key], sort_keys: Iterable[Key]) -> list[dict[str, str]]:
    """KeySchema."""
    return [
        *({"AttributeName": key.name, "KeyType": "HASH"} for key in partition_keys),
        *({"AttributeName": key.name, "KeyType": "RANGE"} for key in sort_keys),
    ]


def attribute_definitions(keys: Iterable[Key]) -> list[dict[str, str]]:
    """AttributeDefinitions: of key attributes only, each once."""
    types = {key.name: key.type for key in keys}
    return [{"AttributeName": name, "AttributeType": letter} for name, letter in sorted(types.items())]


def all_keys(desired: TableDesired) -> list[Key]:
    """Of the table and its indexes."""
    keys = [desired.partition_key, *([desired.sort_key] if desired.sort_key else [])]
    keys += [local.sort_key for local in desired.local_indexes]
    return keys + [key for index in desired.indexes or () for key in (*index.partition_keys, *index.sort_keys)]


def global_index(index: GlobalIndex, desired: TableDesired, state: TableState | None) -> dict[str, Any]:
    """A member of GlobalSecondaryIndexes, or of an update's Create."""
    capacity = index_capacity(index, desired, state)
    return {
        "IndexName": index.name,
        "KeySchema": key_schema(index.partition_keys, index.sort_keys),
        "Projection": _projection(index.projection),
        **({"ProvisionedThroughput": units(capacity)} if capacity is not None else {}),
        **({"WarmThroughput": warm_units(index.warm_throughput)} if index.warm_throughput is not None else {}),
    }


def local_index(index: LocalIndex, desired: TableDesired) -> dict[str, Any]:
    """A member of LocalSecondaryIndexes."""
    return {
        "IndexName": index.name,
        "KeySchema": key_schema([desired.partition_key], [index.sort_key]),
        "Projection": _projection(index.projection),
    }


def _projection(projection: Projection) -> dict[str, Any]:
    attributes = {"NonKeyAttributes": sorted(projection.attributes)} if projection.attributes else {}
    return {"ProjectionType": projection.type, **attributes}


# --- what cannot change


def refuse_other_keys(desired: TableDesired, state: TableState, fields: Fields) -> None:
    """Raises CannotPlanError, naming the way, where keys, local indexes or encryption are not those of the table."""
    for path, wanted, observed in (
        ("partitionKey", desired.partition_key, state.partition_key),
        ("sortKey", desired.sort_key, state.sort_key),
    ):
        if wanted != observed:
            raise CannotPlanError(
                f"the {path} of a table cannot change from {_key(observed)} to {_key(wanted)}: {_WAY}"
            )
    if desired.local_indexes and set(desired.local_indexes) != set(state.local_indexes):
        raise CannotPlanError(f"local indexes of a table cannot change: {_WAY}")
    if state.local_indexes and not desired.local_indexes:
        fields.report("localIndexes", [index.name for index in state.local_indexes], None)
    key = desired.kms_key_arn
    if key is not None and ":alias/" not in key and key != state.kms_key_arn:  # AWS answers the key of an alias
        raise CannotPlanError(f"the encryption of a table is set when it is made: {_WAY}")
    for index in desired.indexes or ():
        _refuse_other_index(index, state)


def _refuse_other_index(index: GlobalIndex, state: TableState) -> None:
    observed = next((item.what for item in state.indexes if item.name == index.name), None)
    if observed is None:
        return
    for what, wanted, there in (
        ("partition keys", index.partition_keys, observed.partition_keys),
        ("sort keys", index.sort_keys, observed.sort_keys),
        ("projection", index.projection, observed.projection),
    ):
        if wanted != there:
            raise CannotPlanError(f"the {what} of the index {index.name} cannot change: {_INDEX_WAY}")


def _key(key: Key | None) -> str:
    return f"{key.name} ({key.type})" if key is not None else "none"


# --- building and dropping


def index_steps(desired: TableDesired, state: TableState) -> tuple[list[Step], list[Step], Waiting | None]:
    """What to drop, what to build, and what has to end first. Dropping goes before everything else, building after."""
    if desired.indexes is None:
        return [], [], None
    wanted = {index.name for index in desired.indexes}
    there = {index.name for index in state.indexes if index.status != "DELETING"}
    drop = [_drop(state, index) for index in state.indexes if index.name in there - wanted]
    build = [_build(index, desired, state) for index in desired.indexes if index.name not in there]
    if (working := state.index_in_work) is not None:
        unwanted = working.name not in wanted and working.backfilling  # may be given up once it is being filled
        drop = [_drop(state, working)] if unwanted else []
        doing = "built" if working.status == "CREATING" else "dropped"
        return drop, [], Waiting(f"the index {working.name} is being {doing}", INDEX_SECONDS, blocks=False)
    return drop, build, None


def _drop(state: TableState, index: IndexState) -> Step:
    updates = [{"Delete": {"IndexName": index.name}}]
    gives_up = index.status != ACTIVE
    return Step(
        SERVICE,
        "UpdateTable",
        {"TableName": state.name, "GlobalSecondaryIndexUpdates": updates},
        "not listed",
        (Change(f"indexes[{index.name}]", "there", None),),
        settles=True,
        interrupts=None if gives_up else f"drops the index {index.name} of {state.name}: queries of it fail",
    )


def _build(index: GlobalIndex, desired: TableDesired, state: TableState) -> Step:
    return Step(
        SERVICE,
        "UpdateTable",
        {
            "TableName": state.name,
            "AttributeDefinitions": attribute_definitions((*index.partition_keys, *index.sort_keys)),
            "GlobalSecondaryIndexUpdates": [{"Create": global_index(index, desired, state)}],
        },
        "not there yet",
        (Change(f"indexes[{index.name}]", None, ", ".join(key.name for key in all_index_keys(index))),),
        settles=True,
    )


def all_index_keys(index: GlobalIndex) -> tuple[Key, ...]:
    """Partition keys, then sort keys."""
    return (*index.partition_keys, *index.sort_keys)
