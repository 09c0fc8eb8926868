"""What to do next about an object, from its status alone. Pure.

Says what a person can do; what goes on by itself is said to do so. In the order of Argo CD's health of the same kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.api.names import ABANDON, GROUP
from trunkline.kubectl.seen import Seen

PROGRAM = "kubectl trunkline"


@dataclass(frozen=True, slots=True)
class Advice:
    """text: a sentence. command: what to type, empty if there is nothing to type."""

    text: str
    command: str = ""


def advice(of: Seen) -> tuple[Advice, ...]:
    """The next things to do, the first of them first. Never empty."""
    if of.deleting:
        return _deleting(of)
    if not of.taken_up:
        text = f"no operator has taken up generation {of.generation} yet; if that lasts for minutes, see whether one leads:"
        return (Advice(text, f"{PROGRAM} doctor --no-aws"),)
    found = [*_stalled(of), *_waiting(of), *_paused(of), *_blocked(of)]
    if not found and of.holds("Ready"):
        found = [*_aside(of), *_limited(of)] or [Advice("nothing: all is as the spec says")]
    return tuple(found) or (
        Advice("nothing: it goes on by itself; to watch it:", told(of, "reconcile", "--wait")),
        Advice("what it did so far:", told(of, "events")),
    )


def told(of: Seen, command: str, *more: str) -> str:
    """A command about this object."""
    return " ".join([PROGRAM, command, of.short, *more, "-n", of.namespace])


def _deleting(of: Seen) -> tuple[Advice, ...]:
    ready = of.condition("Ready")
    if ready is None or ready.reason != "Blocked":
        return (Advice("nothing: it is being deleted; what was done so far:", told(of, "events")),)
    where = f"{of.kind.plural}.{GROUP}/{of.name} -n {of.namespace}"
    return (
        Advice("AWS refuses to delete what is named above: remove what holds it, and it goes on by itself;"),
        Advice(
            "or leave it behind in AWS, which nobody will clean up then:", f"kubectl annotate {where} {ABANDON}=true"
        ),
    )


def _stalled(of: Seen) -> list[Advice]:
    if not of.holds("Stalled"):
        return []
    return [Advice("correct what Ready names, in the place that the object comes from, and apply it again")]


def _waiting(of: Seen) -> list[Advice]:
    if not of.waiting:
        return []
    return [Advice("if all that waits above shall happen:", told(of, "confirm", of.waiting))]


def _paused(of: Seen) -> list[Advice]:
    return [Advice("it is paused: nothing is changed in AWS until", told(of, "resume"))] if of.paused else []


def _blocked(of: Seen) -> list[Advice]:
    moving = of.condition("Reconciling")
    if moving is None or moving.status != "True" or moving.reason != "Blocked":
        return []
    return [
        Advice("somebody has to do what Ready asks for; it is tried again by itself, at once by", told(of, "reconcile"))
    ]


def _aside(of: Seen) -> list[Advice]:
    """What is ready, and still not as a reader would have it."""
    kept = [one.key for one in of.resources if one.state == "Kept"]
    found = []
    if of.holds("Healthy", "False"):
        found.append(Advice("the cache does not answer as it should: Healthy says why; the runbook has a page for it"))
    able = of.condition("AbleToScale")
    if of.spec.get("mode") == "Auto" and able is not None and able.status == "False" and able.reason != "Waiting":
        found.append(Advice("a lever cannot be moved: AbleToScale says why; correct the policy or what it names"))
    if kept:
        found.append(Advice(f"{len(kept)} left the spec and are not removed: their messages say why"))
    return found


def _limited(of: Seen) -> list[Advice]:
    if any(of.holds(type_) for type_ in ("ScalingLimited", "QuotaLimited", "CapacityAtRisk", "BudgetExceeded")):
        return [Advice("calls may need more than there may be: figures, limits and dates:", told(of, "capacity"))]
    return []
