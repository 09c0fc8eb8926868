"""moto, the base under the services implemented here: requests in, answers out, its state reset. Nothing is patched.

moto's backends are global to the process, so there is one cloud per process. It is driven through its own WSGI
dispatcher; what it has not implemented raises and is told apart from what it fails at.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from trunkline_sandbox.aws.messages import HttpRequest, HttpResponse
from trunkline_sandbox.aws.service import NotImplementedOperation

SEED = 20260921  # moto's ids repeat from one run to the next


@cache
def _dispatcher() -> Any:
    """moto's own, one for all clouds of the process, as its state is: the routes of a service take long to compile. It
    would list moto's folders at each call to see whose a host is.
    """
    from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415 - slow to import

    class Dispatcher(DomainDispatcherApplication):  # type: ignore[misc]  # moto's server has no types
        get_backend_for_host = lru_cache(maxsize=1024)(DomainDispatcherApplication.get_backend_for_host)

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return Dispatcher(create_backend_app)


@lru_cache(maxsize=1024)
def _implements(signing_name: str) -> bool:
    host = f"http://{signing_name}.us-east-1.amazonaws.com"
    found = any(pattern.match(host) for _, pattern in _dispatcher().backend_url_patterns)
    return found or signing_name in ("iam", "sts", "cloudfront", "budgets", "dynamodb", "s3")


class MotoBase:
    """moto's services."""

    def implements(self, signing_name: str) -> bool:
        """Whether moto has the service at all; what it does not know it would take for S3."""
        return _implements(signing_name)

    def handle(self, request: HttpRequest, account: str) -> HttpResponse:
        """moto's answer. Raises NotImplementedOperation; whatever else is raised is moto's failure."""
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
            started[:] = [int(status.split(" ", 1)[0]), dict(headers)]

        try:
            chunks: Iterable[bytes] = _dispatcher()(_environ(request, account), start_response)
            body = b"".join(chunks)
        except NotImplementedError as error:
            raise NotImplementedOperation(str(error)) from None
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        status, headers = started
        return HttpResponse(status, headers, body)

    def operation_of(self, service: str, request: HttpRequest) -> str:
        """The operation of a rest-xml request (S3), by moto's router; empty if there is none."""
        from moto.core.request import Request  # noqa: PLC0415
        from moto.core.routing import get_service_router  # noqa: PLC0415
        from werkzeug.exceptions import HTTPException  # noqa: PLC0415

        try:
            operation, _ = get_service_router(service).match(Request(_environ(request, "")))
        except (HTTPException, NotImplementedError):
            return ""
        return str(operation.name)

    def reset(self) -> None:
        """Empty every service and start moto's ids anew."""
        from moto.moto_api import _internal as moto_api  # noqa: PLC0415

        # A VPC is all that is asked of EC2 here, and thousands of machine images take moto half a second.
        os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        moto_api.moto_api_backend.reset()
        moto_api.mock_random.seed(SEED)


def _environ(request: HttpRequest, account: str) -> dict[str, Any]:
    host, _, port = request.host.partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "RAW_URI": request.path + (f"?{request.query}" if request.query else ""),
        "REQUEST_URI": request.path + (f"?{request.query}" if request.query else ""),
        "QUERY_STRING": request.query,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            environ[f"HTTP_{key}"] = value
    environ["HTTP_HOST"] = request.host
    if account:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    return environ
