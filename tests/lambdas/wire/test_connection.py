"""Names, certificates, and roots."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from shared.connection import Connection
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.resolve import KEPT_SECONDS, Address, Resolver
from shared.tls import ROOTS, client_context
from tests.lambdas.times import Clock
from tests.lambdas.wire.stub import Stub, answer
from trunkline_sandbox.cluster.certificates import Authority

HERE = (Address(int(socket.AF_INET), "127.0.0.1"),)
THERE = (Address(int(socket.AF_INET), "127.0.0.2"),)

# https://www.amazontrust.com/repository/
FINGERPRINTS = {
    "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
    "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
    "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
    "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
    "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
}


class Names:
    """A system's resolver: what it says for how often it was asked; an exception is raised, an event is waited for."""

    def __init__(self, *said: Sequence[Address] | Exception | threading.Event) -> None:
        self.said = list(said)
        self.asked = 0

    def __call__(self, _: str) -> Sequence[Address]:
        self.asked += 1
        said = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(said, threading.Event):
            said.wait(30)
            return HERE
        if isinstance(said, Exception):
            raise said
        return said


class TestNames:
    def test_are_kept_for_a_while_and_then_asked_for_again(self) -> None:
        clock, names = Clock(), Names(HERE, THERE)
        resolver = Resolver(names, clock)
        assert [resolver.resolve("cache", Deadline.after(5.0)) for _ in range(2)] == [HERE, HERE]
        clock.now += KEPT_SECONDS + 1
        assert resolver.resolve("cache", Deadline.after(5.0)) == THERE

    def test_of_a_node_that_moved_are_asked_for_at_once(self) -> None:
        resolver = Resolver(Names(HERE, THERE), Clock())
        resolver.resolve("cache", Deadline.after(5.0))
        resolver.forget("cache")
        assert resolver.resolve("cache", Deadline.after(5.0)) == THERE

    def test_that_cannot_be_resolved_any_more_lead_to_where_they_led(self) -> None:
        clock = Clock()
        resolver = Resolver(Names(HERE, OSError()), clock)
        resolver.resolve("cache", Deadline.after(5.0))
        clock.now += KEPT_SECONDS + 1
        assert resolver.resolve("cache", Deadline.after(5.0)) == HERE

    def test_that_take_for_ever_take_no_longer_than_the_deadline(self) -> None:
        over = threading.Event()
        resolver = Resolver(Names(over), Clock())
        with pytest.raises(DeadlineExceededError):
            resolver.resolve("cache", Deadline.after(0.05))
        over.set()

    def test_one_lookup_serves_all_who_wait(self) -> None:
        over = threading.Event()
        names = Names(over)
        resolver = Resolver(names, Clock())
        for _ in range(20):
            with pytest.raises(DeadlineExceededError):
                resolver.resolve("cache", Deadline.after(0.001))
        assert names.asked == 1, "a resolver that hangs is asked by one thread, not by one for each call"
        over.set()

    def test_a_late_answer_serves_the_next_call(self) -> None:
        over = threading.Event()
        resolver = Resolver(Names(over), Clock())
        with pytest.raises(DeadlineExceededError):
            resolver.resolve("cache", Deadline.after(0.01))
        over.set()
        assert resolver.resolve("cache", Deadline.after(5.0)) == HERE

    def test_that_do_not_exist(self) -> None:
        with pytest.raises(UnavailableError):
            Resolver(Names(OSError()), Clock()).resolve("cache", Deadline.after(5.0))

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
    def test_numbers_are_no_names(self, address: str) -> None:
        names = Names(THERE)
        assert Resolver(names, Clock()).resolve(address, Deadline.after(5.0))[0].host == address
        assert not names.asked


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create()


def server(tmp: Path, authority: Authority, *names: str) -> ssl.SSLContext:
    given = authority.server(list(names) or ["localhost"], ["127.0.0.1"] if not names else [])
    (tmp / "cert.pem").write_bytes(given.certificate)
    (tmp / "key.pem").write_bytes(given.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp / "cert.pem", tmp / "key.pem")
    return context


