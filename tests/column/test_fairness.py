"""Three hundred centers of one account on one operator: a user's edit is seen within seconds while all others resync.

The real work queue hands out the passes, everything below it is real as well; the clock is virtual, and the offline AWS
keeps its documented rates (2 calls a second and a burst of 5 for each operation of Amazon Connect).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from tests.column.centers import hours, queue
from tests.column.world import REGION, Object, World, quick
from trunkline.aws.port import DRIFT_SHARE
from trunkline.engine.budget import Priority
from trunkline.engine.outcome import PassEndedError
from trunkline.handlers.port import Key
from trunkline.runtime.config import RuntimeConfig
from trunkline.runtime.queue import QueueClosedError, WorkQueue

CENTERS = 300
ASKED = 60  # seconds between two checks: more often than the account allows for so many
MONTH = 31 * 24 * 3600.0
MINUTES = 25
SECONDS = 5.0  # what "within seconds" may mean at most


def small(number: int, instance_id: str) -> Object:
    spec = {
        "region": REGION,
        "resyncSeconds": ASKED,
        "instance": {"id": instance_id},
        "hoursOfOperation": [hours("office")],
        "queues": [queue("sales", maxContacts=10)],
    }
    uid = hashlib.sha256(str(number).encode()).hexdigest()[:32]
    return Object(f"center-{number:03}", spec, uid=uid)


@dataclass
class Operator:
    """What the runtime does with the queue, over one world: workers, resyncs in the rhythm of each uid."""

    world: World
    queue: WorkQueue[Key] = field(init=False)
    drifts: list[tuple[float, Key]] = field(default_factory=list)

    def __post_init__(self) -> None:
        config = RuntimeConfig()
        self.passes = config.passes
        limits = {Priority.PROGRESS: config.progress_passes, Priority.DRIFT: config.drift_passes}
        self.queue = WorkQueue(Random(1), limits, overtake=self.world.handler.overtake)

    async def work(self) -> None:
        while True:
            try:
                item = await self.queue.get()
            except QueueClosedError:
                return
            center = self.world.objects[item.key]
            try:
                result = await self.world.once(center, item.cause)
            except PassEndedError:  # it was edited meanwhile, and the edit waits
                self.queue.done(item.key)
                continue
            if result.check_after is not None:
                self.queue.add_after(item.key, result.check_after, Priority.PROGRESS)
            if item.cause is Priority.DRIFT:
                self.drifts.append((self.world.clock.wall(), item.key))
            phase = Random(center.uid).random() * result.resync
            wait = result.resync - (self.world.clock.wall() - phase) % result.resync
            self.queue.add_after(item.key, wait if wait > 5 else wait + result.resync, Priority.DRIFT)
            self.queue.done(item.key)

    async def until(self, seconds: float) -> None:
        """Works for so long."""
        self.queue.open()
        workers = [asyncio.create_task(self.work()) for _ in range(self.passes)]
        await asyncio.sleep(seconds)
        self.queue.close()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def edit(self, center: Object, contacts: int) -> tuple[float, float]:
        """A user's edit: seconds to the first call for it, and until it is carried out."""
        center.entry("queues", "sales")["maxContacts"] = contacts
        center.edit()
        at = self.world.clock.wall()
        self.queue.add(center.key, Priority.CHANGE)
        while center.status["observedGeneration"] != center.generation:
            await asyncio.sleep(0.05)
        return self.world.made.first(center.key, at).at - at, self.world.clock.wall() - at


