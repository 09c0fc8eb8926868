"""What a deleted object leaves: record and policy decide, never a spec that parses.

An unreadable policy is Retain, and Retain calls nothing. With Delete and no record our tags are looked for first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trunkline.api.managed import ABANDON
from trunkline.blueprints.cache import CACHE_KINDS, GROUP, SERVERLESS
from trunkline.blueprints.center import SECTION_KINDS
from trunkline.blueprints.functions import KEPT_KINDS
from trunkline.drivers.discovery import discover
from trunkline.drivers.replication_group import FINAL_WORD
from trunkline.engine.audit import PLAN, plan_id
from trunkline.engine.budget import Priority
from trunkline.engine.converge import Farewell, dismantle, retains_everything
from trunkline.engine.driver import INSTANCE_KEY, Scope
from trunkline.engine.gate import Access, Errand
from trunkline.engine.outcome import CallRefusedError, Outcome, PassEndedError
from trunkline.engine.record import Entry, Origin, Record
from trunkline.engine.removal import Action, Leaving, Where, bequest
from trunkline.engine.resource import DeletionPolicy
from trunkline.engine.result import State
from trunkline.handlers.conditions import Condition, written
from trunkline.handlers.environment import Environment
from trunkline.handlers.port import Inputs, Note, NoteType, Reconciled, Snapshot
from trunkline.handlers.remembered import Remembered
from trunkline.handlers.resources import shortened, write_resources

NAMED = 8


class Farewells:
    """Dismantles deleted objects, pass by pass."""

    def __init__(self, world: Environment) -> None:
        self._world = world

    async def dismantle(self, inputs: Inputs, known: Remembered, located: Snapshot | None = None) -> Reconciled:
        """One pass of a deletion; the finalizer goes when nothing is left that should go.

        located: the object as if its spec said where its resources are, for kinds whose spec does not.
        """
        snapshot = located or inputs.snapshot
        policy = deletion_policy(snapshot.spec)
        record = known.record
        if not record.entries and policy is DeletionPolicy.RETAIN:
            return Reconciled(None, finalizer=False)
        items = bequest(record, policy, self._world.drivers)
        if protected(snapshot.spec):
            items = tuple(replace(item, action=Action.RELEASE, reason="terminationProtection") for item in items)
        if record.entries and retains_everything(items):
            return Reconciled(None, notes=_retained(items), finalizer=False)
        try:
            return await self._remove(inputs, snapshot, known, policy)
        except CallRefusedError as error:
            wait = 10.0 if error.refusal.outcome is Outcome.RETRY else 300.0
            if snapshot.annotations.get(ABANDON) == "true":
                note = Note(
                    NoteType.WARNING, "Abandoned", f"AWS cannot be asked ({error.refusal.message}): all is left"
                )
                return Reconciled(None, notes=(note,), finalizer=False)
            status = _status(snapshot, known.record, (), error.refusal.message, self._world.clock.wall())
            return Reconciled(status, check_after=wait)
        except PassEndedError:
            return Reconciled(None, check_after=0.5)

    async def _remove(
        self, inputs: Inputs, snapshot: Snapshot, known: Remembered, policy: DeletionPolicy
    ) -> Reconciled:
        access = access_from(snapshot)
        PLAN.set(plan_id(snapshot.generation, ["deletion of the object", snapshot.uid]))
        errand = Errand(Priority.CHANGE, str(snapshot.key), inputs.guard, generation=snapshot.generation)
        place = await self._world.gate.place(access, errand)
        caller = self._world.gate.caller(access, place, errand)
        owner = f"{self._world.installation}/{snapshot.key.namespace}/{snapshot.key.name}"
        scope = Scope(place.account, access.region, owner, snapshot.uid, place.partition)
        if not known.record.entries:
            known.record = Record(with_policies(await discover(caller, scope), snapshot.spec), place.account)
        known.record = with_last_snapshot(known.record, snapshot.spec)
        if known.record.account and known.record.account != place.account:
            message = f"the credentials lead to account {place.account}, the record is of {known.record.account}"
            status = _status(snapshot, known.record, (), message, self._world.clock.wall())
            return Reconciled(status, check_after=300.0)
        items = bequest(known.record, policy, self._world.drivers)
        instance = known.record.entries.get(INSTANCE_KEY)
        if instance is not None:
            scope = replace(scope, instance_id=instance.id, instance_arn=instance.arn)
        elif seen := known.instance.get("id"):  # only observed, so never recorded: what was made in it is found there
            scope = replace(scope, instance_id=seen, instance_arn=known.instance.get("arn", ""))
        where = Where(self._world.drivers, scope, known.memory, self._world.clock.wall())
        abandon = snapshot.annotations.get(ABANDON) == "true"
        farewell = await dismantle(where, caller, known.record, items, abandon=abandon)
        known.record = _kept(farewell, instance)
        return self._conclude(snapshot, known, farewell, items)

    def _conclude(
        self, snapshot: Snapshot, known: Remembered, farewell: Farewell, items: tuple[Leaving, ...]
    ) -> Reconciled:
        if farewell.finished:
            left = farewell.left_behind
            notes = _retained(items)
            if left:
                text = "; ".join(f"{node.key} ({node.message})" for node in left[:NAMED])
                notes = (*notes, Note(NoteType.WARNING, "Abandoned", shortened(f"left behind: {text}", 1000)))
            return Reconciled(None, notes=notes, finalizer=False)
        blocked = [node for node in farewell.nodes if node.state is State.BLOCKED]
        message = "; ".join(f"{node.key}: {node.message}" for node in blocked[:NAMED])
        status = _status(snapshot, known.record, farewell.nodes, message, self._world.clock.wall())
        waits = [node.check_after for node in farewell.nodes if node.check_after is not None]
        notes = tuple(
            Note(NoteType.WARNING, node.reason or "Blocked", shortened(node.message or node.key, 1000))
            for node in blocked[:NAMED]
            if known.states.get(node.key) is not node.state
        )
        known.states = {node.key: node.state for node in farewell.nodes}
        return Reconciled(status, notes=notes, check_after=min(waits, default=5.0))


def deletion_policy(spec: Mapping[str, Any]) -> DeletionPolicy:
    """The policy that a spec states, read without parsing the rest. Unreadable or protected is Retain."""
    if protected(spec) or spec.get("deletionPolicy") != DeletionPolicy.DELETE.value:
        return DeletionPolicy.RETAIN
    return DeletionPolicy.DELETE


def protected(spec: Mapping[str, Any]) -> bool:
    """Whether nothing is to be deleted in AWS for this object's deletion, whatever its entries say of themselves."""
    return spec.get("terminationProtection") is True


