"""Figures of one process on virtual time: calls, writes, throttles, and time over the time that the buckets force.

The whole column but the API server: handler, engine, drivers, gate, budget, botocore, offline AWS. Deterministic, so one
run is the median. What the API server and the machine add is measured in `scale`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.column.world import Object, World

from benchmarks.baseline import ListAndDescribe, SendAndBackOff
from benchmarks.center import (
    FLOWS,
    HOURS,
    PROFILES,
    QUEUES,
    SWITCHES,
    center,
    least_reads,
    least_seconds,
    least_writes,
    switches,
)
from benchmarks.figure import Figure
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.calls import Call

NAMES = {"hours": HOURS, "queue": QUEUES, "profile": tuple(PROFILES), "flow": FLOWS}
VISIBLE_SECONDS = 60.0  # until Search shows all that was made
HOUR_SECONDS = 3600.0
HTTP_TOO_MANY = 429


class NotConvergedError(Exception):
    """The center did not become Ready: there is nothing to measure."""


def _made(*, flow_content: bool) -> tuple[World, Object]:
    world = World(switches(flow_content=flow_content))
    object_ = world.make(center())
    if not object_.ready:
        raise NotConvergedError(str(object_.condition("Ready")))
    return world, object_


def observe() -> Iterator[Figure]:
    """Connect calls of a pass that reads everything; `_first`: of the first one after the center was made, by a process
    that has just started and knows no more than the object's status.

    Beside it: List and Describe of the same resources, by a plain SDK client at the same AWS.
    """
    for flow_content, suffix in ((True, ""), (False, "_without_content")):
        world, object_ = _made(flow_content=flow_content)
        world.clock.advance(VISIBLE_SECONDS)
        instance_id = object_.status["instance"]["id"]
        baseline = ListAndDescribe(world).calls(instance_id, NAMES)
        world.start()
        first = _observed(world, object_)
        world.clock.advance(VISIBLE_SECONDS)
        steady = _observed(world, object_)
        yield Figure(f"observe.calls{suffix}", steady, "calls", baseline)
        yield Figure(f"observe.calls{suffix}_first", first, "calls", baseline)


def _observed(world: World, object_: Object) -> int:
    before = world.cloud.calls.number
    world.run(world.once(object_, Priority.CHANGE))
    return len(world.calls(before, "connect"))


def create() -> Iterator[Figure]:
    """Calls and time from apply to Ready, from an empty account, each over the least that the API allows.

    Calls: all of Connect but the polls of an instance under creation (their number follows from its duration), over
    `center.least_writes` and `center.least_reads`. Time: over `center.least_seconds`. Throttles: answers with status
    429; beside them those of a client that sends and backs off.
    """
    world = World(SWITCHES)
    object_ = world.add(center())
    started = world.clock.elapsed
    world.run(world.settle(object_))
    seconds = world.clock.elapsed - started
    if not object_.ready:
        raise NotConvergedError(str(object_.condition("Ready")))
    calls = world.cloud.calls.since()
    made = Counter(call.operation for call in calls if call.service == "connect")
    polls = made.pop("DescribeInstance", 0)
    least = sum(least_writes().values()) + sum(least_reads().values())
    yield Figure("create.calls", made.total(), "calls", least)
    yield Figure("create.calls_over_bound", made.total() / least, "ratio", 1.0)
    yield Figure("create.polls", polls, "calls")
    yield Figure("converge.seconds", seconds, "s", least_seconds())
    yield Figure("converge.ratio_to_bound", seconds / least_seconds(), "ratio", 1.0)
    yield Figure("converge.throttles", _throttled(calls), "calls", _throttles_without_budget())


def _throttled(calls: Sequence[Call]) -> int:
    return sum(call.status == HTTP_TOO_MANY for call in calls)


def _throttles_without_budget() -> int:
    naive = SendAndBackOff(World(SWITCHES))
    naive.create()
    return naive.throttles


def steady() -> Iterator[Figure]:
    """Writes of an hour in which nothing changes, drift checks included; beside them all calls of that hour."""
    world, object_ = _made(flow_content=True)
    world.clock.advance(VISIBLE_SECONDS)
    before = world.cloud.calls.number

    async def hour() -> int:
        passes, end = 1, asyncio.get_running_loop().time() + HOUR_SECONDS
        period = (await world.once(object_, Priority.DRIFT)).resync
        while asyncio.get_running_loop().time() + period <= end:
            await asyncio.sleep(period)
            period = (await world.once(object_, Priority.DRIFT)).resync
            passes += 1
        return passes

    passes = world.run(hour())
    calls = world.cloud.calls.since(before)
    yield Figure("steady.mutating_calls", sum(call.mutating for call in calls), "calls", len(calls))
    yield Figure("steady.drift_checks", passes, "passes")
    yield Figure("steady.throttles", _throttled(calls), "calls", len(calls))
