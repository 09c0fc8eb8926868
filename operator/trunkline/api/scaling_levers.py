"""What a ScalingPolicy moves. Models; pure. How fast, and what changes above a tier, is `scaling_behavior`.

Which fields Application Auto Scaling has:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.common import (
    Handle,
    Model,
    ObjectReference,
    Rule,
    absent,
    entries,
    example,
    integer,
    list_map,
    only_one_of,
    required,
    text,
)
from trunkline.api.scaling_behavior import MAX_UNITS

MAX_LEVERS = 64

_IndexName = Annotated[str, text(255, least=3, pattern="^[a-zA-Z0-9_.-]+$"), example("PhoneNumberIndex")]


class Through(StrEnum):
    APPLICATION_AUTO_SCALING = "ApplicationAutoScaling"
    CLAIM = "Claim"


class LeverField(StrEnum):
    """A field that can be moved, by its name in YAML."""

    PROVISIONED_CONCURRENCY = "provisionedConcurrency"
    RESERVED_CONCURRENCY = "reservedConcurrency"
    READ_CAPACITY_UNITS = "readCapacityUnits"
    WRITE_CAPACITY_UNITS = "writeCapacityUnits"
    WARM_READ_UNITS = "warmReadUnitsPerSecond"
    WARM_WRITE_UNITS = "warmWriteUnitsPerSecond"
    REPLICAS_PER_SHARD = "replicasPerShard"
    SHARDS = "shards"


class Range(Model):
    """How far a field may be moved."""

    rules = (
        Rule(
            "self.min <= self.max",
            "min must not be above max",
            ".min",
            holds=lambda span: span.min <= span.max,
        ),
    )

    min: Annotated[int, integer(0, MAX_UNITS)] = required("Never less.")
    max: Annotated[int, integer(1, MAX_UNITS)] = required(
        "Never more, whatever calls need: status says if it is short."
    )
    utilization_percent: Annotated[int, integer(10, 100)] | None = absent(
        "How far the expected load fills it. It is the only headroom then.",
        "headroom from the load's own fluctuation and the forecast's quantile",
    )


def _fields(owner: str, *names: LeverField) -> Rule:
    """A target needs at least one of its own fields, and has no others."""
    others = [field for field in LeverField if field not in names]
    has = " || ".join(f"has(self.{name})" for name in names)
    none = " && ".join(f"!has(self.{name})" for name in others)
    listed = " or ".join(names)
    return Rule(
        f"!has(self.{owner}) || (({has}) && {none})",
        f"of a {owner.removesuffix('Ref')} write {listed}, and no other field",
        holds=lambda lever: (
            lever.written(owner) is None
            or (
                any(lever.written(name) is not None for name in names)
                and all(lever.written(name) is None for name in others)
            )
        ),
    )


_OF_TABLES = (LeverField.READ_CAPACITY_UNITS, LeverField.WRITE_CAPACITY_UNITS)
_WARM = (LeverField.WARM_READ_UNITS, LeverField.WARM_WRITE_UNITS)


class Lever(Model):
    """What a policy moves of one function, table or cache."""

    rules = (
        only_one_of("function", "table", "cacheRef"),
        _fields("function", LeverField.PROVISIONED_CONCURRENCY, LeverField.RESERVED_CONCURRENCY),
        _fields("table", *_OF_TABLES, *_WARM),
        _fields("cacheRef", LeverField.REPLICAS_PER_SHARD, LeverField.SHARDS),
        Rule(
            "!has(self.index) || has(self.table)",
            "index is of a table: write table too, or leave it out",
            ".index",
            holds=lambda lever: lever.index is None or lever.table is not None,
        ),
        Rule(
            "(!has(self.readCapacityUnits) || self.readCapacityUnits.min > 0) && (!has(self.writeCapacityUnits) || self.writeCapacityUnits.min > 0)",
            "a table has at least one unit: write a min of 1 or more",
            holds=lambda lever: all(
                span is None or span.min > 0 for span in (lever.read_capacity_units, lever.write_capacity_units)
            ),
        ),
        Rule(
            "!(has(self.warmReadUnitsPerSecond) || has(self.warmWriteUnitsPerSecond)) || has(self.readCapacityUnits) || has(self.writeCapacityUnits) || !has(self.through) || self.through == 'Claim'",
            "Application Auto Scaling has no warm throughput: leave through away, or write Claim",
            ".through",
            holds=lambda lever: (
                all(lever.written(name) is None for name in _WARM)
                or any(lever.written(name) is not None for name in _OF_TABLES)
                or lever.through in (None, Through.CLAIM)
            ),
        ),
        Rule(
            "!has(self.reservedConcurrency) || self.reservedConcurrency.min > 0",
            "a reservation of 0 stops the function: write a min of 1 or more",
            ".reservedConcurrency",
            holds=lambda lever: lever.reserved_concurrency is None or lever.reserved_concurrency.min > 0,
        ),
        Rule(
            "!has(self.reservedConcurrency) || !has(self.provisionedConcurrency) || self.provisionedConcurrency.max <= self.reservedConcurrency.max",
            "Lambda provisions no more than is reserved: write a max of reservedConcurrency that is at least that of provisionedConcurrency",
            ".reservedConcurrency",
            holds=lambda lever: (
                lever.reserved_concurrency is None
                or lever.provisioned_concurrency is None
                or lever.provisioned_concurrency.max <= lever.reserved_concurrency.max
            ),
        ),
        Rule(
            "!has(self.reservedConcurrency) || has(self.provisionedConcurrency) || !has(self.through) || self.through == 'Claim'",
            "Application Auto Scaling has no reservedConcurrency: leave through away, or write Claim",
            ".through",
            holds=lambda lever: (
                lever.reserved_concurrency is None
                or lever.provisioned_concurrency is not None
                or lever.through in (None, Through.CLAIM)
            ),
        ),
        Rule(
            "!has(self.replicasPerShard) || self.replicasPerShard.max <= 5",
            "ElastiCache has at most 5 replicas: write a max of 5 or less",
            ".replicasPerShard",
            holds=lambda lever: lever.replicas_per_shard is None or lever.replicas_per_shard.max <= 5,
        ),
        Rule(
            "!has(self.replicasPerShard) || !has(self.through) || self.through == 'Claim' || self.replicasPerShard.min > 0",
            "Application Auto Scaling keeps one replica at least: write a min of 1 or more, or through: Claim",
            ".replicasPerShard",
            holds=lambda lever: (
                lever.replicas_per_shard is None
                or lever.through in (None, Through.CLAIM)
                or lever.replicas_per_shard.min > 0
            ),
        ),
        Rule(
            "has(self.cacheRef) || !(has(self.operationsPerNode) || has(self.ttlSeconds))",
            "operationsPerNode and ttlSeconds are of a cache: write cacheRef too, or leave them out",
            holds=lambda lever: (
                lever.cache_ref is not None or (lever.operations_per_node is None and lever.ttl_seconds is None)
            ),
        ),
        Rule(
            "!has(self.shards) || (self.shards.min >= 1 && self.shards.max <= 500)",
            "ElastiCache has 1 to 500 shards: write a min and a max in that range",
            ".shards",
            holds=lambda lever: lever.shards is None or (lever.shards.min >= 1 and lever.shards.max <= 500),
        ),
    )

    name: Handle = required("Name of the lever, as tiers and status say it.")
    function: Handle | None = absent("Function of the target.", "another target is written")
    table: Handle | None = absent("Table of the target.", "another target is written")
    index: _IndexName | None = absent("Index of that table.", "the table itself")
    cache_ref: ObjectReference | None = absent("A CacheLayer.", "another target is written")
    provisioned_concurrency: Range | None = absent(
        "Environments of a function's alias that are kept warm.", "not moved"
    )
    reserved_concurrency: Range | None = absent(
        "Concurrency that a function has for itself, and no more than that; always by a Claim. Never below what is provisioned or in use, and AWS keeps 100 of the account for functions without.",
        "not moved",
    )
    read_capacity_units: Range | None = absent("Reads that a table takes in a second.", "not moved")
    write_capacity_units: Range | None = absent("Writes that a table takes in a second.", "not moved")
    warm_read_units_per_second: Range | None = absent(
        "Reads that a table takes at once, without its capacity having grown to it; always by a Claim, and only rises.",
        "not moved",
    )
    warm_write_units_per_second: Range | None = absent("Writes that it takes at once.", "not moved")
    replicas_per_shard: Range | None = absent("Replicas of a cache of nodes.", "not moved")
    shards: Range | None = absent("Shards of a cache in cluster mode.", "not moved")
    operations_per_node: Annotated[int, integer(1_000, 10_000_000)] | None = absent(
        "Operations a second that one node of the cache serves, by which its shards are counted. AWS promises none: measure it.",
        "100000",
    )
    ttl_seconds: Annotated[int, integer(1, 86_400)] | None = absent(
        "How long functions keep what they looked up, by which its memory is counted.", "300"
    )
    lead_seconds: Annotated[int, integer(0, 86_400)] | None = absent(
        "How long before it is needed it has to be asked for.", "600 for functions and tables, 1800 for caches"
    )
    through: Through | None = absent(
        "Who writes the field: ApplicationAutoScaling, which goes on reacting without Trunkline, or a Claim that the target's own pass applies.",
        "ApplicationAutoScaling where AWS has it, else Claim",
    )

    @property
    def fields(self) -> tuple[tuple[LeverField, Range], ...]:
        """What it moves, in the order of `LeverField`."""
        found = ((field, self.written(field)) for field in LeverField)
        return tuple((field, span) for field, span in found if span is not None)


def moved(lever: Lever) -> tuple[tuple[str, str, str, LeverField], ...]:
    """What a lever moves: kind, name, index and field."""
    kind, name = next(
        (kind, name)
        for kind, name in (
            ("function", lever.function),
            ("table", lever.table),
            ("cache", lever.cache_ref.name if lever.cache_ref is not None else None),
        )
        if name is not None
    )
    return tuple((kind, name, lever.index or "", field) for field, _ in lever.fields)


Levers = Annotated[tuple[Lever, ...], entries(MAX_LEVERS), list_map("name")]
