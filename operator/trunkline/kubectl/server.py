"""The API server by way of kubectl: `kubectl get`, `kubectl patch`. The only module that runs it.

Each start of kubectl costs 0.05 s of a processor, so what can be asked of one is: all kinds at once, in the namespace that
it knows itself. `get --raw` asks for one URL and nothing else. What kubectl complains of becomes one sentence with what to
do; what the API server itself refuses is passed on as it says it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trunkline.api.names import API_VERSION, GROUP, KindName
from trunkline.kubectl.failure import Exit, Failure, NoKinds

REQUEST_SECONDS = 15.0
SIGN_IN_SECONDS = 15.0  # what a plugin of the kubeconfig may take on top; one that wants to ask somebody cannot
PAGE = 200
AT_ONCE = 8  # processes: a center may name a hundred ConfigMaps
FIELD_MANAGER = "kubectl-trunkline"
_ACCOUNT_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kubectl:
    """How to run it: the program, and the flags that say where the API server is."""

    program: str
    where: tuple[str, ...] = ()
    timeout: float = REQUEST_SECONDS

    @classmethod
    def found(
        cls, environ: Mapping[str, str], kubeconfig: Path | None, context: str | None, timeout: float = REQUEST_SECONDS
    ) -> Kubectl:
        """`$KUBECTL`, else the one on the PATH. Raises Failure."""
        program = shutil.which(environ.get("KUBECTL") or "kubectl", path=environ.get("PATH"))
        if program is None:
            named = f"KUBECTL names {environ['KUBECTL']}, which" if environ.get("KUBECTL") else "kubectl"
            what = "is no program" if environ.get("KUBECTL") else "is not on the PATH"
            raise Failure(f"{named} {what}: install kubectl, or set KUBECTL to where it is", Exit.UNREACHABLE)
        where = [f"--kubeconfig={kubeconfig}"] if kubeconfig is not None else []
        where += [f"--context={context}"] if context else []
        return cls(program, tuple(where), timeout)

    def namespace(self) -> str:
        """The namespace of the context in use. Raises Failure where the context that was named does not exist."""
        done = self._started(["config", "view", "--minify", "-o", "jsonpath={.contexts[0].context.namespace}"])
        out, err, code = self._ended(done)
        if code == 0:
            return out.strip() or "default"
        if self.where and "context" in err:
            raise failure(err, self.where)
        try:  # no kubeconfig: in a pod, as kubectl does
            return _ACCOUNT_NAMESPACE.read_text(encoding="utf-8").strip() or "default"
        except OSError:
            return "default"

    def contexts(self) -> tuple[str, ...]:
        """All contexts of the kubeconfig. Raises Failure."""
        kubeconfig = tuple(flag for flag in self.where if not flag.startswith("--context"))
        other = Kubectl(self.program, kubeconfig, self.timeout)
        return tuple(other.text("config", "get-contexts", "-o", "name").split())

    def text(self, *arguments: str) -> str:
        """What kubectl prints. Raises Failure."""
        out, err, code = self._ended(self._started(arguments))
        if code != 0:
            raise failure(err, self.where)
        return out

    def named(self, kinds: Sequence[KindName], name: str, namespace: str | None) -> tuple[list[Value], Failure | None]:
        """The objects of that name, one of each kind at most, and what was wrong with one kind or all. namespace: None
        is that of the context.
        """
        each = [f"{kind.plural}.{GROUP}/{name}" for kind in kinds]
        return self._objects([*each, "--ignore-not-found", "--show-managed-fields", *_in(namespace)])

    def every(
        self, kinds: Sequence[KindName], namespace: str | None, *, everywhere: bool
    ) -> tuple[list[Value], Failure | None]:
        """All objects of the kinds, and what was wrong with one kind or all."""
        plurals = ",".join(f"{kind.plural}.{GROUP}" for kind in kinds)
        where = ["--all-namespaces"] if everywhere else _in(namespace)
        return self._objects([plurals, f"--chunk-size={PAGE}", *where])

    def _objects(self, what: Sequence[str]) -> tuple[list[Value], Failure | None]:
        running = self._started(["get", *what, "--output=json", f"--request-timeout={self.timeout:g}s"])
        out, err, code = self._ended(running)
        wrong = failure(err, self.where) if code else None
        if not out.strip():
            return [], wrong
        answer = _object(out)
        return (list(answer.get("items") or ()) if answer.get("kind") == "List" else [answer]), wrong

    def get(self, path: str) -> Value:
        """The answer of one URL. Raises Failure; ABSENT where there is nothing."""
        (found,) = self.get_each([path])
        if isinstance(found, Failure):
            raise found
        return found

    def get_each(self, paths: Sequence[str]) -> list[Value | Failure]:
        """Several URLs, some at once, each with its answer or what is wrong."""
        found: list[Value | Failure] = []
        for first in range(0, len(paths), AT_ONCE):
            some = paths[first : first + AT_ONCE]
            running = [self._started(["get", "--raw", path, f"--request-timeout={self.timeout:g}s"]) for path in some]
            for one in running:
                out, err, code = self._ended(one)
                found.append(failure(err, self.where) if code else _object(out))
        return found

    def items(self, path: str) -> Iterator[Value]:
        """Every object of a collection, page by page. Raises Failure."""
        mark, token = "&" if "?" in path else "?", ""
        while True:
            page = self.get(f"{path}{mark}limit={PAGE}{token}")
            yield from page.get("items") or ()
            following = (page.get("metadata") or {}).get("continue")
            if not following:
                return
            token = f"&continue={following}"

    def patch(self, kind: KindName, namespace: str, name: str, body: Value) -> Value:
        """The object after a merge patch. Raises Failure with what the API server says."""
        done = self.text(
            "patch",
            f"{kind.plural}.{GROUP}",
            name,
            f"--namespace={namespace}",
            "--type=merge",
            f"--patch={json.dumps(body)}",
            f"--field-manager={FIELD_MANAGER}",
            f"--request-timeout={self.timeout:g}s",
            "--output=json",
        )
        answer: Value = json.loads(done)
        return answer

    @contextmanager
    def watch(self, kind: KindName, namespace: str, name: str, seconds: int) -> Iterator[Iterator[Value]]:
        """The object as it is, and again each time it changes, until the time is over or the connection is cut. Raises
        Failure.
        """
        path = f"{collection(kind, namespace)}?watch=true&fieldSelector=metadata.name%3D{name}&timeoutSeconds={seconds}"
        running = self._started(["get", "--raw", path, f"--request-timeout={seconds + SIGN_IN_SECONDS:g}s"])
        try:
            yield self._changes(running)
        finally:
            running.kill()
            running.communicate()

    def _changes(self, running: subprocess.Popen[str]) -> Iterator[Value]:
        for line in running.stdout or ():
            event = _event(line)
            if event is None:
                return
            if event.get("type") == "ERROR":
                raise Failure(str(event.get("object", {}).get("message", "the watch ended")))
            if event.get("type") == "DELETED":
                raise Failure("the object was deleted meanwhile", Exit.ABSENT)
            yield event["object"]
        _, err = running.communicate()
        if running.returncode and not any(sign in err for sign in _CUT):
            raise failure(err, self.where)

    def _started(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(  # noqa: S603  # the user's own kubectl, arguments apart
                [self.program, *arguments, *self.where],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise Failure(
                f"{self.program} cannot be run ({error.strerror}): set KUBECTL to a kubectl", Exit.UNREACHABLE
            ) from None

    def _ended(self, running: subprocess.Popen[str]) -> tuple[str, str, int]:
        try:
            out, err = running.communicate(timeout=self.timeout + SIGN_IN_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            raise Failure(
                f"kubectl did not answer within {self.timeout + SIGN_IN_SECONDS:g} s", Exit.UNREACHABLE
            ) from None
        return out, err, running.returncode


def _event(line: str) -> Value | None:
    """One of a watch; None of what a proxy has cut off."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("object"), dict) else None


