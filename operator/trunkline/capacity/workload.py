"""What a call is made of, which agents take it, and what callers are promised. Pure values; nothing here computes capacity.

Inside `capacity` rates are calls a second, durations seconds and shares 0 to 1; percent and calls an hour exist only at
the edges.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import inf, isfinite

PATIENCE_SECONDS = 120.0  # where neither given nor measured; endless patience has to be asked for


@dataclass(frozen=True, slots=True)
class Workload:
    """The seconds and lookups of a call. An endless `patience_seconds` (`inf`) plans with Erlang C.

    contained_share: of all calls, those that self-service ends. redial_share: of callers who hang up in the queue, those
    who call again at once. callback_share: of calls that go to agents, those that are called back instead of waiting:
    they leave the quota until an agent is free, and stay agent work. cache_hit_share: of reads; 0 unless given or measured, since with entries that live as long as
    a call only the second lookup of a call can hit. reads and writes are of one item of `item_bytes`.
    """

    self_service_seconds: float = 0.0
    contained_share: float = 0.0
    talk_seconds: float = 300.0
    after_contact_seconds: float = 0.0
    patience_seconds: float = PATIENCE_SECONDS
    redial_share: float = 0.0
    callback_share: float = 0.0
    lookups_per_call: float = 1.0
    lookup_seconds: float = 0.3
    item_bytes: float = 1024.0
    cache_hit_share: float = 0.0
    reads_per_lookup: float = 1.0
    writes_per_call: float = 0.0

    def __post_init__(self) -> None:
        for name in (spec.name for spec in fields(self)):
            value = getattr(self, name)
            if name.endswith("_share"):
                _share(name, value)
            elif not value >= 0 or (not isfinite(value) and name != "patience_seconds"):
                raise ValueError(f"{name} must be a number >= 0, not {value}")
        if not self.patience_seconds > 0:
            raise ValueError(f"patience_seconds must be a number > 0, not {self.patience_seconds}")

    @property
    def handle_seconds(self) -> float:
        """What a call costs an agent: talk and after-contact work."""
        return self.talk_seconds + self.after_contact_seconds

    @property
    def line_seconds(self) -> float:
        """What a call holds of the quota without waiting, on average over contained calls and the others."""
        return self.self_service_seconds + (1.0 - self.contained_share) * self.talk_seconds

    @property
    def lookups_hold_seconds(self) -> float:
        """Environment-seconds of a function that all lookups of one call ask for."""
        return self.lookups_per_call * self.lookup_seconds


@dataclass(frozen=True, slots=True)
class Objectives:
    """What callers and agents are promised; None is not asked for. Service level: answered in time over offered."""

    service_level_share: float | None = 0.8
    answer_seconds: float = 20.0
    max_occupancy_share: float | None = 0.85
    max_abandoned_share: float | None = 0.05
    lookup_p99_seconds: float | None = None

    def __post_init__(self) -> None:
        if not self.answer_seconds >= 0:
            raise ValueError(f"answer_seconds must be a number >= 0, not {self.answer_seconds}")
        if self.service_level_share is not None and not 0.0 <= self.service_level_share < 1.0:
            raise ValueError(f"service_level_share must be at least 0 and below 1, not {self.service_level_share}")
        for name, value in (("occupancy", self.max_occupancy_share), ("abandoned", self.max_abandoned_share)):
            if value is not None and not 0.0 < value <= 1.0:
                raise ValueError(f"max_{name}_share must be above 0 and at most 1, not {value}")


@dataclass(frozen=True, slots=True)
class Chats:
    """Chats of a pool: an agent holds several at once, so a chat fills a slot where a call holds the whole agent.

    per_call: chats for each call of the pool; 0 is a pool without chat.
    """

    per_call: float = 0.0
    seconds: float = 600.0
    slots_per_agent: int = 1

    def __post_init__(self) -> None:
        if not (0.0 <= self.per_call < inf and 0.0 < self.seconds < inf and self.slots_per_agent >= 1):
            raise ValueError(
                f"chats need per_call >= 0, seconds > 0 and slots_per_agent >= 1, "
                f"not {self.per_call}, {self.seconds} and {self.slots_per_agent}"
            )


@dataclass(frozen=True, slots=True)
class Pool:
    """Queues that the same agents answer. share: of the calls that go to agents. agents: on the phone, None if unknown."""

    name: str
    queues: tuple[str, ...]
    share: float
    workload: Workload = field(default_factory=Workload)
    agents: int | None = None
    chats: Chats = field(default_factory=Chats)

    def __post_init__(self) -> None:
        _share("share", self.share)
        if self.agents is not None and self.agents < 0:
            raise ValueError(f"agents must be a number >= 0, not {self.agents}")


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls a second offered to a center: what is expected, and what the forecast's quantile says it may be."""

    expected: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.expected < inf or not 0.0 <= self.high < inf:
            raise ValueError(f"calls a second must be numbers >= 0, not {self.expected} and {self.high}")

    def times(self, factor: float) -> Traffic:
        """The same, so many times."""
        return Traffic(self.expected * factor, self.high * factor)


def _share(name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must be a share from 0 to 1, not {value}")
