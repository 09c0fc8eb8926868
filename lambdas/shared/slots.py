"""Which node of a cluster holds a key, and what redirections say about it. Pure.

Sources: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ (hash slots, hash tags, MOVED and
ASK), https://redis.io/docs/latest/commands/cluster-slots/
"""

from __future__ import annotations

from binascii import crc_hqx

from shared.resp import Reply, ReplyError
from shared.typed import NamedTuple

SLOTS = 16384


class Address(NamedTuple):
    """Where a node listens. The host is what certificates are checked against."""

    host: str
    port: int


class Redirection(NamedTuple):
    """What MOVED and ASK carry."""

    slot: int
    address: Address


def slot_of(key: bytes) -> int:
    """The hash slot of a key: CRC16 (XMODEM) of its hash tag, if it has one, else of all of it."""
    start = key.find(b"{")
    if start >= 0:
        end = key.find(b"}", start + 1)
        if end > start + 1:
            key = key[start + 1 : end]
    return crc_hqx(key, 0) % SLOTS


def redirection(error: ReplyError, asked: Address) -> Redirection | None:
    """The target of a MOVED or ASK; None if it cannot be read.

    An empty host, or "?", stands for the host that was asked: Redis says so where it does not know its own name.
    """
    if len(error.words) < 2:
        return None
    slot = _number(error.words[0])
    host, separator, digits = error.words[1].rpartition(":")
    port = _number(digits)
    if not separator or slot is None or slot >= SLOTS or port is None or not 0 < port < 65536:
        return None
    return Redirection(slot, Address(_known(host, asked), port))


def _number(digits: str) -> int | None:
    """A slot or port; None if it is none: int() raises for some digits, and for more than a few thousand."""
    return int(digits) if len(digits) <= 5 and digits.isascii() and digits.isdigit() else None


class SlotMap:
    """The nodes that serve the slots, as learned so far; empty at first and after `forget`."""

    __slots__ = ("_owners", "known")

    def __init__(self) -> None:
        self._owners: list[Address | None] = []  # by slot
        self.known = False  # whether anything is; without a cluster nothing ever is, and no slot need be computed

    def owner(self, slot: int) -> Address | None:
        """The node that serves a slot, if that is known."""
        return self._owners[slot] if self.known else None

    def owners(self) -> tuple[Address, ...]:
        """Every node that serves a slot, once."""
        return tuple(address for address in dict.fromkeys(self._owners) if address is not None)

    def move(self, redirected: Redirection) -> None:
        """Learn from one MOVED."""
        if not self.known:
            self._owners = [None] * SLOTS
            self.known = True
        self._owners[redirected.slot] = redirected.address

    def learn(self, reply: Reply, asked: Address) -> bool:
        """Learn all from the answer of CLUSTER SLOTS; False, and nothing learned, if it is no such answer."""
        if not isinstance(reply, list):
            return False
        ranges = [_range(entry, asked) for entry in reply]
        if not ranges or None in ranges:
            return False
        known = [entry for entry in ranges if entry is not None]
        if sum(last + 1 - first for first, last, _ in known) > SLOTS:  # some slot twice
            return False
        owners: list[Address | None] = [None] * SLOTS
        for first, last, address in known:
            owners[first : last + 1] = [address] * (last + 1 - first)
        self._owners = owners
        self.known = True
        return True

    def forget(self) -> None:
        """Know nothing any more: a node is gone, and who took its slots is for the others to say."""
        self._owners = []
        self.known = False


def _range(entry: Reply, asked: Address) -> tuple[int, int, Address] | None:
    """First slot, last slot and primary of one entry: [first, last, [host, port, id, ...], replicas...]."""
    match entry:
        case [int(first), int(last), [bytes() | None as host, int(port), *_], *_] if (
            0 <= first <= last < SLOTS and 0 < port < 65536
        ):
            name = host.decode("ascii", "replace") if host is not None else ""
            return first, last, Address(_known(name, asked), port)
    return None


def _known(host: str, asked: Address) -> str:
    return host if host not in ("", "?") else asked.host
