"""`trunkline`: the operator and its tools as commands."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from trunkline.bundle.arguments import add_bundle_arguments
from trunkline.data.arguments import add_data_arguments
from trunkline.doctor.arguments import add_doctor_arguments
from trunkline.kubectl.arguments import (
    LIVE,
    add_kubectl_arguments,
    add_live_capacity_arguments,
    add_live_plan_arguments,
)
from trunkline.planner.arguments import add_capacity_arguments
from trunkline.planner.cost_arguments import add_cost_arguments
from trunkline.rights.arguments import add_iam_policy_arguments
from trunkline.settings import add_common_arguments, add_run_arguments, settings

COMPLETE = "__complete"  # cobra's word for it
BROKEN_PIPE = 141  # as a shell reports SIGPIPE


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command that the arguments name; returns the exit code. Whoever reads it may go away (`| head`)."""
    try:
        code = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()  # here, where that is known
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would complain at its end
        return BROKEN_PIPE
    return code


def _run(words: list[str]) -> int:
    if words[:1] == [COMPLETE]:
        return complete(words[1:])
    known = parser()
    args = known.parse_args(words)
    if args.command in LIVE or (args.command in ("plan", "capacity") and args.file is None):
        from trunkline.kubectl.command import run_kubectl  # noqa: PLC0415  # likewise: nothing that is slow to load

        return run_kubectl(args)
    if args.command in ("plan", "capacity") and args.namespace:
        known.error(f"{args.command}: -n goes with the NAME of a live object, not with -f")
    if args.command == "plan":
        if args.name is not None:
            known.error("plan: write either -f FILE or the NAME of a live object")
        from trunkline.planning import plan_files  # noqa: PLC0415  # the SDK is loaded only where it is needed

        return plan_files(args.file, settings(args), args.output)
    if args.command == "capacity":
        from trunkline.planner.command import run_capacity  # noqa: PLC0415  # likewise: this one needs no SDK

        return run_capacity(args)
    if args.command == "cost":
        from trunkline.planner.cost_command import run_cost  # noqa: PLC0415  # likewise

        return run_cost(args)
    if args.command == "iam-policy":
        from trunkline.rights.command import run_iam_policy  # noqa: PLC0415  # likewise

        return run_iam_policy(args)
    if args.command in _BESIDE:
        return _BESIDE[args.command](args)
    # Loading takes a second, in which process 1 of a container would lose the signal; nothing is begun yet.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from trunkline.running import run_operator  # noqa: PLC0415  # likewise

    return run_operator(settings(args))


def complete(words: Sequence[str] | None = None) -> int:
    """What may stand at the cursor, in cobra's protocol: `kubectl_complete-trunkline`, and `trunkline __complete`."""
    from trunkline.kubectl.completion import complete as completed  # noqa: PLC0415  # loaded only where it is needed

    sys.stdout.write(completed(parser(), sys.argv[1:] if words is None else words))
    return 0


def _data(args: argparse.Namespace) -> int:
    """`trunkline data`; its modules stand on the functions' sources, which may not be installed."""
    from trunkline.aws.archives import MissingSourcesError  # noqa: PLC0415  # loaded only where it is needed

    try:
        from trunkline.data.commands import run_data  # noqa: PLC0415  # likewise
    except MissingSourcesError as error:
        sys.stderr.write(f"trunkline data: {error}\n")
        return 2
    return run_data(args)


def _doctor(args: argparse.Namespace) -> int:
    from trunkline.doctor.command import run_doctor  # noqa: PLC0415  # likewise

    return run_doctor(args)


def _bundle(args: argparse.Namespace) -> int:
    from trunkline.bundle.command import run_bundle  # noqa: PLC0415  # likewise

    return run_bundle(args)


_BESIDE = {"data": _data, "doctor": _doctor, "support-bundle": _bundle}


def parser() -> argparse.ArgumentParser:
    """All commands and their flags."""
    plugin = Path(sys.argv[0]).name.startswith("kubectl-")
    name = "kubectl trunkline" if plugin else "trunkline"
    found = argparse.ArgumentParser(prog=name, description="Runs cloud contact centers on Amazon Connect.")
    commands = found.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="the operator: watches its three kinds and converges AWS to them")
    add_run_arguments(run)
    add_kubectl_arguments(commands)
    plan = commands.add_parser("plan", help="what apply would do, without doing it")
    add_live_plan_arguments(plan)
    plan.add_argument(
        "-f",
        "--file",
        type=Path,
        action="append",
        help="manifest, or a folder of them; - is standard input",
    )
    plan.add_argument(
        "-o", "--output", choices=("text", "json", "markdown"), default="text", help="text, json, or markdown"
    )
    add_common_arguments(plan)
    capacity = commands.add_parser(
        "capacity", help="what a policy's calls ask of agents and of AWS: of a file, offline"
    )
    add_capacity_arguments(capacity)
    add_live_capacity_arguments(capacity)
    cost = commands.add_parser("cost", help="what a policy's center costs a month, by service and lever, offline")
    add_cost_arguments(cost)
    policy = commands.add_parser("iam-policy", help="the least rights in AWS for what manifests use, offline")
    add_iam_policy_arguments(policy)
    data = commands.add_parser("data", help="the tables that the functions read: seed, check, explore, validate")
    add_data_arguments(data)
    doctor = commands.add_parser("doctor", help="is what the operator stands on as it has to be; changes nothing")
    add_doctor_arguments(doctor)
    bundle = commands.add_parser("support-bundle", help="one archive for whoever is to help, without a secret in it")
    add_bundle_arguments(bundle)
    return found


if __name__ == "__main__":
    sys.exit(main())
