"""Flags of `trunkline doctor`. Loads nothing that the command needs, so that `trunkline --help` stays quick."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from trunkline.settings import add_role_arguments

_IDENTITY = re.compile(r"arn:[a-z0-9-]+:iam::[0-9]{12}:(role|user)/.+")
SHORTEST, LONGEST = 1.0, 600.0


def add_doctor_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    parser.add_argument(
        "-n",
        "--namespaces",
        help="look at objects of these namespaces, comma separated; default: all that the operator watches",
    )
    parser.add_argument(
        "-f",
        "--file",
        type=Path,
        action="append",
        default=[],
        help="manifest, or a folder of them, to examine beside what the cluster has; before an installation the only ones",
    )
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="text or json")
    parser.add_argument("--no-kubernetes", action="store_true", help="ask AWS only")
    parser.add_argument("--no-aws", action="store_true", help="ask Kubernetes only")
    add_place_arguments(parser)
    parser.add_argument(
        "--role",
        type=_identity,
        default="",
        metavar="ARN",
        help="the operator's role in AWS; default: of its ServiceAccount's annotation, or who signs",
    )
    parser.add_argument("--region", default="", help="AWS Region to ask who signs; default: AWS_REGION, else us-east-1")
    add_role_arguments(parser)


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the operator is, and how long to wait: shared with the support bundle."""
    parser.add_argument("--kubeconfig", type=Path, help="kubeconfig file; default: in-cluster, else $KUBECONFIG")
    parser.add_argument("--context", help="context of the kubeconfig")
    parser.add_argument("--installation", help="installation id in owner tags; default: the operator's")
    parser.add_argument(
        "--operator-namespace", default="", metavar="NAME", help="namespace of the operator and its Lease (trunkline)"
    )
    parser.add_argument("--lease-name", help="name of the Lease and the Deployment (trunkline)")
    parser.add_argument(
        "--service-account",
        default="",
        metavar="NAMESPACE/NAME",
        help="whose rights to check; default: of the Deployment",
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=30.0, metavar="SECONDS", help="give up what takes longer (30)"
    )


def _identity(text: str) -> str:
    if text and not _IDENTITY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no ARN: write one as arn:aws:iam::123456789012:role/trunkline")
    return text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not SHORTEST <= value <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from {SHORTEST:g} to {LONGEST:g}")
    return value
