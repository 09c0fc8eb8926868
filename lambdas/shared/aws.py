"""One AWS service in one region: signs, asks, reads the whole answer, says in four kinds what went wrong.

One connection is kept. Within the deadline a call that throttling, a server error or the network cut short is made once
more, after a random while. What AWS answers to a request that is wrong is raised at once.
"""

from __future__ import annotations

import json
import time
from binascii import crc32  # TLS loads it as well, unlike zlib
from collections.abc import Callable, Mapping, Sequence

from shared.backoff import Backoff
from shared.connection import Connection
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from shared.http1 import Answer, ClosedError, exchange
from shared.sigv4 import Signer, query_string
from shared.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ssl

    from shared.credentials import CredentialSource
    from shared.resolve import Resolver

FIRST_SECONDS = 1.0  # most that the first try may take, or
FIRST_SHARE = 0.6  # this part of what is left: some has to be left for another
BACKOFF_SECONDS = 0.05  # most that is waited before the second try
THROTTLED_SECONDS = 0.2  # the same after a throttle
# After which a connection is opened anew. AWS's services close idle ones sooner, but an environment that is frozen may
# never hear of it, and what forgets connections on the way (from 350 s on) tells nobody: the first caller would wait.
IDLE_SECONDS = 60.0

# As botocore's standard mode knows them: botocore/retries/standard.py.
THROTTLES = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "ReplicatedWriteConflictException",  # another Region's write to the same item: again, as its model says
        "TransactionInProgressException",
        "KMSThrottlingException",
    }
)
_PASSING = frozenset({"RequestTimeout", "RequestTimeoutException", "InternalServerError", "InternalServiceError"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})


