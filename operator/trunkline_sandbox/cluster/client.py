"""A client for the few calls that the control plane makes to its own API server; TLS verified, admin by certificate.

Tests and the demo have kubectl and the `kubernetes` package; this one is for readiness, tokens and namespaces. One
connection per call.
"""

from __future__ import annotations

import http.client
import json
import ssl
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

        Raises:
            ApiError: the answer is an error.
            OSError: there is no connection or no answer within `seconds`.
        """
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=self._context)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": content_type, "Accept": accept})
            response = connection.getresponse()
            text = response.read().decode()
            kind = response.getheader("Content-Type") or ""
        except http.client.HTTPException as error:
            raise ConnectionError(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        answer = json.loads(text) if kind.startswith(JSON) else text
        if response.status >= 400:
            details = answer if isinstance(answer, dict) else {"message": text}
            message = details.get("message", "")
            raise ApiError(method, path, response.status, details.get("reason", ""), message)
        return answer
