"""The last look before bytes leave: connections that send nothing once the sender may not lead any more.

Three things together, for a change must not arrive after another process began to lead:

- before each piece that is handed to the kernel, the lease must last for `reserve` seconds yet;
- a process that stands still just then is ended by the kernel (`fuse`) instead of sending when it wakes up;
- the kernel gives up bytes that the other side does not acknowledge for DELIVERY_SECONDS (TCP_USER_TIMEOUT), or it
  would repeat them for minutes after a cut. https://man7.org/linux/man-pages/man7/tcp.7.html

A mixin for connections of urllib3 and http.client, so that this package imports neither.
"""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from trunkline.tenure.fuse import Fuse
from trunkline.tenure.right import NotLeadingError, Tenure

DELIVERY_SECONDS = 5.0
HANDOVER_SECONDS = 2.5  # the most that the kernel may take to accept a piece: else the call fails, not the process
LEAST_RESERVE = DELIVERY_SECONDS + HANDOVER_SECONDS + 0.5
PIECE = 16_384  # bytes: one TLS record, so one system call

_FUSE = Fuse()
_lent = threading.local()


@dataclass(slots=True)
class Sending:
    """What a thread is about to send is a change. refused: it was not sent, for the lease does not last."""

    tenure: Tenure
    reserve: float
    refused: bool = False

    def check(self) -> float:
        """Until when we lead. Raises NotLeadingError."""
        until = self.tenure.until
        if until - self.tenure.now() <= self.reserve:
            self.refused = True
            raise NotLeadingError("leadership may end before the change arrives")
        return until


@contextmanager
def sending(tenure: Tenure | None, reserve: float) -> Iterator[Sending | None]:
    """What this thread sends within the block needs the right to write; None: it does not.

    reserve: seconds for which the lease must last when a piece is sent; never less than LEAST_RESERVE.
    """
    alone = tenure is None or math.isinf(tenure.until)
    _lent.sending = change = None if tenure is None or alone else Sending(tenure, max(reserve, LEAST_RESERVE))
    try:
        yield change
    finally:
        _lent.sending = None


class GuardedConnection:
    """Before `http.client.HTTPConnection`, or urllib3's, in a class's bases."""

    sock: Any

    def connect(self) -> None:
        """As the connection does, and no byte is repeated for long."""
        super().connect()  # type: ignore[misc]
        option = getattr(socket, "TCP_USER_TIMEOUT", None)
        if option is not None and self.sock is not None:
            self.sock.setsockopt(socket.IPPROTO_TCP, option, int(DELIVERY_SECONDS * 1000))

    def send(self, data: Any) -> None:
        """As the connection does. Raises NotLeadingError."""
        change: Sending | None = getattr(_lent, "sending", None)
        if change is None:
            super().send(data)  # type: ignore[misc]
            return
        if self.sock is None:
            self.connect()  # takes its time, and may: it changes nothing
        patience = self.sock.gettimeout()
        self.sock.settimeout(HANDOVER_SECONDS if patience is None else min(patience, HANDOVER_SECONDS))
        for piece in _pieces(data):
            _FUSE.arm(change.check() - DELIVERY_SECONDS)
            try:
                change.check()  # again: what expired before the fuse was armed
                super().send(piece)  # type: ignore[misc]
            finally:
                _FUSE.disarm()
        self.sock.settimeout(patience)


def guarded(pools: Mapping[str, Any]) -> dict[str, Any]:
    """The same classes of urllib3 connection pools, by scheme, with connections that take the last look."""
    return {
        scheme: type(
            f"Guarded{pool.__name__}",
            (pool,),
            {
                "ConnectionCls": type(
                    f"Guarded{pool.ConnectionCls.__name__}", (GuardedConnection, pool.ConnectionCls), {}
                )
            },
        )
        for scheme, pool in pools.items()
    }


def _pieces(data: Any) -> Iterator[Any]:
    if isinstance(data, bytes | bytearray) and len(data) > PIECE:
        view = memoryview(data)
        for start in range(0, len(view), PIECE):
            yield view[start : start + PIECE]
    else:
        yield data
