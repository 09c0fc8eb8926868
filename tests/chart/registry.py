"""An OCI registry as a process: crane's, which keeps what is pushed in memory."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from pathlib import Path

_PATIENCE = 30.0


class Registry:
    """Running from the start; `close` ends it. address: host and port for `oci://`, spoken to in plain HTTP."""

    def __init__(self, crane: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [str(crane), "registry", "serve", "--address", self.address],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # a line per request
        )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            assert self._process.poll() is None, "the registry ended at its start"
            assert time.monotonic() < deadline, f"the registry does not answer within {_PATIENCE:g} s"
            time.sleep(0.05)

    def close(self) -> None:
        """Ends it; harmless to repeat."""
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        host, _, port = self.address.partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=1.0)
        try:
            connection.request("GET", "/v2/")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()
