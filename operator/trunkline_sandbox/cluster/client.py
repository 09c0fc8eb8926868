"""A client for the few calls that the control plane makes to its own API server; TLS verified, admin by certificate.

Tests and the demo have kubectl and the `kubernetes` package; this one is for readiness, tokens and namespaces. One
connection per call, unless somebody takes one of their own.
"""

from __future__ import annotations

import http
import http.client
import json
import ssl
import time
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import ApiError

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class ApiClient:
    """Calls the API server at `url` with a client certificate (paths of PEM files)."""

    def __init__(self, url: str, authority: Path, certificate: Path, key: Path) -> None:
        parts = urllib.parse.urlsplit(url)
        assert parts.hostname is not None
        self._host = parts.hostname
        self._port = parts.port or 443
        self._context = ssl.create_default_context(cafile=str(authority))
        self._context.load_cert_chain(str(certificate), str(key))

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        content_type: str = JSON,
        accept: str = JSON,
        seconds: float = 30.0,
    ) -> Any:
        """Make one call; return the JSON of the answer, or its text where it is not JSON.

        "Not now" (429 with Retry-After: a CRD whose storage is being set up, too many requests at once) is asked again,
        as by every Kubernetes client; the server has done nothing yet.

        Raises:
            ApiError: the answer is an error; "not now" only after `seconds`.
            OSError: there is no connection or no answer within `seconds`.
        """
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": content_type, "Accept": accept}
        deadline = time.monotonic() + seconds
        while True:
            status, pause, answer = self._call(method, path, content, headers, seconds)
            if status == http.HTTPStatus.TOO_MANY_REQUESTS and pause and time.monotonic() + float(pause) < deadline:
                time.sleep(float(pause))
                continue
            if status >= 400:
                details = answer if isinstance(answer, dict) else {"message": answer}
                raise ApiError(method, path, status, details.get("reason", ""), details.get("message", ""))
            return answer

    def connection(self, seconds: float = 30.0) -> http.client.HTTPSConnection:
        """A connection of one's own, not yet open, for who makes many calls or watches."""
        return http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=self._context)

    def _call(
        self, method: str, path: str, content: str | None, headers: Mapping[str, str], seconds: float
    ) -> tuple[int, str | None, Any]:
        """One call: status, Retry-After, and JSON or text."""
        connection = self.connection(seconds)
        try:
            connection.request(method, path, content, dict(headers))
            response = connection.getresponse()
            text = response.read().decode()
        except http.client.HTTPException as error:
            raise ConnectionError(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        kind = response.getheader("Content-Type") or ""
        return response.status, response.getheader("Retry-After"), json.loads(text) if kind.startswith(JSON) else text
