"""The ContactCenter handler: frozen inputs to blueprint, blueprint through the engine, and a status value out.

No I/O of its own: AWS behind the gate's port, Kubernetes behind the runtime's. What one object's passes remember lives
here in memory and can be lost at any time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trunkline.api.center import ContactCenterSpec
from trunkline.api.managed import CONFIRM, RECONCILE, TAKE_OVER
from trunkline.api.parse import ParsedCenter, parse_center
from trunkline.blueprints.center import Sources, build_blueprint, config_keys
from trunkline.blueprints.flows import Contents
from trunkline.drivers.registry import DRIVERS
from trunkline.engine.budget import Priority
from trunkline.engine.clock import Clock
from trunkline.engine.confirm import ConfirmMode
from trunkline.engine.converge import Consent, Preview, converge, preview
from trunkline.engine.driver import INSTANCE_KEY, Driver, Scope
from trunkline.engine.gate import Access, Errand, Gate, Place
from trunkline.engine.graph import build
from trunkline.engine.match import AdoptionPolicy, Identity
from trunkline.engine.memory import Memory
from trunkline.engine.outcome import CallRefusedError, Outcome, PassEndedError, Refusal
from trunkline.engine.record import Entry, Record
from trunkline.engine.removal import Action
from trunkline.engine.resource import Blueprint, Node
from trunkline.engine.result import Result, State
from trunkline.engine.survey import Request
from trunkline.handlers.environment import Environment
from trunkline.handlers.farewell import Farewells
from trunkline.handlers.paused import left_standing, looked_at
from trunkline.handlers.port import Content, Inputs, Key, Named, Reconciled, Snapshot, Source
from trunkline.handlers.remembered import Built, CountingCaller, Fleet, Remembered
from trunkline.handlers.resources import read_record
from trunkline.handlers.rollout import Rollout
from trunkline.handlers.statement import Statement, partial_status, refused_status, stated

DEEP_SECONDS = 1800.0  # the clock of reads that cost a call per resource, in an account that many objects share ...
FEW_OBJECTS = 20  # ... which more than so many do
DEFAULT_RESYNC = 600.0


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass of one parsed object: everything that its steps need."""

    inputs: Inputs
    known: Remembered
    parsed: ParsedCenter
    spec: ContactCenterSpec
    contents: Mapping[Named, Content]
    built: Built
    access: Access
    place: Place
    depends_on: frozenset[Key]

    @property
    def snapshot(self) -> Snapshot:
        return self.inputs.snapshot


