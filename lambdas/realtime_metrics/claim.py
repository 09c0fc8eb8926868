"""Which of several runs writes the snapshot: one at a time, and never an older one over a newer.

A run writes only if the snapshot is still the one it read (its `Generation`), so of two that overlap one loses and reads
again. `Holder` and `HeldUntil` keep the others from asking Connect for what they may not write: they stand by and take
over once the holder has been silent for longer than two rounds.
"""

from __future__ import annotations

from shared import snapshot
from shared.failure import ConditionFailedError, DefectError
from shared.keys import snapshot as snapshot_key
from shared.snapshot import NOTHING_KNOWN, Snapshot, Written
from shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.dynamodb import DynamoDB
    from shared.entities import Item

HELD_SECONDS = 25


class Claim:
    """One environment's right to write. holder: what tells this environment from all others."""

    def __init__(self, dynamodb: DynamoDB, table: str, instance: str, holder: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._instance = instance
        self._holder = holder
        self._mine: Written | None = None

    def held(self, now: float, deadline: Deadline) -> Written | None:
        """The snapshot that stands, if this environment may write the next one; None while another holds it."""
        if self._mine is not None and now < self._mine.held_until:
            return self._mine
        found = self._dynamodb.get_item(self._table, snapshot_key(self._instance), deadline, consistent=True)
        standing = Written(NOTHING_KNOWN, 0, "", 0) if found is None else _standing(found)
        return standing if standing.holder == self._holder or standing.held_until <= now else None

    def write(self, next_: Snapshot, after: Written, now: float, deadline: Deadline, *, last: bool) -> bool:
        """Write the next snapshot unless another one was written since. last: let others take over at once."""
        held_until = int(now) if last else int(now) + HELD_SECONDS
        written = Written(next_, after.generation + 1, self._holder, held_until)
        self._mine = None
        try:
            self._put(written, after.generation, deadline)
        except ConditionFailedError as error:
            if error.item is None:
                return False
            there = _standing(error.item)
            if (there.holder, there.generation) != (self._holder, written.generation):
                return False  # else it is this very write, whose first answer was lost
        self._mine = written
        return True

    def _put(self, written: Written, generation: int, deadline: Deadline) -> None:
        item = snapshot.item(self._instance, written)
        if generation == 0:
            self._dynamodb.put_item(self._table, item, deadline, condition="attribute_not_exists(Generation)")
        else:
            self._dynamodb.put_item(
                self._table,
                item,
                deadline,
                condition="Generation = :generation",
                values={":generation": {"N": str(generation)}},
            )


def _standing(found: Item) -> Written:
    """What stands in the table. A body that nobody can read is replaced, in its turn."""
    try:
        return snapshot.written_in(found)
    except DefectError:
        generation = found.get("Generation", {}).get("N", "0")
        return Written(NOTHING_KNOWN, int(generation) if generation.isdigit() else 0, "", 0)
