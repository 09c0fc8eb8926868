"""Values for fields that another object owns: what a target's own pass leaves alone, and what it is told. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

READ_UNITS, WRITE_UNITS = "readCapacityUnits", "writeCapacityUnits"
WARM_READS, WARM_WRITES = "warmReadUnitsPerSecond", "warmWriteUnitsPerSecond"
PROVISIONED, RESERVED = "provisionedConcurrency", "reservedConcurrency"
REPLICAS, SHARDS = "replicasPerShard", "shards"


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """A field of the target: kind "function", "table" or "cache", its handle, the index of a table, the field's name."""

    kind: str
    name: str
    index: str
    field: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What each owned field is told; None where AWS itself sets it, or nothing was decided yet."""

    fields: Mapping[Field, int | None] = field(default_factory=dict)

    def of(self, kind: str, name: str) -> Mapping[tuple[str, str], int | None]:
        """By index and field: those of one function, table or cache."""
        return {
            (key.index, key.field): told for key, told in self.fields.items() if (key.kind, key.name) == (kind, name)
        }

    def words(self) -> list[list[object]]:
        """As JSON has it, for comparison."""
        return [
            [key.kind, key.name, key.index, key.field, told]
            for key, told in sorted(self.fields.items(), key=lambda item: item[0])
        ]


NO_CLAIMS = Claims()
