"""Writes every generated file, or verifies that what is committed is what would be written.

`python -m trunkline.api.generate [--verify] [--root FOLDER]`. A producer is a module with `generated() -> Mapping[path,
text]`; they are resolved by name when this runs, so that layers above `api` can add files without being imported here.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

PRODUCERS: tuple[str, ...] = (
    "trunkline.api.crd",
    "trunkline.api.kustomize",
    "trunkline.api.reference",
    "trunkline.rights.reference",
    "trunkline.telemetry.reference",
    "trunkline.command_reference",
)
MOST_LINES_SHOWN = 40


def produced(producers: Sequence[str] = PRODUCERS) -> dict[str, str]:
    """All generated files by their path in the repository. Raises ValueError if two producers write the same file."""
    files: dict[str, str] = {}
    for name in producers:
        more: Mapping[str, str] = importlib.import_module(name).generated()
        twice = files.keys() & more.keys()
        if twice:
            raise ValueError(f"{name} writes what another producer writes: {', '.join(sorted(twice))}")
        files.update(more)
    return files


def write(files: Mapping[str, str], root: Path) -> None:
    """Writes the files below root."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def differing(files: Mapping[str, str], root: Path) -> dict[str, str]:
    """Of the files that differ below root, or are not there: the first lines of the difference."""
    differences: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        write(files, Path(folder))
        for path in files:
            fresh = (Path(folder) / path).read_bytes()
            committed = (root / path).read_bytes() if (root / path).is_file() else b""
            if fresh != committed:
                differences[path] = _difference(path, committed, fresh)
    return differences


def _difference(path: str, committed: bytes, fresh: bytes) -> str:
    lines = difflib.unified_diff(
        committed.decode("utf-8", "replace").splitlines(),
        fresh.decode("utf-8").splitlines(),
        f"committed {path}",
        f"generated {path}",
        lineterm="",
    )
    return "\n".join(list(lines)[:MOST_LINES_SHOWN])


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all is written or nothing differs, 1 if something differs."""
    parser = argparse.ArgumentParser(prog="python -m trunkline.api.generate", description=__doc__)
    parser.add_argument(
        "--verify", action="store_true", help="write nothing; exit 1 with the names of files that differ"
    )
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[3], help="the repository")
    options = parser.parse_args(arguments)
    files = produced()
    if not options.verify:
        write(files, options.root)
        return 0
    differences = differing(files, options.root)
    for difference in differences.values():
        print(difference, file=sys.stderr)
    for path in differences:
        print(f"{path}: not what the models say; run `make generate` and commit it", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
