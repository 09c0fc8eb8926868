"""HTTP as values: one request, one answer, and the two ways in which no answer comes.

Pure data; who sends it (a socket, botocore in this process, a WSGI server) is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`path` and `query` as they came, still percent-encoded; header names in lower case; `host` without scheme."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str | bytes], body: bytes | str | None) -> HttpRequest:
        """From a full URL, as botocore prepares it."""
        parts = urlsplit(url)
        lowered = {
            name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in headers.items()
        }
        content = body.encode() if isinstance(body, str) else body or b""
        host = lowered.get("host") or parts.netloc
        return cls(method.upper(), host, parts.path or "/", parts.query, lowered, content)

    def arguments(self) -> dict[str, list[str]]:
        """The query string's values by name, decoded, in order."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Status, headers and body of an answer; `outcome` is what the call log keeps: "ok" or the error code."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    outcome: str = "ok"


class NoAnswer(Exception):  # noqa: N818 - it is what happens to the caller, not an error of ours
    """The connection ends without an answer. `effect` says whether the call was carried out."""

    def __init__(self, *, effect: bool) -> None:
        super().__init__("connection closed " + ("after the call took effect" if effect else "before the call"))
        self.effect = effect


class AnswerTooLate(NoAnswer):
    """The caller's patience ends before the answer comes. `seconds` is how long the answer is held back."""

    def __init__(self, *, effect: bool, seconds: float) -> None:
        super().__init__(effect=effect)
        self.seconds = seconds


class ProcessKilled(BaseException):
    """Stands for SIGKILL of the caller's process in tests of one process; no `except Exception` may survive it."""
