"""One talk with one cache, in a thread: sign in, PING, INFO of each primary. The only user of `redis`.

TLS is verified, name and chain. Nothing is tried again, and nothing of what is sent is in an error.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError
from redis.exceptions import TimeoutError as TooLateError
from redis.retry import Retry

from trunkline.handlers.health import Counters, ProbeFailedError, Target

MOST_NODES = 60  # of a cluster: what more says, the others say too
SECTIONS = ("server", "clients", "memory", "stats", "replication")
LEAST_SECONDS = 0.05


class Conversation:
    """Used once. `cut` may be called from another thread."""

    def __init__(self, target: Target, seconds: float, ca_file: Path | None) -> None:
        self._target = target
        self._end = time.monotonic() + seconds
        self._seconds = seconds
        self._ca_file = ca_file
        self._lock = threading.Lock()
        self._clients: list[redis.Redis] = []
        self._cut = False

    def counters(self) -> Counters:
        """What all primaries say together. Raises ProbeFailedError."""
        endpoint = self._target.endpoint
        try:
            first = self._client(endpoint.host, endpoint.port)
            first.ping()
            if not endpoint.cluster:
                return _together([_sections(first)])
            nodes = list(_primaries(_slots(first), endpoint.host))[:MOST_NODES]
            return _together([_sections(self._client(*node)) for node in nodes])
        except (RedisError, OSError) as error:
            raise self._failed(error) from None
        except UnicodeEncodeError:
            raise ProbeFailedError(f"{endpoint.address} cannot be reached: its name is none") from None
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            if self._cut:  # the library stumbles over its sockets
                raise self._failed(error) from None
            # Somebody answers, in the protocol even: what it says of itself fits no cache.
            raise ProbeFailedError(f"{endpoint.address} answers what no cache answers", reachable=True) from None
        finally:
            self.cut()

    def cut(self) -> None:
        """Closes the sockets, also under a thread that waits at one."""
        with self._lock:
            self._cut = True
            for client in self._clients:
                client.connection_pool.disconnect(inuse_connections=True)

    def _client(self, host: str, port: int) -> redis.Redis:
        left = max(LEAST_SECONDS, self._end - time.monotonic())
        trust = {"ssl_ca_certs": str(self._ca_file)} if self._ca_file is not None else {}
        tls: dict[str, Any] = {
            "ssl": True,
            "ssl_cert_reqs": "required",
            "ssl_check_hostname": True,
            **trust,
        }
        client = redis.Redis(
            host=host,
            port=port,
            username=self._target.username or None,
            password=self._target.password or None,
            socket_connect_timeout=left,
            socket_timeout=left,
            retry=Retry(NoBackoff(), 0),
            max_connections=1,
            client_name=None,
            decode_responses=True,
            protocol=2,
            **(tls if self._target.endpoint.tls else {}),
        )
        with self._lock:
            if self._cut:
                raise TooLateError("cut")
            self._clients.append(client)
        return client

    def _failed(self, error: Exception) -> ProbeFailedError:
        """In our own words: the library's may quote what was sent."""
        address = self._target.endpoint.address
        text = str(error).lower()
        if isinstance(error, AuthenticationError | AuthorizationError) or text.startswith(("noauth", "wrongpass")):
            return ProbeFailedError(f"{address} refuses the password", reachable=True)
        if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
            return ProbeFailedError(
                f"{address} does not speak TLS with a certificate that can be verified", reachable=True
            )
        if self._cut or isinstance(error, TooLateError):
            return ProbeFailedError(f"{address} does not answer within {self._seconds:g} s")
        if isinstance(error, ResponseError):
            return ProbeFailedError(f"{address} answers {text.split(' ', 1)[0].upper()}", reachable=True)
        return ProbeFailedError(f"{address} cannot be reached: {type(error).__name__}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came of: the library's own say what happened in words only, which hold names of ours."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__


def _sections(client: redis.Redis) -> Mapping[str, Any]:
    found: Mapping[str, Any] = client.info(*SECTIONS)
    return found


def _slots(client: redis.Redis) -> Iterable[Any]:
    answer: Iterable[Any] = client.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
    return answer


def _primaries(slots: Iterable[Any], seed: str) -> Iterator[tuple[str, int]]:
    """Each primary once: [start, end, [host, port, ...], replicas...]; an empty host is the one that was asked."""
    seen = dict.fromkeys((str(item[2][0] or seed), int(item[2][1])) for item in slots)
    yield from seen


def _together(answers: list[Mapping[str, Any]]) -> Counters:
    return Counters(
        hits=_sum(answers, "keyspace_hits"),
        misses=_sum(answers, "keyspace_misses"),
        evictions=_sum(answers, "evicted_keys"),
        connections=_sum(answers, "connected_clients"),
        ops_per_second=_sum(answers, "instantaneous_ops_per_sec"),
        memory_used_percent=max((used for info in answers if (used := _used(info)) is not None), default=None),
        lag_seconds=max((lag for info in answers for lag in _lags(info)), default=None),
        run=",".join(sorted(str(info.get("run_id", "")) for info in answers)),
    )


def _sum(answers: list[Mapping[str, Any]], name: str) -> int | None:
    values = [int(info[name]) for info in answers if name in info]
    return sum(values) if values else None


def _used(info: Mapping[str, Any]) -> int | None:
    most = int(info.get("maxmemory") or 0)
    return min(100, 100 * int(info.get("used_memory") or 0) // most) if most else None


def _lags(info: Mapping[str, Any]) -> Iterator[float]:
    """Seconds since each replica's last acknowledgement, as a primary tells it."""
    for name, value in info.items():
        if name.startswith("slave") and isinstance(value, Mapping) and "lag" in value:
            yield float(value["lag"])
