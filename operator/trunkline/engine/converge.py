"""One pass: survey, confirm, take the steps, sweep, and say what came of it.

`preview` is the same pass without its mutating calls; what it shows is what `converge` would do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from trunkline.engine.apply import Applier, Note
from trunkline.engine.audit import PLAN, plan_id
from trunkline.engine.confirm import Confirmation, ConfirmMode, confirmation
from trunkline.engine.driver import INSTANCE_KEY, Caller, Reader
from trunkline.engine.outcome import CallRefusedError, Outcome
from trunkline.engine.plan import Step
from trunkline.engine.record import Entry, Record
from trunkline.engine.removal import Action, Leaving, Remover, Where, leaving, to_confirm
from trunkline.engine.result import Counts, Done, NodeResult, Result, State
from trunkline.engine.survey import Effect, NodePlan, Request, Survey, Surveyor, runnable
from trunkline.engine.vanished import Vanished

Fresh = Callable[[bool], Awaitable[Vanished | None]]
"""Reads the object again, told whether something is about to be created; answers what left it although nobody removed it.
Raises PassEndedError if it is not what it was."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the object's owner allows: the mode, and the id that stands in the annotation."""

    mode: ConfirmMode = ConfirmMode.DESTRUCTIVE
    confirmed: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A whole plan: every node's, what leaves, what would wait for a confirmation. The value behind `trunkline plan`."""

    survey: Survey
    leaving: tuple[Leaving, ...]
    confirmation: Confirmation
    counts: Counts = field(default_factory=Counts)


async def preview(request: Request, aws: Reader, generation: int, consent: Consent) -> Preview:
    """Observes and plans; changes nothing."""
    surveyor = Surveyor(request, aws)
    survey = await surveyor.survey()
    await surveyor.confirm()
    return await _preview(request, surveyor, survey, generation, consent)


async def _preview(request: Request, surveyor: Surveyor, survey: Survey, generation: int, consent: Consent) -> Preview:
    items = tuple([await _judged(item, surveyor) for item in leaving(request, survey, generation)])
    steps = {key: _unasked(plan, request) for key, plan in survey.plans.items()}
    waits = confirmation(consent.mode, consent.confirmed, steps, to_confirm(items), generation)
    return Preview(survey, items, waits, _counts(survey, items, request))


def _unasked(plan: NodePlan, request: Request) -> tuple[Step, ...]:
    """The steps about which a person has not been asked yet.

    Many changes take several plans (code, then a version of it, then the alias): who confirmed the first has confirmed
    the way to its end, but for what destroys or interrupts.
    """
    steps = tuple(runnable(plan, request.blueprint))
    if plan.node.key not in request.memory.approved:
        return steps
    return tuple(step for step in steps if step.interrupts)


async def _judged(item: Leaving, surveyor: Surveyor) -> Leaving:
    """A delete with what it destroys; one that cannot be judged now is not made now."""
    if item.action is not Action.DELETE:
        return item
    try:
        return replace(item, why=item.why or await surveyor.destruction(item.entry))
    except CallRefusedError as error:
        return replace(item, action=Action.LATER, reason=str(error.refusal), refusal=error.refusal)


def _counts(survey: Survey, items: tuple[Leaving, ...], request: Request) -> Counts:
    effects = [
        plan.effect
        for plan in survey.plans.values()
        if plan.effect is Effect.ADOPT or runnable(plan, request.blueprint)
    ]
    return Counts(
        add=effects.count(Effect.ADD),
        change=effects.count(Effect.CHANGE),
        adopt=effects.count(Effect.ADOPT),
        delete=sum(item.action is Action.DELETE for item in items),
    )


async def converge(
    request: Request, aws: Caller, generation: int, consent: Consent, *, note: Note, fresh: Fresh
) -> Result:
    """One pass of one object. Raises PassEndedError only if `fresh` does."""
    surveyor = Surveyor(request, aws)
    survey = await surveyor.survey()
    if _has_work(request, survey, generation):
        lost = await fresh(_creates(request, survey, consent))
        await surveyor.confirm()
        if lost is not None:
            request = replace(request, vanished=lost)
            surveyor.withhold(lost)
    plan = await _preview(request, surveyor, survey, generation, consent)
    PLAN.set(plan.confirmation.id or _named(plan, generation, request))
    applier = Applier(request, surveyor, survey, aws, note)
    if plan.confirmation.id and not plan.confirmation.held:
        request.memory.approved |= {key for key, item in survey.plans.items() if runnable(item, request.blueprint)}
    nodes = await applier.apply(plan.confirmation)
    request.memory.approved -= {node.key for node in nodes if node.state is State.READY}
    record = _merged(request, survey, applier.entries, plan.leaving, generation)
    result = Result(
        record=record,
        nodes=tuple(nodes),
        counts=plan.counts,
        confirmation=plan.confirmation,
        done=tuple(applier.done),
        instance={ref.attribute: value for ref, value in survey.known.items() if ref.node == INSTANCE_KEY},
        known=dict(survey.known),
        reports=tuple((key, change) for key, item in survey.plans.items() for change in item.plan.reports),
        ended=applier.ended,
    )
    return await _sweep(request, aws, survey, plan, result)


def _named(plan: Preview, generation: int, request: Request) -> str:
    """The id of a plan that waits for nobody."""
    steps = (
        f"{key}\0{step.operation}"
        for key, item in plan.survey.plans.items()
        for step in runnable(item, request.blueprint)
    )
    deletes = (f"{item.entry.key}\0Delete" for item in plan.leaving if item.action is Action.DELETE)
    return plan_id(generation, [*steps, *deletes])


