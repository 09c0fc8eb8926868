"""The streams that a center's contact records and agent events go to: what calls need of them. They are recommended only.

A stream is no part of a center's spec yet, so nobody here changes its shards: `status.layers` has need, have and limit, and
a warning says what to set, in the steps that AWS takes. The sizes of records are assumptions, on the large side: Amazon
Connect promises none. An agent event comes for each change of state and every 120 seconds: Amazon Connect administrator
guide, "Agent event streams".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from trunkline.api.center import ContactCenterSpec
from trunkline.api.instance import StorageType
from trunkline.capacity.center import Center, Target
from trunkline.capacity.day import Day
from trunkline.capacity.decreases import KINESIS, resized
from trunkline.capacity.layers_data import StreamUse
from trunkline.capacity.limits import DEFAULTS, Layer
from trunkline.drivers.reads import together
from trunkline.drivers.scaling_streams import open_shards
from trunkline.engine.driver import Reader
from trunkline.engine.outcome import CallRefusedError

HEARTBEAT_SECONDS = 120.0
CONTACT_BYTES, EVENT_BYTES = 16_384.0, 8_192.0
EVENTS_PER_CALL = 6.0  # offered, connected, after-contact work, available again, and what agents do themselves
CONSUMERS = 2.0
AGAIN = timedelta(hours=1)
MOST_STEPS = KINESIS.changes
Seen = tuple[datetime, Mapping[str, int | None]]


def streams_of(spec: ContactCenterSpec) -> Mapping[str, StorageType]:
    """By ARN: what goes to them. Other types of storage do not follow calls, or are no data streams."""
    return {
        one.kinesis_stream.arn: one.type
        for one in spec.instance.storage or ()
        if one.kinesis_stream is not None and one.type in (StorageType.CONTACT_TRACE_RECORDS, StorageType.AGENT_EVENTS)
    }


async def standing(aws: Reader, streams: Iterable[str], before: Seen | None, now: datetime) -> Seen:
    """Shards of each, read once an hour; None of what is on demand, not there, or may not be read. Raises PassEndedError."""
    names = sorted(streams)
    if before is not None and sorted(before[1]) == names and timedelta(0) <= now - before[0] < AGAIN:
        return before
    return now, dict(zip(names, await together(_shards(aws, name) for name in names), strict=True))


async def _shards(aws: Reader, arn: str) -> int | None:
    try:
        return await open_shards(aws, arn)
    except CallRefusedError:
        return None


def with_streams(model: Center, streams: Mapping[str, StorageType], there: Mapping[str, int | None]) -> Center:
    """The center with its streams, of those whose shards somebody sets. Two of one name are one in status."""
    uses, have = list(model.uses), dict(model.have)
    limits = dict(model.limits)
    for arn, kind in sorted(streams.items()):
        shards, name = there.get(arn), arn.rpartition("/")[2]
        target = Target(Layer.SHARDS, name)
        if shards is None or target in have:
            continue
        uses.append(_use(name, kind, model))
        have[target] = float(shards)
        limits[target] = DEFAULTS[Layer.SHARDS].at(DEFAULTS[Layer.SHARDS].value, DEFAULTS[Layer.SHARDS].source, name)
    return replace(model, uses=tuple(uses), have=have, limits=limits)


def _use(name: str, kind: StorageType, model: Center) -> StreamUse:
    if kind is StorageType.CONTACT_TRACE_RECORDS:
        return StreamUse(name, 1.0, CONTACT_BYTES, CONSUMERS)
    agents = float(sum(pool.agents or 0 for pool in model.pools))
    busy = model.workload.handle_seconds / HEARTBEAT_SECONDS  # where nobody says how many agents there are
    per_call = EVENTS_PER_CALL + (0.0 if agents else busy)
    return StreamUse(name, per_call, EVENT_BYTES, CONSUMERS, agents / HEARTBEAT_SECONDS)


def recommended(day: Day | None, now: datetime) -> list[str]:
    """What people have to set, in the steps that AWS takes: at most twice as many at once, ten times in 24 hours."""
    said = []
    for layer in day.layers if day is not None else ():
        need, have = layer.standing.need, layer.standing.have
        if need.layer is Layer.SHARDS and have is not None and need.value > have:
            steps = _steps(int(have), int(need.value), now)
            said.append(
                f"the stream {need.resource} needs {int(need.value)} shards and has {int(have)}: nobody here sets them; "
                f"call UpdateShardCount with {', then '.join(map(str, steps))}"
            )
    return said


def _steps(have: int, need: int, now: datetime) -> list[int]:
    steps = [have]
    while steps[-1] < need and len(steps) <= MOST_STEPS:
        steps.append(resized(KINESIS, steps[-1], need, (), now))
    return steps[1:]
