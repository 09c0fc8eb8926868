"""Checks of tables that look at several keys at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trunkline.api.problem import Problem
from trunkline.api.tables import Key, Table

MAX_PROJECTED = 100


def check_table(table: Table, path: str) -> Iterator[Problem]:
    """One type per key attribute, an attribute once per key, projected attributes of all indexes together."""
    types: dict[str, Key] = {}
    for place, key in _keys(table, path):
        known = types.setdefault(key.name, key)
        if known.type is not key.type:
            yield Problem(
                place,
                f"{key.name} is a {key.type} here and a {known.type} elsewhere",
                "write one type for an attribute",
            )
    for index in table.indexes or ():
        place = f"{path}.indexes[name={index.name}]"
        for name, count in Counter(key.name for key in (*index.partition_keys, *(index.sort_keys or ()))).items():
            if count > 1:
                yield Problem(place, f"{name} stands in its keys {count} times", "write it once")
    if (
        table.partition_key is not None
        and table.sort_key is not None
        and table.partition_key.name == table.sort_key.name
    ):
        yield Problem(f"{path}.sortKey", "is the attribute of the partition key too", "write another attribute")
    projections = [index.projection for index in table.indexes or ()] + [
        local.projection for local in table.local_indexes or ()
    ]
    projected = sum(len(projection.attributes or ()) for projection in projections)
    if projected > MAX_PROJECTED:
        yield Problem(
            f"{path}.indexes",
            f"they project {projected} attributes together",
            f"DynamoDB takes {MAX_PROJECTED}: use ALL",
        )
    global_names = {index.name for index in table.indexes or ()}
    for local in table.local_indexes or ():
        if local.name in global_names:
            yield Problem(
                f"{path}.localIndexes[name={local.name}]", "a global index has this name", "write another name"
            )


def _keys(table: Table, path: str) -> Iterator[tuple[str, Key]]:
    if table.partition_key is not None:
        yield f"{path}.partitionKey", table.partition_key
    if table.sort_key is not None:
        yield f"{path}.sortKey", table.sort_key
    for index in table.indexes or ():
        for field, keys in (("partitionKeys", index.partition_keys), ("sortKeys", index.sort_keys or ())):
            for position, key in enumerate(keys):
                yield f"{path}.indexes[name={index.name}].{field}[{position}]", key
    for local in table.local_indexes or ():
        yield f"{path}.localIndexes[name={local.name}].sortKey", local.sort_key
