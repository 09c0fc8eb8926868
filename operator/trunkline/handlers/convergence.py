"""One pass of one object, whatever its kind: inputs noted, blueprint built once, the engine run, the record kept.

What differs between kinds comes in as a `Meaning`; what came of the pass goes out as `Passed`, from which the kind's
handler says its status. No I/O of its own. What one object's passes remember lives here and can be lost at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from trunkline.api.managed import CONFIRM, RECONCILE, TAKE_OVER, ManagedSpec
from trunkline.engine.budget import Priority
from trunkline.engine.confirm import ConfirmMode
from trunkline.engine.converge import Consent, Preview, converge, preview
from trunkline.engine.driver import Driver, Scope
from trunkline.engine.gate import Access, Place
from trunkline.engine.graph import build
from trunkline.engine.match import AdoptionPolicy, Identity
from trunkline.engine.memory import Memory
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal
from trunkline.engine.record import Entry, Record
from trunkline.engine.removal import Action
from trunkline.engine.resource import Node
from trunkline.engine.result import Result, State
from trunkline.engine.survey import Request
from trunkline.handlers.environment import Environment
from trunkline.handlers.passes import Meaning, Pass, Passed, access_of, digest, errand
from trunkline.handlers.paused import left_standing, looked_at
from trunkline.handlers.port import Inputs, Key, Reconciled, Snapshot
from trunkline.handlers.remembered import Built, CountingCaller, Fleet, Remembered
from trunkline.handlers.resources import read_record
from trunkline.handlers.rollout import Rollout
from trunkline.handlers.statement import partial_status, refused_status

DEEP_SECONDS = 1800.0  # the clock of reads that cost a call per resource, in an account that many objects share ...
FEW_OBJECTS = 20  # ... which more than so many do
DEFAULT_RESYNC = 600.0


class Convergence:
    """Runs passes. One for all objects of a kind; passes of different objects interleave, of one object never."""

    def __init__(self, world: Environment) -> None:
        self.world = world
        self.fleet = Fleet()
        self.rollout = Rollout()
        self._known: dict[Key, Remembered] = {}

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.world.clock.wall()

    def owner(self, key: Key) -> str:
        """Of an object: the value of its owner tag."""
        return f"{self.world.installation}/{key.namespace}/{key.name}"

    def overtake(self, key: Key) -> None:
        """A change of the object waits for the less urgent pass that is in flight: that one ends at its next call."""
        self.world.gate.overtake(str(key))

    def forget(self, key: Key, uid: str) -> None:
        """The object is gone."""
        known = self._known.get(key)
        if known is not None and known.uid == uid:
            del self._known[key]
            self.fleet.forget(uid)
            self.fleet.renounce(key)
            self.rollout.rest(key)

    def remember(self, snapshot: Snapshot) -> Remembered:
        """What is remembered of the object; of a new one what its status says."""
        known = self._known.get(snapshot.key)
        if known is None or known.uid != snapshot.uid:
            known = Remembered(snapshot.uid, Memory(started=self.now()), read_record(snapshot.status))
            known.instance = dict(snapshot.status.get("instance") or {})
            self._known[snapshot.key] = known
        return known

    async def locate(self, inputs: Inputs, known: Remembered, spec: ManagedSpec) -> tuple[Access, Place]:
        """As whom and where. Raises CallRefusedError: credentials that lead elsewhere touch nothing."""
        access = access_of(inputs.snapshot.key, spec)
        place = await self.world.gate.place(access, errand(inputs))
        _check_account(spec, known.record, place)
        return access, place

    def begin(self, inputs: Inputs, known: Remembered, meaning: Meaning, where: tuple[Access, Place]) -> Pass:
        """A pass, not run yet."""
        self._note_inputs(inputs, known, meaning)
        if known.built is None:
            blueprint, drivers = meaning.build(), self.world.drivers
            known.built = Built(blueprint, build(blueprint, lambda node: _deferrable(drivers, node)))
        return Pass(inputs, known, meaning, known.built, *where)

    async def preview(self, this: Pass) -> Preview:
        """What the pass would do, without a mutating call. Raises CallRefusedError."""
        this.known.memory.forget_progress()
        return await self._preview(this, self._request(this), self._caller(this))

    async def run(self, this: Pass) -> Passed:
        """The pass. Raises CallRefusedError, PassEndedError."""
        request, caller = self._request(this), self._caller(this)
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
                fresh=lambda creates: this.inputs.refresh(claim=creates),
            )
        return self._conclude(this, request, caller, result, before)

    def refused(self, snapshot: Snapshot, known: Remembered, problems: Iterable[object]) -> Reconciled:
        """The object is wrong as a whole: said in its status, and nothing is touched."""
        status = refused_status(snapshot, known, [str(problem) for problem in problems], self.now())
        return Reconciled(status, finalizer=None, resync=DEFAULT_RESYNC)

    def unreachable(self, inputs: Inputs, known: Remembered, error: CallRefusedError) -> Reconciled:
        """AWS cannot be asked at all: no account, no role. Nothing is known, so nothing is changed."""
        refusal = error.refusal
        status = refused_status(inputs.snapshot, known, [str(refusal.message or refusal)], self.now(), refusal)
        wait = 10.0 if refusal.outcome is Outcome.RETRY else 300.0
        return Reconciled(status, check_after=wait, finalizer=None)

    # A pass, step by step

    def _caller(self, this: Pass) -> CountingCaller:
        caller = self.world.gate.caller(this.access, this.place, errand(this.inputs, this.meaning.secrets))
        return CountingCaller(caller, this.inputs.ensure_finalizer)

    def _note_inputs(self, inputs: Inputs, known: Remembered, meaning: Meaning) -> None:
        """A changed input makes everything worth looking at, and every refused call worth another try."""
        snapshot = inputs.snapshot
        annotations = {name: snapshot.annotations.get(name, "") for name in (RECONCILE, CONFIRM, TAKE_OVER)}
        values = {str(named): digest(content) for named, content in meaning.contents.items()}
        text = json.dumps([snapshot.generation, annotations, values, meaning.others], sort_keys=True)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        if fingerprint != known.fingerprint:
            known.memory.forget_progress()
            known.memory.pardon()
            known.fingerprint, known.pending, known.built = fingerprint, False, None

    def _request(self, this: Pass) -> Request:
        known, snapshot = this.known, this.snapshot
        owner = self.owner(snapshot.key)
        taken = snapshot.annotations.get(TAKE_OVER, "")
        progress = this.inputs.cause is Priority.PROGRESS and known.pending
        if not progress:
            known.memory.forget_progress()
        now = self.now()
        edited = known.record.generation < snapshot.generation  # by the user, who need not wait for others
        return Request(
            blueprint=this.built.blueprint,
            graph=this.built.graph,
            record=known.record,
            drivers=self.world.drivers,
            scope=Scope(this.place.account, this.spec.region, owner, snapshot.uid, this.place.partition),
            identity=Identity(
                owner, AdoptionPolicy(this.spec.adoption_policy.value), frozenset({taken} if taken else ())
            ),
            memory=known.memory,
            now=now,
            deep=progress or self._deep_is_due(this, now),
            progress=progress,
            turn=lambda: edited or self.rollout.take(snapshot.key, self.now()),
        )

    def _deep_is_due(self, this: Pass, now: float) -> bool:
        few = self.fleet.size(this.place.account, this.spec.region) <= FEW_OBJECTS
        return few or this.inputs.cause is Priority.CHANGE or now - this.known.deep_at >= DEEP_SECONDS

    async def _preview(self, this: Pass, request: Request, caller: CountingCaller) -> Preview:
        return await preview(request, caller, this.snapshot.generation, _consent(this))

    async def _look_only(self, this: Pass, request: Request, caller: CountingCaller) -> Result:
        """Paused: observes and tells what a pass would do."""
        shown = await self._preview(this, request, caller)
        nodes = [looked_at(plan, request.blueprint) for plan in shown.survey.plans.values()]
        nodes += [left_standing(item) for item in shown.leaving if item.action is Action.DELETE]
        return Result(request.record, tuple(nodes), shown.counts, known=dict(shown.survey.known))

    async def _note(self, this: Pass, entry: Entry) -> None:
        """The record grows as resources come; written with the pass at the latest."""
        known = this.known
        known.record = Record({**known.record.entries, entry.key: entry}, this.place.account, known.record.generation)
        await this.inputs.report(lambda: partial_status(this.snapshot, known))

    def _conclude(self, this: Pass, request: Request, caller: CountingCaller, result: Result, before: Record) -> Passed:
        known, now = this.known, self.now()
        known.record = replace(result.record, account=this.place.account)
        if not request.progress:
            self._count(this, request, caller, now)
        known.pending = result.check_after is not None or result.ended
        if all(node.state is State.READY for node in result.nodes if node.key.startswith("function/")):
            self.rollout.rest(this.snapshot.key)
        if not known.pending:
            # Worth their memory only while passes follow each other closely.
            known.built = None
            known.memory.rest()
        return Passed(
            this=this,
            result=result,
            resync=self._resync(this),
            drift=this.inputs.cause is Priority.DRIFT and bool(before.entries),
            finalizer=_finalizer(known.record, request, caller, result),
            now=now,
        )

    def _count(self, this: Pass, request: Request, caller: CountingCaller, now: float) -> None:
        if request.deep:
            this.known.deep_at = now
        if not caller.mutations:
            this.known.calls = Counter(caller.reads)

    def _resync(self, this: Pass) -> float:
        """As often as the spec says, or as seldom as the account's call rates demand."""
        calls = self.fleet.count(this.place.account, this.spec.region, this.known.uid, this.known.calls)
        floor = float(this.spec.resync_seconds)
        return self.world.gate.fair_period(this.place, this.spec.region, calls, floor)