def trusting(tmp: Path, authority: Authority) -> ssl.SSLContext:
    (tmp / "ca.pem").write_bytes(authority.credentials.certificate)
    return client_context({"AWS_CA_BUNDLE": str(tmp / "ca.pem")})


class TestCertificates:
    def test_of_a_root_that_is_trusted(self, tmp_path: Path, authority: Authority) -> None:
        with Stub(answer({}), tls=server(tmp_path, authority)) as stub:
            tls = trusting(tmp_path, authority)
            opened = Connection.open("127.0.0.1", stub.port, Deadline.after(5.0), tls=tls, resolver=Resolver())
            opened.send(b"GET / HTTP/1.1\r\n\r\n", Deadline.after(5.0))
            assert opened.receive(4096, Deadline.after(5.0)).startswith(b"HTTP/1.1 200")
            assert not opened.stale()
            opened.close()

    def test_of_nobody_we_know(self, tmp_path: Path, authority: Authority) -> None:
        with Stub(tls=server(tmp_path, authority)) as stub, pytest.raises(DefectError, match="CertificateNotTrusted"):
            Connection.open("127.0.0.1", stub.port, Deadline.after(5.0), tls=client_context({}), resolver=Resolver())

    def test_for_another_host(self, tmp_path: Path, authority: Authority) -> None:
        with Stub(tls=server(tmp_path, authority, "elsewhere.example")) as stub:
            tls = trusting(tmp_path, authority)
            resolver = Resolver(lambda _: HERE)
            with pytest.raises(DefectError, match="CertificateNotTrusted"):
                Connection.open("cache.example", stub.port, Deadline.after(5.0), tls=tls, resolver=resolver)

    def test_a_handshake_that_nobody_answers_ends_by_the_deadline(self, tmp_path: Path, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            tls = trusting(tmp_path, authority)
            port = silent.getsockname()[1]
            with pytest.raises(DeadlineExceededError):
                Connection.open("127.0.0.1", port, Deadline.after(0.1), tls=tls, resolver=Resolver())


class TestAddresses:
    def test_the_next_one_is_tried(self) -> None:
        with Stub(answer({})) as stub:
            both = Resolver(lambda _: [Address(int(socket.AF_INET6), "::1"), *HERE])
            Connection.open("cache", stub.port, Deadline.after(5.0), tls=None, resolver=both).close()

    def test_of_a_family_that_this_machine_has_not_is_passed_over(self) -> None:
        with Stub(answer({})) as stub:
            both = Resolver(lambda _: [Address(12345, "::1"), *HERE])
            Connection.open("cache", stub.port, Deadline.after(5.0), tls=None, resolver=both).close()
        only = Resolver(lambda _: [Address(12345, "::1")])
        with pytest.raises(UnavailableError, match="connection"):
            Connection.open("cache", 1, Deadline.after(5.0), tls=None, resolver=only)

    def test_where_nobody_answers_any_more_are_asked_for_anew(self) -> None:
        """A failover moves the name of a cache's primary: what it led to half a minute ago is no use."""
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        with Stub(answer({})) as stub:
            resolver = Resolver(Names(THERE, HERE), Clock())
            with pytest.raises(UnavailableError):
                Connection.open("cache", port, Deadline.after(5.0), tls=None, resolver=resolver)
            Connection.open("cache", stub.port, Deadline.after(5.0), tls=None, resolver=resolver).close()
            assert resolver.resolve("cache", Deadline.after(5.0)) == HERE

    def test_what_the_peer_closed_is_stale(self) -> None:
        ours, theirs = socket.socketpair()
        connection = Connection(ours)
        assert not connection.stale()
        theirs.close()
        assert connection.stale()
        connection.close()


class TestRoots:
    def test_are_those_that_awss_certificates_lead_to(self) -> None:
        found = x509.load_pem_x509_certificates(Path(ROOTS).read_bytes())
        assert {certificate.fingerprint(hashes.SHA256()).hex() for certificate in found} == FINGERPRINTS