class ContactCenterHandler:
    """See the module. One instance for all objects; passes of different objects interleave, of one object never."""

    kind = "ContactCenter"
    plural = "contactcenters"

    def __init__(
        self,
        gate: Gate,
        clock: Clock,
        *,
        installation: str,
        builtins: Mapping[str, str],
        drivers: Mapping[str, Driver] = DRIVERS,
    ) -> None:
        self._world = Environment(gate, clock, installation, builtins, drivers)
        self._known: dict[Key, Remembered] = {}
        self._fleet = Fleet()
        self._rollout = Rollout()
        self._farewells = Farewells(self._world)

    def overtake(self, key: Key) -> None:
        """A change of the object waits for the less urgent pass that is in flight: that one ends at its next call."""
        self._world.gate.overtake(str(key))

    def forget(self, key: Key, uid: str) -> None:
        """The object is gone."""
        known = self._known.get(key)
        if known is not None and known.uid == uid:
            del self._known[key]
            self._fleet.forget(uid)
            self._fleet.renounce(key)
            self._rollout.rest(key)

    async def reconcile(self, inputs: Inputs) -> Reconciled:
        """One pass. Whatever is wrong with the object becomes a condition; nothing in AWS is touched for it."""
        snapshot = inputs.snapshot
        known = self._remember(snapshot)
        if snapshot.deleting:
            return await self._farewells.dismantle(inputs, known)
        parsed = _parsed(snapshot)
        if parsed.center is None:
            status = refused_status(snapshot, known, [str(problem) for problem in parsed.problems], self._now())
            return Reconciled(status, finalizer=None, resync=DEFAULT_RESYNC)
        try:
            return await self._converge(await self._pass(inputs, known, parsed, parsed.center.spec))
        except CallRefusedError as error:
            return self._unreachable(inputs, known, error)
        except PassEndedError:
            return Reconciled(None, check_after=0.5, finalizer=None)

    async def plan(self, inputs: Inputs) -> tuple[Preview, Blueprint, ParsedCenter]:
        """What a pass would do, without a mutating call: `trunkline plan`. Raises CallRefusedError, ValueError."""
        known = self._remember(inputs.snapshot)
        parsed = _parsed(inputs.snapshot)
        if parsed.center is None:
            raise ValueError("\n".join(str(problem) for problem in parsed.problems))
        this = await self._pass(inputs, known, parsed, parsed.center.spec)
        caller = self._world.gate.caller(this.access, this.place, self._errand(inputs))
        known.memory.forget_progress()
        shown = await preview(self._request(this), caller, inputs.snapshot.generation, _consent(this))
        return shown, this.built.blueprint, parsed

    # A pass, step by step

    def _now(self) -> float:
        return self._world.clock.wall()

    def _remember(self, snapshot: Snapshot) -> Remembered:
        known = self._known.get(snapshot.key)
        if known is None or known.uid != snapshot.uid:
            known = Remembered(snapshot.uid, Memory(started=self._now()), read_record(snapshot.status))
            known.instance = dict(snapshot.status.get("instance") or {})
            self._known[snapshot.key] = known
        return known

    def _errand(self, inputs: Inputs) -> Errand:
        return Errand(inputs.cause, str(inputs.snapshot.key), inputs.guard)

    async def _pass(self, inputs: Inputs, known: Remembered, parsed: ParsedCenter, spec: ContactCenterSpec) -> _Pass:
        named = [Named(Source.CONFIG_MAP, *pair) for pair in sorted(config_keys(spec))]
        read = await asyncio.gather(*(inputs.content(item) for item in named))
        contents = dict(zip(named, read, strict=True))
        shared, depends_on = self._shared_instance(inputs, spec)
        access = access_of(inputs.snapshot.key, spec)
        place = await self._world.gate.place(access, self._errand(inputs))
        self._check_account(spec, known.record, place)
        sources = Sources(
            center=inputs.snapshot.key.name,
            contents={
                (item.name, item.key): Contents(content.value, content.problem) for item, content in contents.items()
            },
            builtins=self._world.builtins,
            shared_instance=shared,
            instance_writer=self._other_writer(inputs.snapshot.key, known, spec, place),
            account=place.account,
            partition=place.partition,
        )
        self._note_inputs(inputs, known, contents, sources)
        if known.built is None:
            blueprint = build_blueprint(parsed, spec, sources)
            drivers = self._world.drivers
            known.built = Built(blueprint, build(blueprint, lambda node: _deferrable(drivers, node)))
        return _Pass(inputs, known, parsed, spec, contents, known.built, access, place, depends_on)

    def _other_writer(self, key: Key, known: Remembered, spec: ContactCenterSpec, place: Place) -> str | None:
        """Who else writes attributes, storage and origins of the instance that this object names, if somebody does."""
        self._fleet.renounce(key)
        entry = known.record.entries.get(INSTANCE_KEY)
        instance = spec.instance
        id_ = instance.id or (entry.id if entry is not None else None)
        maker = instance.id is None
        writes = maker or instance.attributes is not None or instance.storage or instance.approved_origins is not None
        if id_ is None or instance.center_ref is not None or not writes:
            return None
        writer = self._fleet.writer(place.account, spec.region, id_, key, maker=maker)
        return None if writer == key else f"{writer.namespace}/{writer.name}"

    def _shared_instance(self, inputs: Inputs, spec: ContactCenterSpec) -> tuple[str | None, frozenset[Key]]:
        if spec.instance.center_ref is None:
            return None, frozenset()
        other = Key(self.kind, inputs.snapshot.key.namespace, spec.instance.center_ref.name)
        status = inputs.status_of(other) or {}
        return (status.get("instance") or {}).get("id"), frozenset({other})

    def _check_account(self, spec: ContactCenterSpec, record: Record, place: Place) -> None:
        """Credentials that lead elsewhere touch nothing, or everything would be made a second time there."""
        for source, account in (("spec.accountId says", spec.account_id), ("the record is of", record.account)):
            if account and account != place.account:
                message = (
                    f"the credentials lead to account {place.account}, but {source} {account}: "
                    "correct spec.credentials.roleArn or the operator's own identity"
                )
                raise CallRefusedError(Refusal(Outcome.BLOCKED, "", "GetCallerIdentity", "WrongAccount", message))

    def _note_inputs(
        self, inputs: Inputs, known: Remembered, contents: Mapping[Named, Content], sources: Sources
    ) -> None:
        """A changed input makes everything worth looking at, and every refused call worth another try."""
        snapshot = inputs.snapshot
        annotations = {name: snapshot.annotations.get(name, "") for name in (RECONCILE, CONFIRM, TAKE_OVER)}
        values = {str(named): _digest(content) for named, content in contents.items()}
        others = [sources.shared_instance, sources.instance_writer]
        text = json.dumps([snapshot.generation, annotations, values, others], sort_keys=True)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        if fingerprint != known.fingerprint:
            known.memory.forget_progress()
            known.memory.pardon()
            known.fingerprint, known.pending, known.built = fingerprint, False, None

    def _request(self, this: _Pass) -> Request:
        known, snapshot, drivers = this.known, this.snapshot, self._world.drivers
        owner = f"{self._world.installation}/{snapshot.key.namespace}/{snapshot.key.name}"
        taken = this.snapshot.annotations.get(TAKE_OVER, "")
        progress = this.inputs.cause is Priority.PROGRESS and known.pending
        if not progress:
            known.memory.forget_progress()
        now = self._now()
        edited = known.record.generation < snapshot.generation  # by the user, who need not wait for others
        return Request(
            blueprint=this.built.blueprint,
            graph=this.built.graph,
            record=known.record,
            drivers=drivers,
            scope=Scope(this.place.account, this.spec.region, owner, snapshot.uid, this.place.partition),
            identity=Identity(
                owner, AdoptionPolicy(this.spec.adoption_policy.value), frozenset({taken} if taken else ())
            ),
            memory=known.memory,
            now=now,
            deep=progress or self._deep_is_due(this, now),
            progress=progress,
            turn=lambda: edited or self._rollout.take(snapshot.key, self._now()),
        )

    def _deep_is_due(self, this: _Pass, now: float) -> bool:
        few = self._fleet.size(this.place.account, this.spec.region) <= FEW_OBJECTS
        return few or this.inputs.cause is Priority.CHANGE or now - this.known.deep_at >= DEEP_SECONDS

    async def _converge(self, this: _Pass) -> Reconciled:
        request = self._request(this)
        caller = CountingCaller(
            self._world.gate.caller(this.access, this.place, self._errand(this.inputs)), this.inputs.ensure_finalizer
        )
        before = this.known.record
        if this.spec.paused:
            result = await self._look_only(this, request, caller)
        else:
            result = await converge(
                request,
                caller,
                this.snapshot.generation,
                _consent(this),
                note=lambda entry: self._note(this, entry),
                fresh=this.inputs.refresh,
            )
        return self._conclude(this, request, caller, result, before)

    async def _look_only(self, this: _Pass, request: Request, caller: CountingCaller) -> Result:
        """Paused: observes and tells what a pass would do."""
        shown = await preview(request, caller, this.snapshot.generation, _consent(this))
        nodes = [looked_at(plan, request.blueprint) for plan in shown.survey.plans.values()]
        nodes += [left_standing(item) for item in shown.leaving if item.action is Action.DELETE]
        return Result(request.record, tuple(nodes), shown.counts)

    async def _note(self, this: _Pass, entry: Entry) -> None:
        """The record grows as resources come; written with the pass at the latest."""
        known = this.known
        known.record = Record({**known.record.entries, entry.key: entry}, this.place.account, known.record.generation)
        await this.inputs.report(partial_status(this.snapshot, known))

    def _conclude(
        self, this: _Pass, request: Request, caller: CountingCaller, result: Result, before: Record
    ) -> Reconciled:
        known, now = this.known, self._now()
        known.record = replace(result.record, account=this.place.account)
        if not request.progress:
            self._count(this, request, caller, now)
        known.pending = result.check_after is not None or result.ended
        if all(node.state is State.READY for node in result.nodes if node.key.startswith("function/")):
            self._rollout.rest(this.snapshot.key)
        if not known.pending:
            known.built = None  # a graph is worth its memory only while passes follow each other closely
        resync = self._resync(this)
        statement = Statement(
            snapshot=this.snapshot,
            known=known,
            result=result,
            problems=tuple(str(problem) for problem in this.parsed.problems),
            paused=this.spec.paused,
            contents={named: _digest(content) for named, content in this.contents.items()},
            resync=resync,
            now=now,
            drift=this.inputs.cause is Priority.DRIFT and bool(before.entries),
        )
        status, told = stated(statement)
        known.states = {node.key: node.state for node in result.nodes}
        return Reconciled(
            status=status,
            notes=told,
            check_after=0.5 if result.ended else result.check_after,
            resync=resync,
            finalizer=_finalizer(known.record, request, caller, result),
            watches=frozenset(this.contents),
            depends_on=this.depends_on,
        )

    def _count(self, this: _Pass, request: Request, caller: CountingCaller, now: float) -> None:
        if request.deep:
            this.known.deep_at = now
        if not caller.mutations:
            this.known.calls = Counter(caller.reads)

    def _resync(self, this: _Pass) -> float:
        """As often as the spec says, or as seldom as the account's call rates demand."""
        calls = self._fleet.count(this.place.account, this.spec.region, this.known.uid, this.known.calls)
        floor = float(this.spec.resync_seconds)
        return self._world.gate.fair_period(this.place, this.spec.region, calls, floor)

    def _unreachable(self, inputs: Inputs, known: Remembered, error: CallRefusedError) -> Reconciled:
        """AWS cannot be asked at all: no account, no role. Nothing is known, so nothing is changed."""
        refusal = error.refusal
        status = refused_status(inputs.snapshot, known, [str(refusal.message or refusal)], self._now(), refusal)
        wait = 10.0 if refusal.outcome is Outcome.RETRY else 300.0
        return Reconciled(status, check_after=wait, finalizer=None)


