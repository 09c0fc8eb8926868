"""A TCP or TLS connection on which nothing takes longer than a deadline.

Opens, sends, receives, closes; knows nothing of what is said on it. After any error the connection is closed: nobody
may read what is left of somebody else's reply.

Waiting is done in slices of SLICE_SECONDS after each of which the deadline is looked at. So how long a wait may take is
set once, and only the last slice costs a system call more. The kernel does the waiting (SO_RCVTIMEO, SO_SNDTIMEO): a
timeout of Python's own would poll in every call, which is a good part of asking a cache.

TLS is done beside the socket, on what the socket gave (`ssl.MemoryBIO`): OpenSSL reading by itself would not come back
before a record is whole, however slowly its bytes arrive, and would take two system calls where one does.
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
from collections.abc import Sequence

from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.resolve import Address, Resolver

SLICE_SECONDS = 0.05
LEAST_SECONDS = 0.000_001  # to the kernel, zero is for ever
_RECEIVE = 16384  # bytes at once where nobody says how many
_timeval = struct.Struct("@ll")


class Connection:
    """An open connection; see `open`. Raises DeadlineExceededError, and UnavailableError "connection"."""

    __slots__ = ("_socket", "_waits")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        connected.setblocking(False)  # Python does not wait
        os.set_blocking(connected.fileno(), True)  # the kernel does
        self._wait(SLICE_SECONDS)

    @classmethod
    def open(
        cls, host: str, port: int, deadline: Deadline, *, tls: ssl.SSLContext | None, resolver: Resolver
    ) -> Connection:
        """Connect to the first address of a name that answers. tls: speak TLS, and verify that it is this host.

        Raises UnavailableError, DeadlineExceededError; DefectError if the host's certificate is none of a root that is
        trusted, is for another name, or has expired.
        """
        addresses = resolver.resolve(host, deadline)
        try:
            connected = _connect(addresses, port, deadline)
        except (UnavailableError, DeadlineExceededError):
            resolver.forget(host)  # the name may lead elsewhere by now
            raise
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if tls is None:
                return cls(connected)
            secured = _secured(connected, host, tls)
            secured.handshake(deadline)
        except OSError as error:
            connected.close()
            raise UnavailableError("connection") from error
        except BaseException:
            connected.close()
            raise
        return secured

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""
        try:
            self._send(data, deadline)
        except OSError as error:
            self.close()
            raise UnavailableError("connection") from error
        except BaseException:
            self.close()
            raise

    def receive(self, limit: int, deadline: Deadline) -> bytes:
        """What has arrived, at least a byte; b"" if the peer closed."""
        try:
            return self._receive(limit, deadline)
        except OSError as error:
            self.close()
            raise UnavailableError("connection") from error
        except BaseException:
            self.close()
            raise

    def stale(self) -> bool:
        """Whether something happened on it while it was idle: closed by the peer, or bytes that nobody asked for."""
        try:
            self._socket.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Close; never raises."""
        try:  # noqa: SIM105  # contextlib is not imported on the call path
            self._socket.close()
        except OSError:
            pass

    def _send(self, data: bytes, deadline: Deadline) -> None:
        rest: bytes | memoryview = data
        while rest:
            self._patience(deadline)
            try:
                sent = self._socket.send(rest)
            except BlockingIOError:  # the kernel's time is up
                continue
            if sent == len(rest):  # with nothing in flight the kernel takes a request whole
                return
            rest = memoryview(rest)[sent:]

    def _receive(self, limit: int, deadline: Deadline) -> bytes:
        while True:
            self._patience(deadline)
            try:
                return self._socket.recv(limit)
            except BlockingIOError:
                continue

    def _patience(self, deadline: Deadline) -> None:
        """See to it that the next wait ends by the deadline. Raises DeadlineExceededError."""
        left = deadline.remaining()
        if left <= 0:
            raise DeadlineExceededError
        if left < SLICE_SECONDS:
            self._wait(left)
        elif self._waits != SLICE_SECONDS:
            self._wait(SLICE_SECONDS)

    def _wait(self, seconds: float) -> None:
        """Let the kernel wait so long, less than a second."""
        timeval = _timeval.pack(0, int(max(seconds, LEAST_SECONDS) * 1_000_000))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
        self._waits = seconds


