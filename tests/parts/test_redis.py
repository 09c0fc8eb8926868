"""The Redis servers that tests are given really are what their names say."""

from __future__ import annotations

import socket
import ssl
import time

import pytest
import redis

from tests.parts.redis import RedisServers


def test_plain_server_answers_and_restarts_empty_on_its_port(redis_server: RedisServers) -> None:
    server = redis_server.start()
    assert server.url == f"redis://localhost:{server.port}"
    server.command("SET", "a", "1")
    server.kill()
    with pytest.raises(redis.exceptions.ConnectionError):
        server.command("PING")
    server.restart()
    assert server.command("GET", "a") is None


def test_tls_server_is_verified_strictly(redis_server: RedisServers) -> None:
    server = redis_server.start(tls=True, password="first-password")
    assert server.url.startswith("rediss://")
    trust = server.trust
    assert trust is not None
    trust.verify_flags |= ssl.VERIFY_X509_STRICT  # what 3.13 does by default
    with _connected(server.port, trust) as tls:
        tls.sendall(b"*2\r\n$4\r\nAUTH\r\n$14\r\nfirst-password\r\n")
        assert tls.recv(16) == b"+OK\r\n"


def test_certificate_may_be_of_another_name(redis_server: RedisServers) -> None:
    server = redis_server.start(tls=True, certificate_names=["elsewhere.example"])
    trust = server.trust
    assert trust is not None
    with pytest.raises(ssl.SSLCertVerificationError, match="localhost"), _connected(server.port, trust):
        pass


def test_password_and_users_are_asked_for(redis_server: RedisServers) -> None:
    server = redis_server.start(password="one", users=["app on >two ~cust:* +@all"])
    assert server.client(username="app", password="two").ping()
    with pytest.raises(redis.exceptions.NoPermissionError):
        server.client(username="app", password="two").get("other")
    with pytest.raises(redis.exceptions.AuthenticationError):
        server.client(password=None).ping()


def test_rotation_takes_both_passwords_until_it_is_over(redis_server: RedisServers) -> None:
    server = redis_server.start(password="one")
    before = server.client()
    assert before.ping()
    server.rotate("one", "two")
    assert server.client(password="two").ping()
    assert before.ping()
    with pytest.raises(redis.exceptions.AuthenticationError):
        server.client(password="three").ping()


def test_replica_refuses_writes_until_it_is_promoted(redis_server: RedisServers) -> None:
    primary = redis_server.start(tls=True, password="one")
    primary.command("SET", "a", "1")
    replica = redis_server.start(tls=True, password="one", replica_of=primary)
    assert replica.command("GET", "a") == b"1"
    with pytest.raises(redis.exceptions.ReadOnlyError):
        replica.command("SET", "a", "2")
    replica.promote()
    assert replica.command("SET", "a", "2")


@pytest.mark.parametrize("tls", [pytest.param(False, id="plain"), pytest.param(True, id="tls")])
def test_cluster_points_to_who_has_the_slot(redis_server: RedisServers, tls: bool) -> None:
    first, second = redis_server.cluster(tls=tls)
    assert first.url.endswith("?cluster=true")
    # "foo" is in slot 12182 (CRC16, Redis Cluster specification): the upper half.
    with pytest.raises(redis.exceptions.ResponseError) as raised:
        first.command("GET", "foo")
    assert str(raised.value).removeprefix("MOVED ") == f"12182 {second.host}:{second.port}"
    assert second.command("SET", "foo", "1")


def test_hung_server_answers_late(redis_server: RedisServers) -> None:
    server = redis_server.start()
    with server.client(socket_timeout=0.2) as client:
        server.hang()
        with pytest.raises(redis.exceptions.TimeoutError):
            client.ping()
    server.resume()
    assert server.command("PING")


def test_paused_clients_wait(redis_server: RedisServers) -> None:
    server = redis_server.start()
    server.pause_clients(300)
    started = time.monotonic()
    assert server.command("PING")
    assert time.monotonic() - started > 0.2


def _connected(port: int, trust: ssl.SSLContext) -> ssl.SSLSocket:
    return trust.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname="localhost")
