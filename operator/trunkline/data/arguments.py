"""Flags of `trunkline data`. Loads nothing that the commands need, so that `trunkline --help` stays quick."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

MOST_CUSTOMERS = 1_000_000
MOST_CALLS = 10_000_000


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """The four commands and their flags."""
    commands = parser.add_subparsers(dest="data_command", required=True, metavar="COMMAND")
    seed = _command(commands, "seed", "fill a customers table with made-up customers")
    seed.add_argument("--customers", type=_whole(1, MOST_CUSTOMERS), default=1000, help="how many (1000)")
    seed.add_argument("--seed", type=_whole(0, 2**31), default=1, help="the same seed makes the same customers (1)")
    seed.add_argument("--rate", type=_whole(1, 40_000), default=250, help="items a second at most (250)")
    seed.add_argument("--calls", type=_whole(0, MOST_CALLS), default=0, help="size of the sample of callers (0)")
    seed.add_argument("--skew", type=_skew, default=1.1, help="of Zipf's law for that sample: 0 is all alike (1.1)")
    seed.add_argument("--calls-file", type=Path, help="file for the callers' numbers, one a line")
    seed.add_argument("--contacts", action="store_true", help="each call of the sample leaves a contact in the table")
    seed.add_argument("--mix", action="store_true", help="although the table holds customers that are not made up")
    seed.add_argument("--cache", default="", help="rediss://host:port of the functions' cache, told what is written")
    seed.add_argument("--cache-secret", default="", help="ARN of that cache's secret")

    _command(commands, "check", "try every access pattern, and say what it costs")

    explore = _command(commands, "explore", "look through the items")
    explore.add_argument("--type", default="", help="one kind only: Profile, Contact, ...")
    explore.add_argument("--limit", type=_whole(1, 1000), default=20, help="items a page (20)")
    explore.add_argument("--start", default="", help="the cursor that the last page said")
    explore.add_argument("--reveal", action="store_true", help="show names, numbers and all else that is masked")

    validate = _command(commands, "validate", "find orphans, wrong keys, missing Types, bad numbers, hot partitions")
    validate.add_argument("--sample", type=_whole(1, 100), default=100, help="percent of the partitions (100)")
    validate.add_argument("--seed", type=_whole(0, 2**31), default=1, help="which of them (1)")
    validate.add_argument("--rate", type=_whole(1, 1_000_000), default=5000, help="items a second at most (5000)")
    validate.add_argument("--reveal", action="store_true", help="show keys as they are, numbers included")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.add_argument("--table", required=True, help="name of the table in AWS")
    parser.add_argument("--region", help="its Region; default: the SDK's own")
    parser.add_argument("--profile", help="profile of the SDK's files; default: the SDK's own")
    parser.add_argument("--production", action="store_true", help="although the table is tagged production")
    parser.add_argument("--confirm", default="", metavar="TABLE", help="with --production: the table's name again")
    return parser


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:18]) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return parse


def _skew(text: str) -> float:
    try:
        skew = float(text)
    except ValueError:
        skew = -1.0
    if not 0 <= skew <= 5:
        raise argparse.ArgumentTypeError(f"{text!r} is no skew: write a number from 0 to 5")
    return skew