def _finalizer(record: Record, request: Request, caller: CountingCaller, result: Result) -> bool | None:
    """Let go only by a pass that looked at everything, sent nothing and found nothing: an answer may have been lost."""
    if record.entries:
        return True
    sure = not request.progress and not caller.mutations and not result.ended
    seen = all(node.state in (State.READY, State.DIFFERS, State.REJECTED, State.HELD) for node in result.nodes)
    return False if sure and seen else None


def _parsed(snapshot: Snapshot) -> ParsedCenter:
    metadata = {"name": snapshot.key.name, "namespace": snapshot.key.namespace}
    return parse_center({"metadata": metadata, "spec": snapshot.spec})


def access_of(key: Key, spec: ContactCenterSpec) -> Access:
    """As whom this object reaches AWS."""
    credentials = spec.credentials
    return Access(
        spec.region,
        credentials.role_arn if credentials is not None else "",
        (credentials.external_id or "") if credentials is not None else "",
        f"{key.namespace}/{key.name}",
    )


def _consent(this: _Pass) -> Consent:
    return Consent(ConfirmMode(this.spec.confirm.value), this.snapshot.annotations.get(CONFIRM, ""))


def _deferrable(drivers: Mapping[str, Driver], node: Node) -> frozenset[Any]:
    return drivers[node.kind].deferrable(node.desired) if node.desired is not None else frozenset()


def _digest(content: Content) -> str:
    return hashlib.sha256((content.value or "").encode()).hexdigest()
