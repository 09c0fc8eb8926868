"""What was counted of calls, and what a measure of a part of `spec.workload` is. Values only: what is made of them is
`scaling_measured`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from trunkline.drivers.scaling_measures import Contacts, Hours, Stored

LEAST = 200
"""Samples: a mean of seconds is then known to some ten percent, a share to some three points."""


class Part(StrEnum):
    """Fields of `spec.workload`, as it spells them."""

    TALK = "talkSeconds"
    AFTER_CONTACT = "afterContactSeconds"
    PATIENCE = "patienceSeconds"
    REDIAL = "redialPercent"
    CALLBACK = "callbackPercent"
    SELF_SERVICE = "selfServiceSeconds"
    CONTAINED = "containedPercent"
    LOOKUPS = "lookupsPerCall"
    LOOKUP_TIME = "lookupMilliseconds"
    ITEM = "itemBytes"
    CACHE_HITS = "cacheHitPercent"
    READS = "readsPerLookup"
    WRITES = "writesPerCall"


RANGES: Mapping[Part, tuple[float, float]] = {
    Part.TALK: (1.0, 86_400.0),
    Part.AFTER_CONTACT: (0.0, 86_400.0),
    Part.PATIENCE: (1.0, 86_400.0),
    Part.SELF_SERVICE: (0.0, 86_400.0),
    Part.CONTAINED: (0.0, 99.0),
    Part.LOOKUPS: (0.0, 1_000.0),
    Part.LOOKUP_TIME: (1.0, 900_000.0),
    Part.ITEM: (1.0, 409_600.0),
    Part.CACHE_HITS: (0.0, 100.0),
    Part.READS: (0.0, 1_000.0),
    Part.WRITES: (0.0, 1_000.0),
}
"""What the spec may say of each, and so what a measure may."""


@dataclass(frozen=True, slots=True)
class Measure:
    """value: in the unit of its field, to three digits. samples: contacts, calls, lookups, reads or items. metrics: of
    what it was made; a measure of other metrics is another one.
    """

    value: float
    samples: int
    metrics: str
    until: datetime | None = None


Found = Measure | str
"""A measure, or why there is none."""


@dataclass(frozen=True, slots=True)
class Units:
    """What a table or index gave in a window. stored: None if it is not known."""

    name: str
    index: bool
    read: Hours
    written: Hours
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What was read. contacts, calls, ...: None if it was not; empty if there was nothing.

    functions: names of those whose invocations these are; seconds in milliseconds, as Lambda has them.
    """

    contacts: tuple[Contacts, ...] | None = None
    calls: Hours | None = None
    functions: tuple[str, ...] = ()
    invocations: Hours | None = None
    milliseconds: Hours | None = None
    cache: str = ""
    hits: Hours | None = None
    misses: Hours | None = None
    tables: tuple[Units, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Taken:
    """Parts that others depend on, in the model's units, whoever said them."""

    lookups_per_call: float
    cache_hit_share: float
    item_bytes: float


def few(samples: float, least: int, of: str) -> str:
    """Why there is no measure: too few samples."""
    return f"{samples:,.0f} {of} in a week: {least} are the least"


def rounded(value: float) -> float:
    """To three digits: what is taken is what status shows, and a new process goes on with it."""
    return float(f"{value:.3g}")
