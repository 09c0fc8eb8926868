"""What the record of a policy says of levers that move something else now. Pure.

A record knows a scalable target by its lever. A lever that names another function, or whose function has another alias,
means another target: the one that was made before is then an entry of its own, which has left the spec.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from trunkline.blueprints.scaling import KIND, Bounds
from trunkline.drivers.scalable_target_desired import target_id
from trunkline.engine.record import Record

NAME_LENGTH = 256


def parted(record: Record, bounds: Iterable[Bounds]) -> Record:
    """The record, in which no lever has what it does not move any more."""
    meant = {f"{KIND}/{one.name}": target_id(one.node.resource, one.node.dimension) for one in bounds}
    moved = [
        entry if meant.get(key, entry.id) == entry.id else replace(entry, name=entry.id[:NAME_LENGTH])
        for key, entry in record.entries.items()
    ]
    return replace(record, entries={entry.key: entry for entry in moved})
