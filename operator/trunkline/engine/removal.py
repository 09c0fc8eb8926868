"""Taking away what is recorded or tagged as ours and no longer wanted, and what a deleted object leaves behind.

Never deletes what was not made here, never what holds data unless the entry itself says so, never for a reason that may
be ours: a kind this build does not know, a field that an older CRD dropped, an entry that cannot be parsed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from trunkline.engine.confirm import Confirmation
from trunkline.engine.confirm import Removal as RemovalToConfirm
from trunkline.engine.driver import INSTANCE_KEY, OWNER_TAG, Caller, Context, Driver, Found, Scope, Wanted
from trunkline.engine.memory import Memory
from trunkline.engine.outcome import CallRefusedError, Outcome, PassEndedError, Refusal
from trunkline.engine.plan import CannotPlanError, Plan
from trunkline.engine.record import Entry, Origin, Record
from trunkline.engine.resource import DeletionPolicy, Management, Ref, resolve
from trunkline.engine.result import Done, NodeResult, State
from trunkline.engine.survey import Effect, Request, Survey

BUSY_SECONDS = 5.0


class Action(StrEnum):
    DELETE = "Delete"
    LATER = "Later"  # to be deleted, but what that destroys cannot be said now
    RELEASE = "Release"  # no call: it stays, keeps our tag, and is taken back if it is wanted again
    KEEP = "Keep"  # stays recorded; the reason is told


@dataclass(frozen=True, slots=True)
class Leaving:
    """One entry that is no longer wanted and what becomes of it. why: destructive by itself, if it is. refusal: why it
    could not be judged.
    """

    entry: Entry
    action: Action
    reason: str
    why: str | None = None
    refusal: Refusal | None = None


def leaving(request: Request, survey: Survey, generation: int) -> tuple[Leaving, ...]:
    """What of the record is no longer wanted by the spec, and what an Exclusive section does not list."""
    nodes = request.graph.nodes
    meant = {
        (plan.node.kind, plan.match.found.id) for plan in survey.plans.values() if plan.match.found is not None
    } | {(key.split("/", 1)[0], settled.id) for key, settled in request.memory.settled.items()}
    gone = [
        _leaving(entry, request, generation)
        for entry in request.record.entries.values()
        if entry.key not in nodes and (entry.kind, entry.id) not in meant
    ]
    return (*gone, *_unlisted(request, survey, meant))


def _leaving(entry: Entry, request: Request, generation: int) -> Leaving:
    driver = request.drivers.get(entry.kind)
    if driver is None:
        return Leaving(entry, Action.KEEP, f"this version does not know what a {entry.kind} is")
    if request.blueprint.mode(entry.section) is Management.OBSERVE:
        return Leaving(entry, Action.KEEP, f"{entry.section} is only observed")
    if (why := _not_removed_by_anybody(entry, request, generation)) is not None:
        return Leaving(entry, Action.KEEP, why)
    if any(
        node.external and (node.section, node.name) == (entry.section, entry.name)
        for node in request.graph.nodes.values()
    ):
        return Leaving(entry, Action.RELEASE, "its entry is external now: what belongs to it is not ours to remove")
    policy = entry.deletion_policy
    if entry.origin is Origin.ADOPTED and policy is not DeletionPolicy.DELETE:
        return Leaving(entry, Action.RELEASE, "was adopted, not made here")
    if policy is DeletionPolicy.RETAIN:
        return Leaving(entry, Action.RELEASE, "its deletionPolicy is Retain")
    if driver.holds_data and policy is not DeletionPolicy.DELETE:
        return Leaving(entry, Action.RELEASE, "holds data and its own deletionPolicy is not Delete")
    why = "what it holds is lost" if driver.holds_data else None
    return Leaving(replace(entry, leaving=True), Action.DELETE, "no longer in the spec", why)


def _not_removed_by_anybody(entry: Entry, request: Request, generation: int) -> str | None:
    if request.vanished is not None:
        return request.vanished.why
    if not entry.leaving and generation <= request.record.generation:
        return "left the spec without a new generation; apply the object again to remove it"
    return None


def _unlisted(request: Request, survey: Survey, meant: set[tuple[str, str]]) -> Iterable[Leaving]:
    if request.vanished is not None:
        return  # what looks unlisted may have been listed
    for kind, section in request.blueprint.exclusive.items():
        if request.blueprint.mode(section) is not Management.EXCLUSIVE or kind not in survey.stock:
            continue
        if any(plan.refusal is not None for plan in survey.plans.values() if plan.node.section == section):
            continue  # an entry that cannot be read may be the very one that looks unlisted
        recorded = {entry.id for entry in request.record.entries.values() if entry.kind == kind}
        for found in survey.stock[kind].by_id.values():
            # What has no tags at all (an approved origin) carries nobody's; the section says that it is all ours.
            owner = (found.tags or {}).get(OWNER_TAG, request.identity.owner)
            foreign = owner != request.identity.owner
            if (kind, found.id) in meant or found.id in recorded or found.builtin or found.going or foreign:
                continue
            entry = Entry(kind, section, found.aws_name, found.id, found.arn, found.aws_name, leaving=True)
            yield Leaving(entry, Action.DELETE, f"not listed, and {section} is Exclusive", "nobody listed it")


def to_confirm(items: Iterable[Leaving]) -> tuple[RemovalToConfirm, ...]:
    """The deletes among them, as what may have to wait for a confirmation."""
    return tuple(
        RemovalToConfirm(
            item.entry.key, item.entry.section, item.entry.aws_name, item.why, item.entry.name, item.entry.id
        )
        for item in items
        if item.action is Action.DELETE
    )


def bequest(record: Record, policy: DeletionPolicy, drivers: Mapping[str, Driver]) -> tuple[Leaving, ...]:
    """What becomes of each entry when the object itself is deleted. Needs no spec: record and policy only."""
    instance = record.entries.get(INSTANCE_KEY)
    instance_goes = instance is not None and _goes(instance, policy, drivers)
    result = []
    for entry in record.entries.values():
        driver = drivers.get(entry.kind)
        if driver is None:
            result.append(Leaving(entry, Action.RELEASE, f"this version does not know what a {entry.kind} is"))
        elif instance_goes and driver.in_instance and entry.key != INSTANCE_KEY and not driver.holds_data:
            result.append(Leaving(entry, Action.RELEASE, "goes with its instance"))
        elif _goes(entry, policy, drivers):
            result.append(Leaving(replace(entry, leaving=True), Action.DELETE, "the object is deleted"))
        else:
            result.append(Leaving(entry, Action.RELEASE, "is retained"))
    return tuple(result)


def _goes(entry: Entry, policy: DeletionPolicy, drivers: Mapping[str, Driver]) -> bool:
    driver = drivers.get(entry.kind)
    if driver is None:
        return False
    if entry.origin is Origin.ADOPTED or driver.holds_data:
        return entry.deletion_policy is DeletionPolicy.DELETE
    return (entry.deletion_policy or policy) is DeletionPolicy.DELETE


@dataclass(frozen=True, slots=True)
class Where:
    """What a removal needs besides the entry: no graph, no spec. kinds in the order in which they are made."""

    drivers: Mapping[str, Driver]
    scope: Scope
    memory: Memory
    now: float


class Remover:
    """Deletes entries, kind by kind in the reverse of the order in which kinds are made.

    gone: keys of what is no more, or turned out not to be ours; the latter are in `foreign` too, with whose it is.
    entries: what the record shall say of the others, with the words that steps taught.
    """

    def __init__(self, where: Where, aws: Caller) -> None:
        self._where = where
        self._aws = aws
        self.done: list[Done] = []
        self.gone: set[str] = set()
        self.foreign: dict[str, str] = {}
        self.entries: dict[str, Entry] = {}
        self.ended = False

    async def remove(
        self, items: Sequence[Leaving], confirmation: Confirmation, *, abandon: bool = False
    ) -> list[NodeResult]:
        """Takes the next step for each; what is not gone yet is looked at again in a later pass.

        abandon: what AWS refuses holds up nothing that was made before it.
        """
        results: list[NodeResult] = []
        for kind in reversed(list(self._where.drivers)):
            mine = [item for item in items if item.action is Action.DELETE and item.entry.kind == kind]
            due = [item for item in mine if not confirmation.holds_removal(item.entry.key)]
            results += [
                _result(item.entry, State.HELD, "ConfirmationRequired", f"waits to be deleted: {item.reason}")
                for item in mine
                if item not in due
            ]
            results += await asyncio.gather(*(self._remove(item) for item in due))
            passed = (State.HELD, State.BLOCKED) if abandon else (State.HELD,)
            if any(result.state not in passed and result.key not in self.gone for result in results):
                break  # what was made before this kind may be what holds it
        reached = {result.key for result in results} | self.gone
        results += [
            _result(item.entry, State.REMOVING, "Waiting", "waits for what stands on it to go", BUSY_SECONDS)
            for item in items
            if item.action is Action.DELETE and item.entry.key not in reached
        ]
        return [result for result in results if result.key not in self.gone]

    async def _remove(self, item: Leaving) -> NodeResult:
        entry = item.entry
        try:
            return await self._step(entry)
        except PassEndedError as error:
            self.ended = True
            return _result(entry, State.REMOVING, "PassEnded", str(error), 0.0)
        except CannotPlanError as error:
            return _result(entry, State.BLOCKED, "CannotDelete", str(error), 300.0)
        except CallRefusedError as error:
            return self._refused(entry, error)

    def _refused(self, entry: Entry, error: CallRefusedError) -> NodeResult:
        refusal = error.refusal
        if error.in_use or refusal.outcome is Outcome.RETRY:
            state = State.BLOCKED if error.in_use else State.REMOVING
            return _result(entry, state, refusal.code, str(refusal), BUSY_SECONDS * (4 if error.in_use else 1))
        return _result(entry, State.BLOCKED, refusal.code, str(refusal), 300.0)

    async def _step(self, entry: Entry) -> NodeResult:
        driver = self._where.drivers[entry.kind]
        found = await self._look(driver, entry)
        if found is None:
            self.gone.add(entry.key)
            return _result(entry, State.READY)
        if (whose := self._whose(entry, found)) is not None:
            self.foreign[entry.key] = whose
            self.gone.add(entry.key)
            return _result(entry, State.READY)
        context = Context(scope=self._where.scope, key=entry.key, now=self._where.now)
        plan = driver.plan(None, found, entry, context)
        deletes = await self._take(entry, plan, found)
        if deletes and plan.waiting is None and not any(step.settles for step in plan.steps):
            self.gone.add(entry.key)
            return _result(entry, State.READY)
        if not plan.steps and plan.waiting is None:
            self.gone.add(entry.key)
            return _result(entry, State.READY)
        after = plan.waiting.check_after if plan.waiting is not None else BUSY_SECONDS
        reason = plan.waiting.reason if plan.waiting is not None else "being deleted"
        return _result(entry, State.REMOVING, "Deleting", reason, after)

    def _whose(self, entry: Entry, found: Found[Any]) -> str | None:
        """Somebody else's by now: taken over, or made anew under the name that stands for its id."""
        if found.tags is None:
            return None
        owner = found.tags.get(OWNER_TAG)
        if owner is not None and owner != self._where.scope.owner:
            return owner
        if owner is None and found.id == found.aws_name and entry.origin is Origin.CREATED:
            return "somebody who made it without our tag"
        return None

    async def _look(self, driver: Driver, entry: Entry) -> Found[Any] | None:
        if driver.in_instance and entry.key != INSTANCE_KEY and not self._where.scope.instance_id:
            message = f"{entry.key} lies in an instance that is not known; find it in the console"
            raise CallRefusedError(Refusal(Outcome.BLOCKED, "", "Observe", "InstanceUnknown", message))
        wanted = Wanted(entry.key, entry.aws_name, id=entry.id, arn=entry.arn, words=entry.words)
        try:
            found = await driver.observe(self._aws, self._where.scope, [wanted], exact=True)
        except CallRefusedError as error:
            if error.absent:
                return None
            raise
        # What was found by its tag is known by its ARN, of which the end is not everywhere the id.
        same = (item for item in found if item.id == entry.id or (entry.arn and item.arn == entry.arn))
        return next(same, None)

    async def _take(self, entry: Entry, plan: Plan, found: Found[Any]) -> bool:
        known = {Ref(entry.key, "id"): found.id, Ref(entry.key, "arn"): found.arn}
        for step in plan.steps:
            filled = replace(step, params=resolve(step.params, known.get))
            try:
                await self._aws.mutate(filled.service, filled.operation, filled.params)
            except CallRefusedError as error:
                if not error.absent:
                    raise
            self.done.append(Done(entry.key, filled, Effect.CHANGE))
            self.entries[entry.key] = self.entries.get(entry.key, entry).remember(dict(step.remembers))
            if step.settles:
                return step.deletes
        return any(step.deletes for step in plan.steps)


def _result(entry: Entry, state: State, reason: str = "", message: str = "", after: float | None = None) -> NodeResult:
    return NodeResult(entry.key, entry.section, entry.name, state, reason, message, after)
