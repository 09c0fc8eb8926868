"""A cache in memory that does to each command what it is told, and time that passes only while somebody waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.breaker import Breaker
from shared.cache import Cache
from shared.cache_secret import CacheSecret
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import UnavailableError
from shared.nodes import Nodes
from shared.resp import Reader
from shared.slots import SLOTS, Address, slot_of

SEED = Address("cache.example", 6379)
OTHER = Address("other.example", 6379)
HALF = SLOTS // 2
NEVER = 3600.0  # seconds; longer than any test waits


class Clock:
    """Seconds, monotonic."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Server:
    """What a cluster of two holds, and what it does to the commands that come. `plan` is used up command by command: a
    word of BEHAVIORS; with none left it behaves well. AUTH and CLUSTER SLOTS do not count as commands.
    """

    clock: Clock
    plan: deque[str] = field(default_factory=deque)
    dials: deque[str] = field(default_factory=deque)  # "refuse", "hang" or "ok", connection by connection
    kept: dict[bytes, bytes] = field(default_factory=dict)
    seconds: dict[bytes, int] = field(default_factory=dict)  # for how long, as SET said
    asked: list[tuple[Address, bytes]] = field(default_factory=list)  # (node, command word), AUTH and CLUSTER included
    cluster: bool = False
    password: bytes | None = None
    forgotten: list[str] = field(default_factory=list)
    wires: list[MemoryWire] = field(default_factory=list)

    def dial(self, address: Address, deadline: Deadline) -> MemoryWire:
        how = self.dials.popleft() if self.dials else "ok"
        if how == "refuse":
            raise UnavailableError("connection")
        if how == "hang":
            self.clock.now += max(0.0, deadline.remaining())
            raise DeadlineExceededError
        wire = MemoryWire(self, address)
        self.wires.append(wire)
        return wire

    def owner(self, key: bytes) -> Address:
        return SEED if not self.cluster or slot_of(key) < HALF else OTHER

    def answer(self, wire: MemoryWire, words: list[bytes]) -> None:
        """Do what the plan says to one command."""
        self.asked.append((wire.address, words[0]))
        if words[0] == b"AUTH":
            wire.known = words[-1] == self.password
            wire.arrive(b"+OK\r\n" if wire.known else b"-WRONGPASS invalid username-password pair\r\n")
        elif words[0] == b"CLUSTER":
            wire.arrive(self._slots() if self.cluster else b"-ERR This instance has cluster support disabled\r\n")
        elif words[0] == b"ASKING":
            wire.asking = True
            wire.arrive(b"+OK\r\n")
        else:
            BEHAVIORS[self.plan.popleft() if self.plan else "answer"](self, wire, words)
            wire.asking = False

    def reply(self, wire: MemoryWire, words: list[bytes]) -> bytes:
        """What a good server says."""
        if self.password is not None and not wire.known:
            return b"-NOAUTH Authentication required.\r\n"
        verb, key = words[0], words[1]
        owner = self.owner(key)
        if owner != wire.address and not wire.asking:
            return b"-MOVED %d %b:%d\r\n" % (slot_of(key), owner.host.encode(), owner.port)
        if verb == b"SET":
            self.kept[key] = words[2]
            self.seconds[key] = int(words[4])
            return b"+OK\r\n"
        if verb == b"DEL":
            return b":%d\r\n" % (self.kept.pop(key, None) is not None)
        value = self.kept.get(key)
        return b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value)

    @staticmethod
    def _slots() -> bytes:
        def one(first: int, last: int, address: Address) -> bytes:
            host = address.host.encode()
            return b"*3\r\n:%d\r\n:%d\r\n*2\r\n$%d\r\n%b\r\n:%d\r\n" % (first, last, len(host), host, address.port)

        return b"*2\r\n" + one(0, HALF - 1, SEED) + one(HALF, SLOTS - 1, OTHER)


class MemoryWire:
    """A connection to a Server; what arrives on it later is waited for on the clock."""

    def __init__(self, server: Server, address: Address) -> None:
        self.address = address
        self.known = False
        self.asking = False
        self.closed = False
        self._server = server
        self._requests = Reader()
        self._arriving: list[tuple[float, bytes]] = []  # b"" is the peer's close

    def arrive(self, data: bytes, after: float = 0.0) -> None:
        """Have these bytes here in so many seconds, and not before those that are under way."""
        at = max(self._server.clock.now + after, self._arriving[-1][0] if self._arriving else 0.0)
        self._arriving.append((at, data))

    def send(self, data: bytes, deadline: Deadline) -> None:
        assert not self.closed, "sent on a connection that was let go of"
        if deadline.remaining() <= 0:
            raise DeadlineExceededError
        if any(not piece for _, piece in self._arriving):
            raise UnavailableError("connection")
        self._requests.feed(data)
        while self._requests.take():
            words = self._requests.reply
            assert isinstance(words, list)
            self._server.answer(self, [word for word in words if isinstance(word, bytes)])

    def receive(self, limit: int, deadline: Deadline) -> bytes:
        assert not self.closed, "received on a connection that was let go of"
        clock = self._server.clock
        if deadline.remaining() <= 0:
            raise DeadlineExceededError
        if not self._arriving or self._arriving[0][0] > clock.now + deadline.remaining():
            clock.now += deadline.remaining()
            raise DeadlineExceededError
        at, data = self._arriving.pop(0)
        clock.now = max(clock.now, at)
        if not data:
            self._arriving.insert(0, (at, data))
        while data and self._arriving and self._arriving[0][0] <= clock.now and self._arriving[0][1]:
            data += self._arriving.pop(0)[1]
        if len(data) > limit:
            self._arriving.insert(0, (clock.now, data[limit:]))
        return data[:limit]

    def close(self) -> None:
        self.closed = True


