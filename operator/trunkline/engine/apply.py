"""Taking the steps of a survey: each as soon as its references are known and what it stands on is ready.

What does not depend on each other goes in parallel; the answer of a call fills references at once. The gate limits the
rate and may end the pass. Nothing here waits for AWS to finish something: that is what the next pass is for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from trunkline.engine.confirm import Confirmation
from trunkline.engine.driver import INSTANCE_KEY, Caller
from trunkline.engine.match import Relation
from trunkline.engine.memory import Settled
from trunkline.engine.outcome import CallRefusedError, Outcome, PassEndedError, Refusal
from trunkline.engine.plan import Answer, Step, Waiting
from trunkline.engine.record import Entry, Origin
from trunkline.engine.resource import Management, Node, Ref, references, resolve
from trunkline.engine.result import Done, NodeResult, State
from trunkline.engine.survey import Effect, NodePlan, Request, Survey, Surveyor, entry_of, runnable

Note = Callable[[Entry], Awaitable[None]]

WAITING_BELOW = "WaitingForDependency"
BELOW = "WaitingForDependency"
TURN_SECONDS = 15.0
SETTLE_SECONDS = 2.0  # first look after a step that settles, if the driver's next plan does not say better


class Applier:
    """Takes the steps of one survey. One object, used once."""

    def __init__(self, request: Request, surveyor: Surveyor, survey: Survey, aws: Caller, note: Note) -> None:
        self._request = request
        self._surveyor = surveyor
        self._survey = survey
        self._aws = aws
        self._note = note
        self._confirmation = Confirmation()
        self._awaited: dict[str, dict[Ref, asyncio.Future[str | None]]] = {}
        self._finished: dict[str, asyncio.Future[NodeResult]] = {}
        self._blocking: dict[str, str] = {}
        self._doubted: set[str] = set()
        self.entries: dict[str, Entry] = {}
        self.done: list[Done] = []
        self.ended = False

    async def apply(self, confirmation: Confirmation) -> list[NodeResult]:
        """Takes every step that may be taken; answers what became of each node, in graph order."""
        self._confirmation = confirmation
        loop = asyncio.get_running_loop()
        self._finished = {key: loop.create_future() for key in self._survey.plans}
        for key, plan in self._survey.plans.items():
            if plan.plan.waiting is not None and plan.plan.waiting.blocks and not plan.plan.steps:
                self._blocking[key] = plan.plan.waiting.reason
        try:
            async with asyncio.TaskGroup() as group:
                for plan in self._survey.plans.values():
                    group.create_task(self._run(plan))
        except ExceptionGroup as many:
            if len({type(error) for error in many.exceptions}) > 1:
                raise  # all of them are told
            raise many.exceptions[0] from None  # so that a Secret that cannot be read just now counts as that
        results = [self._finished[key].result() for key in self._survey.plans]
        self._remember(results)
        return results

    async def _run(self, plan: NodePlan) -> None:
        node = plan.node
        try:
            result = await self._converge(plan)
        except PassEndedError as error:
            self.ended = True
            result = self._result(node, State.WAITING, "PassEnded", str(error), check_after=0.0)
        except BaseException:
            # The pass ends with it. Whoever would wait for this node must not: a call may have outlived its cancellation.
            self._finished[node.key].cancel()
            for future in self._awaited.pop(node.key, {}).values():
                future.cancel()
            raise
        if not self._finished[node.key].done():  # who waits for it was cancelled, and it by that
            self._finished[node.key].set_result(result)
        for future in self._awaited.pop(node.key, {}).values():
            if not future.done():
                future.set_result(None)

    async def _converge(self, plan: NodePlan) -> NodeResult:
        node = plan.node
        if plan.settled:
            if plan.match.entry is not None:
                self.entries[node.key] = plan.match.entry
            return self._result(node, State.READY)
        await self._record_found(plan)
        if (waits := self._waits_for_instance(node)) is not None:
            return waits
        if plan.refusal is not None:
            if plan.resting is not None:
                return self._refusal_result(node, plan.refusal, plan.resting)
            return self._refused(node, plan.refusal, None)
        if (result := self._only_observed(plan)) is not None:
            return result
        steps = runnable(plan, self._request.blueprint)
        if not steps:
            await self._learn(plan)
            return self._at_rest(plan, held=False)
        if (waits := await self._stands_on_nothing_unready(node)) is not None:
            return waits
        return await self._take(plan, steps)

    async def _record_found(self, plan: NodePlan) -> None:
        """What exists and is ours, or taken over. Under Observe nothing new becomes ours."""
        entry = entry_of(plan)
        if entry is None or plan.match.relation is Relation.ABSENT:
            return
        observed = self._request.blueprint.mode(plan.node.section) is Management.OBSERVE
        if not observed or entry.key in self._request.record.entries:
            await self._record(entry)

    def _waits_for_instance(self, node: Node) -> NodeResult | None:
        """Nothing in an instance can be read or made before AWS has finished the instance."""
        if INSTANCE_KEY not in self._blocking or not self._request.drivers[node.kind].in_instance:
            return None
        return self._below(node, INSTANCE_KEY, self._blocking[INSTANCE_KEY])

    async def _learn(self, plan: NodePlan) -> None:
        """Words that observing alone taught."""
        entry = self.entries.get(plan.node.key)
        if entry is not None and plan.plan.remembers:
            await self._record(entry.remember(dict(plan.plan.remembers)))

    def _only_observed(self, plan: NodePlan) -> NodeResult | None:
        if self._request.blueprint.mode(plan.node.section) is not Management.OBSERVE or plan.observe_only:
            return None
        if plan.match.found is None:
            return self._result(
                plan.node, State.DIFFERS, "Absent", f"{plan.node.path}: not there, and not made under Observe"
            )
        changes = [change for step in plan.plan.steps for change in step.changes]
        if plan.plan.steps:
            names = ", ".join(change.path for change in changes[:5])
            return self._result(plan.node, State.DIFFERS, "Differs", f"{plan.node.path}: {names or 'tags'}")
        return self._result(plan.node, State.READY)

    async def _stands_on_nothing_unready(self, node: Node) -> NodeResult | None:
        """Waits for what the node stands on: what it needs ready, and what has to exist to be referred to.

        What is being created blocks it until the next pass.
        """
        deferred = self._request.graph.deferred.get(node.key, frozenset())
        for ref in dict.fromkeys(references(node.desired)):
            if ref.node != node.key and ref not in deferred and await self._await(ref) is None:
                below = await self._finished[ref.node]
                return self._below(node, ref.node, below.reason or below.state.value)
        for key in sorted(self._request.graph.stands_on[node.key]):
            if key in node.needs:
                below = await self._finished[key]
                if below.state not in (State.READY, State.DIFFERS):
                    return self._below(node, key, below.reason)
            if key in self._blocking:
                return self._below(node, key, self._blocking[key])
        return None

    def _below(self, node: Node, key: str, reason: str) -> NodeResult:
        why = "" if reason == WAITING_BELOW else f": {reason}"
        return self._result(node, State.WAITING, WAITING_BELOW, f"{node.path}: waits for {key}{why}")

    async def _take(self, plan: NodePlan, steps: Iterable[Step]) -> NodeResult:
        node, held = plan.node, False
        pending = list(steps)
        while pending:
            step = pending.pop(0)
            if self._confirmation.holds_step(node.key, step):
                held = True
                continue
            ready = await self._filled(node, step)
            if isinstance(ready, NodeResult):
                return ready
            try:
                await self._call(plan, ready)
            except CallRefusedError as error:
                if error.duplicate and step.creates:
                    plan = await self._surveyor.look_exactly(node, by_name=True)
                    if plan.match.relation is Relation.ABSENT:
                        return self._refused(node, replace(error.refusal, outcome=Outcome.RETRY), step)
                    if plan.refusal is not None:
                        return self._refused(node, plan.refusal, None)
                    await self._found_after_all(plan)
                    if plan.plan.steps:  # nobody was asked about these: the next pass plans them, and asks
                        return self._result(node, State.CHANGING, "Found", "exists already", check_after=0.0)
                    break
                return _sooner(self._refused(node, self._softened(node, error), ready), plan.plan.waiting)
            if step.settles:
                return self._result(node, State.CHANGING, step.operation, step.reason, check_after=SETTLE_SECONDS)
        return self._at_rest(plan, held=held)

    def _out_of_turn(self, node: Node, step: Step) -> NodeResult:
        message = f"{node.path}: {step.takes_turn} is new with this operator; others take theirs first, a few at a time"
        return self._result(node, State.WAITING, "WaitingForTurn", message, check_after=TURN_SECONDS)

    async def _filled(self, node: Node, step: Step) -> Step | NodeResult:
        """The step with its references known, or why it cannot be taken in this pass."""
        if step.takes_turn and not self._request.turn():
            return self._out_of_turn(node, step)
        for ref in references(step.params):
            if ref in self._survey.known:
                continue
            if ref.node == node.key:
                return self._result(node, State.WAITING, "WaitingForConfirmation", f"{step.operation} needs {ref}")
            value = await self._await(ref)
            if value is None:
                below = await self._finished[ref.node]
                return self._below(node, ref.node, below.reason or below.state.value)
            if ref.node in self._blocking and ref not in self._request.graph.deferred.get(node.key, ()):
                return self._below(node, ref.node, self._blocking[ref.node])
        filled = replace(step, params=resolve(step.params, self._survey.known.get))
        if (refused := self._request.memory.still_refused(node.key, filled, self._request.now)) is not None:
            return self._refusal_result(node, refused.refusal, refused.until)
        return filled

    async def _await(self, ref: Ref) -> str | None:
        if ref in self._survey.known:
            return self._survey.known[ref]
        finished = self._finished.get(ref.node)
        if finished is None or finished.done():
            return None
        awaited = self._awaited.setdefault(ref.node, {})
        return await awaited.setdefault(ref, asyncio.get_running_loop().create_future())

    async def _call(self, plan: NodePlan, step: Step) -> None:
        node = plan.node
        answer = await self._aws.mutate(step.service, step.operation, step.params)
        self._request.memory.refused.pop(node.key, None)
        self.done.append(Done(node.key, step, Effect.ADD if step.creates else plan.effect))
        if step.settles:
            self._blocking[node.key] = step.reason
        if step.creates:
            self._request.memory.born[node.key] = self._request.now
            await self._record(self._created(node, step, answer))
        elif step.remembers and (entry := self.entries.get(node.key)) is not None:
            await self._record(entry.remember(dict(step.remembers)))
        for attribute, path in step.provides:
            value = answer.at(path)
            if value is not None:
                self._provide(Ref(node.key, attribute), str(value))

    def _created(self, node: Node, step: Step, answer: Answer) -> Entry:
        provided = {attribute: str(answer.at(path) or "") for attribute, path in step.provides}
        return Entry(
            kind=node.kind,
            section=node.section,
            name=node.name,
            id=provided.get("id", node.aws_name),
            arn=provided.get("arn", ""),
            aws_name=node.aws_name,
            origin=Origin.CREATED,
            deletion_policy=node.deletion_policy,
        ).remember(dict(step.remembers))

    async def _found_after_all(self, plan: NodePlan) -> None:
        """A create of ours took effect although its answer was lost, or somebody's resource may be adopted."""
        if (entry := entry_of(plan)) is not None:
            await self._record(entry)
        found = plan.match.found
        if found is not None:
            for attribute, value in {"id": found.id, "arn": found.arn, **found.attributes}.items():
                self._provide(Ref(plan.node.key, attribute), value)

    def _provide(self, ref: Ref, value: str) -> None:
        self._survey.known[ref] = value
        future = self._awaited.get(ref.node, {}).get(ref)
        if future is not None and not future.done():
            future.set_result(value)

    async def _record(self, entry: Entry) -> None:
        if self.entries.get(entry.key) != entry:
            self.entries[entry.key] = entry
            if self._request.record.entries.get(entry.key) != entry:
                await self._note(entry)

    def _softened(self, node: Node, error: CallRefusedError) -> Refusal:
        """What is missing or unfit may only not be visible yet, while something that the call names is young."""
        refusal = error.refusal
        if refusal.outcome is Outcome.RETRY or not (error.absent or error.maybe_young):
            return refusal
        involved = {node.key, *(ref.node for ref in references(node.desired))} | self._request.graph.stands_on[node.key]
        if doubted := self._unverified(involved):
            self._doubted |= doubted
            return replace(refusal, outcome=Outcome.RETRY)
        until = max(self._request.memory.young_until(key) for key in involved)
        if self._request.now < until:
            stamp = datetime.fromtimestamp(until, UTC).strftime("%H:%M:%SZ")
            told = f"{refusal.message} (what it names may be new: it is tried again until {stamp})".lstrip()
            return replace(refusal, outcome=Outcome.RETRY, message=told)
        return refusal

    def _unverified(self, keys: Iterable[str]) -> set[str]:
        """Those that only a bulk read has shown: it may show what is gone already. They are read exactly next time."""
        memory, plans = self._request.memory, self._survey.plans
        return {
            key
            for key in keys
            if key in plans
            and (plans[key].settled or plans[key].match.found is not None)
            and not (key in memory.verified or key in memory.born or plans[key].observe_only)
        }

    def _refused(self, node: Node, refusal: Refusal, step: Step | None) -> NodeResult:
        # A conflict or an unreadable resource is no call; it is looked at again as seldom as a refused one is made.
        step = step or Step(refusal.service, refusal.operation, {"refused": refusal.code}, refusal.message)
        refused = self._request.memory.refuse(node.key, step, refusal, self._request.now)
        return self._refusal_result(node, refusal, refused.until)

    def _refusal_result(self, node: Node, refusal: Refusal, until: float) -> NodeResult:
        states = {Outcome.RETRY: State.WAITING, Outcome.BLOCKED: State.BLOCKED, Outcome.REJECTED: State.REJECTED}
        wait = until - self._request.now
        told = str(refusal) if refusal.service else refusal.message
        if refusal.service and refusal.outcome is Outcome.REJECTED:
            told = f"{node.path}: {told}"  # somebody has to correct the spec: here
        return self._result(
            node,
            states[refusal.outcome],
            refusal.code or refusal.outcome.value,
            told,
            check_after=max(0.0, wait) if refusal.outcome is not Outcome.REJECTED else None,
        )

    def _at_rest(self, plan: NodePlan, *, held: bool) -> NodeResult:
        if held:
            reason = next(item.reason for item in self._confirmation.held if item.key == plan.node.key)
            return self._result(plan.node, State.HELD, "ConfirmationRequired", f"{plan.node.path}: {reason}")
        waiting = plan.plan.waiting
        if waiting is not None and (plan.node.awaits or waiting.idle):
            return self._result(plan.node, State.WAITING, WAITING_BELOW, waiting.reason, waiting.check_after)
        if waiting is not None:
            return self._result(
                plan.node, State.CHANGING, "InProgress", waiting.reason, check_after=waiting.check_after
            )
        return self._result(plan.node, State.READY)

    def _remember(self, results: Iterable[NodeResult]) -> None:
        """What is settled need not be read again before this generation's work is done."""
        known: dict[str, dict[str, str]] = {}
        for ref, value in self._survey.known.items():
            known.setdefault(ref.node, {})[ref.attribute] = value
        memory = self._request.memory
        for result in results:
            memory.absent.discard(result.key)
            memory.settled.pop(result.key, None)
            attributes = known.get(result.key, {})
            if result.state is State.READY and result.key not in self._doubted:
                node = self._request.graph.nodes[result.key]
                memory.settled[result.key] = Settled(
                    node.desired, attributes.pop("id", ""), attributes.pop("arn", ""), attributes
                )
            elif not attributes and result.key not in self.entries and result.reason == BELOW:
                waiting = self._survey.plans[result.key].plan.waiting
                if waiting is None or not waiting.idle:  # what comes with another node is there once that is
                    memory.absent.add(result.key)  # nobody tried to make it; after a refused create it may be there

    def _result(
        self, node: Node, state: State, reason: str = "", message: str = "", check_after: float | None = None
    ) -> NodeResult:
        return NodeResult(node.key, node.section, node.name, state, reason, message, check_after)


def _sooner(result: NodeResult, waiting: Waiting | None) -> NodeResult:
    """With what else of the node is on its way: the rest must not wait for the time of a refused step."""
    if waiting is None or result.check_after is None:
        return result
    return replace(result, check_after=min(result.check_after, waiting.check_after))
