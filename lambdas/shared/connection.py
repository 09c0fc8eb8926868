"""A TCP or TLS connection on which nothing takes longer than a deadline.

Opens, sends, receives, closes; knows nothing of what is said on it. After any error the connection is closed: nobody
may read what is left of somebody else's reply.

Waiting is done in slices of SLICE_SECONDS after each of which the deadline is looked at. So how long a wait may take is
set once, and only the last slice costs a system call more. The kernel does the waiting (SO_RCVTIMEO, SO_SNDTIMEO): a
timeout of Python's own would poll in every call, over TLS after a read in vain, which is a tenth of asking a cache.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import struct
from collections.abc import Callable, Sequence

from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.resolve import Address, Resolver

SLICE_SECONDS = 0.05
LEAST_SECONDS = 0.000_001  # to the kernel, zero is for ever
_timeval = struct.Struct("@ll")
# The kernel's time is up, or TLS had something of its own to do: look at the deadline, and go on.
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Connection:
    """An open connection; see `open`. Raises DeadlineExceededError, and UnavailableError "connection"."""

    __slots__ = ("_receive", "_send", "_socket", "_waits")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        if isinstance(connected, ssl.SSLSocket):  # whose send and recv do nothing here but call these
            self._send: Callable[[bytes | memoryview], int] = connected.write
            self._receive: Callable[[int], bytes] = connected.read
        else:
            self._send, self._receive = connected.send, connected.recv
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
        connected = _connect(resolver.resolve(host, deadline), port, deadline)
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if tls is not None:
                connected = _secured(connected, host, tls, deadline)
        except BaseException:
            connected.close()
            raise
        return cls(connected)

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""
        try:
            rest: bytes | memoryview = data
            while rest:
                self._patience(deadline)
                try:
                    sent = self._send(rest)
                except _NOT_YET:
                    continue
                if sent == len(rest):  # with nothing in flight the kernel takes a request whole
                    return
                rest = memoryview(rest)[sent:]
        except OSError as error:
            self.close()
            raise UnavailableError("connection") from error
        except BaseException:
            self.close()
            raise

    def receive(self, limit: int, deadline: Deadline) -> bytes:
        """What has arrived, at least a byte; b"" if the peer closed."""
        try:
            while True:
                self._patience(deadline)
                try:
                    return self._receive(limit)
                except _NOT_YET:
                    continue
        except OSError as error:
            self.close()
            raise UnavailableError("connection") from error
        except BaseException:
            self.close()
            raise

    def stale(self) -> bool:
        """Whether something happened on it while it was idle: closed by the peer, or bytes that nobody asked for."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        return bool(poller.poll(0))

    def close(self) -> None:
        """Close; never raises."""
        try:  # noqa: SIM105  # contextlib is not imported on the call path
            self._socket.close()
        except OSError:
            pass

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


def _connect(addresses: Sequence[Address], port: int, deadline: Deadline) -> socket.socket:
    """Each address gets its share of the time that is left, so that one that is silent leaves some for the others."""
    for tried, address in enumerate(addresses):
        share = deadline.require() / (len(addresses) - tried)
        opened = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            opened.settimeout(share)
            opened.connect((address.host, port))
        except TimeoutError:
            opened.close()
        except OSError:
            opened.close()
        except BaseException:
            opened.close()
            raise
        else:
            return opened
    if deadline.remaining() <= 0:
        raise DeadlineExceededError("no connection in time")
    raise UnavailableError("connection")


def _secured(connected: socket.socket, host: str, tls: ssl.SSLContext, deadline: Deadline) -> socket.socket:
    wrapped = tls.wrap_socket(connected, server_hostname=host, do_handshake_on_connect=False)
    try:
        while True:
            wrapped.settimeout(min(SLICE_SECONDS, deadline.require()))
            try:
                wrapped.do_handshake()
            except TimeoutError:
                continue
            return wrapped
    except ssl.SSLCertVerificationError as error:
        wrapped.close()
        raise DefectError("CertificateNotTrusted") from error
    except OSError as error:
        wrapped.close()
        raise UnavailableError("connection") from error
    except BaseException:
        wrapped.close()
        raise
