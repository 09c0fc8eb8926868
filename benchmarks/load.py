"""Objects created at a steady rate, and when each was seen Ready: cheap enough to share two cores with what it measures.

Bodies are made beforehand, connections kept alive, answers not parsed; one watch tells of all objects. The time of an
object is from the moment its request was due to be sent to the event of the watch that shows it Ready.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from benchmarks.fleet import ready
from trunkline_sandbox.cluster import ControlPlane

SENDERS = 4
TRIES = 5
_CHUNK = 1 << 16
_VERSION = re.compile(rb'"resourceVersion":"([0-9]+)"')


class LoadFailedError(Exception):
    """The API server refused what was sent, or the watch ended."""


class Arrivals:
    """A watch of one collection, in a thread: when each object was first seen Ready at its newest generation."""

    def __init__(self, connect: Callable[[], http.client.HTTPSConnection], path: str) -> None:
        self.ready: dict[str, float] = {}
        self.failure: str = ""
        self._connect = connect
        self._path = path
        self._version = ""
        self._thread = threading.Thread(target=self._run, name="arrivals", daemon=True)

    def start(self) -> None:
        """From the collection as it is now."""
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:  # an API server ends the watch of who does not read for a moment
                with contextlib.suppress(http.client.IncompleteRead):
                    self._watch()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.failure = f"the watch ended: {error!r}"

    def _watch(self) -> None:
        connection = self._connect()
        since = f"&resourceVersion={self._version}" if self._version else ""
        connection.request(
            "GET", f"{self._path}?watch=true&timeoutSeconds=3600{since}", headers={"Accept": "application/json"}
        )
        answer = connection.getresponse()
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"the API server answers {answer.status}")
        rest = b""
        while chunk := answer.read1(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._take(line)
        connection.close()

    def _take(self, line: bytes) -> None:
        if line.startswith(b'{"type":"ERROR"'):
            raise ValueError(line.decode(errors="replace")[:500])
        if (found := _VERSION.search(line)) is not None:
            self._version = found[1].decode()
        if b'"Ready"' in line:
            self._see(json.loads(line)["object"])

    def _see(self, body: Mapping[str, Any]) -> None:
        if ready(body):
            self.ready.setdefault(body["metadata"]["name"], time.monotonic())


class Load:
    """Creations of objects in one namespace. plane: as whose administrator."""

    def __init__(self, plane: ControlPlane, path: str) -> None:
        self._plane = plane
        self._path = path
        self.arrivals = Arrivals(self._connection, path)
        self.due: dict[str, float] = {}

    def run(self, bodies: Sequence[tuple[str, bytes]], rate: float) -> None:
        """Creates them all, so many a second. Raises LoadFailedError. Late ones are sent at once, and count from when
        they were due.
        """
        begin = time.monotonic() + 0.5
        self.due = {name: begin + number / rate for number, (name, _) in enumerate(bodies)}
        failures: list[str] = []
        senders = [
            threading.Thread(target=self._send, args=(bodies[slot::SENDERS], failures), name=f"sender {slot}")
            for slot in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        if failures:
            raise LoadFailedError(failures[0])

    def seconds(self) -> list[float]:
        """Of each object that was seen Ready, from due to Ready."""
        return [at - self.due[name] for name, at in self.arrivals.ready.items() if name in self.due]

    def _send(self, bodies: Sequence[tuple[str, bytes]], failures: list[str]) -> None:
        connection = self._connection()
        for name, body in bodies:
            time.sleep(max(0.0, self.due[name] - time.monotonic()))
            status, text = self._posted(connection, body)
            if status != HTTPStatus.CREATED:
                failures.append(f"{name}: {status} {text[:500].decode(errors='replace')}")
                return
        connection.close()

    def _posted(self, connection: http.client.HTTPSConnection, body: bytes) -> tuple[int, bytes]:
        """Status and text of the answer; "not now" is asked again, as by every Kubernetes client."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        tries = 0
        while True:
            tries += 1
            connection.request("POST", self._path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS or tries == TRIES:
                return answer.status, text
            time.sleep(float(answer.headers.get("Retry-After", 1)))

    def _connection(self) -> http.client.HTTPSConnection:
        return self._plane.api.connection(60.0)