def _in(namespace: str | None) -> list[str]:
    return [f"--namespace={namespace}"] if namespace else []


def _object(text: str) -> Value:
    """Raises Failure of what is no object in JSON."""
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Failure("what answered is no Kubernetes API server: look at `kubectl cluster-info`", Exit.UNREACHABLE)
    return answer


def collection(kind: KindName, namespace: str | None) -> str:
    """The URL of a kind's objects, of one namespace or of all (None)."""
    place = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{API_VERSION}{place}/{kind.plural}"


_NO_WAY = (
    "The connection to the server",
    "Unable to connect to the server",
    "context deadline exceeded",
    "i/o timeout",
    "Client.Timeout exceeded",
    "net/http: TLS handshake timeout",
    "no such host",
    "was refused",
)
_CUT = ("unexpected EOF", "stream error: ", "connection reset by peer")  # in the middle of a watch
_UNKNOWN_USER = ("(Unauthorized)", "must be logged in", "asked for the client to provide credentials")
_NO_FILE = ("error: stat ", "error: error loading config file", "error: open ")
_NEXT = re.compile(r" Error from server \(\w+\): ")
_LOG_LINE = re.compile(r"[EWI]\d{4} |Warning: ")
_NO_CONTEXT = ("context was not found", "does not exist", "no context exists", "cannot locate context")


