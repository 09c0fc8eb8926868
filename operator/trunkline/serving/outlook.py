"""The shape of the plan that an edit leads to, as a few short lines: what goes, what stays behind, what is interrupted. Pure.

From the object alone: what stands in its record (`status.resources`) and no more in its spec, by the sweep's own rules. What
AWS has is not looked at, so the pass may do less; it does no more than this of what can be known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from trunkline.api.scaling_levers import Through
from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.api.scaling_policy import Mode, ScalingPolicy
from trunkline.blueprints.entries import broken_node
from trunkline.drivers.registry import DRIVERS
from trunkline.engine.confirm import ConfirmMode, confirmation
from trunkline.engine.driver import Scope
from trunkline.engine.graph import build
from trunkline.engine.match import Identity
from trunkline.engine.memory import Memory, Settled
from trunkline.engine.record import Entry, Record
from trunkline.engine.removal import Action, Leaving, leaving, to_confirm
from trunkline.engine.resource import Blueprint, Node
from trunkline.engine.survey import Request, Survey
from trunkline.handlers.resources import read_record, shortened
from trunkline.serving.interruptions import interruptions
from trunkline.serving.problems import Body, blueprint_of

LONGEST = 256
"""Characters of a warning that the API server passes on.
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response"""
MOST = 8
_CALLED = frozenset({"function-permission", "lambda-association"})
"""Made for functions that flows call, and the content of flows may be elsewhere: as long as a function is listed, they stay."""
_STOPS = {"storage-config": "they are no longer stored"}
"""Kinds whose removal interrupts by itself, which a driver says of what it reads."""


def outlook(kind: str, body: Body, before: Body) -> tuple[str, ...]:
    """Warnings for who changes the spec of an object that has made something already."""
    record = read_record(before.get("status") or {})
    if not record.entries or (now := _wanted(kind, body, record)) is None:
        return ()
    was = blueprint_of(kind, before)
    mode = ConfirmMode(body["spec"].get("confirm", ConfirmMode.DESTRUCTIVE.value))
    going = _leaving(now, record)
    held = confirmation(mode, "", {}, to_confirm(going), 0).held
    made = {key for key, entry in record.entries.items() if not entry.leaving}
    held_keys, listed = {item.key for item in held}, _listed(now)
    breaks = [words for key, words in interruptions(was, now) if key in made] if was is not None else []
    waiting = _entries(going, Action.DELETE, listed, within=held_keys)
    deletes = "delete in AWS waits" if len(waiting) == 1 else "deletes in AWS wait"
    found = [
        *_told(f"{len(waiting)} {deletes} for a confirmation", waiting),
        *_told("deletes in AWS", _entries(going, Action.DELETE, listed, without=held_keys)),
        *_told("leaves in AWS, no longer managed", _entries(going, Action.RELEASE, listed)),
        *(f"{'interrupts' if mode is ConfirmMode.NEVER else 'waits for a confirmation'}: {words}" for words in breaks),
        *_exclusive(now, was),
    ]
    if found and body["spec"].get("paused") is True:
        found.append("paused: nothing of this happens before spec.paused is false")
    return tuple(shortened(line, LONGEST) for line in found[:MOST])


def _wanted(kind: str, body: Body, record: Record) -> Blueprint | None:
    """Of a policy what is known without its target: recorded targets of levers that it still lists, told by nobody else."""
    if kind != ScalingPolicy.kind:
        return blueprint_of(kind, body)
    policy = parse_scaling_policy(body).policy
    if policy is None or policy.spec.mode is not Mode.AUTO:
        return None  # in the other mode AWS keeps what it was told
    levers = policy.spec.levers or ()
    listed = {lever.name for lever in levers if lever.through is not Through.CLAIM}
    kept = (entry for entry in record.entries.values() if entry.name.split(".", 1)[0] in listed)
    return Blueprint(tuple(broken_node(entry.kind, entry.section, entry.name, "its target decides") for entry in kept))


def _leaving(blueprint: Blueprint, record: Record) -> list[Leaving]:
    """What the sweep would say."""
    graph = build(blueprint, _deferrable)
    names = {(node.kind, node.aws_name): node.key for node in blueprint.nodes}
    known = [entry for entry in record.entries.values() if (entry.kind, entry.aws_name) in names]
    # Under another handle, but the same resource: the pass knows it by its id.
    settled = {names[entry.kind, entry.aws_name]: Settled(None, entry.id, "", {}) for entry in known}
    scope = Scope("", "", "")
    request = Request(
        blueprint=blueprint,
        graph=graph,
        record=record,
        drivers=DRIVERS,
        scope=scope,
        identity=Identity(""),
        memory=Memory(0.0, settled),
        now=0.0,
    )
    found = leaving(request, Survey(scope, {}, {}), record.generation + 1)
    listed = _listed(blueprint)
    return [_stopping(item) for item in found if not (item.entry.kind in _CALLED and _place(item.entry) in listed)]


def _listed(blueprint: Blueprint) -> frozenset[tuple[str, str]]:
    return frozenset((node.section, node.name) for node in blueprint.nodes)


def _place(entry: Entry) -> tuple[str, str]:
    return entry.section, entry.name


def _deferrable(node: Node) -> frozenset[Any]:
    return DRIVERS[node.kind].deferrable(node.desired) if node.desired is not None else frozenset()


def _stopping(item: Leaving) -> Leaving:
    why = item.why or _STOPS.get(item.entry.kind)
    return replace(item, why=why) if item.action is Action.DELETE else item


def _entries(
    items: Iterable[Leaving],
    action: Action,
    listed: frozenset[tuple[str, str]],
    within: Iterable[str] | None = None,
    without: Iterable[str] = (),
) -> list[str]:
    """As the user counts them: a function is one, with its role, log group and permission. By section and name."""
    chosen = (item.entry for item in items if item.action is action and item.entry.key not in without)
    found = (_label(entry, listed) for entry in chosen if within is None or entry.key in within)
    return list(dict.fromkeys(found))


def _label(entry: Entry, listed: frozenset[tuple[str, str]]) -> str:
    """Of an entry that stays, the part of it that goes."""
    name = f"{entry.section}/{entry.name}"
    return f"{entry.kind} of {name}" if _place(entry) in listed else name


def _told(what: str, names: Sequence[str]) -> Iterator[str]:
    """One line with as many names as fit."""
    if not names:
        return
    head = f"{what}: "
    shown: list[str] = []
    for name in names:
        more = len(names) - len(shown) - 1
        if len(head) + len(", ".join([*shown, name])) + (len(f" and {more} more") if more else 0) > LONGEST:
            break
        shown.append(name)
    more = len(names) - len(shown)
    yield head + ", ".join(shown) + (f" and {more} more" if more else "")


def _exclusive(now: Blueprint, was: Blueprint | None) -> Iterator[str]:
    for section in sorted(set(now.exclusive.values()) - set(was.exclusive.values() if was is not None else ())):
        yield f"{section} becomes Exclusive: what is in the instance and nobody listed waits to be deleted too"
