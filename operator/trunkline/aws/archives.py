"""Zip archives of the builtin functions, as `make lambdas` built them.

Lambda's CodeSha256 is the base64 SHA-256 of the zip it was given, so equal bytes are what makes "the code is already
deployed" a comparison instead of an upload. The zips hold bytecode of one pinned interpreter, which the operator does
not have: so it reads what was built and builds nothing.

Reads the folder it is given; never imports the functions, never talks to AWS.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from trunkline.blueprints.builtins import BUILTINS, BuiltinFunction

SHARED = "shared"
INSTALLED = "_lambdas"  # beside this package's modules in a wheel: the zips, and the sources


class MissingSourcesError(Exception):
    """The sources of the builtin functions are not where they should be."""


class MissingArchiveError(Exception):
    """The zip of a builtin function is not where it should be; the message says how to get it."""


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
    """The archives of all builtin functions, by name, from a folder of <name>.zip.

    Raises MissingArchiveError naming the file if one is missing.
    """
    return MappingProxyType({name: _archive(root, function) for name, function in sorted(BUILTINS.items())})


def archives_root() -> Path:
    """Where this installation keeps the zips: in the package, else where `make lambdas` puts them in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / INSTALLED
    return installed if installed.is_dir() else package.parents[1] / "build" / "lambdas"


def sources_root() -> Path:
    """Where this installation keeps the functions' sources: in the package, else in the checkout it runs from.

    Raises MissingSourcesError if there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / INSTALLED, package.parents[1] / "lambdas"):
        if (candidate / SHARED).is_dir():
            return candidate
    raise MissingSourcesError("the sources of the builtin functions are not installed: reinstall trunkline")


def _archive(root: Path, function: BuiltinFunction) -> Archive:
    path = root / f"{function.name}.zip"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingArchiveError(
            f"the function {function.name} is not built: {path} is missing; run `make lambdas` in a checkout, or name "
            "the folder of the zips with --lambdas"
        ) from error
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return Archive(function.name, function.handler, function.runtime, digest, content)