def failure(said: str, where: Sequence[str] = ()) -> Failure:
    """What kubectl wrote to standard error, as one sentence and a code."""
    every = [line for line in said.splitlines() if line.strip()]
    lines = [line for line in every if not _LOG_LINE.match(line)] or every[-1:]
    text = " ".join(" ".join(lines).split()) or "kubectl failed and said nothing"
    return _of_server(text) or _of_way(text, where) or Failure(_bare(text))


def _of_server(text: str) -> Failure | None:
    """What the API server answered."""
    if "(NotFound)" in text and "could not find the requested resource" not in text:
        return Failure(_bare(text), Exit.ABSENT)
    if "(NotFound)" in text or "the server doesn't have a resource type" in text:
        return NoKinds()
    if "(Forbidden)" in text or "is forbidden" in text:
        return Failure(_bare(text), Exit.FORBIDDEN)
    if any(sign in text for sign in _UNKNOWN_USER):
        return Failure("the API server does not know you: sign in again, then `kubectl auth whoami`", Exit.FORBIDDEN)
    return None


def _of_way(text: str, where: Sequence[str]) -> Failure | None:
    """Why there was no answer."""
    if text.startswith(_NO_FILE):
        return Failure(f"the kubeconfig cannot be read ({_bare(text)}): name another --kubeconfig", Exit.UNREACHABLE)
    if "context" in text and any(sign in text for sign in _NO_CONTEXT):
        named = next((flag.partition("=")[2] for flag in where if flag.startswith("--context=")), text)
        message = f"the kubeconfig has no context {named}: `kubectl config get-contexts` lists them"
        return Failure(message, Exit.UNREACHABLE)
    if "in order to minify" in text:
        named = next((flag.partition("=")[2] for flag in where if flag.startswith("--kubeconfig=")), "that is used")
        message = f"the kubeconfig {named} is not there, or has no current context: name another, or a --context"
        return Failure(message, Exit.UNREACHABLE)
    if any(sign in text for sign in _NO_WAY):
        remedy = "look at `kubectl cluster-info`, or name another --context"
        return Failure(f"the API server cannot be reached ({_bare(text)}): {remedy}", Exit.UNREACHABLE)
    return None


def _bare(text: str) -> str:
    """Without kubectl's own words before what the server says, which of several kinds it says several times."""
    if text.startswith("Error from server"):
        text = _NEXT.sub("; ", text.partition(": ")[2] or text)
    return text.removeprefix("error: ").rstrip(".")