class _SecureConnection(Connection):
    """The same with TLS. What arrives goes into `_arrived` as it is, what TLS wants to send comes out of `_leaving`."""

    __slots__ = ("_arrived", "_leaving", "_more", "_tls")

    def __init__(self, connected: socket.socket, host: str, tls: ssl.SSLContext) -> None:
        super().__init__(connected)
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = tls.wrap_bio(self._arrived, self._leaving, server_hostname=host)
        self._more = False  # whether there may be something to read without waiting for it

    def handshake(self, deadline: Deadline) -> None:
        """Raises UnavailableError, DefectError, DeadlineExceededError."""
        try:
            while True:
                try:
                    self._tls.do_handshake()
                except ssl.SSLWantReadError:
                    self._flush(deadline)
                    self._feed(_RECEIVE, deadline)
                    continue
                self._flush(deadline)
                return
        except ssl.SSLCertVerificationError as error:
            raise DefectError("CertificateNotTrusted") from error
        except OSError as error:
            raise UnavailableError("connection") from error

    def stale(self) -> bool:
        """As Connection; what TLS sends for itself, as session tickets after a handshake, is read and is nothing."""
        try:
            while not (self._more or self._arrived.eof):
                arrived = self._socket.recv(_RECEIVE, socket.MSG_DONTWAIT)
                if not arrived:
                    return True
                self._arrived.write(arrived)
                try:
                    self._tls.read(1)
                except ssl.SSLWantReadError:
                    continue
                return True
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _send(self, data: bytes, deadline: Deadline) -> None:
        self._tls.write(data)
        super()._send(self._leaving.read(), deadline)

    def _receive(self, limit: int, deadline: Deadline) -> bytes:
        if not self._more:
            self._feed(limit, deadline)
        while True:
            try:
                found = self._tls.read(limit)
            except ssl.SSLWantReadError:  # a part of a record, or one that is TLS's own
                self._flush(deadline)
                self._feed(limit, deadline)
                continue
            self._more = len(found) == limit or self._arrived.pending > 0
            return found

    def _feed(self, limit: int, deadline: Deadline) -> None:
        arrived = super()._receive(limit, deadline)
        if arrived:
            self._arrived.write(arrived)
        else:
            self._arrived.write_eof()

    def _flush(self, deadline: Deadline) -> None:
        if self._leaving.pending:
            super()._send(self._leaving.read(), deadline)


def _secured(connected: socket.socket, host: str, tls: ssl.SSLContext) -> _SecureConnection:
    """Raises UnavailableError for what can be no host's name: nobody has a certificate for it."""
    try:
        return _SecureConnection(connected, host, tls)
    except ValueError:
        raise UnavailableError("connection") from None


def _connect(addresses: Sequence[Address], port: int, deadline: Deadline) -> socket.socket:
    """Each address gets its share of the time that is left, so that one that is silent leaves some for the others."""
    for tried, address in enumerate(addresses):
        share = deadline.require() / (len(addresses) - tried)
        try:
            opened = socket.socket(address.family, socket.SOCK_STREAM)
        except OSError:  # a family that this machine has not, or no more files
            continue
        try:
            opened.settimeout(share)
            opened.connect((address.host, port))
        except TimeoutError:
            opened.close()
        except (OSError, OverflowError):  # the latter for what is no port
            opened.close()
        except BaseException:
            opened.close()
            raise
        else:
            return opened
    if deadline.remaining() <= 0:
        raise DeadlineExceededError("no connection in time")
    raise UnavailableError("connection")
