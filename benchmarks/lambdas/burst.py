"""Figures: ten thousand distinct callers at once, for as many environments as ten thousand concurrent calls need.

10,000 calls of 300 s are 33 new ones a second; five invocations each of 50 ms keep eight environments busy.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from benchmarks.figure import Figure, percentile
from benchmarks.lambdas.lanes import Drained, drain
from benchmarks.lambdas.stage import PASSWORD, Caller, Stage, callers, stage

CALLERS = 10_000
LANES = 8
NAIVE_CALLERS = 2_000


def burst() -> Iterator[Figure]:
    """Seconds from hand-over to answer, errors, and until the queue is empty; half of the callers are in the cache.

    An error is a status that is not 200, an errorMessage, another caller's answer, or Degraded. Beside each figure the
    same on boto3 and redis-py with their defaults, for 2,000 callers (`drain_s`: as if for 10,000); then the same with
    the cache killed and started again, empty, when half of the callers have been handed over.
    """
    people = callers(CALLERS)
    with stage() as made:
        made.seed(people)
        naive = _naive(made, people[:NAIVE_CALLERS])
        well = _run(made, people, restarted=False)
        restarted = _run(made, people, restarted=True)
    yield from _figures("lambda.burst_10000", well, naive)
    yield from _figures("lambda.burst_10000.redis_restarted", restarted, well)


def _figures(name: str, drained: Drained, beside: Drained) -> Iterator[Figure]:
    yield Figure(f"{name}.p99_s", _p99(drained), "s", _p99(beside))
    yield Figure(f"{name}.errors", len(drained.errors), "calls", len(beside.errors))
    per_caller = beside.seconds / len(beside.calls)
    yield Figure(f"{name}.drain_s", drained.seconds, "s", per_caller * len(drained.calls))
    for error, number in Counter(drained.errors).most_common(5):
        print(f"  {name}: {number} × {error}", file=sys.stderr)


def _p99(drained: Drained) -> float:
    return percentile((call.seconds for call in drained.calls), 99)


def _run(made: Stage, people: Sequence[Caller], *, restarted: bool) -> Drained:
    cache = made.cache()
    lanes = made.deploy(LANES, made.environment(cache))
    try:
        drain(people[::2], lanes)  # now these are in the cache, and every environment is warm
        return drain(people, lanes, _restart(cache.kill, cache.restart) if restarted else None)
    finally:
        made.end(lanes)


def _naive(made: Stage, people: Sequence[Caller]) -> Drained:
    cache = made.cache()
    lanes = made.deploy_naive(LANES, {**made.environment(cache), "CACHE_PASSWORD": PASSWORD})
    try:
        drain(people[::2], lanes)
        return drain(people, lanes)
    finally:
        made.end(lanes)


def _restart(kill: Callable[[], object], start: Callable[[], object]) -> Callable[[], None]:
    def both() -> None:
        kill()
        start()

    return both
