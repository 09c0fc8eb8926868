"""Flags of the commands that look at a cluster. Loads nothing that they need, so that `trunkline --help` stays quick."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # argparse has no other name for it

WAIT_SECONDS = 300
MOST_SECONDS = 86_400
SHELLS = ("bash", "zsh", "fish")
LIVE = frozenset({"status", "list", "events", "pause", "resume", "reconcile", "confirm", "console", "completion"})
"""The commands of this package; `plan` and `capacity` are so where they are given no file."""

_NAME = "KIND/NAME, or NAME alone"


def add_kubectl_arguments(commands: Commands) -> None:
    """The commands."""
    status = _command(commands, "status", "an object as a tree, and what to do next; without a name: list")
    status.add_argument("name", nargs="?", metavar="NAME", help=_NAME)
    status.add_argument("-A", "--all-namespaces", action="store_true", help="list objects of all namespaces")
    status.add_argument("--full", action="store_true", help="every resource, however many are settled")
    _output(status)

    listed = _command(commands, "list", "all objects of the three kinds, one line each")
    listed.add_argument("-A", "--all-namespaces", action="store_true", help="of all namespaces")
    _output(listed)

    events = _command(commands, "events", "what happened to an object, the newest last")
    events.add_argument("name", metavar="NAME", help=_NAME)
    _output(events)

    pause = _command(commands, "pause", "change nothing in AWS for an object until it is resumed")
    pause.add_argument("name", metavar="NAME", help=_NAME)
    pause.add_argument("--reason", type=_reason, help="why, for who looks at it later")

    resume = _command(commands, "resume", "end a pause")
    resume.add_argument("name", metavar="NAME", help=_NAME)

    reconcile = _command(commands, "reconcile", "check an object now, and try again what AWS refused")
    reconcile.add_argument("name", metavar="NAME", help=_NAME)
    reconcile.add_argument("--wait", action="store_true", help="until it is done or somebody has to do something")
    reconcile.add_argument(
        "--timeout",
        type=_seconds,
        default=WAIT_SECONDS,
        metavar="SECONDS",
        help=f"how long to wait ({WAIT_SECONDS})",
    )

    confirm = _command(commands, "confirm", "let a plan happen that destroys or interrupts")
    confirm.add_argument("name", metavar="NAME", help=_NAME)
    confirm.add_argument("plan", nargs="?", metavar="PLAN", help="id of the plan that waits; without it you are asked")
    confirm.add_argument("-y", "--yes", action="store_true", help="do not ask: whatever waits now")

    console = _command(commands, "console", "where administrators and agents of a center sign in")
    console.add_argument("name", metavar="NAME", help="name of a ContactCenter")
    _output(console)

    completion = commands.add_parser("completion", help="a script for your shell that completes commands and names")
    completion.add_argument("shell", choices=SHELLS, help="bash, zsh or fish")


def add_live_plan_arguments(parser: argparse.ArgumentParser) -> None:
    """What `trunkline plan` takes beside files: a live object. --kubeconfig and --context it has already."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="a live object instead of files: KIND/NAME or NAME")
    _namespace(parser)


def add_live_capacity_arguments(parser: argparse.ArgumentParser) -> None:
    """What `trunkline capacity` takes beside files: where a live policy is."""
    _where(parser)


def _command(commands: Commands, name: str, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    _where(parser)
    return parser


def _where(parser: argparse.ArgumentParser) -> None:
    _namespace(parser)
    parser.add_argument("--context", help="context of the kubeconfig (the current one)")
    parser.add_argument("--kubeconfig", type=Path, metavar="FILE", help="kubeconfig file (as kubectl finds it)")


def _namespace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--namespace", help="namespace (that of the context)")


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="text or json")


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_SECONDS):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of seconds from 1 to {MOST_SECONDS}")
    return int(text)


def _reason(text: str) -> str:
    if not text.strip() or len(text) > 500:
        raise argparse.ArgumentTypeError("write a reason of 1 to 500 characters")
    return text.strip()
