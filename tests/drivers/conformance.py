"""What every driver has to do right, whatever it drives; `test_conformance` runs it over the cases of all kinds.

A case says what has to exist first, what is wanted, how somebody changes it behind our back, and what is special.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.drivers.offline import ACCOUNT, REGION, SWITCHES, Killed, OfflineCaller, World
from trunkline.drivers.registry import DRIVERS
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Creation, Scope
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.resource import Ref
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.faults import Fault

LAG = 60.0


@dataclass(frozen=True)
class Case:
    """One kind. prepare makes what the wanted one stands on. tamper changes it in AWS; path is what the plan must name.

    edited: another desired value, reached without a delete. lags: the bulk read is an index that may lag. slow: switches under which AWS takes its time. switches: what
    AWS does not document, the other way round. create: the operation whose answer gets lost.
    """

    kind: str
    aws_name: str
    desired: Any
    create: str
    name: str = "thing"
    prepare: Callable[[World], Awaitable[None]] | None = None
    tamper: Callable[[World, str], Awaitable[None]] | None = None
    path: str = ""
    edited: Any = None
    lags: bool = False
    tagged: bool = True
    slow: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)
    deferred: frozenset[Ref] = frozenset()
    id: str = ""

    def __str__(self) -> str:
        return self.id or self.kind


class Conformance:
    """The suite over one case. Each check starts in a fresh offline AWS."""

    def __init__(self, cloud: OfflineAws, clock: ManualClock, aws: OfflineCaller, case: Case) -> None:
        self._cloud, self._clock, self._aws, self.case = cloud, clock, aws, case
        self._switches = SWITCHES

    async def world(self) -> World:
        """An offline AWS with what the case stands on, and nothing recorded."""
        case = self.case
        self._cloud.reset()
        self._switches = replace(SWITCHES, **case.switches)
        self._cloud.switches = self._switches
        self._aws.forget()
        driver = DRIVERS[case.kind]
        world = World(
            self._cloud,
            self._clock,
            self._aws,
            driver,
            f"{case.kind}/{case.name}",
            case.aws_name,
            case.desired,
            deferred=case.deferred,
        )
        if driver.in_instance:
            await enter_instance(world)
        if case.prepare is not None:
            await case.prepare(world)
        self._catch_up()
        self._aws.forget()
        return world

    def _catch_up(self) -> None:
        """Time enough for every way of reading to show what was written."""
        switches = self._cloud.switches
        self._clock.advance(max(switches.search_lag_seconds, switches.list_lag_seconds, switches.describe_lag_seconds))

    async def absent(self) -> None:
        """What is not there is absent by every way of looking, and the plan makes it, whole."""
        world = await self.world()
        for exact in (False, True):
            assert await world.look(exact=exact) is None
        plan = world.plan(None)
        assert plan.steps, "something that is absent has to be made"
        assert plan.steps[0].creates
        assert plan.steps[0].operation == self.case.create
        assert plan.steps[0].changes, "a plan has to show what is made"
        assert not any(step.deletes for step in plan.steps)
        assert world.plan(None, delete=True).settled, "deleting what is absent is nothing"

    async def converges(self) -> None:
        """Created, then nothing is left to do: by exact and by bulk reads, for good, and without a write."""
        world = await self.world()
        await world.converge()
        self._catch_up()
        for exact in (True, False, False):
            self._aws.forget()
            found = await world.look(exact=exact)
            assert found is not None, "made, but not seen"
            plan = world.plan(found)
            assert plan.settled, f"after creation: {[(step.operation, step.changes) for step in plan.steps]}"
            await world.take(plan)
        again = world.plan(await world.look(exact=False))
        assert not again.remembers, "the record does not come to rest"

    async def drifts(self) -> None:
        """Changed behind our back, it is seen by a bulk read, named, and mended."""
        if self.case.tamper is None:
            return
        world = await self.world()
        await world.converge()
        self._catch_up()
        await world.converge(exact=False)
        assert world.entry is not None
        self._clock.advance(1.0)
        await self.case.tamper(world, world.entry.id)
        self._catch_up()
        plan = world.plan(await world.look(exact=False))
        changes = [change.path for step in plan.steps for change in step.changes]
        assert any(self.case.path in path for path in changes), f"{self.case.path} is not among {changes}"
        assert not any(step.creates or step.deletes for step in plan.steps), "drift is mended in place"
        await world.converge()
        self._catch_up()
        assert world.plan(await world.look(exact=False)).settled

    async def follows_an_edit(self) -> None:
        """Another desired value is reached in place."""
        if self.case.edited is None:
            return
        world = await self.world()
        await world.converge()
        self._catch_up()
        before = await world.look(exact=True)
        world.desired = self.case.edited
        plan = world.plan(await world.look(exact=True))
        assert plan.steps, "an edit has to lead to something"
        await world.converge()
        self._catch_up()
        after = await world.look(exact=True)
        assert before is not None
        assert after is not None
        assert after.id == before.id, "nothing is ever replaced"
        assert world.plan(await world.look(exact=False)).settled

    async def survives_a_crash_at_every_call(self) -> None:
        """Killed after any mutating call, with the record lost: the next start ends in the same state, with one."""
        count = 1
        while await self._killed_after(count):
            count += 1
        assert count > 1, "nothing was called at all"

    async def _killed_after(self, count: int) -> bool:
        world = await self.world()
        calls = 0

        def hook(operation: str) -> None:
            nonlocal calls
            calls += 1
            if calls == count:
                raise Killed(operation)

        self._aws.after = hook
        try:
            await world.converge()
        except Killed:
            pass
        else:
            return False
        self._aws.after = lambda operation: None
        world.lose_record()
        await world.converge()
        self._catch_up()
        assert await world.look(exact=True) is not None
        twins = [item for item in await world.all(exact=False) if item.aws_name == self.case.aws_name]
        assert len(twins) == 1, f"killed after call {count}: {len(twins)} of that name"
        return True

    async def survives_a_lost_answer(self) -> None:
        """The create took effect and its answer was lost: asked again, AWS says so, and no second one comes to be."""
        world = await self.world()
        plan = world.plan(None)
        self._cloud.faults.add(Fault("drop_after", operation=self.case.create))
        lost = await _refused(world.take(plan))
        assert lost is not None, "the answer was lost, so the call must be refused"
        assert lost.unknown_effect
        world.lose_record()
        again = await _refused(world.take(world.plan(None)))
        if world.driver.creation is Creation.NAME:
            assert again is not None, "AWS took the name twice"
            assert again.duplicate, str(again)
        else:
            assert again is None or again.duplicate, str(again)
        self._catch_up()
        found = await world.look(exact=True, by_name=True)
        assert found is not None, "what exists under that name must be found exactly"
        await world.converge()
        self._catch_up()
        assert len([item for item in await world.all(exact=False) if item.aws_name == self.case.aws_name]) == 1

    async def survives_an_edit_after_a_lost_answer(self) -> None:
        """The answer of the create is lost, and the spec is edited before it is asked again: still only one."""
        if self.case.edited is None:
            return
        world = await self.world()
        before = len(await world.all(exact=False))
        self._cloud.faults.add(Fault("drop_after", operation=self.case.create))
        await _refused(world.take(world.plan(None)))
        world.lose_record()
        world.desired = self.case.edited
        self._catch_up()
        await world.converge(exact=False)
        self._catch_up()
        assert await world.look(exact=True) is not None
        assert len(await world.all(exact=False)) == before + 1, "a second one came to be"

    async def sees_through_a_lagging_index(self) -> None:
        """While the index lags, exact reads know what was made, by id and by name."""
        if not self.case.lags:
            return
        world = await self.world()
        self._cloud.switches = replace(SWITCHES, search_lag_seconds=LAG)
        await world.converge()
        assert await world.look(exact=False) is None, "this case claims that its bulk read lags"
        assert await world.look(exact=True) is not None
        assert await world.look(exact=True, by_name=True) is not None
        self._clock.advance(LAG + 1)
        assert await world.look(exact=False) is not None

    async def shows_whose_it_is(self) -> None:
        """Another owner's tags are visible in bulk and exact reads, and never removed."""
        if not self.case.tagged:
            return
        world = await self.world()
        world.scope = replace(world.scope, owner="other/ns/center")
        await world.converge()
        self._catch_up()
        world.scope = replace(world.scope, owner="inst/contact-centers/acme")
        for exact in (False, True):
            found = await world.look(exact=exact)
            assert found is not None
            assert found.tags is not None
            assert found.tags[OWNER_TAG] == "other/ns/center"

    async def keeps_tags(self) -> None:
        """Ours are set at creation, follow the spec, and leave foreign ones alone."""
        if not self.case.tagged:
            return
        world = await self.world()
        world.tags = {"team": "blue"}
        await world.converge()
        self._catch_up()
        found = await world.look(exact=True)
        assert found is not None
        assert found.tags == {"team": "blue", OWNER_TAG: world.scope.owner, ENTRY_TAG: world.key}
        world.tags = {"cost": "CC-1"}
        await world.converge()
        self._catch_up()
        found = await world.look(exact=True)
        assert found is not None
        assert found.tags == {"cost": "CC-1", OWNER_TAG: world.scope.owner, ENTRY_TAG: world.key}

    async def waits_while_aws_is_busy(self) -> None:
        """Where AWS takes its time, a plan has no step meanwhile, says what it waits for, and goes on by itself."""
        if not self.case.slow:
            return
        world = await self.world()
        self._cloud.switches = replace(self._switches, **self.case.slow)
        await world.take(world.plan(await world.look(exact=True)))
        waits = world.plan(await world.look(exact=True))
        assert not waits.steps, [step.operation for step in waits.steps]
        assert waits.waiting is not None
        assert waits.waiting.reason
        assert waits.waiting.check_after > 0
        await world.converge()

    async def is_throttled_without_harm(self) -> None:
        """A throttled call had no effect: the same again, later."""
        world = await self.world()
        self._cloud.faults.add(Fault("throttle", nth=1, times=3, mutating_only=True))
        await world.converge()
        self._catch_up()
        assert world.plan(await world.look(exact=False)).settled

    async def deletes_twice(self) -> None:
        """Deleted it is gone; a delete that is repeated meets absence, and planning it again is nothing."""
        world = await self.world()
        await world.converge()
        self._catch_up()
        found = await world.look(exact=True, desired=False)
        assert found is not None
        plan = world.plan(found, delete=True)
        assert any(step.deletes for step in plan.steps)
        await world.converge(delete=True)
        self._catch_up()
        assert await world.look(exact=True, desired=False) is None
        for step in plan.steps:
            again = await _refused(world._step(step))
            assert again is None or again.absent, f"{step.operation} again: {again}"
        assert world.plan(None, delete=True).settled

    async def calls_only_what_it_declares(self) -> None:
        """Every operation from creation to deletion is among the declared permissions."""
        world = await self.world()
        await world.converge()
        self._catch_up()
        await world.converge(exact=False)
        if self.case.edited is not None:
            world.desired = self.case.edited
            await world.converge()
            self._catch_up()
        await world.converge(delete=True)
        called = {f"{service}:{operation}" for service, operation in self._aws.calls}
        assert called <= _allowed(world.driver.permissions), (
            f"undeclared: {called - _allowed(world.driver.permissions)}"
        )


def _allowed(permissions: Sequence[str] | frozenset[str]) -> set[str]:
    """Permissions as operations; a few IAM actions have another name than the operation."""
    other = {"lambda:ListFunctions": "lambda:ListFunctions20150331"}
    return {other.get(action, action) for action in permissions} | set(permissions)


CHECKS = tuple(name for name in vars(Conformance) if not name.startswith("_") and name != "world")


async def _refused(work: Awaitable[Any]) -> CallRefusedError | None:
    try:
        await work
    except CallRefusedError as error:
        return error
    return None


async def enter_instance(world: World) -> None:
    """An active instance that the wanted one lives in."""
    answer = await world.aws.mutate(
        "connect",
        "CreateInstance",
        {
            "InstanceAlias": "conformance",
            "IdentityManagementType": "CONNECT_MANAGED",
            "InboundCallsEnabled": True,
            "OutboundCallsEnabled": True,
        },
    )
    id_, arn = str(answer.at("Id")), str(answer.at("Arn"))
    world.scope = Scope(ACCOUNT, REGION, world.scope.owner, "uid-1", instance_id=id_, instance_arn=arn)
    world.known |= {Ref("instance/instance", "id"): id_, Ref("instance/instance", "arn"): arn}
