"""`trunkline-sandbox`: the offline AWS, the Kubernetes control plane and the demo, each as a command.

A command is a module with `add_arguments(parser)` and `run(args) -> int` (the exit code); it is imported only when it
is asked for, so that `cluster` needs nothing of the offline AWS. `kubectl` is not parsed at all: its arguments are its
own.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, the module that has it, and a line of help."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command("demo", "trunkline_sandbox.demo.command", "the main job, offline: YAML to a running contact center"),
    Command("aws", "trunkline_sandbox.aws.command", "the offline AWS alone, in the foreground"),
    Command("cluster", "trunkline_sandbox.cluster.command", "a Kubernetes control plane alone, in the foreground"),
)
_KUBECTL = "kubectl"


def main(argv: Sequence[str] | None = None, commands: Sequence[Command] = COMMANDS) -> int:
    """Run the command that `argv` (default: the process's arguments) names; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [_KUBECTL]:
        return _kubectl(arguments[1:])
    chosen = next((command for command in commands if arguments[:1] == [command.name]), None)
    if chosen is None:
        _overview(commands).parse_args(arguments)  # help, or an error that names the commands
        return 2
    try:
        module = importlib.import_module(chosen.module)
    except ModuleNotFoundError as error:
        print(_missing(chosen, error), file=sys.stderr)
        return 1
    return _run(chosen, module, arguments[1:])


def _run(command: Command, module: ModuleType, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"trunkline-sandbox {command.name}", description=module.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(arguments)))


def _overview(commands: Sequence[Command]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trunkline-sandbox", description="Offline AWS and Kubernetes for Trunkline.")
    choices = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in commands:
        choices.add_parser(command.name, help=command.help)
    choices.add_parser(_KUBECTL, help="the cluster's own kubectl, with $KUBECONFIG")
    return parser


def _missing(command: Command, error: ModuleNotFoundError) -> str:
    if error.name is not None and command.module.startswith(error.name):
        return f"trunkline-sandbox: this installation has no `{command.name}` command ({error.name} is missing)"
    return (
        f"trunkline-sandbox: `{command.name}` needs {error.name}, which is not installed: "
        f"pip install 'trunkline[sandbox]'"
    )


def _kubectl(arguments: Sequence[str]) -> int:
    """Become kubectl. Never without KUBECONFIG: kubectl would then take the user's real cluster."""
    if not os.environ.get("KUBECONFIG"):
        print("trunkline-sandbox: set KUBECONFIG, as `trunkline-sandbox cluster` prints it", file=sys.stderr)
        return 1
    from .cluster import ClusterError, obtain  # noqa: PLC0415 - as lazily as the commands

    try:
        kubectl = obtain().kubectl
    except ClusterError as error:
        print(f"trunkline-sandbox: {error}", file=sys.stderr)
        return 1
    return os.execv(kubectl, ["kubectl", *arguments])


if __name__ == "__main__":
    sys.exit(main())