def _has_work(request: Request, survey: Survey, generation: int) -> bool:
    return any(runnable(plan, request.blueprint) for plan in survey.plans.values()) or any(
        item.action is Action.DELETE for item in leaving(request, survey, generation)
    )


def _creates(request: Request, survey: Survey, consent: Consent) -> bool:
    """Whether something is created that no confirmation may hold."""
    plans = survey.plans.values()
    return consent.mode is not ConfirmMode.ALWAYS and any(
        step.creates and not step.interrupts for plan in plans for step in runnable(plan, request.blueprint)
    )


LATER_SECONDS = 15.0
DENIED_SECONDS = 300.0  # a permission is mended by people

# What may be left as it is while something goes: a person decides about it, or it is not ours to change.
_AT_REST = frozenset({State.READY, State.DIFFERS, State.HELD, State.KEPT})


async def _sweep(request: Request, aws: Caller, survey: Survey, plan: Preview, result: Result) -> Result:
    """Removes what is no longer wanted, after all else is ready."""
    released = tuple(item.entry.key for item in plan.leaving if item.action is Action.RELEASE)
    kept = tuple(
        NodeResult(item.entry.key, item.entry.section, item.entry.name, State.KEPT, "Kept", item.reason)
        for item in plan.leaving
        if item.action is Action.KEEP
    )
    later = tuple(_later(item) for item in plan.leaving if item.action is Action.LATER)
    result = replace(result, released=released, nodes=(*result.nodes, *kept, *later))
    deletes = tuple(item for item in plan.leaving if item.action is Action.DELETE)
    if not deletes or result.ended:
        return result
    unready = [node for node in result.nodes if node.state not in _AT_REST and node not in later]
    if unready:
        first = f"{unready[0].key} is {unready[0].state.value}"
        waiting = tuple(
            NodeResult(
                item.entry.key,
                item.entry.section,
                item.entry.name,
                State.REMOVING,
                "Waiting",
                f"is deleted once all else is ready; {first}",
            )
            for item in deletes
        )
        return replace(result, nodes=(*result.nodes, *waiting))
    where = Where(request.drivers, survey.scope, request.memory, request.now)
    remover = Remover(where, aws)
    removals = await remover.remove(deletes, plan.confirmation)
    known = {
        **result.record.entries,
        **{key: entry for key, entry in remover.entries.items() if key in result.record.entries},
    }
    entries = {key: entry for key, entry in known.items() if key not in remover.gone}
    return replace(
        result,
        record=replace(result.record, entries=entries),
        nodes=(*result.nodes, *removals),
        done=(*result.done, *remover.done),
        removed=tuple(sorted(remover.gone - remover.foreign.keys())),
        released=(*result.released, *sorted(remover.foreign)),
        ended=remover.ended,
    )


def _later(item: Leaving) -> NodeResult:
    """What cannot be judged now, and so is not deleted now."""
    passing = item.refusal is None or item.refusal.outcome is Outcome.RETRY
    state, after = (State.REMOVING, LATER_SECONDS) if passing else (State.BLOCKED, DENIED_SECONDS)
    return NodeResult(item.entry.key, item.entry.section, item.entry.name, state, "Unreadable", item.reason, after)


def _merged(
    request: Request, survey: Survey, entries: dict[str, Entry], items: tuple[Leaving, ...], generation: int
) -> Record:
    """The record after the steps: what was there, what came, without what was released."""
    kept = {
        key: replace(entry, leaving=False)
        for key, entry in request.record.entries.items()
        if (node := request.graph.nodes.get(key)) is not None and not node.external
    }
    staying = {
        item.entry.key: item.entry
        for item in items
        if item.action is not Action.RELEASE and item.entry.key in request.record.entries
    }
    return Record({**staying, **kept, **entries}, survey.scope.account, max(generation, request.record.generation))


@dataclass(frozen=True, slots=True)
class Farewell:
    """What came of removing a deleted object: finished when nothing is left that should go."""

    record: Record
    nodes: tuple[NodeResult, ...]
    done: tuple[Done, ...]
    finished: bool
    retained: tuple[Entry, ...]
    left_behind: tuple[NodeResult, ...] = ()
    ended: bool = False


async def dismantle(
    where: Where, aws: Caller, record: Record, items: tuple[Leaving, ...], *, abandon: bool
) -> Farewell:
    """Removes what the policies say of a deleted object. abandon: what AWS refuses is left behind and named."""
    instance = record.entries.get(INSTANCE_KEY)
    if instance is not None and not where.scope.instance_id:
        where = replace(where, scope=replace(where.scope, instance_id=instance.id, instance_arn=instance.arn))
    remover = Remover(where, aws)
    doomed = [item for item in items if item.action is Action.DELETE]
    nodes = await remover.remove(doomed, Confirmation(), abandon=abandon)
    entries = {
        item.entry.key: remover.entries.get(item.entry.key, item.entry)
        for item in items
        if item.action is Action.DELETE and item.entry.key not in remover.gone
    }
    blocked = tuple(node for node in nodes if node.state is State.BLOCKED)
    finished = not entries or (abandon and len(blocked) == len(nodes))
    return Farewell(
        record=replace(record, entries=entries),
        nodes=tuple(nodes),
        done=tuple(remover.done),
        finished=finished and not remover.ended,
        retained=tuple(
            item.entry for item in items if item.action is Action.RELEASE or item.entry.key in remover.foreign
        ),
        left_behind=blocked if finished else (),
        ended=remover.ended,
    )


def retains_everything(items: tuple[Leaving, ...]) -> bool:
    """Whether a deletion calls nothing at all."""
    return all(item.action is not Action.DELETE for item in items)
