"""Flags of `trunkline capacity`. Loads nothing that the command needs, so that `trunkline --help` stays quick."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

TASKS = ("plan", "backtest")
MOST = 100_000_000
FIRST_YEAR, LAST_YEAR = 1971, 2999


def add_capacity_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    parser.add_argument(
        "task",
        nargs="?",
        metavar="plan|backtest|NAME",
        default="plan",
        help="with -f: plan a day (plan), or play known days of --history again and compare the policy with others "
        "(backtest); without: NAME of a live ScalingPolicy, whose figures are shown",
    )
    parser.add_argument(
        "-f",
        "--file",
        type=Path,
        action="append",
        help="manifest of a ScalingPolicy, and best of its ContactCenter, whose routing profiles say who shares agents; "
        "- is standard input",
    )
    parser.add_argument("--name", help="which ScalingPolicy, if there are several")
    busiest = parser.add_mutually_exclusive_group()
    busiest.add_argument(
        "--calls-per-hour",
        type=whole(MOST),
        metavar="N",
        help="what if the busiest half hour had so many; the rest of the day keeps its shape",
    )
    busiest.add_argument(
        "--concurrent-calls",
        type=whole(MOST),
        metavar="N",
        help="the same as calls at the same time with nobody waiting",
    )
    parser.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help="CSV of start and calls: the day is forecast from it, dates of breach too",
    )
    parser.add_argument("--date", type=day_flag, help="the day, YYYY-MM-DD in the policy's time zone (today)")
    parser.add_argument(
        "--agents",
        type=_pair,
        action="append",
        default=[],
        metavar="POOL=N",
        help="agents of a pool, instead of the policy's",
    )
    parser.add_argument(
        "--limit",
        type=_pair,
        action="append",
        default=[],
        metavar="LAYER=N",
        help="the account's own limit, as concurrent-calls=10000; else a new account's",
    )
    parser.add_argument("-o", "--output", choices=("table", "json", "csv"), default="table", help="table, json or csv")
    parser.add_argument(
        "--only", choices=("pools", "layers"), help="one of the two tables; csv has one, pools by default"
    )
    parser.add_argument(
        "--days", type=whole(400, 1), metavar="N", help="backtest: how many of the last days (as many as seconds allow)"
    )
    parser.add_argument("--lever", metavar="NAME", help="backtest: which of several levers of functions (the first)")
    parser.add_argument(
        "--standing",
        type=whole(MOST),
        metavar="N",
        help="backtest: what is provisioned now (as the center's file says, else the lever's min)",
    )
    parser.add_argument(
        "--memory-mb",
        type=whole(10_240, 128),
        metavar="MB",
        help="backtest: memory of the function (as the center's file says, else 1024)",
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="the day as a drawing")


def whole(most: int, least: int = 0) -> Callable[[str], int]:
    """Reads a whole number."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:18]) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return parse


def _pair(text: str) -> tuple[str, int]:
    name, equals, number = text.rpartition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r}: write a name, = and a number, as sales=350")
    return name, whole(MOST)(number)


def day_flag(text: str) -> date:
    """Reads YYYY-MM-DD."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write YYYY-MM-DD") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return day
