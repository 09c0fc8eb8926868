"""The cache in front of the tables: a value, or none and the reason. Nothing it does, or fails to do, is ever raised.

Values are bytes; whom a value is for is in the value, and whoever reads it compares. A function works without a cache:
`Cache.from_environment` then gives a `NoCache`, which misses. Writes are for the next reader's convenience; only the
reply to one says that it happened, and it is read before the connection is used again.

Environment: CACHE, `rediss://host:port?cluster=true` or `redis://host:port`; CACHE_SECRET, the ARN of the secret with
login and hash key (`shared.cache_secret`). IAM: secretsmanager:GetSecretValue on that secret, and kms:Decrypt on its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from shared.breaker import Breaker
from shared.cache_address import CacheAddress, parse
from shared.cache_secret import CacheSecret
from shared.connection import Connection
from shared.node import UnansweredError
from shared.nodes import Answer, Command, Nodes
from shared.resp import ReplyError, command, get_command
from shared.slots import Address
from shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.deadline import Deadline
    from shared.session import Session

TOGETHER = 100  # commands in one write: what a node answers to them fits any socket's buffer
_NOT_A_FAILURE = frozenset(  # the cache is there, and told us at once that it cannot: the table is asked, no breaker
    {"LOADING", "OOM", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "MASTERDOWN", "MISCONF", "NOREPLICAS", "BUSY", "NOPERM"}
)
_NOT_ALLOWED = frozenset({"NOAUTH", "WRONGPASS", "NOPERM"})


class NoCache:
    """No cache: every key is a miss. `reason` says whether that is meant ("") or CACHE cannot be read ("address")."""

    __slots__ = ("reason",)

    hash_key: bytes | None = None

    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    def get(self, key: str, deadline: Deadline) -> bytes | None:  # noqa: ARG002  # as Cache.get
        """None."""
        return None

    def set(self, key: str, value: bytes, ttl_seconds: int, deadline: Deadline) -> bool:  # noqa: ARG002
        """False: nothing was kept."""
        return False

    def delete(self, keys: Sequence[str], deadline: Deadline) -> bool:  # noqa: ARG002
        """True: nothing is kept."""
        return True

    def set_many(self, entries: Iterable[tuple[str, bytes, int]], deadline: Deadline) -> int:  # noqa: ARG002
        """0."""
        return 0

    def load_hash_key(self, deadline: Deadline) -> bytes | None:  # noqa: ARG002
        """None."""
        return None

    def warm(self, deadline: Deadline) -> None:
        """Nothing to connect to."""

    def reset(self) -> None:
        """Nothing to let go of."""


class Cache:
    """A cache that is asked only while it answers. After each call `reason` says how it went: "" if it answered, a miss
    included; else "timeout", "connection", "open" (left alone for a while), "auth", "server" or "protocol".
    """

    __slots__ = ("_breaker", "_nodes", "_secret", "reason")

    def __init__(self, nodes: Nodes, secret: CacheSecret | None, breaker: Breaker) -> None:
        self._nodes = nodes
        self._secret = secret
        self._breaker = breaker
        self.reason = ""

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str],
        session: Session,
        *,
        clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> Cache | NoCache:
        """The cache that the environment names; connects to nothing. Never raises: an address that cannot be read is a
        NoCache with the reason "address".
        """
        url = environ.get("CACHE", "")
        if not url:
            return NoCache()
        address = parse(url)
        if address is None:
            return NoCache("address")
        arn = environ.get("CACHE_SECRET", "")
        secret = CacheSecret(arn, session.secrets, clock) if arn else None
        return cls(_nodes(address, session, secret, clock), secret, Breaker(clock, jitter))

    @property
    def hash_key(self) -> bytes | None:
        """Keys the hashes that stand for callers; None until the secret was read, or if it holds none."""
        return self._secret.hash_key if self._secret is not None else None

    def load_hash_key(self, deadline: Deadline) -> bytes | None:
        """`hash_key`, read now if the secret was not read yet; tries that no more often than every few seconds."""
        secret = self._secret
        if secret is None:
            return None
        secret.load(deadline)
        return secret.hash_key

    def get(self, key: str, deadline: Deadline) -> bytes | None:
        """The value of a key; None if there is none or the cache cannot say."""
        if deadline.remaining() <= 0:  # nothing is asked, so nothing is held against the cache
            self.reason = "timeout"
            return None
        breaker = self._breaker
        if breaker.failures and not breaker.allows():
            self.reason = "open"
            return None
        name = key.encode()
        answer = self._nodes.get(name, get_command(name), deadline)
        if type(answer) is bytes or answer is None:
            if breaker.failures:
                breaker.succeeded()
            self.reason = ""
            return answer
        self._judge(answer)
        return None

    def set(self, key: str, value: bytes, ttl_seconds: int, deadline: Deadline) -> bool:
        """Whether the cache has said that it keeps the value, for so many seconds (at least one)."""
        return self.set_many([(key, value, ttl_seconds)], deadline) == 1

    def set_many(self, entries: Iterable[tuple[str, bytes, int]], deadline: Deadline) -> int:
        """How many of these (key, value, seconds) the cache has said that it keeps; those for one node go together."""
        return self._run([_set(*entry) for entry in entries], deadline, b"OK")

    def delete(self, keys: Sequence[str], deadline: Deadline) -> bool:
        """Whether the cache has said that none of these keys is kept any more."""
        return self._run([_delete(key) for key in keys], deadline, None) == len(keys)

    def warm(self, deadline: Deadline) -> None:
        """Read the secret, connect, log in, learn the cluster. Never raises; `reason` says what went wrong."""
        if self._secret is not None:
            self._secret.load(deadline)
        failed = self._nodes.warm(deadline)
        self.reason = failed.reason if failed is not None else ""

    def reset(self) -> None:
        """Forget connections, secret and failures: they were another environment's, from before a snapshot."""
        self._nodes.close()
        self._breaker.reset()
        if self._secret is not None:
            self._secret.reset()
        self.reason = ""

    def _run(self, commands: Sequence[Command], deadline: Deadline, wanted: bytes | None) -> int:
        """How many commands were answered as wanted; None: with a number. Stops where the breaker opens."""
        done = 0
        reason = ""
        for together in _chunks(commands):
            if deadline.remaining() <= 0:  # nothing is asked, so nothing is held against the cache
                reason = reason or "timeout"
                break
            if not self._breaker.allows():
                reason = reason or "open"
                break
            for answer in self._nodes.run(together, deadline):
                if isinstance(answer, int) if wanted is None else answer == wanted:
                    done += 1
                    self._breaker.succeeded()
                else:
                    self._judge(answer)
                    reason = reason or self.reason
        self.reason = reason
        return done

    def _judge(self, answer: Answer) -> None:
        """Say what is wrong with an answer, and count it if asking again would cost the next caller as much."""
        if isinstance(answer, UnansweredError):
            self.reason = answer.reason
            self._breaker.failed()
            return
        if not isinstance(answer, ReplyError):
            self.reason = "protocol"  # a reply, but to no command of ours
            self._nodes.close()
            self._breaker.failed()
            return
        self.reason = "auth" if answer.code in _NOT_ALLOWED else "server"
        if answer.code in _NOT_A_FAILURE:
            self._breaker.succeeded()
        else:
            self._breaker.failed()


def _nodes(address: CacheAddress, session: Session, secret: CacheSecret | None, clock: Callable[[], float]) -> Nodes:
    """The nodes behind an address, over connections that the session's resolver and roots are used for."""
    resolver = session.resolver
    tls = session.tls() if address.tls else None

    def dial(node: Address, deadline: Deadline) -> Connection:
        return Connection.open(node.host, node.port, deadline, tls=tls, resolver=resolver)

    return Nodes(
        address.address, cluster=address.cluster, dial=dial, forget=resolver.forget, secret=secret, clock=clock
    )


def _set(key: str, value: bytes, ttl_seconds: int) -> Command:
    name = key.encode()
    return Command(name, command(b"SET", name, value, b"EX", b"%d" % max(1, ttl_seconds)))


def _delete(key: str) -> Command:
    name = key.encode()
    return Command(name, command(b"DEL", name))


def _chunks(commands: Sequence[Command]) -> Iterator[Sequence[Command]]:
    for start in range(0, len(commands), TOGETHER):
        yield commands[start : start + TOGETHER]
