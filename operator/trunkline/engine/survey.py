"""Observing everything an object means and planning each node: the value that dry run, status and apply are views of.

Reads only. Observation is in bulk; what has something to do is read again exactly before anything is changed, because
Search lags: it says what needs no work, never what needs some.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from trunkline.engine.driver import (
    ENTRY_TAG,
    INSTANCE_KEY,
    ORIGIN_TAG,
    OWNER_TAG,
    Context,
    Creation,
    Driver,
    Found,
    Reader,
    Scope,
    Wanted,
)
from trunkline.engine.graph import Graph
from trunkline.engine.match import (
    AdoptionPolicy,
    Holders,
    Identity,
    Inventory,
    Match,
    Relation,
    holders,
    inventory,
    match,
)
from trunkline.engine.memory import Memory, Refused
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal
from trunkline.engine.plan import NOTHING, CannotPlanError, Plan, Step, Waiting
from trunkline.engine.record import Entry, Origin, Record
from trunkline.engine.resource import Blueprint, Management, Node, Ref, resolve
from trunkline.engine.vanished import CODE, Vanished

AWAITED_SECONDS = 300.0  # a change of the object that is waited for comes by itself, and sooner
INSTANCE_SECONDS = 1.0
BREATH = 25  # nodes planned without letting other passes go on


class Effect(StrEnum):
    ADD = "Add"
    CHANGE = "Change"
    ADOPT = "Adopt"
    UNCHANGED = "Unchanged"
    UNKNOWN = "Unknown"  # it cannot be said: broken, in conflict, or not readable


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Request:
    """What a pass is asked to do. Everything that may differ from pass to pass is in here.

    deep: also make the reads that cost a call per resource. progress: only look again at what was not settled yet.
    kinds: drivers by kind, in the order in which kinds are made; they are removed in the reverse order. turn: asked
    before a step that takes turns with other objects; False leaves it to a later pass. vanished: what left the spec
    although nobody removed it: nothing is removed for that.
    """

    blueprint: Blueprint
    graph: Graph
    record: Record
    drivers: Mapping[str, Driver]
    scope: Scope
    identity: Identity
    memory: Memory
    now: float
    deep: bool = True
    progress: bool = False
    turn: Callable[[], bool] = _always
    vanished: Vanished | None = None


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One node: what it means in AWS, and the way to what it should be. refusal: why it could not be read or planned."""

    node: Node
    match: Match
    plan: Plan
    effect: Effect
    refusal: Refusal | None = None
    settled: bool = False  # converged by an earlier pass, not looked at in this one
    resting: float | None = None  # refused by an earlier pass, not looked at again before that time

    @property
    def observe_only(self) -> bool:
        return self.match.relation in (Relation.EXTERNAL, Relation.CONFLICT)


@dataclass(slots=True)
class Survey:
    """The outcome of observing and planning. stock: everything observed, by kind; unlisted resources are found there."""

    scope: Scope
    plans: dict[str, NodePlan]
    stock: dict[str, Inventory]
    known: dict[Ref, str] = field(default_factory=dict)
    unreadable: dict[str, Refusal] = field(default_factory=dict)


