"""The ScalingPolicy handler: what calls need of every layer, and what is moved for it in time.

No I/O of its own: AWS behind the gate's port, Kubernetes behind the runtime's, Prometheus behind its own. A pass asks all
sources, decides, and only where something is to be told runs the engine. In mode Recommend it decides all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from trunkline.api.managed import ManagedSpec
from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.api.scaling_policy import Mode, ScalingPolicy, ScalingPolicySpec
from trunkline.blueprints.scaling import Bounds, build_scaling
from trunkline.capacity.cost.prices import PriceList
from trunkline.drivers.registry import DRIVERS
from trunkline.engine.budget import Priority
from trunkline.engine.clock import Clock
from trunkline.engine.driver import Driver
from trunkline.engine.gate import Access, Gate, Place
from trunkline.engine.graph import build
from trunkline.engine.outcome import CallRefusedError, PassEndedError
from trunkline.engine.resource import Blueprint, DeletionPolicy
from trunkline.engine.result import Result, State
from trunkline.handlers.conditions import Condition, written
from trunkline.handlers.convergence import Convergence
from trunkline.handlers.environment import Environment
from trunkline.handlers.farewell import Farewells
from trunkline.handlers.passes import Meaning, Pass, Passed, access_of, errand
from trunkline.handlers.port import Inputs, Key, Reconciled, Snapshot
from trunkline.handlers.queries import NoPrometheus, Prometheus
from trunkline.handlers.remembered import Built, Remembered
from trunkline.handlers.scaling_claims import decided
from trunkline.handlers.scaling_deciding import Decisions, decide_all
from trunkline.handlers.scaling_history import instance_of
from trunkline.handlers.scaling_memory import PolicyMemory, tiers_before
from trunkline.handlers.scaling_notes import Moves, events, states_before, told_before, turned
from trunkline.handlers.scaling_objective import NoFigures, PolicyFigures, watched
from trunkline.handlers.scaling_quota import Asked, ask_for_more
from trunkline.handlers.scaling_record import parted
from trunkline.handlers.scaling_shared import Shared
from trunkline.handlers.scaling_standing import told as levers_before
from trunkline.handlers.scaling_status import Report, own_conditions, own_status
from trunkline.handlers.scaling_steady import Shown, steadied
from trunkline.handlers.scaling_target import (
    NoTarget,
    Target,
    body_of,
    managed_as,
    target_key,
    target_of,
    written_place,
)
from trunkline.handlers.scaling_told import informed, reported, words_of
from trunkline.handlers.statement import stated

WAIT_FOR_TARGET = 60.0


class ScalingPolicyHandler:
    """See the module. One instance for all objects; passes of different objects interleave, of one object never."""

    kind = ScalingPolicy.kind
    plural = ScalingPolicy.plural

    def __init__(
        self,
        gate: Gate,
        clock: Clock,
        *,
        installation: str,
        prometheus: Prometheus | None = None,
        prices: PriceList | None = None,
        figures: PolicyFigures | None = None,
        drivers: Mapping[str, Driver] = DRIVERS,
    ) -> None:
        self._world = Environment(gate, clock, installation, {}, drivers)
        self._convergence = Convergence(self._world)
        self._farewells = Farewells(self._world)
        self._prometheus = prometheus or NoPrometheus()
        self._prices = prices
        self._figures = figures or NoFigures()
        self._shared = Shared()
        self._memories: dict[Key, PolicyMemory] = {}
        self._shown: dict[Key, Shown] = {}

    def overtake(self, key: Key) -> None:
        """As the port says."""
        self._convergence.overtake(key)

    def forget(self, key: Key, uid: str) -> None:
        """The object is gone."""
        self._convergence.forget(key, uid)
        memory = self._memories.get(key)
        if memory is not None and memory.uid == uid:
            del self._memories[key]
            self._shown.pop(key, None)
            self._shared.forget(key)

    async def reconcile(self, inputs: Inputs) -> Reconciled:
        """One pass. Whatever is wrong with the object becomes a condition; nothing in AWS is touched for it."""
        snapshot = inputs.snapshot
        known = self._convergence.remember(snapshot)
        if snapshot.deleting:
            return await self._dismantle(inputs, known)
        parsed = parse_scaling_policy(body_of(snapshot))
        if parsed.policy is None:
            return self._convergence.refused(snapshot, known, parsed.problems)
        spec = parsed.policy.spec
        self._figures.mode(snapshot.key, spec.mode.value)
        target = target_of(inputs, spec)
        if isinstance(target, NoTarget):
            return self._waits(snapshot, known, target)
        try:
            return await self._pass(inputs, known, spec, target)
        except CallRefusedError as error:
            unreachable = self._convergence.unreachable(inputs, known, error)
            return replace(unreachable, depends_on=frozenset({target.key}))
        except PassEndedError:
            return Reconciled(None, check_after=0.5, finalizer=None)

    # A pass, step by step

    async def _pass(self, inputs: Inputs, known: Remembered, spec: ScalingPolicySpec, target: Target) -> Reconciled:
        memory = self._memory(inputs.snapshot)
        managed = managed_as(spec, target.center)
        where = await self._convergence.locate(inputs, known, managed)
        access, place = where
        reader = self._world.gate.caller(access, place, errand(inputs))
        now = datetime.fromtimestamp(self._convergence.now(), UTC)
        found = await decide_all(
            Decisions(
                inputs=inputs,
                aws=reader,
                prometheus=self._prometheus,
                spec=spec,
                center=target.center,
                target=target.snapshot,
                memory=memory,
                shared=self._shared,
                place=(place.account, managed.region),
                now=now,
                prices=self._prices,
            )
        )
        auto = spec.mode is Mode.AUTO
        before = {**levers_before(inputs.snapshot.status), **memory.desired}
        known.states = known.states or states_before(inputs.snapshot.status)
        passed = await self._move(inputs, known, managed, (found.bounds if auto else ()), where)
        result = passed if passed is not None else self._standing(inputs, known, managed)
        warnings = (*found.report.warnings, *reported(result.result))
        refused = tuple(f"{node.name}: {node.message}" for node in result.result.of(State.BLOCKED, State.REJECTED))
        problems = (*found.report.problems, *refused)
        report = replace(found.report, place=written_place(managed), warnings=warnings, problems=problems)
        shown = steadied(self._shown.get(inputs.snapshot.key), report, inputs.snapshot.generation, now)
        self._shown[inputs.snapshot.key] = shown
        own, told = own_status(shown.report), own_conditions(shown.report)
        statement = replace(result.statement(own), told=told, paused=spec.paused)
        status, notes = stated(statement)
        if passed is not None:
            known.states = {node.key: node.state for node in passed.result.nodes}
        moves = Moves(refused=bool(refused) and not _stuck(found.report))
        if auto and not spec.paused:
            done = passed.result.done if passed is not None and not passed.drift else ()
            moves = replace(moves, decided=report.decided, before=before, done=done)
        notes = events(notes if passed is not None else (), told, moves, memory, now)
        asked = Asked(spec, instance_of(target.snapshot.status)[0], now)
        requested = await ask_for_more(reader, asked, found.report, memory)
        found.carried_out()
        step = watched(memory, found.deciding.seen, found.report)
        if step is not None:
            self._figures.kept(inputs.snapshot.key, step)
        return Reconciled(
            status=status,
            notes=(*notes, *requested),
            check_after=result.check_after if passed is not None else None,
            resync=float(spec.resync_seconds),
            finalizer=passed.finalizer if passed is not None else (bool(known.record.entries) or None),
            watches=found.watches,
            depends_on=frozenset({target.key}),
            informs=informed(inputs.snapshot, status, target.key, spec),
        )

    async def _move(
        self,
        inputs: Inputs,
        known: Remembered,
        managed: ManagedSpec,
        bounds: tuple[Bounds, ...],
        where: tuple[Access, Place],
    ) -> Passed | None:
        """Through the engine, where something is to be told, is on its way, or is due to be looked at."""
        memory = self._memory(inputs.snapshot)
        if not bounds and not known.record.entries:
            return None
        spec = inputs.snapshot.spec
        if spec.get("mode") != Mode.AUTO.value:
            return None  # what AWS was told stays: nothing is moved, in neither direction
        now = self._convergence.now()
        words = json.dumps([words_of(one, now) for one in bounds])
        due = not 0.0 <= now - memory.engine_at < (memory.passed.resync if memory.passed else 0.0)
        same = words == memory.told and memory.passed is not None
        if same and not known.pending and not due and inputs.cause is not Priority.CHANGE:
            return None
        known.record = parted(known.record, bounds)
        delete = managed.deletion_policy.value == DeletionPolicy.DELETE.value
        meaning = Meaning(
            spec=managed,
            build=lambda: build_scaling(bounds, delete=delete),
            others=(words,),
        )
        passed = await self._convergence.run(self._convergence.begin(inputs, known, meaning, where))
        if words != memory.told:
            passed = replace(passed, drift=False)  # a new decision puts nothing back
        memory.told, memory.engine_at, memory.passed = words, now, passed
        return passed

    def _standing(self, inputs: Inputs, known: Remembered, managed: ManagedSpec) -> Passed:
        """What the last pass through the engine came to; without one, nothing was told yet."""
        memory = self._memory(inputs.snapshot)
        before = memory.passed
        if before is not None:
            return replace(before, this=replace(before.this, inputs=inputs, known=known), drift=False)
        return _empty(inputs, known, managed, self._convergence.now())

    def _waits(self, snapshot: Snapshot, known: Remembered, target: NoTarget) -> Reconciled:
        """The target is not there, or does not parse: AWS goes on with what it was told."""
        now = self._convergence.now()
        status = dict(snapshot.status)
        status["observedGeneration"] = snapshot.generation
        found = (
            Condition("Ready", "False", "TargetNotReady", target.problem),
            Condition("Reconciling", "True", "TargetNotReady", target.problem),
            Condition("Stalled", "False", "Sound", "it goes on by itself"),
            Condition("AbleToScale", "False", "TargetNotReady", target.problem),
        )
        status["conditions"] = written(found, snapshot.status.get("conditions") or (), snapshot.generation, now)
        memory = self._memory(snapshot)
        notes, memory.told_of = turned(found, memory.told_of, datetime.fromtimestamp(now, UTC))
        finalizer = bool(known.record.entries) or None
        waits_for = frozenset({target.key})
        return Reconciled(status, notes, check_after=WAIT_FOR_TARGET, finalizer=finalizer, depends_on=waits_for)

    async def _dismantle(self, inputs: Inputs, known: Remembered) -> Reconciled:
        """Where the target is, is read from the status; of a status that was lost, from the target."""
        snapshot = inputs.snapshot
        place = snapshot.status.get("place") or {}
        target = inputs.neighbor(target_key(snapshot))
        spec = dict(snapshot.spec)
        if place.get("region"):
            spec["region"] = place["region"]
            spec["credentials"] = {"roleArn": place.get("roleArn"), "externalId": place.get("externalId")}
        elif target is not None:
            spec["region"], spec["credentials"] = target.spec.get("region"), target.spec.get("credentials")
        result = await self._farewells.dismantle(inputs, known, replace(snapshot, spec=spec))
        return replace(result, informs=frozenset({target_key(snapshot)}))

    def _memory(self, snapshot: Snapshot) -> PolicyMemory:
        memory = self._memories.get(snapshot.key)
        if memory is None or memory.uid != snapshot.uid:
            status = snapshot.status
            memory = self._memories[snapshot.key] = PolicyMemory(
                snapshot.uid, tiers=tiers_before(status), told_of=told_before(status.get("conditions") or ())
            )
            if not decided(status, snapshot.generation):
                memory.auto = (
                    False  # edited while nobody looked, perhaps from Recommend: it begins at what stands there
                )
        return memory


def _stuck(report: Report) -> bool:
    """Whether a lever cannot be moved for another reason than a refusal of AWS."""
    return bool(report.problems) or any(one.moved.problem for one in report.decided)


def _empty(inputs: Inputs, known: Remembered, managed: ManagedSpec, now: float) -> Passed:
    """A pass in which nothing was asked of the engine."""
    nothing = Blueprint(())
    built = Built(nothing, build(nothing, lambda _node: frozenset()))
    place = Place(known.record.account)
    access = access_of(inputs.snapshot.key, managed)
    this = Pass(inputs, known, Meaning(managed, build=lambda: nothing), built, access, place)
    return Passed(this, Result(known.record, ()), float(managed.resync_seconds), drift=False, finalizer=None, now=now)