@pytest.fixture(scope="module")
def world() -> World:
    """All centers converged; made without rates, for that is not what is shown here."""
    world = World(quick(throttling=False, connect_quotas={"Amazon Connect instance count": CENTERS}))
    connect = world.client("connect")
    for number in range(CENTERS):
        if number % 100 == 0:
            world.clock.advance(MONTH)  # an account may make a hundred instances in thirty days
        made = connect.create_instance(
            IdentityManagementType="CONNECT_MANAGED",
            InstanceAlias=f"instance-{number}",
            InboundCallsEnabled=True,
            OutboundCallsEnabled=True,
        )
        world.add(small(number, made["Id"]))
    world.clock.advance(MONTH)

    async def all_at_once() -> None:
        await asyncio.gather(*(world.settle(center) for center in list(world.objects.values())))

    world.run(all_at_once())
    assert all(center.ready for center in world.objects.values())
    world.cloud.switches = replace(world.cloud.switches, throttling=True)
    world.clock.advance(3600.0)
    return world


@dataclass
class Hour:
    """What twenty-five minutes of resyncs and edits came to. edits: seconds to the first call, and until carried out."""

    operator: Operator
    operations: list[str]
    throttled: int
    edits: list[tuple[float, float]]
    behind_own_check: tuple[float, float]


@pytest.fixture(scope="module")
def hour(world: World) -> Hour:
    """All centers want a check at once, and then in their rhythm; meanwhile one after the other is edited."""
    operator, random = Operator(world), Random(2)
    mark = world.cloud.calls.number
    centers = list(world.objects.values())
    edits: list[tuple[float, float]] = []

    async def users() -> None:
        await asyncio.sleep(10.0)
        checked = {key for _, key in operator.drifts}
        waiting = next(center for center in centers if center.key not in checked)
        edits.append(await operator.edit(waiting, 11))
        for number in range(60):
            await asyncio.sleep(20.0)
            edits.append(await operator.edit(random.choice(centers), 20 + number))

    async def main() -> None:
        for center in centers:
            operator.queue.add(center.key, Priority.DRIFT)
        asked = asyncio.create_task(users())
        await operator.until(MINUTES * 60.0)
        await asked

    world.run(main())
    calls = world.cloud.calls.since(mark)
    throttled = sum(call.outcome in ("TooManyRequestsException", "ThrottlingException") for call in calls)
    return Hour(operator, [call.operation for call in calls], throttled, edits, edits[0])


def test_an_edit_is_seen_and_carried_out_within_seconds_while_all_others_resync(hour: Hour) -> None:
    slowest = sorted(hour.edits, key=lambda edit: edit[1])[-3:]
    assert len(hour.edits) == 61
    assert max(first for first, _ in hour.edits) <= SECONDS, slowest
    assert max(done for _, done in hour.edits) <= SECONDS, slowest


def test_an_edit_does_not_wait_behind_the_check_of_its_own_center(hour: Hour) -> None:
    first, done = hour.behind_own_check
    assert first <= SECONDS
    assert done <= SECONDS


def test_nothing_is_throttled_at_the_documented_rates(hour: Hour) -> None:
    assert hour.throttled == 0
    assert hour.operations.count("SearchQueues") > MINUTES * 60  # and they are used: half of 2 a second, or more


def test_the_period_stretches_to_what_the_account_allows_and_status_shows_it(hour: Hour) -> None:
    """300 centers with one call each of an operation, at half of its 2 calls a second: five minutes."""
    centers = hour.operator.world.objects.values()
    assert {center.spec["resyncSeconds"] for center in centers} == {ASKED}
    assert {center.status["resync"] for center in centers} == {CENTERS / (2 * DRIFT_SHARE)}


def test_every_center_is_checked_in_every_period(hour: Hour) -> None:
    """Though edited in between; the first period starts with a check of all, so its rhythm is not yet found."""
    start = min(at for at, _ in hour.operator.drifts)
    checks = Counter(key for at, key in hour.operator.drifts if at > start + 300.0)
    periods = MINUTES * 60.0 / 300.0 - 1
    assert len(checks) == CENTERS
    assert min(checks.values()) >= periods - 2
    assert max(checks.values()) <= periods + 1


def test_checks_change_nothing(hour: Hour) -> None:
    changed = Counter(name for name in hour.operations if not name.startswith(("Describe", "Search", "List", "Get")))
    assert changed == {"UpdateQueueMaxContacts": len(hour.edits)}
