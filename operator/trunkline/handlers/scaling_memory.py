"""What passes of one ScalingPolicy remember between each other. Plain data; can be lost at any time.

What must not be lost is in status: what each lever was told, and the record of what was made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.decision import Past
from trunkline.capacity.demand import Remembered
from trunkline.capacity.forecast.model import Forecaster
from trunkline.capacity.schedule import Minimums
from trunkline.capacity.score import Score
from trunkline.drivers.scaling_reads import Concurrency
from trunkline.handlers.passes import Passed
from trunkline.handlers.scaling_figures import Breached
from trunkline.handlers.scaling_measuring import Measuring

LIVE_MINUTES = 60
TWO_CLOCKS, PUT_BACK = timedelta(minutes=1), timedelta(days=1)


@dataclass(slots=True)
class Learned:
    """What came, by the half hour that it began in, and what was learned of it. today: up to which day, not included, and
    what else it was learned with. source: where it came from, as the spec says it.

    reached: of calls, those that are counted: Amazon Connect counts contacts by queue, and what self-service ends has none.
    month: what was counted in the last 30 days and in their busiest hour, and of which counts that is.
    """

    counts: dict[datetime, float] = field(default_factory=dict)
    read_at: datetime | None = None
    digest: str = ""
    forecaster: Forecaster | None = None
    today: tuple[date, object] | None = None
    source: object = None
    state: Remembered = field(default_factory=Remembered)
    problem: str = ""
    reached: float = 1.0
    month: tuple[object, tuple[float, float] | None] | None = None

    @property
    def blind(self) -> bool:
        """Whether there is a past that nobody could read yet: what was foreseen before this process is not known."""
        return bool(self.problem) and not self.counts


@dataclass(slots=True)
class Planned:
    """The minimums of the next two days of one field, when they were planned, by which words of the spec, and whether
    without the past.
    """

    minimums: Minimums
    at: datetime
    spec: ScalingPolicySpec
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Scoring:
    """The last days, and what stood there at the last measure: the next one judges it."""

    days: tuple[Score, ...] = ()
    at: datetime | None = None
    set: int = 0
    standing: int | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a condition. troubles: the reasons that were, since it was well last; empty if it is well. reason:
    the one that stands. well_since: from when on it is over, while that is not told yet.
    """

    reason: str
    troubles: frozenset[str] = frozenset()
    well_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Calls a second that were foreseen for an instant: expected, and the quantile."""

    at: datetime
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Watched:
    """What the calls up to the next pass find. standing: warm servers by lever. quota: of calls at the same time."""

    at: datetime
    standing: Mapping[str, int]
    quota: float | None = None
    foreseen: tuple[Foreseen, ...] = ()


@dataclass(slots=True)
class PolicyMemory:
    """sources: by name. live: measured calls a second with their time, a minute apart. desired: what each field was told
    last. quota, concurrency: limits with the time of their reading. asked_at: when AWS was asked for more.
    streams: shards by ARN, and when they were read. breaches: of a day, with what they were made from. auto: whether the
    last pass was in mode Auto. latest: the latest time that a pass has seen. told_of: which conditions Events were made
    of. watched: what is judged by the calls to come.
    """

    uid: str
    sources: dict[str, Remembered] = field(default_factory=dict)
    live: deque[tuple[datetime, float]] = field(default_factory=lambda: deque(maxlen=LIVE_MINUTES))
    learned: Learned = field(default_factory=Learned)
    past: dict[str, Past] = field(default_factory=dict)
    desired: dict[str, int] = field(default_factory=dict)
    planned: dict[str, Planned] = field(default_factory=dict)
    tiers: frozenset[str] = frozenset()
    quota: tuple[datetime, float | None] | None = None
    concurrency: tuple[datetime, Concurrency] | None = None
    passed: Passed | None = None
    told: str = ""
    engine_at: float = 0.0
    asked_at: datetime | None = None
    breaches: tuple[tuple[object, ...], tuple[Breached, ...]] | None = None
    scoring: Scoring = field(default_factory=Scoring)
    measuring: Measuring = field(default_factory=Measuring)
    pools: tuple[tuple[object, ...], tuple[Mapping[str, Any], ...]] | None = None
    streams: tuple[datetime, Mapping[str, int | None]] | None = None
    auto: bool | None = None
    latest: datetime | None = None
    told_of: dict[str, Told] = field(default_factory=dict)
    watched: Watched | None = None

    def put_back(self, now: datetime) -> bool:
        """Whether the clock was: what is measured and foreseen for an hour that has been lowers nothing. A clock that was
        days ahead is not waited for.
        """
        if self.latest is None or not timedelta(0) <= self.latest - now <= PUT_BACK:
            self.latest = now
        return self.latest - now > TWO_CLOCKS


def tiers_before(status: Mapping[str, Any]) -> frozenset[str]:
    """The tiers that held, as the status says: one that has begun ends later than it begins."""
    lines = status.get("tiers") or ()
    return frozenset(str(line.get("name")) for line in lines if isinstance(line, Mapping))
