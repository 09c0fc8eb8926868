"""`trunkline status KIND/NAME`: the object as a tree of conditions, sections and resources, with what to do next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from trunkline.api.names import CACHE_LAYER, CONTACT_CENTER, SCALING_POLICY
from trunkline.kubectl.advice import Advice, advice
from trunkline.kubectl.seen import Condition, Resource, Seen, mapping
from trunkline.kubectl.terminal import Branch, Color, Terminal, plain, room, tree
from trunkline.kubectl.times import ago

FOLDED = 12  # of a section's settled resources, so many are shown; the others are counted
_KEY_COLUMNS = 34
_ORDER = {
    name: number
    for number, name in enumerate(
        ("instance", "hoursOfOperation", "queues", "routingProfiles", "flowModules", "flows", "functions", "tables")
    )
}
"""Sections as a spec has them; others follow."""
_BAD = frozenset({"Blocked", "Rejected"})


def status_text(of: Seen, terminal: Terminal, now: datetime, *, full: bool = False) -> Iterator[str]:
    """The lines. full: every resource, however many are settled."""
    yield from _head(of, terminal, now)
    branches = [Branch(["conditions"], _conditions(of, room(terminal, 2), now))]
    if of.waiting:
        lines = [Branch(_hung(room(terminal, 2), text)) for text in of.to_confirm]
        branches.append(Branch([f"waits for a confirmation: plan {of.waiting}"], lines, Color.YELLOW))
    branches += [_section(name, found, room(terminal, 2), full=full) for name, found in _sections(of.resources)]
    branches.append(Branch(["next"], [_advised(item, room(terminal, 2)) for item in advice(of)], Color.BOLD))
    yield from tree(branches, terminal)


def _head(of: Seen, terminal: Terminal, now: datetime) -> Iterator[str]:
    how, color = summary(of)
    title = f"{of.kind.kind} {of.namespace}/{of.name}: "
    if len(title) + len(how) <= terminal.columns:
        yield terminal.paint(title, Color.BOLD) + terminal.paint(how, color)
    else:
        yield from terminal.wrapped(title, "")
        yield f"  {terminal.paint(how, color)}"
    for text in _facts(of, now):
        yield from terminal.wrapped(text, "")


def summary(of: Seen) -> tuple[str, Color]:
    """How it is, in a few words: ready, or `not ready` and the reason."""
    word, color = state(of)
    return (word if word[0].islower() else f"not ready, {word}"), color


def state(of: Seen) -> tuple[str, Color]:
    """The same in a word or two: the reason where it is not ready."""
    ready = of.condition("Ready")
    if of.deleting:
        blocked = ready is not None and ready.reason == "Blocked"
        return ("deletion blocked", Color.RED) if blocked else ("deleting", Color.YELLOW)
    if not of.taken_up or ready is None:
        return "not taken up yet", Color.YELLOW
    if ready.status == "True":
        return ("ready, paused", Color.YELLOW) if of.paused else ("ready", Color.GREEN)
    moving = ready.reason in ("Progressing", "ConfirmationRequired", "Paused")
    return ready.reason or "NotReady", Color.YELLOW if moving else Color.RED


def _facts(of: Seen, now: datetime) -> Iterator[str]:
    place = mapping(of.status, "place")
    region = of.spec.get("region") or place.get("region")
    account = of.status.get("account")
    age = ago(of.created, now)
    yield ", ".join(
        part
        for part in (
            str(region or ""),
            f"account {account}" if account else "",
            f"generation {of.generation}",
            f"created {age} ago" if age else "",
        )
        if part
    )
    if of.paused and of.pause_reason:
        yield f"paused: {of.pause_reason}"
    if of.kind is CONTACT_CENTER:
        yield from _instance(of)
    if of.kind is CACHE_LAYER:
        yield from _cache(of)
    if of.kind is SCALING_POLICY:
        target = mapping(of.spec, "targetRef").get("name", "")
        yield f"{of.spec.get('mode', '')} for {CONTACT_CENTER.short}/{target}"


def _instance(of: Seen) -> Iterator[str]:
    instance = mapping(of.status, "instance")
    if instance.get("id"):
        yield f"instance {instance['id']} {instance.get('status', '')}".rstrip()
    if instance.get("accessUrl"):
        yield str(instance["accessUrl"])


def _cache(of: Seen) -> Iterator[str]:
    if of.status.get("endpoint"):
        yield f"{of.status['endpoint']}:{of.status.get('port', '')}"
    figures = [
        f"{text} {of.status[name]} %"
        for name, text in (("hitRatioPercent", "hits"), ("memoryUsedPercent", "memory"))
        if name in of.status
    ]
    if figures:
        yield ", ".join(figures)


def _conditions(of: Seen, terminal: Terminal, now: datetime) -> list[Branch]:
    """Messages where something is wrong, and what Ready says; what was said already is not said again."""
    told: set[str] = set()
    width = max((len(item.type) for item in of.conditions), default=0)
    reasons = max((len(item.reason) for item in of.conditions), default=0)
    found = []
    for item in of.conditions:
        older = f"  generation {item.generation}" if item.generation not in (None, of.generation) else ""
        line = f"{item.type:{width}}  {item.status:7}  {item.reason:{reasons}}  {ago(item.since, now):>3}{older}"
        lines = [line.rstrip() if len(line) <= terminal.columns + 3 else terminal.clipped(line, terminal.columns)]
        worth = (item.type == "Ready" or item.good is not True) and item.message not in told
        if worth and not (of.waiting and of.waiting in item.message):  # a branch of its own lists what waits
            lines += terminal.wrapped(item.message, "")
        told.add(item.message)
        found.append(Branch(lines, color=_color(item)))
    return found or [Branch(["none yet"])]


def _color(item: Condition) -> Color | None:
    if item.good is None:
        return None
    if item.good:
        return Color.GREEN if item.type == "Ready" else None
    return Color.RED if item.type in ("Ready", "Stalled", "Healthy") else Color.YELLOW


def _sections(resources: Iterable[Resource]) -> list[tuple[str, list[Resource]]]:
    found: dict[str, list[Resource]] = {}
    for one in resources:
        found.setdefault(one.section, []).append(one)
    return sorted(found.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER)))


def _section(name: str, found: list[Resource], terminal: Terminal, *, full: bool) -> Branch:
    """What needs a look first; of the settled ones no more than can be read."""
    loose = [one for one in found if not one.settled or one.message]
    settled = [one for one in found if one not in loose]
    shown = settled if full or len(settled) <= FOLDED else settled[: FOLDED - 1]
    keys = min(_KEY_COLUMNS, max(len(one.key) for one in [*loose, *shown]))
    states = max(len(one.state) for one in [*loose, *shown])
    below = [_resource(one, keys, states, terminal) for one in [*loose, *shown]]
    if len(shown) < len(settled):
        below.append(Branch([f"and {len(settled) - len(shown)} more, all settled (--full shows them)"]))
    ready = sum(one.state == "Ready" for one in found)
    bad = any(one.state in _BAD for one in found)
    title = f"{name or 'others'}: {ready} of {len(found)} ready"
    return Branch([title], below, Color.RED if bad else None)


def _resource(one: Resource, keys: int, states: int, terminal: Terminal) -> Branch:
    marks = "".join(f", {mark}" for mark, holds in (("adopted", one.adopted), ("leaving", one.leaving)) if holds)
    lines = [f"{one.key:{keys}}  {one.state + marks:{states}}"]
    if len(lines[0]) > terminal.columns:
        lines = [*terminal.wrapped(one.key, ""), f"  {one.state}{marks}"]
    left = terminal.columns - len(lines[-1]) - 2
    identity = plain(one.id)
    if len(identity) <= left:
        lines[-1] = f"{lines[-1]}  {identity}".rstrip()
    elif identity:
        lines[-1] = lines[-1].rstrip()
        lines.append(terminal.clipped(identity, terminal.columns))
    if one.message:
        named = one.reason not in ("", one.state) and one.reason not in one.message
        lines += terminal.wrapped(f"{one.reason}: {one.message}" if named else one.message, "")
    color = Color.RED if one.state in _BAD else None if one.settled else Color.YELLOW
    return Branch(lines, color=color)


def _hung(terminal: Terminal, text: str) -> list[str]:
    return terminal.wrapped(text, "") or [""]


def _advised(item: Advice, terminal: Terminal) -> Branch:
    lines = terminal.wrapped(item.text, "") if item.text else []
    if item.command:
        lines += terminal.command(item.command, "  " if item.text else "")
    return Branch(lines)
