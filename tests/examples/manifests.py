"""The example files as tests read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML comes with it
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CENTERS = sorted(path for path in EXAMPLES.rglob("*.yaml") if re.search(r"(?m)^kind: ContactCenter$", path.read_text()))


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Every object in a folder, in the order in which kubectl applies the files."""
    for path in sorted(folder.glob("*.yaml")):
        yield from _objects(path)


def center(path: Path) -> dict[str, Any]:
    """The ContactCenter in a file, or in all files of a folder."""
    found = documents(path) if path.is_dir() else _objects(path)
    return next(document for document in found if document["kind"] == "ContactCenter")


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    loaded = yaml.load_all(path.read_text(), Loader=_Loader)  # safe as well, in C
    return (document for document in loaded if document)


def by_name(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in entries}


def contents(folder: Path, section: str) -> Mapping[str, dict[str, Any]]:
    """The flow language of each entry of `flows` or `flowModules`, inline or from the ConfigMaps beside it."""
    maps = {d["metadata"]["name"]: d["data"] for d in documents(folder) if d["kind"] == "ConfigMap"}
    found = {}
    for entry in center(folder)["spec"].get(section, []):
        content = entry["content"]
        reference = content.get("configMapKeyRef")
        found[entry["name"]] = json.loads(maps[reference["name"]][reference["key"]]) if reference else content["inline"]
    return found


def targets(action: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where an action leads: the branch ("next", an error type, "condition") and the action there."""
    transitions = action["Transitions"]
    if "NextAction" in transitions:
        yield "next", transitions["NextAction"]
    for error in transitions.get("Errors", []):
        yield error["ErrorType"], error["NextAction"]
    for condition in transitions.get("Conditions", []):
        yield "condition", condition["NextAction"]


def strings(value: Any) -> Iterator[str]:
    """Every string in a structure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
