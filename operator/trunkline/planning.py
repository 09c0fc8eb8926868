"""`trunkline plan -f FILE`: the manifests of a center in, the plan of a pass out. Reads AWS, changes nothing.

ConfigMaps are looked for in the same files. The record is what `status` in the file says (`kubectl get -o yaml` has
it); without one, resources are found by our tags and by their names.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from trunkline.api.manifest import Document, ManifestError, read
from trunkline.api.parse import parse_center
from trunkline.engine.budget import Priority
from trunkline.engine.outcome import CallRefusedError, PassEndedError
from trunkline.handlers.port import Content, Key, Named, Snapshot, Source
from trunkline.handlers.rendering import as_json, as_text
from trunkline.settings import Settings
from trunkline.wiring import parts

KIND = "ContactCenter"


@dataclass(slots=True)
class FileInputs:
    """Inputs of a pass from files; whoever asks to change something is told that nothing may be changed."""

    snapshot: Snapshot
    config_maps: Mapping[str, Mapping[str, str]]
    cause: Priority = Priority.CHANGE
    _read: dict[Named, Content] = field(default_factory=dict)

    async def content(self, named: Named) -> Content:
        """A ConfigMap key from the same files."""
        data = self.config_maps.get(named.name) if named.source is Source.CONFIG_MAP else None
        if data is None:
            return Content(None, f"{named.source.value} {named.name} is not in these files; add its manifest with -f")
        if named.key not in data:
            return Content(None, f"{named.source.value} {named.name} has no key {named.key!r}")
        return Content(data[named.key])

    def status_of(self, key: Key) -> Mapping[str, Any] | None:  # noqa: ARG002  # files say nothing of other objects
        """Nothing is known of other objects."""
        return None

    async def guard(self) -> None:
        """Nothing may be changed."""
        raise PassEndedError("a plan changes nothing")

    async def refresh(self) -> None:
        """The file is as it is."""

    async def ensure_finalizer(self) -> None:
        """Nothing may be changed."""
        raise PassEndedError("a plan changes nothing")

    async def report(self, status: Mapping[str, Any]) -> None:
        """There is nobody to report to."""


def plan_files(files: Sequence[Path], settings: Settings, output: str, out: TextIO = sys.stdout) -> int:
    """Prints the plan of each center in the files. 0: planned; 1: something in them is wrong or AWS refused."""
    try:
        documents = [document for file in _expanded(files) for document in read(_text(file), str(file))]
    except (ManifestError, OSError) as error:
        print(f"trunkline plan: {error}", file=sys.stderr)
        return 1
    centers = [document for document in documents if document.kind == KIND]
    if not centers:
        print(f"trunkline plan: no {KIND} in {', '.join(map(str, files))}", file=sys.stderr)
        return 1
    return asyncio.run(_plan_all(centers, documents, settings, output, out))


def _expanded(files: Iterable[Path]) -> Iterable[Path]:
    """Each file, and of a folder its manifests in the order of their names, as `kubectl apply -f` takes them."""
    for file in files:
        if file.is_dir():
            yield from sorted(item for item in file.iterdir() if item.suffix in (".yaml", ".yml", ".json"))
        else:
            yield file


def _text(file: Path) -> str:
    return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")


async def _plan_all(
    centers: Sequence[Document], documents: Iterable[Document], settings: Settings, output: str, out: TextIO
) -> int:
    if not settings.installation and any((center.body.get("status") or {}).get("resources") for center in centers):
        print(
            "trunkline plan: these files have a status, but the installation is not given: what the operator made looks "
            "like another's; pass the operator's --installation (default: the uid of namespace kube-system)",
            file=sys.stderr,
        )
    joined = parts(settings, settings.installation or "unknown")
    joined.budget.start()
    failed = False
    values = []
    try:
        for document in centers:
            problems = [str(problem) for problem in parse_center(document.body, report_unknown=True).problems]
            try:
                shown, blueprint, _ = await joined.handler.plan(_inputs(document, documents))
            except (ValueError, CallRefusedError) as error:
                print(f"trunkline plan: {document.source}:{document.line}: {error}", file=sys.stderr)
                failed = True
                continue
            failed = failed or bool(problems)
            if output == "json":
                values.append({"name": document.name, **as_json(shown, blueprint, problems)})
            else:
                out.write(f"{KIND} {document.name}\n{as_text(shown, blueprint, problems)}")
    finally:
        await joined.gate.close()
    if output == "json":
        json.dump(values, out, indent=2)
        out.write("\n")
    return 1 if failed else 0


def _inputs(document: Document, documents: Iterable[Document]) -> FileInputs:
    metadata = document.body.get("metadata") or {}
    namespace = str(metadata.get("namespace") or "default")
    config_maps = {
        other.name: {str(key): str(value) for key, value in (other.body.get("data") or {}).items()}
        for other in documents
        if other.kind == "ConfigMap" and ((other.body.get("metadata") or {}).get("namespace") or "default") == namespace
    }
    snapshot = Snapshot(
        key=Key(KIND, namespace, document.name),
        uid=str(metadata.get("uid") or ""),
        generation=int(metadata.get("generation") or 1),
        deleting=False,
        spec=document.body.get("spec") or {},
        annotations={str(key): str(value) for key, value in (metadata.get("annotations") or {}).items()},
        status=document.body.get("status") or {},
    )
    return FileInputs(snapshot, config_maps)
