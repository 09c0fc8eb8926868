"""The Redis serialization protocol, version 2: commands to bytes, bytes to replies. Pure: no socket, no clock.

A reply is taken only when it is there in full; what is no reply is a ProtocolError, after which nothing on that
connection can be trusted. Neither errors nor their `repr` quote what a server wrote: it may quote a key or a name.

Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP2; connections here never send HELLO 3)
"""

from __future__ import annotations

from shared.typed import TypeAlias

MAX_BULK = 8 * 1024 * 1024  # bytes; what functions cache is a few hundred, so more is a stream that lost its place
MAX_LINE = 64 * 1024
MAX_ITEMS = 1024 * 1024
MAX_DEPTH = 8
MORE = 1  # bytes: how much is missing is not known yet, only that something is


class ProtocolError(Exception):
    """The bytes are no reply. `args[0]` says what was wrong with them, never what they were."""


class ReplyError:
    """An error that the server answered: a value, because in a pipeline the replies after it still count.

    `code` is its first word ("MOVED", "WRONGPASS", "ERR"); ElastiCache serverless writes "ERR MOVED ...", which is
    MOVED here. `words` are those after the code; they may quote a key, so they are read and never shown.
    """

    __slots__ = ("code", "words")

    def __init__(self, line: str) -> None:
        words = line.split()
        if len(words) > 1 and words[0] == "ERR" and words[1] in _AFTER_ERR:
            del words[0]
        code = words[0] if words else ""
        self.code = code if _is_code(code) else "ERR"
        self.words: tuple[str, ...] = tuple(words[1:])

    def __repr__(self) -> str:
        return f"ReplyError({self.code})"


def _is_code(word: str) -> bool:
    """A capital letter, then those, digits and underscores."""
    return word.isascii() and word.isidentifier() and word == word.upper() and word[0] != "_"


_AFTER_ERR = frozenset({"MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN", "READONLY"})

Reply: TypeAlias = "bytes | int | ReplyError | list[Reply] | None"


def command(*parts: bytes) -> bytes:
    """A command as an array of bulk strings, the only form that holds any bytes."""
    return b"*%d\r\n" % len(parts) + b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


def get_command(key: bytes) -> bytes:
    """`command(b"GET", key)`, in one formatting: this is what callers wait for."""
    return b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(key), key)


class Reader:
    """Takes replies off what arrives in pieces of any size.

    `feed` what was received, then `take` until it returns False. `missing` is the least number of bytes that the next
    `take` can do with, so that a long value is parsed once and not with every piece of it.
    """

    __slots__ = ("_buffer", "missing", "reply")

    def __init__(self) -> None:
        self._buffer = b""
        self.missing = MORE
        self.reply: Reply = None

    def feed(self, data: bytes) -> None:
        """Append what was received."""
        self._buffer = self._buffer + data if self._buffer else data
        self.missing -= len(data)

    def take(self) -> bool:
        """Whether a whole reply is there; it is `reply` then, and no longer in the buffer. Raises ProtocolError."""
        if self.missing > 0:
            return False
        try:
            self.reply, end = _parse(self._buffer, 0, 0)
        except _IncompleteError as incomplete:
            self.missing = incomplete.missing
            return False
        self._buffer = self._buffer[end:]
        self.missing = 0 if self._buffer else MORE
        return True

    def rest(self) -> bool:
        """Whether bytes are left that belong to no reply taken so far."""
        return bool(self._buffer)


class _IncompleteError(Exception):
    def __init__(self, missing: int) -> None:
        self.missing = missing


def _parse(buffer: bytes, start: int, depth: int) -> tuple[Reply, int]:
    """The reply at `start`, and where the next one begins."""
    end = buffer.find(b"\r\n", start, start + MAX_LINE)
    if end < 0:
        if len(buffer) - start >= MAX_LINE:
            raise ProtocolError("a line without an end")
        if start < len(buffer) and buffer[start] not in _KINDS:
            raise ProtocolError("not a reply")
        raise _IncompleteError(MORE)
    kind = buffer[start]
    after = end + 2
    if kind == _BULK:
        size = _count(buffer[start + 1 : end], MAX_BULK)
        return (None, after) if size < 0 else _bulk(buffer, after, size)
    if kind == _SIMPLE:
        return buffer[start + 1 : end], after
    if kind == _ERROR:
        return ReplyError(buffer[start + 1 : end].decode("utf-8", "replace")), after
    if kind == _INTEGER:
        return _integer(buffer[start + 1 : end]), after
    if kind == _ARRAY:
        size = _count(buffer[start + 1 : end], MAX_ITEMS)
        return (None, after) if size < 0 else _array(buffer, after, size, depth)
    raise ProtocolError("not a reply")


_BULK, _SIMPLE, _ERROR, _INTEGER, _ARRAY = b"$+-:*"
_KINDS = b"$+-:*"


def _bulk(buffer: bytes, start: int, size: int) -> tuple[bytes, int]:
    end = start + size
    if len(buffer) < end + 2:
        raise _IncompleteError(end + 2 - len(buffer))
    if buffer[end : end + 2] != b"\r\n":
        raise ProtocolError("a value longer than it says")
    return buffer[start:end], end + 2


def _array(buffer: bytes, start: int, size: int, depth: int) -> tuple[list[Reply], int]:
    if depth >= MAX_DEPTH:
        raise ProtocolError("arrays too deep")
    items: list[Reply] = []
    for _ in range(size):
        item, start = _parse(buffer, start, depth + 1)
        items.append(item)
    return items, start


def _integer(digits: bytes) -> int:
    sign = digits[:1] in (b"-", b"+")
    if not digits[sign:].isdigit() or len(digits) > 20:  # 64 bits
        raise ProtocolError("not a number")
    return int(digits)


def _count(digits: bytes, most: int) -> int:
    count = _integer(digits)
    if count > most or count < -1:
        raise ProtocolError("a length out of range")
    return count
