"""Figure: what a cache hit costs over the bytes that have to travel."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.parts import obtain_cpython, obtain_runtime

from benchmarks.figure import Figure
from benchmarks.lambdas.stage import PASSWORD, Stage, baseline_folder, call, callers, stage, unpacked

PROGRAM = Path(__file__).parent / "programs" / "hit.py"


def hit() -> Iterator[Figure]:
    """p50 of a hit over TLS, client and cache on one CPU, as a multiple of bare sendall and recv of the same bytes.

    Hit: key hashed, GET, checked, decoded. Beside it redis-py's GET alone. The whole handler (line included) likewise.
    """
    with stage() as made:
        microseconds = _measured(made)
    bare = microseconds["socket"]
    library = microseconds["library"] / bare
    yield Figure("lambda.hit_over_socket", microseconds["hit"] / bare, "ratio", library)
    yield Figure("lambda.hit_over_socket.handler", microseconds["handler"] / bare, "ratio", library)
    yield Figure("lambda.hit_over_socket.hit_us", microseconds["hit"], "us", bare)


def _measured(made: Stage) -> Mapping[str, float]:
    (caller,) = people = callers(1)
    made.seed(people)
    cache = made.cache()
    cpu = min(os.sched_getaffinity(0))
    for task in Path(f"/proc/{cache.process.pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {cpu})
    code = unpacked(made.folder / "code")
    environment = {
        **os.environ,
        **made.environment(cache),
        "CACHE_PASSWORD": PASSWORD,
        "PYTHONPATH": f"{code}:{obtain_runtime()}:{baseline_folder()}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [
        str(obtain_cpython().program),
        str(PROGRAM),
        str(cpu),
        cache.host,
        str(cache.port),
        json.dumps(call(caller)),
    ]
    done = subprocess.run(command, env=environment, cwd=code, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    microseconds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return microseconds