def _check_account(spec: ManagedSpec, record: Record, place: Place) -> None:
    """Credentials that lead elsewhere touch nothing, or everything would be made a second time there."""
    for source, account in (("spec.accountId says", spec.account_id), ("the record is of", record.account)):
        if account and account != place.account:
            message = (
                f"the credentials lead to account {place.account}, but {source} {account}: "
                "correct spec.credentials.roleArn or the operator's own identity"
            )
            raise CallRefusedError(Refusal(Outcome.BLOCKED, "", "GetCallerIdentity", "WrongAccount", message))


def _finalizer(record: Record, request: Request, caller: CountingCaller, result: Result) -> bool | None:
    """Let go only by a pass that looked at everything, sent nothing and found nothing: an answer may have been lost."""
    if record.entries:
        return True
    sure = not request.progress and not caller.mutations and not result.ended
    seen = all(node.state in (State.READY, State.DIFFERS, State.REJECTED, State.HELD) for node in result.nodes)
    return False if sure and seen else None


def _consent(this: Pass) -> Consent:
    return Consent(ConfirmMode(this.spec.confirm.value), this.snapshot.annotations.get(CONFIRM, ""))


def _deferrable(drivers: Mapping[str, Driver], node: Node) -> frozenset[Any]:
    return drivers[node.kind].deferrable(node.desired) if node.desired is not None else frozenset()
