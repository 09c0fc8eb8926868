"""Never another caller's answer: whatever a cache does, in whatever order, a caller gets what is kept under its key, or
nothing and a reason, within its time; and once the cache is well again it is used again.
"""

from __future__ import annotations

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.breaker import OPEN_SECONDS, SPREAD
from shared.cache import Cache
from shared.cache_secret import CacheSecret
from tests.lambdas.cache.world import BEHAVIORS, Clock, MemorySecrets, Server, cache_of, within

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
KEYS = tuple(f"cust:v1:C{n}" for n in range(6))  # on both sides of a cluster of two
REASONS = {"timeout", "connection", "open", "auth", "server", "protocol"}

operations = st.one_of(
    st.tuples(st.just("get"), st.sampled_from(KEYS)),
    st.tuples(st.just("set"), st.sampled_from(KEYS)),
    st.tuples(st.just("delete"), st.sampled_from(KEYS)),
    st.tuples(st.just("set many"), st.just("")),
    st.tuples(st.just("rotate"), st.sampled_from(["told", "untold"])),
    st.tuples(st.just("idle"), st.sampled_from(["1", "6", "31", "300"])),
    st.tuples(st.just("restart"), st.just("")),
)
# Mostly well: a cache that fails all the time is left alone, and nothing is learned about it.
behaviors = st.one_of(st.just("answer"), st.sampled_from(sorted(BEHAVIORS)))
calls = st.lists(
    st.tuples(operations, st.lists(behaviors, max_size=4), st.sampled_from(["", "", "", "refuse", "hang"]))
)


class History:
    """A cache under its server, and which values were ever sent to be kept under each key."""

    def __init__(self, cluster: bool) -> None:
        self.server = Server(Clock(), cluster=cluster, password=b"token-0")
        self.secrets = MemorySecrets({ARN: '{"password": "token-0"}'})
        self.cache: Cache = cache_of(self.server, CacheSecret(ARN, lambda: self.secrets, self.server.clock))
        self.sent: dict[str, set[bytes]] = {key: set() for key in KEYS}
        self._count = 0

    def value(self, key: str) -> bytes:
        self._count += 1
        value = f"{key} number {self._count}".encode()
        self.sent[key].add(value)
        return value

    def do(self, operation: str, what: str) -> None:
        deadline = within(self.server)
        if operation == "get":
            self._got(what, self.cache.get(what, deadline))
        elif operation == "set":
            value = self.value(what)
            said = self.cache.set(what, value, 300, deadline)
            assert not said or self.server.kept[what.encode()] == value, "said to be kept, and is not"
        elif operation == "delete":
            said = self.cache.delete([what], deadline)
            assert not said or what.encode() not in self.server.kept, "said to be gone, and is kept"
        elif operation == "set many":
            done = self.cache.set_many([(key, self.value(key), 300) for key in KEYS], deadline)
            assert 0 <= done <= len(KEYS)
            assert (done == len(KEYS)) == (self.cache.reason == "")
        elif operation == "rotate":
            self._count += 1
            self.server.password = b"token-%d" % self._count
            if what == "told":
                self.secrets.texts[ARN] = f'{{"password": "token-{self._count}"}}'
        elif operation == "idle":
            self.server.clock.now += float(what)
        else:
            for wire in self.server.wires:
                wire.arrive(b"")

    def _got(self, key: str, value: bytes | None) -> None:
        if value is not None:
            assert value in self.sent[key], f"asked for {key}, was given {value!r}"
            assert self.cache.reason == ""
        else:
            assert self.cache.reason in REASONS or (self.cache.reason == "" and key.encode() not in self.server.kept)

    def heal(self) -> None:
        """The cache is well again, and everybody has been told the token."""
        self.server.plan.clear()
        self.server.dials.clear()
        assert self.server.password is not None
        self.secrets.texts[ARN] = f'{{"password": "{self.server.password.decode()}"}}'
        self.server.clock.now += max(31.0, OPEN_SECONDS * (1 + SPREAD))


@settings(max_examples=400, deadline=None)
@given(cluster=st.booleans(), calls=calls)
def test_a_caller_gets_its_own_answer_or_none(
    cluster: bool, calls: list[tuple[tuple[str, str], list[str], str]]
) -> None:
    history = History(cluster)
    server = history.server
    for (operation, what), plan, dial in calls:
        server.plan = deque(plan)
        server.dials = deque([dial] if dial else [])
        started = server.clock.now
        history.do(operation, what)
        if operation != "idle":
            assert server.clock.now - started <= 0.08 + 1e-6, "took longer than the caller had"

    history.heal()
    for key in KEYS:
        value = history.value(key)
        assert history.cache.set(key, value, 300, within(server)), history.cache.reason
        assert history.cache.get(key, within(server)) == value
    open_wires = [wire for wire in server.wires if not wire.closed]
    assert len(open_wires) <= (2 if cluster else 1) + 1, "connections are let go of"
