"""botocore sessions wired to an offline AWS in this process: no sockets, no threads, any clock.

Signing, serialising, parsing and retrying are botocore's own; only the HTTP exchange is replaced, at its `before-send`
event, and a broken connection comes back as the exception that a socket would have caused.
"""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from trunkline_sandbox.aws.clock import Virtual
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.credentials import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY
from trunkline_sandbox.aws.messages import AnswerTooLate, NoAnswer
from trunkline_sandbox.aws.models import loader

DEFAULT_REGION = "eu-west-2"


class _Body:
    """A whole body that botocore reads as if it came from a socket."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def read(self, amount: int | None = None, **_: Any) -> bytes:
        end = len(self._content) if amount is None else self._position + amount
        chunk = self._content[self._position : end]
        self._position += len(chunk)
        return chunk

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [self.read()]

    def close(self) -> None:
        """Nothing is open."""


def attach(session: Any, cloud: OfflineAws) -> None:
    """Answer every call of a botocore or boto3 session from `cloud`. Endpoints may be AWS's own; none is contacted."""

    def before_send(request: Any, **_: Any) -> AWSResponse:
        body = request.body
        content = body.read() if hasattr(body, "read") else body
        try:
            status, headers, answer = cloud.send(request.method, request.url, dict(request.headers.items()), content)
        except AnswerTooLate as error:
            if isinstance(cloud.clock, Virtual):
                cloud.clock.advance(error.seconds)
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from None
        except NoAnswer as error:
            raise ConnectionClosedError(endpoint_url=request.url, error=error) from None
        return AWSResponse(request.url, status, headers, _Body(answer))

    register = session.events.register if hasattr(session, "events") else session.register
    register("before-send", before_send)


def connected_session(
    cloud: OfflineAws,
    *,
    region: str = DEFAULT_REGION,
    access_key: str = DEFAULT_ACCESS_KEY,
    secret_key: str = DEFAULT_SECRET_KEY,
    token: str | None = None,
) -> botocore.session.Session:
    """A botocore session with known credentials, answered by `cloud`. `create_client(name)` needs nothing else."""
    session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    session.register_component("data_loader", loader())
    session.set_config_variable("region", region)
    session.set_credentials(access_key, secret_key, token)
    attach(session, cloud)
    return session