class Surveyor:
    """Observes and plans one request. Keeps no state beyond it."""

    def __init__(self, request: Request, aws: Reader) -> None:
        self._request = request
        self._aws = aws
        self._held: Holders = holders(request.record)
        self._survey = Survey(scope=request.scope, plans={}, stock={})
        self._read_exactly: set[str] = set()
        self._instance_seen: Entry | None = None

    async def survey(self) -> Survey:
        """Observes all nodes, the instance first where its id is not known yet, and plans them in graph order."""
        nodes = self._request.graph.nodes
        pending = [node for node in nodes.values() if not self._is_settled(node) and self._rests(node) is None]
        outside = [node for node in pending if not self._driver(node).in_instance]
        inside = [node for node in pending if self._driver(node).in_instance]
        instance = nodes.get(INSTANCE_KEY)
        if instance is not None:
            self._enter_instance_by_record()
        if instance is None or instance not in pending:
            await self._observe([*outside, *inside], exact=False)
        else:
            # The instance first: what lies inside a dead id is not worth a call.
            await self._observe([instance], exact=False)
            there = self._enter_instance(self._match(instance))
            rest = [node for node in outside if node is not instance]
            await self._observe([*rest, *inside] if there else rest, exact=False)
        await self.plan_all()
        return self._survey

    async def confirm(self) -> None:
        """Reads exactly, and plans again, each node that exists and has something to do, or is recorded and not seen.

        What this pass has read exactly already is not read again.
        """
        doubtful = [
            plan.node
            for plan in self._survey.plans.values()
            if plan.plan.steps
            and plan.node.key not in self._read_exactly
            and plan.refusal is None
            and (plan.match.found is not None or plan.match.entry is not None)
        ]
        if not self._survey.scope.instance_id:
            doubtful = [node for node in doubtful if not self._driver(node).in_instance]
        if doubtful:
            await self._observe(doubtful, exact=True)
            await self.plan_all()

    def withhold(self, lost: Vanished) -> None:
        """Leaves alone what is not written any more as it was applied: a plan from the rest would take the lost away."""
        nodes = frozenset(plan.node.path for plan in self._survey.plans.values())
        every = lost.outside(nodes) is not None
        for key, plan in self._survey.plans.items():
            if plan.plan.steps and plan.refusal is None and (every or lost.within(plan.node.path)):
                message = f"{plan.node.path}: is left as it is: {lost.why}"
                refusal = Refusal(Outcome.BLOCKED, "", "Plan", CODE, message)
                self._survey.plans[key] = replace(plan, plan=NOTHING, effect=Effect.UNKNOWN, refusal=refusal)

    async def look_exactly(self, node: Node, *, by_name: bool = False) -> NodePlan:
        """Reads one node exactly (by name after DuplicateResource) and plans it again."""
        await self._observe([node], exact=True, by_name=by_name)
        self._plan(node, self._recognized(node))
        return self._survey.plans[node.key]

    def _is_settled(self, node: Node) -> bool:
        if not self._request.progress:
            return False
        settled = self._request.memory.settled.get(node.key)
        return settled is not None and settled.desired == node.desired

    def _rests(self, node: Node) -> Refused | None:
        """What was refused and does not exist for us is not looked at before its time, while other things progress."""
        refused = self._request.memory.refused.get(node.key)
        if refused is None or not self._request.progress or node.key == INSTANCE_KEY:
            return None
        recorded = node.key in self._request.record.entries
        return None if recorded or refused.until <= self._request.now else refused

    def _driver(self, node: Node) -> Driver:
        return self._request.drivers[node.kind]

    def _enter_instance_by_record(self) -> None:
        entry = self._request.record.entries.get(INSTANCE_KEY)
        settled = self._request.memory.settled.get(INSTANCE_KEY) if self._request.progress else None
        known = entry or settled  # what is only observed is on no record
        if known is not None and known.id:
            self._survey.scope = replace(self._survey.scope, instance_id=known.id, instance_arn=known.arn)

    def _enter_instance(self, matched: Match) -> bool:
        found = matched.found
        if found is None or matched.relation is Relation.CONFLICT:
            if INSTANCE_KEY not in self._survey.unreadable:
                self._survey.scope = replace(self._survey.scope, instance_id="", instance_arn="")
            return False
        self._survey.scope = replace(self._survey.scope, instance_id=found.id, instance_arn=found.arn)
        return True

    def _wanted(self, node: Node, *, by_name: bool) -> Wanted:
        entry = None if by_name else self._request.record.entries.get(node.key)
        return Wanted(
            key=node.key,
            aws_name=node.aws_name,
            id=entry.id if entry is not None else "",
            arn=(node.external_arn or "") if node.external else (entry.arn if entry is not None else ""),
            desired=node.desired,
            deep=self._request.deep,
            words=entry.words if entry is not None else {},
        )

    async def _observe(self, nodes: Sequence[Node], *, exact: bool, by_name: bool = False) -> None:
        by_kind: dict[str, list[Node]] = {}
        for node in nodes:
            if node.key not in self._request.graph.broken:
                by_kind.setdefault(node.kind, []).append(node)
        await asyncio.gather(
            *(self._observe_kind(kind, members, exact=exact, by_name=by_name) for kind, members in by_kind.items())
        )

    async def _observe_kind(self, kind: str, nodes: Sequence[Node], *, exact: bool, by_name: bool) -> None:
        memory = self._request.memory
        if self._request.progress and not exact:
            # Between the passes of one generation only what is pending is read, and that exactly: by id, or not at all
            # where nothing can exist yet.
            nodes = [node for node in nodes if node.key not in memory.absent]
            exact = True
        driver = self._request.drivers[kind]
        wanted = [self._wanted(node, by_name=by_name) for node in nodes]
        if not wanted:
            return
        try:
            found = await driver.observe(self._aws, self._survey.scope, wanted, exact=exact)
        except CallRefusedError as error:
            for node in nodes:
                self._survey.unreadable[node.key] = error.refusal
            return
        stock = self._survey.stock.get(kind)
        owner = self._request.identity.owner
        if stock is None or not exact:
            self._survey.stock[kind] = inventory(found, owner)
        else:
            self._survey.stock[kind] = _refreshed(stock, wanted, found, owner)
        for node in nodes:
            self._survey.unreadable.pop(node.key, None)
        if exact:
            self._read_exactly.update(node.key for node in nodes)
            memory.verified.update(node.key for node in nodes)

    async def destruction(self, entry: Entry) -> str | None:
        """What deleting an entry that left the spec destroys or interrupts, as its driver says; None if nothing.

        Raises CallRefusedError: what cannot be read may be worth asking about, so it is not deleted unasked.
        """
        driver = self._request.drivers[entry.kind]
        wanted = Wanted(entry.key, entry.aws_name, id=entry.id, arn=entry.arn, words=entry.words)
        if driver.in_instance and not self._survey.scope.instance_id:
            return None
        try:
            found = await driver.observe(self._aws, self._survey.scope, [wanted], exact=True)
            there = next((item for item in found if item.id == entry.id), None)
            context = Context(scope=self._survey.scope, key=entry.key, now=self._request.now)
            steps = driver.plan(None, there, entry, context).steps
        except CannotPlanError:
            return None  # the removal itself will say so
        except CallRefusedError as error:
            if error.absent:
                return None  # what it belongs to is gone, and it with that
            raise
        return next((step.interrupts for step in steps if step.interrupts), None)

    async def plan_all(self) -> None:
        """Plans every node, after all that is known of any is known to those that refer to it: circles have no order."""
        nodes = self._request.graph.nodes.values()
        matches = {node.key: self._recognized(node) for node in nodes}
        for number, node in enumerate(nodes):
            self._plan(node, matches[node.key])
            if number % BREATH == BREATH - 1:
                await asyncio.sleep(0)  # a large center must not hold up the others

    def _match(self, node: Node) -> Match:
        return match(
            node,
            self._survey.stock.get(node.kind) or Inventory(),
            recorded=self._request.record.entries.get(node.key),
            held=self._held,
            wanted=self._request.graph.nodes,
            identity=self._request.identity,
            tagless=self._tagless(node),
        )

    def _tagless(self, node: Node) -> Origin:
        """What has no tags is ours if it is inside an instance that we made (the record may be lost: then by its tag)."""
        instance = self._request.record.entries.get(INSTANCE_KEY) or self._instance_seen
        made = instance is not None and instance.origin is Origin.CREATED
        return Origin.CREATED if made and self._driver(node).in_instance else Origin.ADOPTED

    def _recognized(self, node: Node) -> Match:
        """What a node means in AWS, made known to those that refer to it."""
        entry = self._request.record.entries.get(node.key)
        if self._is_settled(node):
            settled = self._request.memory.settled[node.key]
            self._know(node, settled.id, settled.arn, settled.attributes)
            return Match(Relation.EXTERNAL if node.external else Relation.OURS, entry=entry)
        if self._rests(node) is not None:
            return Match(Relation.ABSENT, entry=entry)
        if self._why_not(node) is not None:
            if entry is not None:  # what exists can still be referred to
                self._know(node, entry.id, entry.arn, {})
            return Match(Relation.ABSENT, entry=entry)
        matched = self._match(node)
        if node.key == INSTANCE_KEY:
            self._instance_seen = matched.entry
        if matched.found is not None and matched.relation is not Relation.CONFLICT:
            self._know(node, matched.found.id, matched.found.arn, matched.found.attributes)
        return matched

    def _plan(self, node: Node, matched: Match) -> None:
        if self._is_settled(node):
            plan = NodePlan(node, matched, NOTHING, Effect.UNCHANGED, settled=True)
        elif (rests := self._rests(node)) is not None:
            plan = NodePlan(node, matched, NOTHING, Effect.UNKNOWN, rests.refusal, resting=rests.until)
        elif node.awaits:
            waiting = Waiting(f"{node.path}: {node.broken}", AWAITED_SECONDS)
            plan = NodePlan(node, matched, Plan(waiting=waiting), Effect.UNKNOWN)
        elif (refusal := self._why_not(node)) is not None:
            plan = NodePlan(node, matched, NOTHING, Effect.UNKNOWN, refusal)
        else:
            plan = self._node_plan(node, matched)
        self._survey.plans[node.key] = plan

    def _why_not(self, node: Node) -> Refusal | None:
        if (reason := self._request.graph.broken.get(node.key)) is not None:
            return Refusal(Outcome.REJECTED, "", "Plan", "Invalid", f"{node.path}: {reason}")
        return self._survey.unreadable.get(node.key)

    def _node_plan(self, node: Node, matched: Match) -> NodePlan:
        if matched.relation is Relation.EXTERNAL:
            return NodePlan(node, matched, NOTHING, Effect.UNCHANGED)
        if node.external and self._was_not_looked_for(node):
            waiting = Waiting("is looked for once its instance is there", INSTANCE_SECONDS)
            return NodePlan(node, matched, Plan(waiting=waiting), Effect.UNKNOWN)
        if matched.relation is Relation.CONFLICT:
            refusal = Refusal(Outcome.BLOCKED, "", "Observe", "Conflict", f"{node.path}: {matched.message}")
            return NodePlan(node, matched, NOTHING, Effect.UNKNOWN, refusal)
        if matched.gone and node.key in self._read_exactly and self._may_not_show_yet(node):
            refusal = Refusal(
                Outcome.RETRY, "", "Observe", "NotVisibleYet", f"{node.path}: made moments ago, not visible yet"
            )
            return NodePlan(node, matched, NOTHING, Effect.UNKNOWN, refusal)
        named = self._request.graph.references.get(node.key)
        desired = resolve(node.desired, self._survey.known.get) if named else node.desired
        try:
            plan = self._driver(node).plan(desired, matched.found, matched.entry, self.context(node, matched))
        except CannotPlanError as error:
            refusal = Refusal(Outcome.REJECTED, "", "Plan", "CannotChange", f"{node.path}: {error}")
            return NodePlan(node, matched, NOTHING, Effect.UNKNOWN, refusal)
        if plan.steps and self._is_others(node, matched):
            message = (
                f"{node.path}: {node.kind} {node.aws_name!r} exists in an instance that was not made here, and differs; "
                "write it as it is, or set adoptionPolicy: Adopt"
            )
            return NodePlan(
                node, matched, NOTHING, Effect.UNKNOWN, Refusal(Outcome.BLOCKED, "", "Observe", "Conflict", message)
            )
        plan = self._guarded(node, matched, plan)
        return NodePlan(node, matched, plan, _effect(matched, plan, self._request.record))

    def _is_others(self, node: Node, matched: Match) -> bool:
        """What has no tags, is not on record and lies in an instance of others: not to be changed unless told."""
        found, entry = matched.found, matched.entry
        return (
            found is not None
            and found.tags is None
            and entry is not None
            and entry.origin is Origin.ADOPTED
            and entry.key not in self._request.record.entries
            and not node.given_id
            and self._request.identity.adoption is AdoptionPolicy.REFUSE
        )

    def _was_not_looked_for(self, node: Node) -> bool:
        """What lies in an instance that was not there: that it was not found says nothing."""
        unread = self._request.progress and node.key in self._request.memory.absent
        return unread or (self._driver(node).in_instance and not self._survey.scope.instance_id)

    def _may_not_show_yet(self, node: Node) -> bool:
        """Whether making it again could make a second one. Where AWS refuses a second of the name, it cannot."""
        if self._driver(node).creation is Creation.NAME:
            return False
        memory = self._request.memory
        return node.key in memory.born and memory.young(node.key, self._request.now)

    def _guarded(self, node: Node, matched: Match, plan: Plan) -> Plan:
        """A resource that held data and vanished behind our back is not silently replaced by an empty one."""
        if not (matched.gone and self._driver(node).holds_data and matched.entry is not None):
            return plan
        reason = f"{node.aws_name} was recorded as {matched.entry.id} and no longer exists; a new one starts empty"
        return replace(plan, steps=tuple(replace(step, interrupts=step.interrupts or reason) for step in plan.steps))

    def context(self, node: Node, matched: Match) -> Context:
        """The context of a node's plan: its tags, its deferred references, and an incarnation of its own once it was lost."""
        scope = self._survey.scope
        if matched.gone and matched.entry is not None:
            # The token of the first create would be answered with the id that is gone.
            scope = replace(scope, incarnation=f"{scope.incarnation}/{matched.entry.id}")
        adopted = matched.relation is Relation.ADOPTED
        ours = {OWNER_TAG: self._request.identity.owner, ENTRY_TAG: node.key}
        if adopted:
            ours[ORIGIN_TAG] = Origin.ADOPTED.value
        return Context(
            scope=scope,
            key=node.key,
            tags={} if node.given_id else {**node.tags, **ours},
            deferred=self._request.graph.deferred.get(node.key, frozenset()),
            adopted=adopted,
            now=self._request.now,
        )

    def _know(self, node: Node, id_: str, arn: str, attributes: Mapping[str, str]) -> None:
        known = {"id": id_, "arn": arn, **attributes}
        for attribute, value in known.items():
            if value:
                self._survey.known[Ref(node.key, attribute)] = value


