"""What stands in the secret of a cache: how to log in, and the key that hashes callers.

Reads AWS Secrets Manager, and seldom: once at INIT, and again when the cache refuses what is known, because a rotation
needs no deployment. However many calls the cache refuses, they cost one reading in REREAD_SECONDS.

The secret is JSON: {"password": "...", "username": "...", "hashKey": "64 hexadecimal digits", "userSecretArn": "..."}.
`username` is missing where the cache has a token (AUTH with one word). With `userSecretArn`, name and password stand in
that other secret, which AWS rotates on its own. Nothing of it is ever shown: no `repr`, no message quotes a value.

Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/User-Secrets-Manager.html
"""

from __future__ import annotations

import json
from collections.abc import Callable

from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.typed import Any, Protocol

REREAD_SECONDS = 30.0
FIRST_SECONDS = 5.0  # between tries while it was never read: the cache is of no use until then
HASH_KEY_BYTES = 32


class Secrets(Protocol):
    """Where secrets are read (`shared.secrets_manager`)."""

    def get_secret(self, arn: str, deadline: Deadline) -> str:
        """The secret's text. Raises UnavailableError, DefectError, DeadlineExceededError."""


class Login:
    """What AUTH sends. Without a username the command has one word."""

    __slots__ = ("password", "username")

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Login):
            return NotImplemented
        return (self.username, self.password) == (other.username, other.password)

    def __hash__(self) -> int:
        return hash((self.username, self.password))

    def __repr__(self) -> str:
        return "Login(...)"


class CacheSecret:
    """The secret of one cache, read when it is needed.

    `secrets` makes the client, and is called as late as the first reading; `clock` gives seconds, monotonic.
    """

    __slots__ = ("_arn", "_clock", "_open", "_read", "_tried_at", "hash_key", "login")

    def __init__(self, arn: str, secrets: Callable[[], Secrets], clock: Callable[[], float]) -> None:
        self._arn = arn
        self._open = secrets
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Know nothing: after a snapshot was restored, whatever it held may have been rotated."""
        self.login: Login | None = None
        self.hash_key: bytes | None = None
        self._read = False
        self._tried_at = float("-inf")

    def load(self, deadline: Deadline) -> bool:
        """Whether the secret is known; reads it if it is not and the last try is FIRST_SECONDS ago. Never raises."""
        if not self._read and self._due(FIRST_SECONDS) and deadline.remaining() > 0:
            self._try(deadline)
        return self._read

    def reread(self, deadline: Deadline) -> bool:
        """Whether there is another login than before, because the cache refused that one. Never raises."""
        before = self.login
        if self._due(REREAD_SECONDS):
            self._try(deadline)
        return self.login != before

    def _due(self, seconds: float) -> bool:
        return self._clock() - self._tried_at >= seconds

    def _try(self, deadline: Deadline) -> None:
        """Read, and keep what was known if that fails: it may still do, and the cache is not worth a failed call."""
        self._tried_at = self._clock()
        try:
            secrets = self._open()
            found = _object(secrets.get_secret(self._arn, deadline))
            hash_key = _hash_key(found)
            if _text(found, "userSecretArn"):
                found = _object(secrets.get_secret(_text(found, "userSecretArn"), deadline))
            password = _text(found, "password")
        except (UnavailableError, DefectError, DeadlineExceededError, _MalformedError):
            return
        self.login = Login(_text(found, "username"), password) if password else None
        self.hash_key = hash_key
        self._read = True


class _MalformedError(Exception):
    """The secret is not what it should be."""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _MalformedError from None  # the error quotes the text
    if not isinstance(found, dict):
        raise _MalformedError
    return found


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or not _can_be_sent(value):
        raise _MalformedError
    return value


def _can_be_sent(value: str) -> bool:
    try:
        value.encode()
    except ValueError:  # half a surrogate pair, which JSON can spell
        return False
    return True


def _hash_key(found: dict[str, Any]) -> bytes | None:
    """The key, or None if there is none: then numbers are not cached, and ids still are."""
    text = _text(found, "hashKey")
    if not text:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise _MalformedError from None
    if len(key) != HASH_KEY_BYTES:
        raise _MalformedError
    return key
