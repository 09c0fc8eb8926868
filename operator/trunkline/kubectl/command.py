"""Runs the commands: arguments in, lines out, an exit code. Where streams, the environment and the clock come in."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO, cast

from trunkline.api.names import CACHE_LAYER, CONTACT_CENTER, KINDS, SCALING_POLICY, KindName
from trunkline.kubectl import asking
from trunkline.kubectl.capacity_text import capacity_text
from trunkline.kubectl.failure import Exit, Failure
from trunkline.kubectl.list_text import events_text, list_text
from trunkline.kubectl.place import Place, events_of
from trunkline.kubectl.reference import namespace_of, reference
from trunkline.kubectl.seen import Seen
from trunkline.kubectl.server import Kubectl
from trunkline.kubectl.status_text import status_text, summary
from trunkline.kubectl.terminal import Harmless, Terminal, harmless
from trunkline.kubectl.values import capacity_value, events_value, short_value, status_value, written
from trunkline.planner.arguments import TASKS
from trunkline.settings import cluster_settings, settings

PLANNED = (CONTACT_CENTER, CACHE_LAYER)
DOING = frozenset({"pause", "resume", "reconcile", "confirm"})
"""Commands that do something, and so are not done when nobody reads on."""
INTERRUPTED = 130  # as a shell reports SIGINT


@dataclass(frozen=True, slots=True)
class _Desk:
    """One run of a command."""

    args: argparse.Namespace
    environ: Mapping[str, str]
    out: TextIO
    err: TextIO

    @property
    def terminal(self) -> Terminal:
        return Terminal.of(self.out, self.environ)

    @property
    def json(self) -> bool:
        return bool(self.args.output == "json")

    def place(self) -> Place:
        """Where the command looks. Raises Failure."""
        kubectl = Kubectl.found(self.environ, *cluster_settings(self.args, self.environ))
        if getattr(self.args, "all_namespaces", False):
            if getattr(self.args, "name", None):
                raise Failure("-A is for the list: name the object's namespace with -n", Exit.USAGE)
            return Place(kubectl, everywhere=True)
        return Place(kubectl, namespace_of(self.args.namespace) if self.args.namespace else None)

    def find(self, place: Place, among: tuple[KindName, ...] = KINDS, *, changing: bool = False) -> Seen:
        """The object that is named. Raises Failure."""
        return place.find(reference(self.args.name, among), changing=changing, tell=self.warn)

    def say(self, text: str) -> None:
        self.out.write(f"{harmless(text)}\n")
        self.out.flush()

    def value(self, value: object) -> None:
        self.out.write(f"{written(value)}\n")
        self.out.flush()

    def warn(self, text: str) -> None:
        self.err.write(f"trunkline {self.args.command}: {harmless(text)}\n")

    def lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.out.write(f"{harmless(line)}\n")


def run_kubectl(args: argparse.Namespace, environ: Mapping[str, str] = os.environ, out: TextIO | None = None) -> int:
    """Runs one command; the exit code is one of `Exit`, or that of the plan."""
    desk = _Desk(args, environ, out or sys.stdout, sys.stderr)
    try:
        code = _COMMANDS[args.command](desk)
        desk.out.flush()  # here, where a reader that has gone is known
    except Failure as failure:
        desk.warn(str(failure))
        return failure.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read it has read enough
        if desk.out is sys.stdout:  # or Python would complain at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.REFUSED if args.command in DOING else Exit.DONE
    else:
        return code


def _status(desk: _Desk) -> int:
    if desk.args.name is None:
        return _list(desk)
    found = desk.find(desk.place())
    if desk.json:
        desk.value(status_value(found))
    else:
        desk.lines(status_text(found, desk.terminal, datetime.now(UTC), full=desk.args.full))
    return Exit.DONE


def _list(desk: _Desk) -> int:
    place = desk.place()
    found, wrong = place.every()
    if wrong is not None and not found:
        raise wrong
    if desk.json:
        desk.value({"items": [short_value(one) for one in found]})
    elif found:
        desk.lines(list_text(found, desk.terminal, datetime.now(UTC), namespaces=place.everywhere))
    else:
        where = "any namespace" if place.everywhere else f"namespace {place.said}; -A looks in all of them"
        desk.warn(f"there is no {' and no '.join(kind.kind for kind in KINDS)} in {where}")
    if wrong is not None:
        desk.warn(f"this is not all: {wrong}")
    return wrong.code if wrong is not None else Exit.DONE


def _events(desk: _Desk) -> int:
    place = desk.place()
    found = desk.find(place)
    events = list(place.kubectl.items(events_of(found)))
    if desk.json:
        desk.value({"items": events_value(events)})
    elif events:
        desk.lines(events_text(events, desk.terminal, datetime.now(UTC)))
    else:
        desk.warn(f"the API server has no Events of {found.short}: it keeps them for an hour, unless told otherwise")
    return Exit.DONE


def _pause(desk: _Desk) -> int:
    place = desk.place()
    asking.pause(place, desk.find(place, changing=True), desk.args.reason, desk.say)
    return Exit.DONE


def _resume(desk: _Desk) -> int:
    place = desk.place()
    asking.resume(place, desk.find(place, changing=True), desk.say)
    return Exit.DONE


def _reconcile(desk: _Desk) -> int:
    place = desk.place()
    found = desk.find(place, changing=True)
    asked = asking.ask_reconcile(place, found, datetime.now(UTC))
    if not desk.args.wait:
        desk.say(f"{found.short} is checked now" + (": paused, so nothing is changed" if found.paused else ""))
        return Exit.DONE
    after = asking.await_reconcile(place, found, asked, desk.args.timeout, desk.say)
    state, _ = summary(after)
    ready = after.condition("Ready")
    good = after.holds("Ready")
    desk.say(f"{after.short}: {state}" + (f": {ready.message}" if ready is not None and not good else ""))
    return Exit.DONE if good else Exit.REFUSED


def _confirm(desk: _Desk) -> int:
    place = desk.place()
    found = desk.find(place, changing=True)
    plan = asking.check_plan(found, desk.args.plan)
    desk.lines(asking.what_waits(found))
    desk.out.flush()
    if desk.args.plan is None and not desk.args.yes:
        _ask(desk, plan)
    asking.confirm(place, found, plan)
    desk.say(f"{found.short}: plan {plan} is confirmed")
    return Exit.DONE


def _ask(desk: _Desk, plan: str) -> None:
    """Raises Failure unless somebody says yes."""
    if not sys.stdin.isatty():
        raise Failure(f"nobody can be asked here: name the plan, {plan}, or write --yes", Exit.USAGE)
    desk.err.write("Let that happen? [y/N] ")
    desk.err.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Failure("nothing was confirmed")


def _console(desk: _Desk) -> int:
    links = asking.console_of(desk.find(desk.place(), (CONTACT_CENTER,)))
    if desk.json:
        desk.value(links)
    else:
        desk.lines(f"{text:20}{links[name]}" for name, text in _LINKS.items())
    return Exit.DONE


_LINKS = {"admin": "administrators", "agent": "agent workspace", "controlPanel": "call control panel"}


def _capacity(desk: _Desk) -> int:
    offline = [flag for flag in _OF_FILES if getattr(desk.args, flag)]
    if offline:
        raise Failure(f"--{offline[0].replace('_', '-')} is for files: add -f FILE, or leave it out", Exit.USAGE)
    desk.args.name = desk.args.task
    if desk.args.name in TASKS:
        raise Failure("write -f FILE, or the NAME of a live ScalingPolicy (sp/plan if it has such a name)", Exit.USAGE)
    if desk.args.output == "csv":
        raise Failure("-o csv is for files: a live policy is shown as a table or json", Exit.USAGE)
    found = desk.find(desk.place(), (SCALING_POLICY,))
    if desk.json:
        desk.value(capacity_value(found))
    else:
        desk.lines(capacity_text(found, desk.terminal))
    return Exit.DONE


_OF_FILES = (
    *("name", "calls_per_hour", "concurrent_calls", "history", "date", "agents", "limit", "only"),
    *("days", "lever", "standing", "memory_mb", "svg"),
)


def _plan(desk: _Desk) -> int:
    if desk.args.name is None:
        raise Failure("write -f FILE, or the NAME of a live object", Exit.USAGE)
    place = desk.place()
    found = desk.find(place, PLANNED)
    from trunkline.kubectl.live_plan import plan_of  # noqa: PLC0415  # the SDK is loaded only where it is needed

    output = (desk.args.output, cast("TextIO", Harmless(desk.out)))
    with contextlib.redirect_stderr(cast("TextIO", Harmless(desk.err))):  # where a plan complains
        return plan_of(found, place, settings(desk.args, desk.environ), output, desk.warn)


def _completion(desk: _Desk) -> int:
    from trunkline.kubectl.shells import script  # noqa: PLC0415  # likewise

    desk.out.write(script(desk.args.shell))
    return Exit.DONE


_COMMANDS: Mapping[str, Callable[[_Desk], int]] = {
    "status": _status,
    "list": _list,
    "events": _events,
    "pause": _pause,
    "resume": _resume,
    "reconcile": _reconcile,
    "confirm": _confirm,
    "console": _console,
    "capacity": _capacity,
    "plan": _plan,
    "completion": _completion,
}
