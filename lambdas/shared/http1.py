"""HTTP/1.1 as a client of AWS: one request, one whole answer, on a connection that is kept only if nothing is left on it.

http.client with what it imports costs more of a cold start than everything else here. Source: RFC 9112.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.deadline import Deadline
from shared.failure import UnavailableError
from shared.typed import NamedTuple, Protocol

RECEIVE = 65536
MOST_HEAD = 65536  # bytes of status line and headers, or of a chunk's own line
MOST_BODY = 32 * 1024 * 1024  # DynamoDB answers 16 MB at most
MOST_DIGITS = 16  # of a length


class Wire(Protocol):
    """The part of `shared.connection.Connection` that is used here."""

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""

    def receive(self, limit: int, deadline: Deadline) -> bytes:
        """What has arrived; b"" if the peer closed."""


class Answer(NamedTuple):
    """A whole answer. headers: names in small letters. reusable: the connection may carry another request."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    reusable: bool


class ClosedError(Exception):
    """The peer closed the connection before it answered anything."""


def exchange(wire: Wire, request: bytes, deadline: Deadline) -> Answer:
    """Send a request and read the answer to it.

    Raises ClosedError, UnavailableError "connection" or "corrupt", DeadlineExceededError; the connection is of no use
    then, whatever it was.
    """
    try:
        wire.send(request, deadline)
    except UnavailableError:
        raise ClosedError from None
    reader = _Reader(wire, deadline)
    while True:
        status, headers, version = reader.head()
        if status >= 200:
            break
    body, delimited = reader.body(status, headers)
    close = headers.get("connection", "").lower() == "close" or version == b"HTTP/1.0" or not delimited
    return Answer(status, headers, body, reusable=not close and not reader.rest)


class _Reader:
    """What has arrived and is not read yet."""

    __slots__ = ("_deadline", "_wire", "rest")

    def __init__(self, wire: Wire, deadline: Deadline) -> None:
        self._wire = wire
        self._deadline = deadline
        self.rest = b""

    def head(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, version."""
        end = self._until(b"\r\n\r\n", first=True)
        lines = self.rest[:end].split(b"\r\n")
        self.rest = self.rest[end + 4 :]
        version, _, after = lines[0].partition(b" ")
        digits = after[:3]
        if not version.startswith(b"HTTP/1.") or not digits.isdigit() or len(digits) != 3:
            raise UnavailableError("corrupt")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon:
                raise UnavailableError("corrupt")
            headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
        return int(digits), headers, version

    def body(self, status: int, headers: Mapping[str, str]) -> tuple[bytes, bool]:
        """The body, and whether the answer itself says where it ends."""
        if status in (204, 304):
            return b"", True
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks(), True
        length = headers.get("content-length")
        if length is None:
            return self._everything(), False
        if not (length.isascii() and length.isdigit()) or len(length) > MOST_DIGITS or int(length) > MOST_BODY:
            raise UnavailableError("corrupt")
        return self._exactly(int(length)), True

    def _until(self, mark: bytes, *, first: bool = False) -> int:
        while (end := self.rest.find(mark)) < 0:
            if len(self.rest) > MOST_HEAD:
                raise UnavailableError("corrupt")
            self._more(first=first)
        return end

    def _exactly(self, length: int) -> bytes:
        if len(self.rest) < length:
            parts, have = [self.rest], len(self.rest)
            while have < length:
                part = self._wire.receive(RECEIVE, self._deadline)
                if not part:
                    raise UnavailableError("connection")
                parts.append(part)
                have += len(part)
            self.rest = b"".join(parts)
        found, self.rest = self.rest[:length], self.rest[length:]
        return found

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            end = self._until(b"\r\n")
            digits = self.rest[:end].partition(b";")[0].strip()
            self.rest = self.rest[end + 2 :]
            if not digits.isalnum() or len(digits) > MOST_DIGITS:  # int() would take signs and underscores
                raise UnavailableError("corrupt")
            try:
                length = int(digits, 16)
            except ValueError:
                raise UnavailableError("corrupt") from None
            size += length
            if size > MOST_BODY:
                raise UnavailableError("corrupt")
            if length == 0:
                break
            parts.append(self._exactly(length))
            if self._exactly(2) != b"\r\n":
                raise UnavailableError("corrupt")
        while True:  # trailers
            end = self._until(b"\r\n")
            line, self.rest = self.rest[:end], self.rest[end + 2 :]
            if not line:
                return b"".join(parts)

    def _everything(self) -> bytes:
        parts = [self.rest]
        size = len(self.rest)
        self.rest = b""
        while part := self._wire.receive(RECEIVE, self._deadline):
            size += len(part)
            if size > MOST_BODY:
                raise UnavailableError("corrupt")
            parts.append(part)
        return b"".join(parts)

    def _more(self, *, first: bool) -> None:
        try:
            part = self._wire.receive(RECEIVE, self._deadline)
        except UnavailableError:
            if first and not self.rest:
                raise ClosedError from None
            raise
        if not part:
            raise ClosedError if first and not self.rest else UnavailableError("connection")
        self.rest += part
