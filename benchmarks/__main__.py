"""`python -m benchmarks [NAME...]`: prints a table and writes build/bench.json.

NAME: a figure, or the beginning of some ("observe", "objects_1000", "lambdas"); without any, all. Those of `scale` take minutes:
they run a control plane, the offline AWS and the operator as processes. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import capacity, column, lambdas, leader, plugin, policy, scale, ten_thousand, watch
from benchmarks.figure import Figure, table, write

OUTPUT = Path(__file__).resolve().parents[1] / "build" / "bench.json"

BENCHMARKS: Mapping[tuple[str, ...], Callable[[], Iterator[Figure]]] = {
    ("observe",): column.observe,
    ("create", "converge"): column.create,
    ("steady",): column.steady,
    ("lambda.init",): lambdas.init,
    ("lambda.hit_over_socket",): lambdas.hit,
    ("lambda.zip_mb",): lambdas.size,
    ("lambda.cache_dead_p99_s",): lambdas.cache_dead,
    ("lambda.burst_10000",): lambdas.burst,
    ("erlang_a_10000",): capacity.erlang,
    ("plan_year",): capacity.year,
    ("breach",): capacity.dates,
    ("load",): capacity.load,
    ("forecast",): policy.forecast,
    (
        "policy.short_ppm",
        "policy.worst",
        "policy.cost",
        "policy.changes",
        "policy.usd",
        "policy.share",
        "policy.other",
    ): (policy.policy),
    ("policy.growth",): policy.growth,
    ("policy.noise",): policy.noise,
    ("policy.unattended",): policy.nobody,
    ("policy.spike",): policy.spike,
    ("leader.takeover", "leader.handover"): leader.takeover,
    ("leader.plain",): leader.plain,
    ("leader.disturbances", "leader.double"): leader.doubles,
    ("watch.recovery",): watch.recovery,
    ("kubectl",): plugin.first_output,
    ("objects_1000", "apply_to_first_call", "edit_to_first_call"): scale.scale,
    ("objects_10000",): ten_thousand.ten_thousand,
}
"""What each benchmark's figures begin with."""

_ALIASES = {"lambdas": "lambda."}


def run(names: Sequence[str]) -> Iterator[Figure]:
    """The figures of these names, in order."""
    for groups, benchmark in BENCHMARKS.items():
        if not wanted(names, groups):
            continue
        started = time.monotonic()
        for figure in benchmark():
            if not names or any(_begins(figure.name, _prefix(name)) for name in names):
                yield figure
        print(f"{', '.join(groups)}: {time.monotonic() - started:.0f} s", file=sys.stderr)


def wanted(names: Sequence[str], groups: Sequence[str]) -> bool:
    """Whether a benchmark has figures of these names, or that begin with one; without names all are wanted."""
    return not names or any(
        _begins(group, prefix) or _begins(prefix, group) for prefix in map(_prefix, names) for group in groups
    )


def _begins(text: str, prefix: str) -> bool:
    """No number begins with another one: 1000 is not 10000."""
    return text.startswith(prefix) and not (prefix[-1:].isdigit() and text[len(prefix) :][:1].isdigit())


def _prefix(name: str) -> str:
    return _ALIASES.get(name, name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, also where an aim is missed; 2 if no figure has such a name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures beside their baselines.")
    groups = ", ".join(group for names in BENCHMARKS for group in names)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"figures, or what they begin with: {groups}")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where the JSON goes (%(default)s)")
    args = parser.parse_args(arguments)
    figures = list(run(args.names))
    if not figures:
        print(f"no figure is called {' or '.join(args.names)}; there are {groups}", file=sys.stderr)
        return 2
    print(table(figures))
    write(figures, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
