"""Who signs: keys from the environment, or from the endpoint that a container is told of, as AWS's SDKs find them.

A restored SnapStart environment has the second source only. Its keys are renewed well before they end; while that fails
the old ones serve as long as they are good. Nothing here is ever shown.
Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from shared.connection import Connection
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.http1 import Answer, ClosedError, exchange
from shared.resolve import Resolver
from shared.typed import Any, Protocol

RENEW_SECONDS = 300.0  # before the end
AGAIN_SECONDS = 10.0  # between tries to renew keys that are still good
ASK_SECONDS = 1.0  # the endpoint is on this very machine
# Plain HTTP is for these only: loopback, and the link-local addresses of ECS and EKS.
_PLAIN_HOSTS = frozenset({"localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23", "::1"})


class Credentials:
    """Keys. expires_at: seconds since the epoch, infinite for those of the environment."""

    __slots__ = ("access_key", "expires_at", "secret_key", "token")

    def __init__(self, access_key: str, secret_key: str, token: str = "", expires_at: float = float("inf")) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.expires_at = expires_at

    def __repr__(self) -> str:
        return "Credentials(...)"


class CredentialSource(Protocol):
    """Where keys come from."""

    def get(self, deadline: Deadline) -> Credentials:
        """Keys that are good now. Raises UnavailableError, DefectError, DeadlineExceededError."""

    def expired(self) -> None:
        """AWS says that the keys are no longer good: the next ones must be others, if there are others."""


class EnvironmentCredentials:
    """AWS_ACCESS_KEY_ID and the others: Lambda replaces the environment before they end."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, deadline: Deadline) -> Credentials:  # noqa: ARG002  # asks nobody
        """As CredentialSource."""
        environ = self._environ
        return Credentials(
            environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], environ.get("AWS_SESSION_TOKEN", "")
        )

    def expired(self) -> None:
        """As CredentialSource; there are no others."""


Fetch = Callable[[str, Mapping[str, str], Deadline], Answer]


class ContainerCredentials:
    """From AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI. wall: seconds since the epoch. read: the text of a file."""

    def __init__(
        self,
        environ: Mapping[str, str],
        fetch: Fetch,
        wall: Callable[[], float] = time.time,
        read: Callable[[str], str] | None = None,
    ) -> None:
        self._environ = environ
        self._fetch = fetch
        self._wall = wall
        self._read = read or _read
        self._kept: Credentials | None = None
        self._tried_at = float("-inf")

    def get(self, deadline: Deadline) -> Credentials:
        """As CredentialSource."""
        kept, now = self._kept, self._wall()
        if kept is not None and kept.expires_at - now > RENEW_SECONDS:
            return kept
        if kept is not None and now < kept.expires_at and now - self._tried_at < AGAIN_SECONDS:
            return kept
        self._tried_at = now
        try:
            self._kept = self._ask(deadline.within(ASK_SECONDS))
        except (UnavailableError, DefectError, DeadlineExceededError):
            if kept is None or now >= kept.expires_at:
                raise
        return self._kept or self._ask(deadline)

    def expired(self) -> None:
        """As CredentialSource."""
        self._kept = None

    def _ask(self, deadline: Deadline) -> Credentials:
        uri = self._environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if not uri:
            uri = "http://169.254.170.2" + self._environ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
        if not _is_allowed(uri):
            raise DefectError("CredentialsEndpointNotAllowed")
        answer = self._fetch(uri, self._authorization(), deadline)
        if answer.status >= 500 or answer.status == 429:
            raise UnavailableError("server-error")
        if answer.status != 200:
            raise DefectError("CredentialsRefused")
        return _parsed(answer.body)

    def _authorization(self) -> dict[str, str]:
        path = self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        if path:
            try:
                token = self._read(path).strip()
            except OSError:
                raise UnavailableError("connection") from None
        else:
            token = self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        if "\r" in token or "\n" in token:
            raise DefectError("CredentialsTokenMalformed")
        return {"authorization": token} if token else {}


def source(environ: Mapping[str, str], fetch: Fetch, wall: Callable[[], float] = time.time) -> CredentialSource:
    """The source that an environment has. Raises DefectError if it has none."""
    if environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY"):
        return EnvironmentCredentials(environ)
    if environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI") or environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        return ContainerCredentials(environ, fetch, wall)
    raise DefectError("NoCredentials")


def fetcher(resolver: Resolver, tls: Callable[[], Any]) -> Fetch:
    """A GET with a connection of its own. tls: makes the context, only if the URI asks for it."""

    def fetch(uri: str, headers: Mapping[str, str], deadline: Deadline) -> Answer:
        scheme, host, port, path = _split(uri)
        wire = Connection.open(host, port, deadline, tls=tls() if scheme == "https" else None, resolver=resolver)
        try:
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            shown = f"[{host}]" if ":" in host else host
            request = f"GET {path} HTTP/1.1\r\nhost: {shown}:{port}\r\naccept: application/json\r\n{lines}\r\n"
            return exchange(wire, request.encode(), deadline)
        except ClosedError:
            raise UnavailableError("connection") from None
        finally:
            wire.close()

    return fetch


def _is_allowed(uri: str) -> bool:
    scheme, host, _, _ = _split(uri)
    if scheme == "https":
        return True
    octets = host.split(".")
    loopback = len(octets) == 4 and octets[0] == "127" and all(part.isdigit() for part in octets)
    return scheme == "http" and (host in _PLAIN_HOSTS or loopback)


def _split(uri: str) -> tuple[str, str, int, str]:
    """Scheme, host, port, path with query."""
    scheme, _, rest = uri.partition("://")
    place, slash, path = rest.partition("/")
    place = place.rpartition("@")[2]
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        port = port.lstrip(":")
    else:
        host, _, port = place.partition(":")
    if not port:
        port = "443" if scheme == "https" else "80"
    if not port.isdigit():
        raise DefectError("CredentialsEndpointMalformed")
    return scheme, host, int(port), slash + path or "/"


def _parsed(body: bytes) -> Credentials:
    try:
        found = json.loads(body)
        access_key, secret_key, token = found["AccessKeyId"], found["SecretAccessKey"], found.get("Token") or ""
        if not (_is_key(access_key) and _is_key(secret_key) and (not token or _is_key(token))):
            raise UnavailableError("corrupt")
        return Credentials(access_key, secret_key, token, epoch(found["Expiration"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnavailableError("corrupt") from None


def _is_key(value: object) -> bool:
    """Whether it can stand in a header."""
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def epoch(text: str) -> float:
    """Seconds since the epoch of an ISO 8601 time in UTC, "2026-11-21T06:00:00Z". Raises ValueError."""
    year, month, day = int(text[0:4]), int(text[5:7]), int(text[8:10])
    if text[10:11] != "T" or not text.endswith(("Z", "+00:00")):
        raise ValueError("not a time in UTC")
    # Days since 1970-03-01 of the proleptic Gregorian calendar: with March first, a leap day is a year's last.
    shifted = year - (month < 3)
    era_day = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + era_day - 719468
    return float(days * 86400 + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19]))


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  # pathlib is not imported on the call path
        return file.read()
