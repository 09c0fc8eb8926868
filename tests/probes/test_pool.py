"""Probes against real servers, well and unwell: what is said of them, and that none holds a probe for long."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.parts.redis import RedisServer, RedisServers
from trunkline.handlers.health import Counters, ProbeFailedError, Target
from trunkline.handlers.publishing import Endpoint
from trunkline.probes.pool import LAST_SECONDS, ProbePool

DEADLINE = 0.6


def target(server: RedisServer, password: str = "", username: str = "", host: str = "") -> Target:
    setup = server.setup
    endpoint = Endpoint(host or server.host, server.port, setup.tls, setup.cluster)
    return Target(endpoint, username, password or setup.password)


def ask(of: Target, server: RedisServer | None = None, deadline: float = DEADLINE) -> Counters:
    async def main() -> Counters:
        pool = ProbePool(ca_file=server.ca_file if server is not None else None, deadline=deadline)
        try:
            return await pool.ask(of)
        finally:
            pool.close()

    return asyncio.run(main())


def failure(of: Target, server: RedisServer | None = None) -> ProbeFailedError:
    with pytest.raises(ProbeFailedError) as failed:
        ask(of, server)
    return failed.value


def test_who_is_told_to_end_as_its_turn_comes_ends() -> None:
    async def main() -> None:
        pool = ProbePool(threads=1)
        await pool._free.acquire()
        asking = asyncio.create_task(pool.ask(Target(Endpoint("127.0.0.1", 1, tls=False, cluster=False), "", "")))
        await asyncio.sleep(0)
        pool._free.release()
        await asyncio.sleep(0)  # it is its turn now, and it may not have heard of it
        asking.cancel()
        await asyncio.wait([asking])
        pool.close()
        assert asking.cancelled(), "it was told to end, and goes on"

    asyncio.run(main())


def test_hits_misses_evictions_memory_and_operations_are_told(redis_server: RedisServers) -> None:
    options = ("--maxmemory", "8mb", "--maxmemory-policy", "allkeys-lru")
    server = redis_server.start(tls=True, password="a-password-of-sixteen", options=options)
    with server.client() as client:
        for number in range(200):
            client.set(f"key-{number}", b"x" * 100_000)
        for number in range(100):
            client.get(f"absent-{number}")
        client.get("key-199")
    told = ask(target(server), server)
    assert (told.hits, told.misses) == (1, 100)
    assert told.evictions is not None
    assert told.evictions > 50, "8 MB do not hold 20"
    assert told.memory_used_percent is not None
    assert told.memory_used_percent > 50
    assert told.run


def test_a_user_signs_in(redis_server: RedisServers) -> None:
    server = redis_server.start(tls=True, users=("probe on >its-own-password +ping +info",))
    assert ask(target(server, "its-own-password", "probe"), server).run


def test_the_lag_of_replicas_is_told(redis_server: RedisServers) -> None:
    primary = redis_server.start(password="a-password-of-sixteen")
    redis_server.start(password="a-password-of-sixteen", replica_of=primary)
    assert ask(target(primary)).lag_seconds is not None


def test_a_cluster_is_the_sum_of_its_primaries(redis_server: RedisServers) -> None:
    first, second = redis_server.cluster(2, password="a-password-of-sixteen")
    for server in (first, second):
        with server.client() as client:
            for number in range(400):
                try:
                    client.get(f"key-{number}")
                except Exception as moved:  # of the other's slots
                    assert "MOVED" in type(moved).__name__.upper() or "MOVED" in str(moved).upper()  # noqa: PT017
    told = ask(target(first), first)
    assert told.misses == 400, "each key is some node's"
    assert told.run.count(",") == 1


def test_a_certificate_of_another_name_is_refused(redis_server: RedisServers) -> None:
    server = redis_server.start(
        tls=True, password="a-password-of-sixteen", options=("--bind", "127.0.0.1", "127.0.0.2")
    )
    error = failure(target(server, host="127.0.0.2"), server)
    assert "certificate that can be verified" in str(error)
    assert error.reachable


def test_a_certificate_of_an_unknown_authority_is_refused(redis_server: RedisServers) -> None:
    server = redis_server.start(tls=True, password="a-password-of-sixteen")
    assert "certificate that can be verified" in str(failure(target(server)))


@pytest.mark.parametrize("password", ["", "another-password-of-ours"])
def test_a_refused_password_is_said_and_not_shown(redis_server: RedisServers, password: str) -> None:
    server = redis_server.start(password="a-password-of-sixteen")
    error = failure(Target(target(server).endpoint, "", password))
    assert "refuses the password" in str(error)
    assert error.reachable
    assert not password or password not in repr(error) + str(error.__context__) + str(error.__cause__)


def test_a_stopped_server_is_out_of_reach(redis_server: RedisServers) -> None:
    server = redis_server.start()
    server.stop()
    error = failure(target(server))
    assert "cannot be reached" in str(error)
    assert not error.reachable


def test_a_server_that_hangs_costs_no_more_than_the_deadline(redis_server: RedisServers) -> None:
    server = redis_server.start()
    server.hang()
    began = time.monotonic()
    error = failure(target(server))
    server.resume()
    assert "does not answer within 0.6 s" in str(error)
    assert time.monotonic() - began < DEADLINE + LAST_SECONDS + 0.3


def serve(behavior: Callable[[socket.socket], None]) -> socket.socket:
    """A server on the loopback that does so with its first connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                behavior(connection)
        except OSError:
            return

    threading.Thread(target=work, daemon=True).start()
    return listener


def test_a_server_that_drips_costs_no_more_than_the_deadline() -> None:
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        while not ended.wait(0.05):
            connection.sendall(b"+")

    with serve(drip) as listener:
        began = time.monotonic()
        error = failure(Target(Endpoint("127.0.0.1", listener.getsockname()[1], tls=False, cluster=False)))
        taken = time.monotonic() - began
        ended.set()
    assert taken < DEADLINE + LAST_SECONDS + 0.3, f"{taken:.2f} s: {error}"


def test_caches_that_hang_do_not_hold_up_one_that_answers(redis_server: RedisServers) -> None:
    hanging, well = redis_server.start(), redis_server.start()
    hanging.hang()

    async def main() -> list[Any]:
        pool = ProbePool(threads=4, deadline=DEADLINE)
        hung = [pool.ask(target(hanging)) for _ in range(3)]
        asked = await asyncio.gather(*hung, pool.ask(target(well)), return_exceptions=True)
        pool.close()
        return asked

    *failed, answered = asyncio.run(main())
    hanging.resume()
    assert all(isinstance(error, ProbeFailedError) for error in failed)
    assert isinstance(answered, Counters)


def test_a_probe_that_finds_no_free_thread_says_nothing_of_the_cache(redis_server: RedisServers) -> None:
    hanging = redis_server.start()
    hanging.hang()

    async def main() -> list[Any]:
        pool = ProbePool(threads=1, deadline=5.0)
        asked = await asyncio.gather(pool.ask(target(hanging)), pool.ask(target(hanging)), return_exceptions=True)
        pool.close()
        return list(asked)

    first, second = asyncio.run(main())
    hanging.resume()
    assert not first.busy
    assert second.busy
