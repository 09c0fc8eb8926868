"""One node of a cache and the one connection to it: logs in, asks, and lets go of a connection that it cannot trust.

A connection is taken out of its place while a command is under way and put back only when every reply was read whole
and nothing came after it. So whatever ends a call early (a deadline, a closed connection, bytes that are no reply, an
exception from anywhere) also ends the connection, and nobody is given the reply to somebody else's command.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.cache_secret import CacheSecret, Login
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.resp import ProtocolError, Reader, Reply, ReplyError, command
from shared.slots import Address
from shared.typed import Final, Protocol

RECEIVE = 4096  # bytes at first; a customer is a tenth of that
RECEIVE_MORE = 65536  # where that was not all: the map of a large cluster, which is parsed anew with each piece
IDLE_SECONDS = 240.0  # after which a connection is opened anew: AWS forgets idle ones from 350 s on, and tells nobody

_NO_LOGIN = frozenset({"AUTH", "Client"})  # "ERR AUTH <password> called without any password configured ...", and
# "ERR Client sent AUTH, but no password is set": the server wants none. A token is given to functions before the cache
# asks for it, so this is how it is while one is introduced.


class Wire(Protocol):
    """The part of `shared.connection.Connection` that is used here. All raise DeadlineExceededError, UnavailableError."""

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""

    def receive(self, limit: int, deadline: Deadline) -> bytes:
        """What has arrived, at least a byte; b"" if the peer closed."""

    def close(self) -> None:
        """Close; never raises."""


Dial = Callable[[Address, Deadline], Wire]


class UnansweredError(Exception):
    """A node did not answer. `reason`: "timeout", "connection", "protocol", "server" or "auth"."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the cache did not answer: {reason}")
        self.reason = reason


class Unasked:
    """Nothing was asked, or on a connection that was closed before any of the reply: ask again, it is no failure."""

    __slots__ = ()


UNASKED: Final = Unasked()


