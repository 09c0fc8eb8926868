"""Figure: how long callers wait while the cache is dead and the table is well."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.parts.redis import RedisServer

from benchmarks.figure import Figure, percentile
from benchmarks.lambdas.lanes import Drained, drain
from benchmarks.lambdas.stage import PASSWORD, Stage, callers, stage

CALLERS = 200
LANES = 8
NAIVE_CALLERS = 16
DRIP_SECONDS = 0.1
UNRESOLVABLE = "rediss://cache.invalid:6379"  # RFC 2606: such a name never exists


class Drip:
    """Stands before a cache: passes everything on, until `begin` makes it hand back a byte now and then."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._dripping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def begin(self) -> None:
        """From now on."""
        self._dripping.set()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for source, target, slow in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass_on, args=(source, target, slow), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, slow: bool) -> None:
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(65536):
                if not (slow and self._dripping.is_set()):
                    target.sendall(data)
                    continue
                for byte in data:
                    target.sendall(bytes([byte]))
                    threading.Event().wait(DRIP_SECONDS)


@dataclass(frozen=True, slots=True)
class Death:
    """A way to die: the cache's address if not its own, and what happens to it once the environments are warm."""

    url: str
    happens: Callable[[], object]


def cache_dead() -> Iterator[Figure]:
    """p99 of 200 callers, in seconds: the worst of a cache that is stopped, hung, dripping, unresolvable.

    Eight environments, warm, each asked by 25 callers. Beside the worst: boto3 and redis-py with their defaults and a
    hung cache; beside the others the worst of ours.
    """
    people = callers(CALLERS)
    with stage() as made:
        made.seed(people)
        seconds = {name: _p99(made, name) for name in ("stopped", "hung", "dripping", "unresolvable")}
        naive = _naive(made)
    worst = max(seconds.values())
    yield Figure("lambda.cache_dead_p99_s", worst, "s", naive)
    for name, value in seconds.items():
        yield Figure(f"lambda.cache_dead_p99_s.{name}", value, "s", worst)


def _p99(made: Stage, name: str) -> float:
    cache = made.cache()
    drip = Drip(cache.port)
    try:
        death = _deaths(cache, drip)[name]
        lanes = made.deploy(LANES, made.environment(cache, death.url))
        drain(callers(LANES * 4), lanes)
        death.happens()
        drained = drain(callers(CALLERS), lanes)
        made.end(lanes)
    finally:
        drip.close()
        cache.stop()
    if drained.errors:
        print(f"  {name}: {len(drained.errors)} errors, the first: {drained.errors[0]}", file=sys.stderr)
    return _of(drained)


def _deaths(cache: RedisServer, drip: Drip) -> Mapping[str, Death]:
    return {
        "stopped": Death(cache.url, cache.kill),
        "hung": Death(cache.url, cache.hang),
        "dripping": Death(f"rediss://localhost:{drip.port}", drip.begin),
        "unresolvable": Death(UNRESOLVABLE, lambda: None),
    }


def _naive(made: Stage) -> float:
    cache = made.cache()
    lanes = made.deploy_naive(LANES, {**made.environment(cache), "CACHE_PASSWORD": PASSWORD}, timeout=8)
    drain(callers(LANES * 4), lanes)
    cache.hang()
    drained = drain(callers(NAIVE_CALLERS), lanes)
    made.end(lanes)
    cache.stop()
    return _of(drained)


def _of(drained: Drained) -> float:
    return percentile((call.seconds for call in drained.calls), 99)