Behavior = Callable[[Server, MemoryWire, list[bytes]], None]


def _answers(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    wire.arrive(server.reply(wire, words))


def _says(line: bytes) -> Behavior:
    return lambda server, wire, words: wire.arrive(line)


def _late(seconds: float) -> Behavior:
    return lambda server, wire, words: wire.arrive(server.reply(wire, words), seconds)


def _drips(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    for count, byte in enumerate(server.reply(wire, words)):
        wire.arrive(bytes([byte]), count * 0.03)


def _halts(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    reply = server.reply(wire, words)
    wire.arrive(reply[: len(reply) // 2])
    wire.arrive(reply[len(reply) // 2 :], 0.5)


def _breaks_off(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    reply = server.reply(wire, words)
    wire.arrive(reply[: len(reply) // 2])
    wire.arrive(b"")


def _answers_twice(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    reply = server.reply(wire, words)
    wire.arrive(reply + reply)


def _answers_and_closes(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    wire.arrive(server.reply(wire, words))
    wire.arrive(b"")


def _closes(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    wire.arrive(b"")


def _sends_elsewhere(word: bytes) -> Behavior:
    def behavior(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
        target = OTHER if wire.address == SEED else SEED
        wire.arrive(b"-%b %d %b:%d\r\n" % (word, slot_of(words[1]), target.host.encode(), target.port))

    return behavior


def _truncates(server: Server, wire: MemoryWire, words: list[bytes]) -> None:
    """A length that says more than comes."""
    wire.arrive(b"$400\r\ncust:other says hello\r\n")


BEHAVIORS: dict[str, Behavior] = {
    "answer": _answers,
    "late": _late(0.5),
    "slow": _late(0.03),
    "drip": _drips,
    "halt": _halts,
    "break off": _breaks_off,
    "twice": _answers_twice,
    "answer and close": _answers_and_closes,
    "close": _closes,
    "hang": lambda server, wire, words: None,
    "truncate": _truncates,
    "garbage": _says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "not for us": _says(b"*1\r\n:42\r\n"),
    "moved": _sends_elsewhere(b"MOVED"),
    "moved, serverless": _sends_elsewhere(b"ERR MOVED"),
    "moved nowhere": _says(b"-MOVED nowhere\r\n"),
    "ask": _sends_elsewhere(b"ASK"),
    "LOADING": _says(b"-LOADING Redis is loading the dataset in memory\r\n"),
    "OOM": _says(b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"),
    "CLUSTERDOWN": _says(b"-CLUSTERDOWN Hash slot not served\r\n"),
    "TRYAGAIN": _says(b"-TRYAGAIN Multiple keys request during rehashing of slot\r\n"),
    "READONLY": _says(b"-READONLY You can't write against a read only replica.\r\n"),
    "NOAUTH": _says(b"-NOAUTH Authentication required.\r\n"),
    "NOPERM": _says(b"-NOPERM User default has no permissions to run the 'get' command\r\n"),
    "ERR": _says(b"-ERR max number of clients reached\r\n"),
}


@dataclass
class MemorySecrets:
    """Secrets Manager: texts by ARN, or what it raises."""

    texts: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None
    read: list[str] = field(default_factory=list)

    def get_secret(self, arn: str, deadline: Deadline) -> str:
        self.read.append(arn)
        if self.error is not None:
            raise self.error
        return self.texts[arn]


def cache_of(server: Server, secret: CacheSecret | None = None) -> Cache:
    """A cache in front of this server."""
    nodes = Nodes(
        SEED,
        cluster=server.cluster,
        dial=server.dial,
        forget=server.forgotten.append,
        secret=secret,
        clock=server.clock,
    )
    return Cache(nodes, secret, Breaker(server.clock, lambda: 0.5))


def within(server: Server, seconds: float = 0.08) -> Deadline:
    """A deadline on the server's clock."""
    return Deadline.after(seconds, server.clock)
