"""A Secrets Manager of a few secrets, by its HTTP API: what a function reads the login of its cache from."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SecretsServer:
    """Answers GetSecretValue; set `secrets[arn]` at any time. Signatures are not checked."""

    def __init__(self, server: ThreadingHTTPServer, secrets: dict[str, Mapping[str, str]]) -> None:
        self.secrets = secrets
        self.endpoint = f"http://127.0.0.1:{server.server_address[1]}"


@contextmanager
def secrets_server() -> Iterator[SecretsServer]:
    """One on the loopback, until the end of the block."""
    secrets: dict[str, Mapping[str, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            secret = secrets.get(asked.get("SecretId", ""))
            answer = {"SecretString": json.dumps(secret)} if secret else {"__type": "ResourceNotFoundException"}
            body = json.dumps(answer).encode()
            self.send_response(200 if secret else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            """Nothing: the tests' output is for failures."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield SecretsServer(server, secrets)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
