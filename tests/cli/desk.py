"""`trunkline plan` as a person runs it: manifests in a folder, the offline AWS over HTTP, output and exit code.

The account is that of a column world, so a test can first converge a center there and then break or edit it. Whatever
the command does, it must not make one mutating call: `plan` looks at the log of calls each time.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.column.world import INSTALLATION, Object, World
from trunkline.cli import main

Value = dict[str, Any]


@dataclass(frozen=True)
class Planned:
    """What a run came to."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Value:
        """The only center of the JSON output."""
        (center,) = json.loads(self.out)
        return dict(center)

    def resource(self, key: str) -> Value:
        """One resource of it."""
        return next(item for item in self.value["resources"] if item["key"] == key)


class Desk:
    """A folder for manifests, and the command."""

    def __init__(self, world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self.folder = folder
        self._capsys = capsys

    def file(self, name: str, content: str | Mapping[str, Any]) -> Path:
        """A manifest: text as it is, an object as JSON, which is YAML."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def run(self, *files: Path, flags: tuple[str, ...] = ("--installation", INSTALLATION)) -> Planned:
        """The command over files. Fails the test if it changed anything."""
        number = self.world.cloud.calls.number
        named = [argument for file in files for argument in ("-f", str(file))]
        self._capsys.readouterr()
        code = main(["plan", *named, *flags])
        shown = self._capsys.readouterr()
        assert self.world.mutating(number) == [], "a plan changed something"
        return Planned(code, shown.out, shown.err)

    def plan(self, body: Mapping[str, Any], output: str = "text") -> Planned:
        """The plan of one center."""
        return self.run(self.file("center.yaml", body), flags=("--installation", INSTALLATION, "-o", output))


def manifest(object_: Object, *, recorded: bool = True, **spec: Any) -> Value:
    """What `kubectl get -o yaml` says of an object, its spec edited; without its status, what stands in git."""
    metadata: Value = {"name": object_.name, "namespace": object_.namespace}
    if recorded:
        metadata |= {"uid": object_.uid, "generation": object_.generation}
    body: Value = {
        "apiVersion": "trunkline.dev/v1alpha1",
        "kind": object_.kind,
        "metadata": metadata,
        "spec": {**copy.deepcopy(object_.spec), **spec},
    }
    return {**body, "status": copy.deepcopy(object_.status)} if recorded else body


def without_cache(body: Value) -> Value:
    """The same center whose functions know no cache."""
    spec = {name: value for name, value in body["spec"].items() if name != "cacheRef"}
    spec["functions"] = [
        {**entry, "environment": [item for item in entry["environment"] if "cache" not in item.get("valueFrom", {})]}
        for entry in spec["functions"]
    ]
    return {**body, "spec": spec}
