"""Figure: CPU time that a cold start needs beyond AWS's own runtime client."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.parts import obtain_cpython, obtain_runtime

from benchmarks.figure import Figure
from benchmarks.lambdas.stage import Stage, baseline_folder, stage, unpacked

PROCESSES = 20
KINDS = ("bare", "ours", "connected", "libraries", "powertools")
PROGRAM = Path(__file__).parent / "programs" / "init.py"


def init() -> Iterator[Figure]:
    """Milliseconds over awslambdaric alone: imported and constructed, TLS trust loaded, nothing connected; connected.

    Medians of fresh processes, the kinds in turn. Beside both: boto3 and redis-py constructed; then with Powertools.
    """
    with stage() as made:
        milliseconds = _measured(made)
    over = {kind: milliseconds[kind] - milliseconds["bare"] for kind in KINDS}
    yield Figure("lambda.init_over_bare_ms", over["ours"], "ms", over["libraries"])
    yield Figure("lambda.init_over_bare_ms.powertools", over["ours"], "ms", over["powertools"])
    yield Figure("lambda.init_connected_over_bare_ms", over["connected"], "ms", over["libraries"])


def _measured(made: Stage) -> Mapping[str, float]:
    cache = made.cache()
    code = unpacked(made.folder / "code")
    path = f"{code}:{obtain_runtime()}:{baseline_folder()}"
    environment = {
        **os.environ,
        **made.environment(cache),
        "CACHE_CA": str(cache.ca_file),
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    del environment["AWS_CA_BUNDLE"]
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for turn in range(PROCESSES + 1):
        for kind in KINDS:
            command = [str(obtain_cpython().program), str(PROGRAM), kind]
            done = subprocess.run(command, env=environment, cwd=code, capture_output=True, text=True, check=True)
            if turn:  # the first reads everything from disk
                seconds[kind].append(float(done.stdout.splitlines()[-1]))
    return {kind: statistics.median(values) * 1000 for kind, values in seconds.items()}