class Node:
    """A node at an address. `dial` opens connections, `clock` gives seconds, monotonic; `secret` is None without AUTH."""

    __slots__ = ("_clock", "_connection", "_dial", "_secret", "_used_at", "address")

    def __init__(self, address: Address, dial: Dial, secret: CacheSecret | None, clock: Callable[[], float]) -> None:
        self.address = address
        self._dial = dial
        self._secret = secret
        self._clock = clock
        self._connection: Wire | None = None
        self._used_at = 0.0

    def close(self) -> None:
        """Let go of the connection; the next command opens another, by name."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def connect(self, deadline: Deadline) -> None:
        """Be connected and logged in. Raises UnansweredError."""
        if self._connection is None:
            self._connection = self._open(deadline)
            self._used_at = self._clock()

    def quick(self, data: bytes, deadline: Deadline) -> Reply | Unasked:
        """The reply to one command on the connection that is there. Raises UnansweredError.

        The way of nearly every call, so without a function call more than it needs: one send, one receive.
        """
        connection = self._connection
        if connection is None:
            return UNASKED
        now = self._clock()
        if now - self._used_at > IDLE_SECONDS:
            self.close()
            return UNASKED
        self._connection = None
        received = b""
        try:
            connection.send(data, deadline)
            received = connection.receive(RECEIVE, deadline)
            if not received:
                connection.close()
                return UNASKED
            reply: Reply = _value(received)
            if reply is False:
                reply = _replies(connection, received, 1, deadline)[0]
        except BaseException as error:
            connection.close()
            failure = _unanswered(error)
            if _closed_while_idle(failure, received):
                return UNASKED
            raise failure from None
        self._connection = connection
        self._used_at = now
        return reply

    def exchange(self, data: bytes, count: int, deadline: Deadline) -> list[Reply]:
        """The replies to `count` commands in `data`, sent together. Raises UnansweredError.

        Connects and logs in first if need be. A connection that was closed while it was idle is opened anew, once.
        """
        kept = self._connection is not None and self._clock() - self._used_at <= IDLE_SECONDS
        if not kept:
            self.close()
        for reused in (True, False) if kept else (False,):
            self.connect(deadline)
            connection, self._connection = self._connection, None
            assert connection is not None  # noqa: S101  # `connect` has raised otherwise
            first = b""
            try:
                connection.send(data, deadline)
                first = connection.receive(RECEIVE, deadline)
                if not first:
                    raise UnavailableError("connection")  # noqa: TRY301  # closed, as the same error says elsewhere
                replies = _replies(connection, first, count, deadline)
            except BaseException as error:
                connection.close()
                failure = _unanswered(error)
                if reused and _closed_while_idle(failure, first):
                    continue
                raise failure from None
            self._connection = connection
            self._used_at = self._clock()
            return replies
        raise UnansweredError("connection")

    def _open(self, deadline: Deadline) -> Wire:
        secret = self._secret
        if secret is not None and not secret.load(deadline):
            raise UnansweredError("auth")
        try:
            connection = self._dial(self.address, deadline)
        except Exception as error:
            raise _unanswered(error) from None
        try:
            self._log_in(connection, deadline)
        except BaseException as error:
            connection.close()
            raise _unanswered(error) from None
        return connection

    def _log_in(self, connection: Wire, deadline: Deadline) -> None:
        """AUTH, if there is what to say; once more if the secret holds something else than what was refused."""
        secret = self._secret
        if secret is None or secret.login is None:
            return
        refused = _auth(connection, secret.login, deadline)
        if refused and secret.reread(deadline) and secret.login is not None:
            refused = _auth(connection, secret.login, deadline)
        if refused:
            raise UnansweredError("auth")


def _auth(connection: Wire, login: Login, deadline: Deadline) -> bool:
    """Whether the login was refused."""
    words = (login.username.encode(), login.password.encode()) if login.username else (login.password.encode(),)
    connection.send(command(b"AUTH", *words), deadline)
    reply = _replies(connection, b"", 1, deadline)[0]
    if not isinstance(reply, ReplyError):
        return False
    why = reply.words[0] if reply.words else ""
    if reply.code == "WRONGPASS" or (reply.code == "ERR" and why == "invalid"):  # the latter before Redis 6
        return True
    if reply.code == "ERR" and why in _NO_LOGIN:
        return False
    raise UnansweredError("server")  # "ERR max number of clients reached", "DENIED ..."


def _value(received: bytes) -> bytes | bool | None:
    """The value in a reply that is a bulk string, or None for no value; False if it is anything else, or not whole."""
    if received[0] != 0x24:  # "$"
        return False
    end = received.find(b"\r\n", 1, 16)
    digits = received[1:end]
    if end > 0 and digits.isdigit() and len(received) == end + 4 + int(digits) and received[-2:] == b"\r\n":
        return received[end + 2 : -2]
    return None if received == b"$-1\r\n" else False


def _replies(connection: Wire, received: bytes, count: int, deadline: Deadline) -> list[Reply]:
    """The next `count` replies, of which `received` is the beginning. Raises ProtocolError if more than these came."""
    reader = Reader()
    replies: list[Reply] = []
    if received:
        reader.feed(received)
    while True:
        while len(replies) < count and reader.take():
            replies.append(reader.reply)
        if len(replies) == count:
            if reader.rest():
                raise ProtocolError("more than was asked for")
            return replies
        received = connection.receive(max(RECEIVE_MORE, reader.missing), deadline)
        if not received:
            raise UnavailableError("connection")
        reader.feed(received)


def _unanswered(error: BaseException) -> BaseException:
    """What an error on the wire is to those who asked; errors that are none of the wire stay what they are."""
    if isinstance(error, DeadlineExceededError):
        return UnansweredError("timeout")
    if isinstance(error, UnavailableError):
        return UnansweredError("timeout" if error.reason == "timeout" else "connection")
    if isinstance(error, (DefectError, OSError)):  # a certificate that is none of ours
        return UnansweredError("connection")
    if isinstance(error, ProtocolError):
        return UnansweredError("protocol")
    return error


def _closed_while_idle(failure: BaseException, received: bytes) -> bool:
    """Whether a connection that was kept turned out to be closed: nothing was answered, so asking again is safe."""
    return not received and isinstance(failure, UnansweredError) and failure.reason == "connection"
