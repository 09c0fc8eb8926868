"""realtime-metrics over a center and a table in memory, on a clock that moves when somebody waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from realtime_metrics.claim import Claim
from realtime_metrics.collection import Collection, LocalHours
from realtime_metrics.opening import Slot
from realtime_metrics.run import Run, Tally
from shared.invocation import Invocation
from shared.record import Record
from shared.snapshot import Load, Queue, Snapshot, Written, written_in
from tests.lambdas.fake_dynamodb import FakeDynamoDB
from tests.lambdas.times import Clock

TABLE = "operations"
INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/i"
ALWAYS = {"start": (0, 0), "end": (0, 0)}


class FakeCenter:
    """Connect, for one instance. `fail` is called before each answer and may raise; calls take `seconds` each."""

    def __init__(self, clock: Clock, queues: int = 2, hours: int = 1, seconds: float = 0.05) -> None:
        self.clock = clock
        self.known = {f"q{n}": Queue(f"h{n % hours}") for n in range(queues)}
        self.loads: dict[str, Load] = {"q0": Load(1, 2, 3, 4)}
        self.zone = "UTC"
        self.seconds = seconds
        self.fail: Callable[[str], None] = lambda _call: None
        self.calls: list[tuple[str, float]] = []

    def queues(self, deadline: Any, before_call: Callable[[], None]) -> Mapping[str, Queue]:
        before_call()
        self._call("queues", deadline)
        return dict(self.known)

    def load(self, queue_ids: tuple[str, ...], deadline: Any, before_call: Callable[[], None]) -> Mapping[str, Load]:
        assert 0 < len(queue_ids) <= 100, "GetCurrentMetricData refuses more"
        before_call()
        self._call("load", deadline)
        return {name: load for name, load in self.loads.items() if name in queue_ids}

    def hours(self, hours_id: str, first: date, last: date, deadline: Any) -> LocalHours:
        self._call(f"hours {hours_id}", deadline)
        days = [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
        return LocalHours(self.zone, tuple(Slot(day, **ALWAYS) for day in days))

    def times(self, call: str) -> list[float]:
        """When it was called, from the first moment of the test on."""
        return [at for name, at in self.calls if name.startswith(call)]

    def _call(self, name: str, deadline: Any) -> None:
        deadline.require()
        self.calls.append((name, self.clock.now))
        self.clock.now += self.seconds
        self.fail(name)


class FakeStream:
    """Keeps records, or fails."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.error: Exception | None = None

    def put(self, records: Sequence[tuple[bytes, str]], deadline: Any) -> None:
        deadline.require()
        if self.error is not None:
            raise self.error
        self.records += [{**json.loads(data), "key": key} for data, key in records]


class World:
    """The table, the center, and environments of Lambda over them."""

    def __init__(self, **center: Any) -> None:
        self.clock = Clock()
        self.table = FakeDynamoDB()
        self.center = FakeCenter(self.clock, **center)
        self.stream = FakeStream()
        self.record = Record()

    def environment(self, name: str = "first", center: FakeCenter | None = None) -> Run:
        """A new environment of Lambda."""
        dynamodb: Any = self.table
        source = center or self.center
        collection = Collection(source, clock=self.clock, wall=self.clock, wait=self.clock.wait)
        claim = Claim(dynamodb, TABLE, INSTANCE, name)
        return Run(INSTANCE, claim, collection, self.stream, wall=self.clock, wait=self.clock.wait)

    def minute(self, run: Run, seconds: float = 59.9) -> Tally:
        """One invocation."""
        return run.minute(Invocation(self.clock.deadline(seconds), self.record))

    def written(self) -> Written:
        """The snapshot in the table."""
        (item,) = self.table.items(TABLE)
        return written_in(item)

    def snapshot(self) -> Snapshot:
        return self.written().snapshot

    def line(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.record.line("f", None, None, now=0, milliseconds=1, cold=False))
        return found
