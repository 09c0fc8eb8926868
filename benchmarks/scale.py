"""Figures of processes: memory with a thousand objects, and the time from `kubectl apply` to the first call to AWS.

One run for all of them. The baseline of memory is the same process before the first object, that of the time the same
cluster with one object. The machine is what it is: the control plane and the offline AWS share it with the operator.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator

from benchmarks.figure import Figure, percentile
from benchmarks.fleet import Fleet
from benchmarks.processes import resident_when_calm
from trunkline_sandbox.demo.stage import Stage

OBJECTS = 1000
SAMPLES = 60
PACE_SECONDS = 1.0  # between two applies: a user's, not a flood


def scale() -> Iterator[Figure]:
    """Memory and time to the first call. Takes some ten minutes."""
    with Stage() as stage:
        stage.start_aws()
        stage.install_crds()
        fleet = Fleet(stage)
        fleet.prepare()
        stage.start_operator()
        none = _resident(fleet)
        fleet.apply(0, _name(0))
        fleet.wait_settled(_name(0))
        one = _resident(fleet)
        _tell(f"{none:.0f} MiB with no object, {one:.0f} MiB with one; first calls beside it")
        applied_beside_one, edited_beside_one = _applied(fleet), _edited(fleet, 1)
        for number in range(1, OBJECTS):
            fleet.apply(number, _name(number))
        fleet.wait_all_ready(OBJECTS)
        many = _resident(fleet)
        _tell(f"{many:.0f} MiB with {OBJECTS} objects; first calls beside them")
        applied, edited = _applied(fleet), _edited(fleet, OBJECTS)
        stage.check()
    yield Figure("objects_1000.rss_mib", many, "MiB", none)
    yield Figure("objects_1000.rss_kib_per_object", (many - one) * 1024 / (OBJECTS - 1), "KiB")
    yield from _times("apply_to_first_call", applied, applied_beside_one)
    yield from _times("edit_to_first_call", edited, edited_beside_one)


def _times(name: str, seconds: list[float], baseline: list[float]) -> Iterator[Figure]:
    for percent in (50, 99):
        yield Figure(f"{name}.p{percent}_s", percentile(seconds, percent), "s", percentile(baseline, percent))


def _applied(fleet: Fleet) -> list[float]:
    """New objects, one at a time; each is gone again before the next."""
    with fleet.first_calls() as calls:
        for number in range(SAMPLES):
            name = f"sample-{time.time_ns()}"
            calls.add(fleet.apply(number, name), number)
            time.sleep(PACE_SECONDS)
            fleet.delete(name)
    return calls.seconds


def _edited(fleet: Fleet, objects: int) -> list[float]:
    """Edits of objects that are Ready, spread over all of them; the next after the last has been done."""
    with fleet.first_calls() as calls:
        for sample in range(SAMPLES):
            number = sample * objects // SAMPLES
            calls.add(fleet.apply(number, _name(number), max_contacts=6 + sample % 2), number)
            time.sleep(PACE_SECONDS)
            fleet.wait_settled(_name(number))
    return calls.seconds


def _resident(fleet: Fleet) -> float:
    """The median of some readings, once nothing is left to do."""
    return statistics.median(resident_when_calm(fleet.operator))


def _name(number: int) -> str:
    return f"center-{number:04}"


def _tell(text: str) -> None:
    print(f"  {text}", file=sys.stderr)