def with_policies(entries: Mapping[str, Entry], spec: Mapping[str, Any]) -> dict[str, Entry]:
    """Entries that were found by their tags, each with the policy that its entry in the spec states.

    Read without parsing the rest; what is there and cannot be read is Retain.
    """
    return {key: replace(entry, deletion_policy=_own_policy(entry, spec)) for key, entry in entries.items()}


def with_last_snapshot(record: Record, spec: Mapping[str, Any]) -> Record:
    """The record, in which caches have the spec's word on one more snapshot before they go.

    The record may be lost, or older than the spec: a snapshot too many can be deleted, one that is missing cannot be made.
    """
    snapshots = spec.get("snapshots")
    final = snapshots.get("final") if isinstance(snapshots, Mapping) else None
    if not isinstance(final, bool):
        return record
    word = {FINAL_WORD: "yes" if final else ""}
    entries = {
        key: entry.remember(word) if entry.kind in (GROUP, SERVERLESS) else entry
        for key, entry in record.entries.items()
    }
    return replace(record, entries=entries)


def _own_policy(entry: Entry, spec: Mapping[str, Any]) -> DeletionPolicy | None:
    if entry.kind in CACHE_KINDS:  # the object's policy is theirs, unless they were there before
        return deletion_policy(spec) if entry.origin is Origin.CREATED else None
    if entry.key == INSTANCE_KEY:
        written: Any = spec.get("instance")
    else:
        section = next((section for section, kinds in SECTION_KINDS.items() if entry.kind in kinds), "")
        items = spec.get(section)
        if items is not None and not isinstance(items, list | tuple):
            return DeletionPolicy.RETAIN
        written = next(
            (item for item in items or () if isinstance(item, Mapping) and item.get("name") == entry.name), {}
        )
    if not isinstance(written, Mapping):
        return DeletionPolicy.RETAIN
    stated = written.get("deletionPolicy")
    if stated is None:
        return DeletionPolicy.RETAIN if entry.kind in KEPT_KINDS else None
    return DeletionPolicy.DELETE if stated == DeletionPolicy.DELETE.value else DeletionPolicy.RETAIN


def access_from(snapshot: Snapshot) -> Access:
    """As whom to reach AWS, read without parsing the rest of the spec."""
    credentials = snapshot.spec.get("credentials")
    credentials = credentials if isinstance(credentials, Mapping) else {}
    return Access(
        str(snapshot.spec.get("region") or ""),
        str(credentials.get("roleArn") or ""),
        str(credentials.get("externalId") or ""),
        f"{snapshot.key.namespace}/{snapshot.key.name}",
    )


def _kept(farewell: Farewell, instance: Entry | None) -> Record:
    """What is still to go. A retained instance stays known until then: what goes is looked for in it."""
    entries = dict(farewell.record.entries)
    if not farewell.finished and instance is not None:
        entries.setdefault(INSTANCE_KEY, instance)
    return replace(farewell.record, entries=entries)


def _retained(items: tuple[Leaving, ...]) -> tuple[Note, ...]:
    kept = [
        item.entry.key for item in items if item.action.value == "Release" and item.reason != "goes with its instance"
    ]
    if not kept:
        return ()
    more = f" and {len(kept) - NAMED} more" if len(kept) > NAMED else ""
    return (Note(NoteType.NORMAL, "Retained", shortened(f"left in AWS: {', '.join(kept[:NAMED])}{more}", 1000)),)


def _status(snapshot: Snapshot, record: Record, nodes: Any, trouble: str, now: float) -> dict[str, Any]:
    message = shortened(trouble or "resources are being deleted", 2048)
    reason = "Blocked" if trouble else "Deleting"
    found = (
        Condition("Ready", "False", reason, message),
        Condition("Reconciling", "True", reason, message),
        Condition("Stalled", "False", "Sound", "the deletion goes on"),
    )
    return {
        **snapshot.status,
        "observedGeneration": snapshot.generation,
        "conditions": written(found, snapshot.status.get("conditions") or (), snapshot.generation, now),
        "resources": write_resources(record, nodes),
        **({"account": record.account} if record.account else {}),
    }
