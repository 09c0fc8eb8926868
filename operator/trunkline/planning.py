"""`trunkline plan`: manifests of centers and caches, or a live one, in; the plan of a pass out. Reads AWS, changes nothing.

ConfigMaps and Secrets are looked for in the same files. The record is what `status` in the file says (`kubectl get -o yaml` has
it); without one, resources are found by our tags and by their names. Tags carry the installation id, which is asked of
the cluster where it is not given.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.api.center import ContactCenter
from trunkline.api.manifest import Document, ManifestError, expanded, read
from trunkline.api.parse import parse_center
from trunkline.api.problem import Problem
from trunkline.api.scaling_policy import ScalingPolicy
from trunkline.aws.archives import MissingArchiveError
from trunkline.engine.budget import Priority
from trunkline.engine.converge import Preview
from trunkline.engine.outcome import CallRefusedError, Outcome, PassEndedError
from trunkline.engine.resource import Blueprint
from trunkline.handlers.markdown import as_markdown
from trunkline.handlers.port import Content, Key, Named, Publication, Snapshot, Source
from trunkline.handlers.rendering import as_json, as_text
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.installation import installation_id
from trunkline.runtime.vanished import vanished
from trunkline.settings import Settings
from trunkline.wiring import Parts, parts

KINDS = (CacheLayer.kind, ContactCenter.kind)
UNKNOWN_INSTALLATION = "unknown"
FILES = "these files"
STAND_IN = "a-value-that-is-not-in-the-files"  # one that AWS would take for a token


@dataclass(slots=True)
class FileInputs:
    """Inputs of a pass from files; whoever asks to change something is told that nothing may be changed."""

    snapshot: Snapshot
    sources: Mapping[tuple[str, str], Mapping[str, str]]  # by kind and name
    others: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)
    cause: Priority = Priority.CHANGE
    nearby: Mapping[Key, Snapshot] = field(default_factory=dict)
    place: str = FILES
    not_given: list[str] = field(default_factory=list)

    async def content(self, named: Named) -> Content:
        """A key of a ConfigMap or Secret from the same files."""
        data = self.sources.get((named.source.value, named.name))
        if data is None and named.source is Source.SECRET:
            # Whoever keeps manifests in Git keeps Secrets elsewhere: a plan is made as if it held what it must.
            self.not_given.append(f"Secret {named.name} is not in {self.place}: what depends on its value is a guess")
            return Content(STAND_IN)
        if data is None:
            remedy = "; add its manifest with -f" if self.place == FILES else ""
            return Content(None, f"{named.source.value} {named.name} is not in {self.place}{remedy}")
        if named.key not in data:
            return Content(None, f"{named.source.value} {named.name} has no key {named.key!r}")
        return Content(data[named.key])

    def status_of(self, key: Key) -> Mapping[str, Any] | None:
        """What the same files say of it."""
        return self.others.get(key)

    def neighbor(self, key: Key) -> Snapshot | None:
        """Of files only what the plan is of is known."""
        return self.nearby.get(key)

    def neighbors(self, kind: str) -> tuple[Snapshot, ...]:
        """The same: policies in files claim nothing."""
        return tuple(snapshot for key, snapshot in self.nearby.items() if key.kind == kind)

    async def guard(self) -> None:
        """Nothing may be changed."""
        raise PassEndedError("a plan changes nothing")

    async def refresh(self, *, claim: bool = False) -> None:
        """The file is as it is."""

    async def ensure_finalizer(self) -> None:
        """Nothing may be changed."""
        raise PassEndedError("a plan changes nothing")

    async def publish(self, publication: Publication) -> str:  # noqa: ARG002  # the port's
        """Nothing may be changed."""
        raise PassEndedError("a plan changes nothing")

    async def withdraw(self, source: Source, name: str) -> None:  # noqa: ARG002  # the port's
        """Nothing may be changed."""
        raise PassEndedError("a plan changes nothing")

    async def release(self, source: Source, name: str) -> None:  # noqa: ARG002  # the port's
        """Nothing may be changed."""
        raise PassEndedError("a plan changes nothing")

    async def report(self, status: Callable[[], Mapping[str, Any]]) -> None:
        """There is nobody to report to."""


def plan_files(files: Sequence[Path], settings: Settings, output: str, out: TextIO | None = None) -> int:
    """Prints the plan of each object of ours in the files and folders to `out` (standard output).

    0: all of it could be planned; 1: something in the files is wrong, or AWS refused to answer.
    """
    try:
        documents = [document for file in expanded(files) for document in read(text_of(file), str(file))]
    except (ManifestError, OSError, UnicodeDecodeError) as error:
        print(f"trunkline plan: {error}", file=sys.stderr)
        return 1
    ours = [document for document in documents if document.kind in KINDS]
    if not ours:
        print(f"trunkline plan: no {' or '.join(reversed(KINDS))} in {', '.join(map(str, files))}", file=sys.stderr)
        return 1
    return _run(_plan_all(ours, documents, settings, output, out or sys.stdout))


def plan_live(document: Document, nearby: Sequence[Document], settings: Settings, output: str, out: TextIO) -> int:
    """Prints what the next pass over an object would do, as it stands in the cluster with what it names (`nearby`).

    Unlike a file, it is no new generation; policies of its namespace claim their fields. Exit codes as `plan_files`.
    """
    return _run(_plan_all([document], [document, *nearby], settings, output, out, live=True))


def _run(planned: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(planned)
    except MissingArchiveError as error:
        print(f"trunkline plan: {error}", file=sys.stderr)
        return 1


def text_of(file: Path) -> str:
    """What a file says, or standard input (`-`). Raises ManifestError of what is not there, or no text."""
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ManifestError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ManifestError(f"{file}: no text in UTF-8: byte {error.start}") from None


async def _installation(settings: Settings) -> str:
    """Whose tags are ours. Without an answer a plan can still be made, of what nobody owns yet."""
    if settings.installation:
        return settings.installation
    try:
        return await installation_id(settings.kubeconfig, settings.context)
    except RuntimeFailedError as error:
        print(
            f"trunkline plan: what an operator has made already will look like another installation's: {error}",
            file=sys.stderr,
        )
        return UNKNOWN_INSTALLATION


async def _plan_all(
    ours: Sequence[Document],
    documents: Sequence[Document],
    settings: Settings,
    output: str,
    out: TextIO,
    *,
    live: bool = False,
) -> int:
    joined = parts(settings, await _installation(settings))
    joined.budget.start()
    failed = False
    values: list[dict[str, Any]] = []
    try:
        for document in ours:
            problems = [str(problem) for problem in _problems(document)]
            try:
                shown, blueprint = await _planned(joined, document, _inputs(document, documents, live=live))
            except (ValueError, CallRefusedError) as error:
                failed = True
                _complain(document, *(problems or [str(error)]))
                if output == "markdown":
                    values.append({"kind": document.kind, "name": document.name, "problems": problems or [str(error)]})
                continue
            failed = failed or bool(problems) or _refused(shown)
            if output != "text":
                values.append({"kind": document.kind, "name": document.name, **as_json(shown, blueprint, problems)})
            else:
                out.write(f"{document.kind} {document.name}\n{as_text(shown, blueprint, problems)}")
    finally:
        await joined.close()
    if output == "json":
        json.dump(values, out, indent=2)
        out.write("\n")
    if output == "markdown":
        out.write(as_markdown(values))
    return 1 if failed else 0


def _problems(document: Document) -> tuple[Problem, ...]:
    if document.kind == CacheLayer.kind:
        return parse_cache_layer(document.body, report_unknown=True).problems
    return parse_center(document.body, report_unknown=True).problems


async def _planned(joined: Parts, document: Document, inputs: FileInputs) -> tuple[Preview, Blueprint]:
    """Raises ValueError, CallRefusedError."""
    handler = joined.layers if document.kind == CacheLayer.kind else joined.handler
    shown, blueprint, _ = await handler.plan(inputs)
    for notice in dict.fromkeys(inputs.not_given):
        _complain(document, notice)
    return shown, blueprint


def _complain(document: Document, *problems: str) -> None:
    where = f"{document.source}:{document.line}" if document.line else document.source
    for problem in problems:
        print(f"trunkline plan: {where}: {problem}", file=sys.stderr)


def _refused(shown: Preview) -> bool:
    """Whether something cannot be planned, and waiting will not help."""
    refusals = [plan.refusal for plan in shown.survey.plans.values() if plan.refusal is not None]
    return any(refusal.outcome is not Outcome.RETRY for refusal in refusals)


def _inputs(document: Document, documents: Iterable[Document], *, live: bool) -> FileInputs:
    namespace = _namespace(document)
    nearby = [other for other in documents if _namespace(other) == namespace]
    sources = {
        (other.kind, other.name): _data(other) for other in nearby if other.kind in {source.value for source in Source}
    }
    others = {Key(other.kind, namespace, other.name): _status(other) for other in nearby if other.kind in KINDS}
    if not live:
        return FileInputs(_snapshot(document, anew=True), sources, others)
    seen = [_snapshot(other) for other in nearby if other.kind in (*KINDS, ScalingPolicy.kind)]
    return FileInputs(
        _snapshot(document),
        sources,
        others,
        nearby={one.key: one for one in seen},
        place=f"namespace {namespace}",
    )


def _snapshot(document: Document, *, anew: bool = False) -> Snapshot:
    """anew: as if it were applied now. What is applied is a new generation: an entry that left the file has left the spec."""
    metadata, status = _member(document.body, "metadata"), _member(document.body, "status")
    generation = _number(metadata.get("generation"))
    return Snapshot(
        key=Key(document.kind, _namespace(document), document.name),
        uid=str(metadata.get("uid") or ""),
        generation=max(generation, _number(status.get("observedGeneration"))) + 1 if anew else generation,
        deleting=False,
        spec=document.body.get("spec") or {},
        annotations={key: str(value) for key, value in _member(metadata, "annotations").items()},
        status=status,
        created="" if anew else str(metadata.get("creationTimestamp") or ""),
        vanished=None if anew else vanished(document.body),
    )


def _status(document: Document) -> Mapping[str, Any]:
    """As the file has it. What a new cache will be called is known after it is made; a plan shows that there is one."""
    status = _member(document.body, "status")
    if document.kind != CacheLayer.kind or status:
        return status
    return {name: f"<CacheLayer {document.name}: {name}>" for name in ("url", "secretArn")}


def _data(document: Document) -> dict[str, str]:
    """The keys of a ConfigMap or Secret, in clear; what cannot be read is not there."""
    found = {key: str(value) for key, value in _member(document.body, "data").items()}
    if document.kind == Source.CONFIG_MAP.value:
        return found
    clear = {}
    for key, value in found.items():
        with contextlib.suppress(ValueError):
            clear[key] = base64.b64decode(value, validate=True).decode()
    return {**clear, **{key: str(value) for key, value in _member(document.body, "stringData").items()}}


def _namespace(document: Document) -> str:
    return str(_member(document.body, "metadata").get("namespace") or "default")


def _member(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that should be a mapping; what is something else is said by the parser, and is nothing here."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
