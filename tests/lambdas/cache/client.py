"""The cache client in front of real servers: real time, a real resolver, the tests' roots, and a secret in memory."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Sequence

from shared.cache import Cache
from shared.deadline import Deadline
from shared.resolve import Address, Lookup, Resolver, system_lookup
from shared.tls import client_context
from tests.lambdas.cache.world import MemorySecrets
from tests.parts.redis import RedisServer

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
BUDGET = 1.0  # seconds a call may take; a well server on the loopback needs a thousandth, a busy machine some more
SLACK = 1.0  # for a machine that is busy: what a call took is compared with its time plus this


class Clock:
    """Real seconds, and those that a test skips."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.skipped


class LocalSession:
    """What the cache needs of a session, with the tests' roots and a secret in memory."""

    def __init__(self, ca_file: str, secrets: MemorySecrets, lookup: Lookup) -> None:
        self.resolver = Resolver(lookup)
        self._ca_file = ca_file
        self._secrets = secrets

    def tls(self) -> ssl.SSLContext:
        return client_context({"AWS_CA_BUNDLE": self._ca_file})

    def secrets(self) -> MemorySecrets:
        return self._secrets


class Client:
    """A cache client with its clock and its secret."""

    def __init__(self, server: RedisServer, *, url: str = "", ca_file: str = "", **secret: str) -> None:
        self.clock = Clock()
        self.secrets = MemorySecrets({ARN: json.dumps(secret)})
        self.leads_to = {"elsewhere.example": "127.0.0.1"}
        session = LocalSession(ca_file or str(server.ca_file), self.secrets, self.look_up)
        environ = {"CACHE": url or server.url, **({"CACHE_SECRET": ARN} if secret else {})}
        cache = Cache.from_environment(
            environ,
            session,  # type: ignore[arg-type]
            clock=self.clock,
            jitter=lambda: 0.5,
        )
        assert isinstance(cache, Cache)
        self.cache = cache

    def look_up(self, host: str) -> Sequence[Address]:
        """Names of the tests' own, or as the system knows them."""
        leads_to = self.leads_to.get(host)
        return [Address(int(socket.AF_INET), leads_to)] if leads_to else system_lookup(host)

    def get(self, key: str, seconds: float = BUDGET) -> tuple[bytes | None, str]:
        """The value and the reason; bounded, whatever the server does."""
        started = time.monotonic()
        value = self.cache.get(key, Deadline.after(seconds))
        assert time.monotonic() - started < seconds + SLACK
        return value, self.cache.reason

    def put(self, *keys: str) -> None:
        """Keep for each key a value that names it."""
        done = self.cache.set_many([(key, value(key), 300) for key in keys], Deadline.after(5))
        assert done == len(keys), self.cache.reason


def value(key: str) -> bytes:
    return f"the value of {key}".encode()
