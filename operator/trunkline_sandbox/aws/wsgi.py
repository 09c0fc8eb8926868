"""The offline AWS as a WSGI application, for servers that want one. A broken connection becomes an exception there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from trunkline_sandbox.aws.messages import HttpRequest, HttpResponse


class WsgiApplication:
    """PEP 3333 around a function from request to answer."""

    def __init__(self, handle: Callable[[HttpRequest], HttpResponse]) -> None:
        self._handle = handle

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = self._handle(_request(environ))
        phrase = HTTPStatus(response.status).phrase
        headers = [(name, value) for name, value in response.headers.items() if name.lower() != "content-length"]
        start_response(f"{response.status} {phrase}", [*headers, ("Content-Length", str(len(response.body)))])
        return [response.body]


def _request(environ: dict[str, Any]) -> HttpRequest:
    headers = {name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name[:5] == "HTTP_"}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    # Labels in a path are encoded for a reason (ARNs have slashes): the raw form if the server hands it on.
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    path = urlsplit(raw).path if raw else quote(environ.get("PATH_INFO", "/").encode("latin-1"))
    return HttpRequest(
        method=environ["REQUEST_METHOD"],
        host=environ.get("HTTP_HOST", environ.get("SERVER_NAME", "")),
        path=path or "/",
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
    )
