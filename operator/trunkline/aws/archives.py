"""Zip archives of the builtin functions: the same bytes from the same sources, on any machine.

Lambda's CodeSha256 is the base64 SHA-256 of the zip it was given, so equal bytes are what makes "the code is already
deployed" a comparison instead of an upload. Nothing here depends on time stamps, permissions, the umask, the order of
a directory listing, hash randomization or the version of zlib (members are stored: the sources are kilobytes).

Reads the folder it is given; never imports the functions, never talks to AWS.
"""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from trunkline.blueprints.builtins import BUILTINS, BuiltinFunction

SHARED = "shared"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant that the format can say
_MODE = (stat.S_IFREG | 0o644) << 16  # Lambda's runtime user must be able to read the files
_UNIX = 3  # zipfile would write the platform's own mark


class MissingSourcesError(Exception):
    """The sources of a builtin function are not where they should be."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The zip of one function. `sha256_base64` equals Lambda's CodeSha256 once it is deployed."""

    name: str
    handler: str
    runtime: str
    sha256_base64: str
    content: bytes = field(repr=False)

    def read(self) -> bytes:
        """The bytes for `ZipFile` of CreateFunction and UpdateFunctionCode."""
        return self.content


def builtin_archives(root: Path) -> Mapping[str, Archive]:
    """The archives of all builtin functions, by name, from a folder laid out as `lambdas/` is.

    Raises MissingSourcesError naming the function and the file if sources are missing.
    """
    return MappingProxyType({name: _archive(root, function) for name, function in sorted(BUILTINS.items())})


def sources_root() -> Path:
    """Where this installation keeps the functions' sources: beside the package, else in the checkout it runs from.

    Raises MissingSourcesError if there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "_lambdas", package.parents[1] / "lambdas"):
        if (candidate / SHARED).is_dir():
            return candidate
    raise MissingSourcesError(
        "the sources of the builtin functions are not installed: reinstall trunkline, or name their folder"
    )


def _archive(root: Path, function: BuiltinFunction) -> Archive:
    entry = root / function.package / "app.py"
    if not entry.is_file():
        raise MissingSourcesError(f"cannot build the function {function.name}: {entry} is missing")
    content = _zip(root, (function.package, SHARED))
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return Archive(function.name, function.handler, function.runtime, digest, content)


def _zip(root: Path, packages: tuple[str, ...]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted(_sources(root, packages)):
            member = zipfile.ZipInfo(name, date_time=_EPOCH)
            member.create_system = _UNIX
            member.external_attr = _MODE
            archive.writestr(member, path.read_bytes())
    return buffer.getvalue()


def _sources(root: Path, packages: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Python sources only: bytecode, editors' leftovers and notes would make two checkouts differ."""
    for package in packages:
        for path in (root / package).rglob("*.py"):
            yield path.relative_to(root).as_posix(), path
