"""Flags of `trunkline cost`. Loads nothing that the command needs, so that `trunkline --help` stays quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from trunkline.planner.arguments import MOST, day_flag, whole


def add_cost_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    parser.add_argument(
        "-f",
        "--file",
        type=Path,
        action="append",
        required=True,
        help="manifest of a ScalingPolicy, and best of its ContactCenter and CacheLayer, for what they keep and their region; "
        "- is standard input",
    )
    parser.add_argument("--name", help="which ScalingPolicy, if there are several")
    calls = parser.add_mutually_exclusive_group()
    calls.add_argument("--calls-per-month", type=whole(10 * MOST), metavar="N", help="what if a month had so many")
    calls.add_argument(
        "--calls-per-hour",
        type=whole(MOST),
        metavar="N",
        help="what if the busiest half hour had so many; other hours keep their shape",
    )
    parser.add_argument(
        "--history", type=Path, metavar="FILE", help="CSV of start and calls: the next four weeks are forecast from it"
    )
    parser.add_argument(
        "--date", type=day_flag, help="first day of the month, YYYY-MM-DD (after the history's last day, else today)"
    )
    parser.add_argument("--region", metavar="REGION", help="whose prices (the center's, else us-east-1)")
    parser.add_argument(
        "--plan",
        choices=("customer", "legacy"),
        default="customer",
        help="price plan of the instance: that of new ones (customer), or the older one",
    )
    parser.add_argument("--number", choices=("did", "tollfree"), default="did", help="what callers dial (did)")
    parser.add_argument("--numbers", type=whole(1_000_000), default=0, metavar="N", help="claimed phone numbers (0)")
    parser.add_argument(
        "--memory-mb",
        type=whole(10_240, 128),
        metavar="MB",
        help="memory of the functions (as the center's file says, else 1024)",
    )
    parser.add_argument("--prices", type=Path, metavar="FILE", help="price file instead of the one that is shipped")
    parser.add_argument("-o", "--output", choices=("table", "json", "csv"), default="table", help="table, json or csv")
    parser.add_argument("--lines", action="store_true", help="what each service is made of; csv has this table then")
