"""One control plane for several processes of one run, started when the first of them asks for it.

The process that owns it (the controller of a parallel test run) has a `SharedControlPlane` and hands the path of
`listen()` to the others; each of them calls `ask` with it. It ends with its owner, and one who asks may crash and come
again. Processes that share it must not stop or pause it: they get a `Cluster`, which cannot.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from .access import Cluster
from .controlplane import ControlPlane
from .errors import ClusterError
from .scratch import Scratch

_ASK_SECONDS = 600.0  # the first to ask may wait for a build of the binaries


class SharedControlPlane:
    """A control plane that starts with the first request for it. Thread-safe; closed by its owner."""

    def __init__(self, start: Callable[[], ControlPlane] = ControlPlane.start) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._cluster: ControlPlane | None = None
        self._failure: ClusterError | None = None
        self._server: socket.socket | None = None
        self._scratch: Scratch | None = None

    def get(self) -> Cluster:
        """The cluster; started by the first call, and a failure to start is remembered, not repeated.

        Raises:
            ClusterError: it cannot be started.
        """
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._cluster is None:
                try:
                    self._cluster = self._start()
                except ClusterError as error:
                    self._failure = error
                    raise
            return self._cluster

    def listen(self) -> Path:
        """Take requests of other processes of this user; returns the path for `ask`. Harmless to repeat."""
        if self._scratch is None:
            self._scratch = Scratch.create("trunkline-shared-")
            self._server = socket.socket(socket.AF_UNIX)
            self._server.bind(str(self._scratch.directory / "socket"))
            self._server.listen()
            threading.Thread(target=self._serve, args=(self._server,), daemon=True).start()
        return self._scratch.directory / "socket"

    def close(self) -> None:
        """End the cluster if it was started, and take no more requests. Harmless to repeat."""
        if self._server is not None:
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts; closing alone does not
            self._server.close()
            self._server = None
        if self._scratch is not None:
            with self._scratch as scratch:
                shutil.rmtree(scratch.directory, ignore_errors=True)
            self._scratch = None
        with self._lock:
            if self._cluster is not None:
                self._cluster.stop()

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:  # closed
                return
            with connection, contextlib.suppress(OSError):
                connection.sendall(json.dumps(self._answer()).encode())

    def _answer(self) -> dict[str, str]:
        try:
            return {"directory": str(self.get().directory)}
        except ClusterError as error:
            return {"error": str(error)}


def ask(path: Path) -> Cluster:
    """The cluster of the process that listens on `path`.

    Raises:
        ClusterError: it cannot be started, or its owner is gone.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_ASK_SECONDS)
            connection.connect(str(path))
            answer = json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    except (OSError, ValueError) as error:
        raise ClusterError(f"whoever runs the shared control plane is gone: {error}") from error
    if "error" in answer:
        raise ClusterError(answer["error"])
    return Cluster.at(Path(answer["directory"]))