class RefusedError(Exception):
    """AWS answered an error. Only `shared` sees it: body may quote what was sent, so it is in no message."""

    def __init__(self, code: str, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.body = body


class Endpoint(NamedTuple):
    """Where a service is. tls: whether it is spoken there."""

    host: str
    port: int
    tls: bool

    @property
    def header(self) -> str:
        """The host header: the port is in it only where it is not the usual one, which is how it is signed."""
        usual = 443 if self.tls else 80
        return self.host if self.port == usual else f"{self.host}:{self.port}"


def endpoint(service: str, region: str, override: str = "") -> Endpoint:
    """The endpoint of a service, or what a URL says. Raises DefectError if it is none."""
    if not override:
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return Endpoint(f"{service}.{region}.{suffix}", 443, tls=True)
    scheme, _, rest = override.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    tls = scheme == "https"
    if scheme not in ("http", "https") or not host or not (port or "0").isdigit():
        raise DefectError("EndpointMalformed")
    return Endpoint(host, int(port or (443 if tls else 80)), tls)


class AwsClient:
    """Calls of one service. wall: seconds since the epoch."""

    def __init__(
        self,
        service: str,
        region: str,
        *,
        at: Endpoint,
        credentials: CredentialSource,
        tls: ssl.SSLContext | None,
        resolver: Resolver,
        backoff: Backoff,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.at = at
        self._credentials = credentials
        self._tls = tls
        self._resolver = resolver
        self._backoff = backoff
        self._wall = wall
        self._signer = Signer(service, region)
        self._connection: Connection | None = None
        self._used_at = 0.0  # wall time: it goes on while an environment is frozen

    def call_json(
        self, target: str, params: Mapping[str, Any], deadline: Deadline, version: str = "1.0"
    ) -> dict[str, Any]:
        """An operation of a service that speaks AWS JSON: target is "DynamoDB_20120810.GetItem".

        Raises RefusedError, UnavailableError, DefectError, DeadlineExceededError.
        """
        headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
        return self._tried(_Request("POST", "/", "", headers, _dumped(params)), deadline)

    def call_rest(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        params: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> dict[str, Any]:
        """An operation of a service that speaks REST with JSON. path: percent-encoded once. Raises as `call_json`."""
        headers = {"content-type": "application/json"} if params is not None else {}
        body = _dumped(params) if params is not None else b""
        return self._tried(_Request(method, path, query_string(query), headers, body), deadline)

    def warm(self, deadline: Deadline) -> None:
        """Be connected, with keys at hand. Raises as `call_json`."""
        self._credentials.get(deadline)
        if self._connection is None:
            self._connection, self._used_at = self._open(deadline), self._wall()

    def reset(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _tried(self, request: _Request, deadline: Deadline) -> dict[str, Any]:
        """Once, and once more if that may help."""
        first = deadline.within(min(FIRST_SECONDS, FIRST_SHARE * max(0.0, deadline.remaining())))
        try:
            return self._answered(request, first)
        except DeadlineExceededError:
            if deadline.remaining() <= 0:
                raise
        except UnavailableError as error:
            self._pause_after(error.reason, deadline)
        except RefusedError as error:
            if error.code not in _EXPIRED:
                raise
            self._credentials.expired()
        return self._answered(request, deadline)

    def _pause_after(self, reason: str, deadline: Deadline) -> None:
        try:
            self._backoff.pause(THROTTLED_SECONDS if reason == "throttle" else BACKOFF_SECONDS, 0, deadline)
        except DeadlineExceededError:
            raise UnavailableError(reason) from None

    def _answered(self, request: _Request, deadline: Deadline) -> dict[str, Any]:
        answer = self._asked(
            request.bytes(self.at, self._signer, self._credentials.get(deadline), self._wall()), deadline
        )
        body = _checked(answer)
        if answer.status < 300:
            return body
        code = _code(answer, body)
        if code in THROTTLES or answer.status == 429:
            raise UnavailableError("throttle")
        if answer.status >= 500 or code in _PASSING:
            raise UnavailableError("server-error")
        raise RefusedError(code, answer.status, body)

    def _asked(self, request: bytes, deadline: Deadline) -> Answer:
        """On the connection that is kept, if it is still open; one that was closed while idle is opened anew, once.

        It is looked at each time: the peer may have closed it, and bytes that came since are no answer to this request.
        """
        kept, self._connection = self._connection, None
        if kept is not None and (self._wall() - self._used_at > IDLE_SECONDS or kept.stale()):
            kept.close()
            kept = None
        if kept is not None:
            try:
                return self._exchanged(kept, request, deadline)
            except ClosedError:
                pass
        try:
            return self._exchanged(self._open(deadline), request, deadline)
        except ClosedError:
            raise UnavailableError("connection") from None

    def _exchanged(self, connection: Connection, request: bytes, deadline: Deadline) -> Answer:
        try:
            answer = exchange(connection, request, deadline)
        except BaseException:
            connection.close()
            raise
        if answer.reusable:
            self._connection, self._used_at = connection, self._wall()
        else:
            connection.close()
        return answer

    def _open(self, deadline: Deadline) -> Connection:
        tls = self._tls if self.at.tls else None
        return Connection.open(self.at.host, self.at.port, deadline, tls=tls, resolver=self._resolver)


class _Request(NamedTuple):
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def bytes(self, at: Endpoint, signer: Signer, credentials: Any, now: float) -> bytes:
        """As it is sent, signed now."""
        signed = signer.headers(
            method=self.method,
            path=self.path,
            query=self.query,
            headers={**self.headers, "host": at.header},
            body=self.body,
            credentials=credentials,
            now=now,
        )
        target = f"{self.path}?{self.query}" if self.query else self.path
        lines = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        return (
            f"{self.method} {target} HTTP/1.1\r\n{lines}content-length: {len(self.body)}\r\n\r\n".encode() + self.body
        )


def _dumped(params: Mapping[str, Any]) -> bytes:
    return json.dumps(params, separators=(",", ":")).encode()


def _checked(answer: Answer) -> dict[str, Any]:
    """The body, if it is whole and an object. Raises UnavailableError "corrupt"."""
    told = answer.headers.get("x-amz-crc32")
    if told is not None and "content-encoding" not in answer.headers and told != str(crc32(answer.body)):
        raise UnavailableError("corrupt")
    try:
        body = json.loads(answer.body)  # an empty one is no object: it would read as "no such item"
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    if answer.status >= 300:
        return {}  # a proxy's own page
    raise UnavailableError("corrupt")


def _code(answer: Answer, body: Mapping[str, Any]) -> str:
    """AWS's code, wherever the protocol has it: "com.amazonaws.dynamodb.v20120810#X", "X:http://...", "X"."""
    said = answer.headers.get("x-amzn-errortype") or body.get("__type") or body.get("code") or body.get("Code") or ""
    code = str(said).partition(":")[0].rpartition("#")[2]
    return code if code.isalnum() else f"HTTP{answer.status}"


def defect(error: RefusedError) -> DefectError:
    """What is raised for a refusal that no function knows what to do with."""
    return DefectError(error.code)