def _refreshed(stock: Inventory, wanted: Iterable[Wanted], found: Sequence[Found[Any]], owner: str) -> Inventory:
    """The bulk reading with the exact one laid over it: what was looked for and not found is not there."""
    asked_ids = {want.id for want in wanted if want.id}
    asked_names = {want.aws_name for want in wanted if not want.id}
    kept = [
        item
        for item in stock.by_id.values()
        if item.id not in asked_ids and item.aws_name not in asked_names and item.id not in {new.id for new in found}
    ]
    return inventory([*kept, *found], owner)


def _effect(matched: Match, plan: Plan, record: Record) -> Effect:
    if matched.relation is Relation.ABSENT:
        return Effect.ADD if plan.steps else Effect.UNCHANGED
    entry = matched.entry
    if matched.relation is Relation.ADOPTED and entry is not None and entry.key not in record.entries:
        return Effect.ADOPT
    return Effect.CHANGE if plan.steps else Effect.UNCHANGED


def runnable(plan: NodePlan, blueprint: Blueprint) -> tuple[Step, ...]:
    """The steps of a node that its section's management allows."""
    if plan.refusal is not None or plan.observe_only or blueprint.mode(plan.node.section) is Management.OBSERVE:
        return ()
    return plan.plan.steps


def entry_of(plan: NodePlan) -> Entry | None:
    """What the record should say of a node that exists and is ours or adopted."""
    if plan.node.external or plan.match.relation is Relation.CONFLICT:
        return None
    entry = plan.match.entry
    if entry is None:
        return None
    return replace(entry, deletion_policy=plan.node.deletion_policy, leaving=False)
