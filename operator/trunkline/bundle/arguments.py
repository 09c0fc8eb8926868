"""Flags of `trunkline support-bundle`. Loads nothing that the command needs, so that `trunkline --help` stays quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from trunkline.doctor.arguments import add_place_arguments


def add_bundle_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "-n",
        "--namespaces",
        help="objects of these namespaces, comma separated; default: all that the operator watches",
    )
    which.add_argument("-A", "--all-namespaces", action="store_true", help="objects of every namespace")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the archive, - for standard output; default: trunkline-support-<time>.tar.gz here",
    )
    parser.add_argument("--log-lines", type=_lines, default=2_000, metavar="N", help="last lines of each log (2000)")
    parser.add_argument("--no-aws", action="store_true", help="let the doctor in it ask Kubernetes only")
    add_place_arguments(parser)
    parser.set_defaults(timeout=60.0)


def _lines(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of lines from 1 to 100000")
    return int(text)
