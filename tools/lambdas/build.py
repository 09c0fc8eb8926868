"""Builds all functions into a folder, one process at a time; each zip appears under its name only whole.

May write into that folder and nowhere else; the sources are read, never imported.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.parts import CPYTHON_VERSION, Interpreter

from .archive import SHARED, content, files
from .bytecode import CompileError, compiled
from .imports import UnknownModuleError

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = CHECKOUT / "lambdas"
TARGET = CHECKOUT / "build" / "lambdas"

_STAMP = ".sources"  # in the folder: what its zips were built from


class BuildError(Exception):
    """The functions cannot be built; the message names the file and what is wrong with it."""


def built_names(root: Path) -> Mapping[str, str]:
    """Functions by name, as the operator calls them: "customer-lookup" is the folder customer_lookup with an app.py."""
    packages = sorted(path.parent.name for path in root.glob("*/app.py"))
    return {package.replace("_", "-"): package for package in packages}


def fresh(root: Path, folder: Path) -> bool:
    """Whether the zips in `folder` were built from what is in `root` now."""
    with contextlib.suppress(OSError):
        return (folder / _STAMP).read_text() == _fingerprint(root)
    return False


def build(root: Path, interpreter: Interpreter, folder: Path) -> Mapping[str, bytes]:
    """Builds `folder`/<name>.zip of every function below `root`; answers their bytes by name. Raises BuildError."""
    names = built_names(root)
    if not names or not (root / SHARED).is_dir():
        raise BuildError(f"{root} holds no functions: it should be the checkout's lambdas/")
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / ".lock"):
        fingerprint = _fingerprint(root)
        archives = _archives(root, names, interpreter)
        (folder / _STAMP).unlink(missing_ok=True)
        for path in folder.glob("*.zip"):
            if path.stem not in archives:
                path.unlink()
        for name, data in archives.items():
            _replace(folder / f"{name}.zip", data)
        _replace(folder / _STAMP, fingerprint.encode())
    return archives


def _archives(root: Path, names: Mapping[str, str], interpreter: Interpreter) -> Mapping[str, bytes]:
    try:
        members = {name: files(root, package) for name, package in names.items()}
    except (SyntaxError, UnknownModuleError) as error:
        raise BuildError(str(error)) from error
    sources = {file: path for each in members.values() for file, path in each.items() if path.suffix == ".py"}
    with tempfile.TemporaryDirectory() as scratch:
        try:
            bytecode = compiled(interpreter, sources, Path(scratch))
        except CompileError as error:
            raise BuildError(str(error)) from error
    of = {path: name for name, path in zip(bytecode, sorted(sources), strict=True)}
    return {
        name: content(
            {file: path.read_bytes() for file, path in each.items()}
            | {of[file]: bytecode[of[file]] for file in each if file in of}
        )
        for name, each in members.items()
    }


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_bytes(data)
    temporary.replace(path)


def _fingerprint(root: Path) -> str:
    """Of all that the zips depend on: the functions' files, the interpreter's version, and this tool."""
    digest = hashlib.sha256(CPYTHON_VERSION.encode())
    here = Path(__file__).parent
    for path in sorted(path for kind in ("*.py", "*.pem") for path in root.rglob(kind)):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(data)}\0".encode() + data)
    for path in sorted(here.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
