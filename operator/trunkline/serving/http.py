"""As much of HTTP/1.1 (RFC 9112) as the kubelet, Prometheus and the API server need: one request a connection, then it is closed.

Whoever connects is bounded in time from the first byte of the handshake to the last of the answer, in the length of what
is read, and in number: where too many are open the oldest is dropped, so that connections which say nothing keep nobody
out. Decides nothing about what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl

from trunkline.runtime.config import RuntimeFailedError

TEXT = "text/plain; charset=utf-8"
PAUSE_SECONDS = 1.0
SHUTDOWN_SECONDS = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """path: without its query. headers: names in lower case. Neither body nor headers are ever shown: a token is in them."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """headers: further ones."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def text(cls, status: HTTPStatus, text: str = "", **headers: str) -> Response:
        """One sentence; empty: the status's own words. headers: by name, with _ for -."""
        return cls(
            status,
            f"{text or status.phrase}\n".encode(),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds: for all of one connection. connections: open at once. line, head: bytes of the longest line and of all
    lines before the body. body: bytes of one; bodies: of all that are being read or answered.
    """

    seconds: float = 5.0
    connections: int = 256
    line: int = 16_384
    head: int = 65_536
    body: int = 0
    bodies: int = 0


class _RefusedError(Exception):
    """The request is not read to its end."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Listener:
    """Answers on one address until it is closed."""

    def __init__(self, bound: socket.socket, answer: Answer, limits: Limits, tls: ssl.SSLContext | None) -> None:
        self._socket = bound
        self._answer = answer
        self._limits = limits
        self._tls = tls
        self._held = 0
        self._open: dict[asyncio.Task[None], None] = {}  # the oldest first
        self._accepting = asyncio.create_task(self._accept(), name="listener")

    @property
    def port(self) -> int:
        """The one that was asked for; of 0 the one that was free."""
        return int(self._socket.getsockname()[1])

    async def close(self) -> None:
        """Takes no more, and breaks off what is under way."""
        tasks = [self._accepting, *self._open]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._socket.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._socket)
            except OSError as error:  # no file descriptor is left, for instance
                logger.warning("no connection can be taken; again in %g s: %s", PAUSE_SECONDS, error)
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if len(self._open) >= self._limits.connections:
                oldest = next(iter(self._open))
                del self._open[oldest]
                oldest.cancel()
            connection.setblocking(False)
            task = asyncio.create_task(self._serve(connection))
            self._open[task] = None
            task.add_done_callback(functools.partial(self._ended, connection))

    def _ended(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        """A task that is dropped before its first step closes nothing itself."""
        self._open.pop(task, None)
        connection.close()

    async def _serve(self, connection: socket.socket) -> None:
        """Who sends nonsense, or nothing, or goes away, is no news."""
        transport: asyncio.BaseTransport | None = None
        with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
            try:
                async with asyncio.timeout(self._limits.seconds):
                    reader, writer = await self._connected(connection)
                    transport = writer.transport
                    await self._exchange(reader, writer)
                    writer.close()
                    await writer.wait_closed()
            finally:
                if isinstance(transport, asyncio.WriteTransport):
                    transport.abort()

    async def _connected(self, connection: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=self._limits.line)
        protocol = asyncio.StreamReaderProtocol(reader)
        times = {} if self._tls is None else {"ssl_shutdown_timeout": SHUTDOWN_SECONDS}
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=self._tls, **times)
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held, whole = 0, True
        try:
            try:
                request, length = await _head(reader, self._limits)
                held = self._hold(length)
                body = await reader.readexactly(length)
                response = await self._answered(
                    Request(request.method, request.path, request.query, request.headers, body)
                )
            except _RefusedError as error:
                response, whole = Response.text(error.status), False
            lines = {
                "Content-Type": response.content_type,
                "Content-Length": str(len(response.body)),
                **response.headers,
                "Connection": "close",
            }
            status = f"HTTP/1.1 {response.status.value} {response.status.phrase}\r\n"
            writer.write((status + "".join(f"{name}: {value}\r\n" for name, value in lines.items())).encode() + b"\r\n")
            writer.write(response.body)
            await writer.drain()
            if not whole:
                await _let_go(reader, writer)
        finally:
            self._held -= held

    def _hold(self, length: int) -> int:
        if self._held + length > max(self._limits.bodies, self._limits.body):
            raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE)
        self._held += length
        return length

    async def _answered(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except Exception:
            logger.exception("no answer to %s %s", request.method, request.path)
            return Response.text(HTTPStatus.INTERNAL_SERVER_ERROR)


async def listen(
    address: tuple[str, int], answer: Answer, *, limits: Limits | None = None, tls: ssl.SSLContext | None = None
) -> Listener:
    """Answers as long as the loop turns. address: an empty host is every address of the machine, of IPv4 and of IPv6; port 0
    takes a free one. Raises RuntimeFailedError if the address cannot be had.
    """
    try:
        bound = _bound(*address)
    except OSError as error:
        raise RuntimeFailedError(f"cannot listen on {address[0]}:{address[1]}: {error}") from error
    bound.setblocking(False)
    return Listener(bound, answer, limits or Limits(), tls)


def _bound(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    host = host.removeprefix("[").removesuffix("]")
    both = socket.has_dualstack_ipv6()
    if not host and both:
        try:
            return _bound("::", port)
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                raise
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server(
        (host, port), family=family, backlog=128, dualstack_ipv6=both and family is socket.AF_INET6
    )


async def _head(reader: asyncio.StreamReader, limits: Limits) -> tuple[Request, int]:
    """All before the body, and the body's length."""
    words = (await _line(reader)).split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise _RefusedError(HTTPStatus.BAD_REQUEST)
    headers: dict[str, str] = {}
    size = 0
    while line := await _line(reader):
        size += len(line)
        if size > limits.head:
            raise _RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    path, _, query = words[1].partition("?")
    return Request(words[0], path, dict(parse_qsl(query)), headers), _length(headers, limits)


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        line = await reader.readline()
    except ValueError:
        raise _RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
    if not line.endswith(b"\n"):
        raise asyncio.IncompleteReadError(line, None)
    return line.decode("latin-1").strip()


def _length(headers: Mapping[str, str], limits: Limits) -> int:
    if "transfer-encoding" in headers:
        raise _RefusedError(HTTPStatus.LENGTH_REQUIRED)
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise _RefusedError(HTTPStatus.BAD_REQUEST)
    if int(text) > limits.body:
        raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return int(text)


async def _let_go(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """To close while something comes in resets the connection, and the client would not see why it was refused."""
    if writer.can_write_eof():
        writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SHUTDOWN_SECONDS):
            while await reader.read(65_536):
                pass
