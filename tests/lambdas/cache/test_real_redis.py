"""The cache client against real Redis 7 servers: TLS, users, clusters, replicas, and what becomes of them."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.breaker import FAILURES, OPEN_SECONDS
from shared.cache_secret import REREAD_SECONDS
from shared.deadline import Deadline
from shared.slots import slot_of
from shared.tls import ROOTS
from tests.lambdas.cache.client import ARN, Client, value
from tests.parts.redis import RedisServer, RedisServers


@pytest.fixture
def plain(redis_server: RedisServers) -> RedisServer:
    return redis_server.start()


@pytest.fixture(params=[pytest.param(False, id="plain"), pytest.param(True, id="TLS")])
def server(request: pytest.FixtureRequest, redis_server: RedisServers) -> RedisServer:
    """One that things happen to: over TLS a closed connection and a late reply look different from below."""
    return redis_server.start(tls=request.param)


def test_over_tls_with_a_token(redis_server: RedisServers) -> None:
    server = redis_server.start(tls=True, password="token")
    client = Client(server, password="token")
    long = b"\r\n$5\r\n" * 30_000
    assert client.cache.set("key", b"value", 300, Deadline.after(5))
    assert client.cache.set("long", long, 7, Deadline.after(5))
    assert client.get("key") == (b"value", "")
    assert client.get("long", 5) == (long, "")
    assert (server.command("TTL", "key"), server.command("TTL", "long")) == (300, 7)
    assert client.cache.delete(["key", "never there"], Deadline.after(5))
    assert client.get("key") == (None, "")
    assert server.command("INFO", "clients")["connected_clients"] <= 2, "one connection of ours"


def test_as_a_user(redis_server: RedisServers) -> None:
    server = redis_server.start(users=["app on >secret ~cust:* +get +set +del"], password="default")
    client = Client(server, username="app", password="secret")
    client.put("cust:1")
    assert client.get("cust:1") == (value("cust:1"), "")
    assert client.get("another") == (None, "auth"), "NOPERM"
    assert client.get("cust:1") == (value("cust:1"), ""), "what is forbidden for one key is not for another"


@pytest.mark.parametrize(
    ("host", "ca_file"),
    [
        pytest.param("elsewhere.example", "", id="its certificate is for another name"),
        pytest.param("localhost", ROOTS, id="its certificate is of nobody we trust"),
    ],
)
def test_a_server_that_cannot_prove_who_it_is_is_not_told_the_token(
    redis_server: RedisServers, host: str, ca_file: str
) -> None:
    server = redis_server.start(tls=True, password="token")
    client = Client(server, url=f"rediss://{host}:{server.port}", ca_file=ca_file, password="another token")
    assert client.get("key") == (None, "connection")
    assert server.command("ACL", "LOG") == [], "it would have refused it"
    right = Client(server, password="another token")
    assert right.get("key") == (None, "auth")
    assert len(server.command("ACL", "LOG")) == 1


def disconnect(server: RedisServer, password: str | None = None) -> None:
    """The server closes every connection but the one that tells it to."""
    with server.client(password=password or server.setup.password or None) as admin:
        admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def test_a_rotation_loses_no_lookup(redis_server: RedisServers) -> None:
    server = redis_server.start(password="first")
    client = Client(server, password="first")
    client.put("key")
    server.rotate("first", "second")
    assert client.get("key") == (value("key"), "")
    client.secrets.texts[ARN] = json.dumps({"password": "second"})
    server.rotate("second")
    assert client.get("key") == (value("key"), ""), "what is connected stays connected"
    client.clock.skipped += REREAD_SECONDS
    disconnect(server, "second")
    assert client.get("key") == (value("key"), "")
    assert len(client.secrets.read) == 2


def test_a_token_that_the_server_does_not_ask_for_yet(plain: RedisServer) -> None:
    client = Client(plain, password="to be asked for soon")
    client.put("key")
    assert client.get("key") == (value("key"), "")


def test_a_token_that_is_asked_for_since(plain: RedisServer) -> None:
    client = Client(plain, hashKey="0f" * 32)
    client.put("key")
    plain.command("CONFIG", "SET", "requirepass", "token")
    disconnect(plain, "token")
    client.secrets.texts[ARN] = json.dumps({"password": "token"})
    client.clock.skipped += REREAD_SECONDS
    assert client.get("key") == (value("key"), "")


# --- late, hung, gone -------------------------------------------------------------------------------------------------


def test_after_a_late_reply_everybody_gets_their_own(server: RedisServer) -> None:
    client = Client(server)
    keys = [f"key-{n}" for n in range(10)]
    client.put(*keys)
    server.pause_clients(400)
    assert client.get(keys[0], 0.1) == (None, "timeout")
    server.command("CLIENT", "UNPAUSE")
    for key in keys:
        assert client.get(key) == (value(key), "")


def test_a_server_that_hangs_is_left_alone_and_found_again(server: RedisServer) -> None:
    client = Client(server)
    client.put("one", "two")
    server.hang()
    try:
        told = [client.get("one", 0.05) for _ in range(FAILURES + 1)]
        assert told == [(None, "timeout")] * FAILURES + [(None, "open")]
    finally:
        server.resume()
    assert client.get("two") == (None, "open")
    client.clock.skipped += OPEN_SECONDS
    assert client.get("two") == (value("two"), "")
    assert client.get("one") == (value("one"), "")


def test_a_server_that_was_restarted_is_no_failure(server: RedisServer) -> None:
    client = Client(server)
    client.put("key")
    server.restart()
    assert client.get("key") == (None, ""), "empty, but well"
    client.put("key")
    assert client.get("key") == (value("key"), "")


def test_connections_closed_while_idle_are_no_failure(server: RedisServer) -> None:
    client = Client(server)
    client.put("key")
    for _ in range(FAILURES * 2):
        disconnect(server)
        assert client.get("key") == (value("key"), "")


def test_a_server_that_is_gone_and_one_without_a_name(server: RedisServer) -> None:
    client = Client(server)
    server.stop()
    assert client.get("key") == (None, "connection")
    nowhere = Client(server, url="redis://cache.invalid:6379")
    assert nowhere.get("key")[0] is None
    assert nowhere.cache.reason in ("connection", "timeout"), "as fast as the resolver says so"


# --- answers that are none --------------------------------------------------------------------------------------------


def test_a_full_server_reads_and_does_not_write(redis_server: RedisServers) -> None:
    server = redis_server.start(options=["--maxmemory-policy", "noeviction"])
    client = Client(server)
    client.put("key")
    server.command("CONFIG", "SET", "maxmemory", "1")
    assert not client.cache.set("new", b"value", 300, Deadline.after(1))
    assert client.cache.reason == "server"
    assert client.get("key") == (value("key"), "")


def test_max_clients_is_a_miss_until_there_is_room(redis_server: RedisServers) -> None:
    server = redis_server.start(options=["--maxclients", "2"])
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
    for one in held:
        one.sendall(b"PING\r\n")
        assert one.recv(100) == b"+PONG\r\n"
    client = Client(server)
    assert client.get("key")[0] is None
    assert client.cache.reason in ("server", "connection")
    for one in held:
        one.close()
    deadline = time.monotonic() + 10
    while client.get("key") != (None, ""):
        client.clock.skipped += OPEN_SECONDS
        assert time.monotonic() < deadline, "still no room"


def test_a_replica_reads_and_writes_once_it_is_promoted(redis_server: RedisServers) -> None:
    primary = redis_server.start()
    replica = redis_server.start(replica_of=primary)
    Client(primary).put("key")
    primary.command("WAIT", 1, 5000)
    client = Client(replica)
    assert client.get("key") == (value("key"), "")
    assert not client.cache.set("new", b"value", 300, Deadline.after(1))
    assert client.cache.reason == "server"
    replica.promote()
    assert client.cache.set("new", b"value", 300, Deadline.after(1))


def test_readonly_is_answered_by_going_where_the_name_leads_now(redis_server: RedisServers) -> None:
    """After a failover the old primary, at 127.0.0.2 here, is a replica, and some time later the name leads elsewhere."""
    primary = redis_server.start()
    client = Client(primary, url=f"redis://primary.example:{primary.port}")
    with answering(b"-READONLY You can't write against a read only replica.\r\n", "127.0.0.2", primary.port):
        client.leads_to["primary.example"] = "127.0.0.2"
        assert not client.cache.set("key", b"value", 300, Deadline.after(1)), "the name still leads there"
        assert client.cache.reason == "server"
        client.leads_to["primary.example"] = "127.0.0.1"
        assert client.cache.set("key", b"value", 300, Deadline.after(1))
    assert primary.command("GET", "key") == b"value"


# --- clusters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [pytest.param(False, id="plain"), pytest.param(True, id="TLS")])
def test_every_node_of_a_cluster_is_asked_for_its_own(redis_server: RedisServers, tls: bool) -> None:
    nodes = redis_server.cluster(2, tls=tls, password="token")
    client = Client(nodes[0], password="token")
    client.cache.warm(Deadline.after(2))
    keys = [f"cust:v1:C{n}" for n in range(200)]
    client.put(*keys)
    for key in keys:
        assert client.get(key) == (value(key), "")
    sizes = [node.command("DBSIZE") for node in nodes]
    assert sum(sizes) == 200
    assert min(sizes) > 50
    assert redirected(nodes) == 0, "the map was learned before anybody had to be redirected"
    assert client.cache.delete(keys, Deadline.after(5))
    assert [node.command("DBSIZE") for node in nodes] == [0, 0]


def redirected(nodes: list[RedisServer]) -> int:
    """How many commands were answered MOVED or ASK."""
    errors = [node.command("INFO", "errorstats") for node in nodes]
    return sum(int(of.get(f"errorstat_{code}", {"count": 0})["count"]) for of in errors for code in ("MOVED", "ASK"))


def test_redirections_are_followed_where_nobody_said_that_it_is_a_cluster(redis_server: RedisServers) -> None:
    nodes = redis_server.cluster(2)
    client = Client(nodes[0], url=nodes[0].url.partition("?")[0])
    keys = [f"cust:v1:C{n}" for n in range(50)]
    client.put(*keys)
    for key in keys:
        assert client.get(key) == (value(key), "")


def test_a_slot_that_moves_is_followed_at_every_step(redis_server: RedisServers) -> None:
    first, second = redis_server.cluster(2)
    client = Client(first)
    client.cache.warm(Deadline.after(2))
    key = next(f"cust:v1:C{n}" for n in range(100) if slot_of(f"cust:v1:C{n}".encode()) < 8192)
    slot = slot_of(key.encode())
    client.put(key)
    ids = [node.command("CLUSTER", "MYID").decode() for node in (first, second)]
    second.command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    first.command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    assert client.get(key) == (value(key), ""), "still where it was"
    first.command("MIGRATE", "127.0.0.1", second.port, key, 0, 5000)
    assert client.get(key) == (value(key), ""), "ASK"
    for node in (second, first):
        node.command("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
    assert client.get(key) == (value(key), ""), "MOVED"
    before = redirected([first, second])
    assert client.get(key) == (value(key), "")
    assert redirected([first, second]) == before, "learned"


def test_half_a_cluster_that_hangs_leaves_the_other_half(redis_server: RedisServers) -> None:
    nodes = redis_server.cluster(2)
    client = Client(nodes[0])
    keys = [f"cust:v1:C{n}" for n in range(20)]
    client.put(*keys)
    well = [key for key in keys if slot_of(key.encode()) < 8192]
    ill = [key for key in keys if key not in well]
    nodes[1].hang()
    try:
        assert client.get(ill[0], 0.05) == (None, "timeout")
        assert client.get(well[0]) == (value(well[0]), "")
    finally:
        nodes[1].resume()
    for key in keys:
        assert client.get(key) == (value(key), "")


# --- stubs ------------------------------------------------------------------------------------------------------------


@contextmanager
def answering(reply: bytes, host: str = "127.0.0.1", port: int = 0, pause: float = 0.0) -> Iterator[int]:
    """A server that gives the same reply to every write; with a pause, byte by byte. Yields its port."""
    listener = socket.create_server((host, port))
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            while connection.recv(65536):
                for piece in [reply[at : at + 1] for at in range(len(reply))] if pause else [reply]:
                    connection.sendall(piece)
                    if stopped.wait(pause):
                        return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=quietly, args=(serve, connection), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)


def quietly(serve: Any, connection: socket.socket) -> None:
    """A client that lets go of a connection in the middle is what is tested here."""
    try:
        serve(connection)
    except OSError:
        return


@pytest.mark.parametrize(
    ("reply", "pause", "reason"),
    [
        pytest.param(b"$400\r\n" + b"x" * 400 + b"\r\n", 0.02, "timeout", id="drips"),
        pytest.param(b"$400\r\nhalf of it", 0.0, "timeout", id="stops in the middle"),
        pytest.param(b"-LOADING Redis is loading the dataset in memory\r\n", 0.0, "server", id="LOADING"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", 0.0, "protocol", id="no Redis at all"),
    ],
)
def test_a_server_that_is_not_well(plain: RedisServer, reply: bytes, pause: float, reason: str) -> None:
    with answering(reply, pause=pause) as port:
        client = Client(plain, url=f"redis://127.0.0.1:{port}")
        assert client.get("key") == (None, reason)
