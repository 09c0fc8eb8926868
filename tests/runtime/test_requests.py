"""One request to the API server, whatever happens to who made it."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trunkline.runtime.kube import ApiServer, Credentials


class _Answer(http.server.BaseHTTPRequestHandler):
    """Says that all is well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Nothing of it is read."""


@pytest.fixture
def kube(tmp_path: Path) -> Iterator[ApiServer]:
    """One thread of requests, so that what it was given last is done last."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    config = {
        "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": "it", "context": {"cluster": "here", "user": "me"}}],
        "current-context": "it",
    }
    (tmp_path / "config").write_text(json.dumps(config))
    yield (found := ApiServer(Credentials(tmp_path / "config"), threads=1, timeout=10))
    found.close()
    server.shutdown()
    server.server_close()


def test_who_is_told_to_end_as_the_answer_comes_ends(kube: ApiServer) -> None:
    """The elector, the sentinel and the lists ask in loops. One that missed it held the Lease for ever, beside passes
    that had ended.
    """

    async def main() -> None:
        asking = asyncio.create_task(kube.request("GET", "/version"))
        await asyncio.sleep(0)  # it is given to the thread
        kube._threads.submit(int).result(10)  # the answer is there, and the loop has not heard of it
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled(), "it was told to end, and goes on"
        assert await kube.request("GET", "/version") == {}

    asyncio.run(main())
