"""A function at the Lambda runtime interface emulator: AWS's own runtime client on CPython 3.13.5, one call at a time.

The emulator ends when a second invocation comes while one runs, as no Lambda environment ever sees; so each emulator is
one caller's lane, and `Emulator.invoke` keeps others waiting.
"""

from __future__ import annotations

import http.client
import json
import re
import stat
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.parts import Interpreter

from tests.parts.process import Process, free_port

_PATH = "/2015-03-31/functions/function/invocations"
_INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)")
_MARGIN_SECONDS = 10.0  # of a caller beyond the function's timeout: the emulator answers for it

_RECORDS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What Invoke answers. status: of HTTP, 200 also where the function raised.

    payload: what the function answered, None if it did not. error_type, error: of what it raised, or of what the
    emulator says instead of an answer ("Task timed out after 2.00 seconds").
    """

    status: int
    payload: Any
    error_type: str = ""
    error: str = ""

    @property
    def timed_out(self) -> bool:
        """Whether Lambda ended the function at its timeout."""
        return "Task timed out" in self.error

    @property
    def succeeded(self) -> bool:
        """Whether the function returned something."""
        return self.status == http.client.OK and not self.error and not self.error_type


@dataclass(frozen=True, slots=True)
class Programs:
    """What runs a function. runtime: the folder with awslambdaric."""

    emulator: Path
    interpreter: Interpreter
    runtime: Path


@dataclass(frozen=True, slots=True)
class Function:
    """What is deployed: the zip's bytes are those that Lambda would be given. timeout: seconds, whole ones."""

    archive: Path
    handler: str
    environment: Mapping[str, str]
    timeout: int = 3
    name: str = "function"
    memory: int = 256

    def unpacked(self, folder: Path) -> Path:
        """The code in `folder` with the modes of the zip, writable for nobody, as /var/task is."""
        with zipfile.ZipFile(self.archive) as archive:
            for member in archive.infolist():
                path = Path(archive.extract(member, folder))
                path.chmod(stat.S_IMODE(member.external_attr >> 16) & ~0o222)
        return folder


class Emulator:
    """One environment of Lambda with one function. It starts with the first invocation, as on Lambda after a deployment."""

    def __init__(self, programs: Programs, function: Function, folder: Path) -> None:
        self.function = function
        self._programs = programs
        self._folder = folder
        self._lane = threading.Lock()
        self.code = function.unpacked(folder / "task")
        self.port = free_port()
        self.process = self._started()

    def invoke(self, event: Any) -> Answer:
        """One invocation, waited for until the function's timeout and a little more. Raises OSError: the emulator ended."""
        body = json.dumps(event).encode()
        with self._lane:
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=self.function.timeout + _MARGIN_SECONDS
            )
            try:
                connection.request("POST", _PATH, body)
                response = connection.getresponse()
                return _answer(response.status, response.read())
            finally:
                connection.close()

    @property
    def log(self) -> str:
        """Everything that the emulator and the function wrote."""
        return self.process.log.read_text(errors="replace")

    @property
    def init_seconds(self) -> tuple[float, ...]:
        """How long each INIT took: the one of the first invocation, and of those after the function was ended."""
        return tuple(float(found) / 1000 for found in _INIT.findall(self.log))

    def records(self, number: int) -> list[dict[str, Any]]:
        """The JSON objects among the lines, which are what the function logged, once there are so many. Raises
        NotStartedError if there never are: the emulator copies lines a little after the answer.
        """
        self.process.wait_ready(lambda: len(self._records()) >= number, _RECORDS_SECONDS)
        return self._records()

    def stop(self) -> None:
        """Ends the emulator and the function. Harmless to repeat."""
        self.process.stop()

    def _started(self) -> Process:
        function, programs = self.function, self._programs
        addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{self.port}"]
        addresses += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
        runtime = [str(programs.interpreter.program), "-m", "awslambdaric", function.handler]
        process = Process(
            [str(programs.emulator), *addresses, *runtime],
            self._folder / "log",
            environment=self._environment(),
            cwd=self.code,
        )
        try:
            process.wait_ready(self._listens)
        except BaseException:
            process.kill()
            raise
        return process

    def _environment(self) -> Mapping[str, str]:
        function = self.function
        return {
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "LAMBDA_TASK_ROOT": str(self.code),
            "PYTHONPATH": f"{self.code}:{self._programs.runtime}",
            "PYTHONDONTWRITEBYTECODE": "1",  # /var/task cannot be written
            "TZ": ":UTC",
            **function.environment,
        }

    def _records(self) -> list[dict[str, Any]]:
        whole = [line for line in self.log.splitlines(keepends=True) if line.startswith("{") and line.endswith("\n")]
        return [json.loads(line) for line in whole]

    def _listens(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.connect()
        finally:
            connection.close()
        return True


def _answer(status: int, body: bytes) -> Answer:
    try:
        payload = json.loads(body)
    except ValueError:
        return Answer(status, None, error=body.decode(errors="replace"))
    if isinstance(payload, dict) and ("errorMessage" in payload or "errorType" in payload):
        return Answer(status, None, str(payload.get("errorType", "")), str(payload.get("errorMessage", "")))
    return Answer(status, payload, "" if status == http.client.OK else str(status))
