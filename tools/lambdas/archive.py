"""The zip of one function as bytes: nothing of it depends on time, modes, order of a listing or the version of zlib.

Only sources, their bytecode and trust roots are taken: notes and editors' leftovers would make two checkouts differ.
Members are stored, not compressed: a function is some hundred kilobytes. Lambda's CodeSha256 is the base64 SHA-256 of
these bytes (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html).
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from .imports import needed

SHARED = "shared"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant that the format can say
_MODE = (stat.S_IFREG | 0o644) << 16  # Lambda's runtime user must be able to read the files
_UNIX = 3  # zipfile would write the platform's own mark


def files(root: Path, package: str) -> Mapping[str, Path]:
    """Path of each file of the function in `root`/`package` by its name in the zip: its own, the shared ones it needs.

    Raises UnknownModuleError, SyntaxError.
    """
    sources = needed(root, package, SHARED)
    roots = (path for folder in (package, SHARED) for path in (root / folder).rglob("*.pem"))
    return {path.relative_to(root).as_posix(): path for path in sorted({*sources, *roots})}


def content(members: Mapping[str, bytes]) -> bytes:
    """A zip of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(members.items()):
            member = zipfile.ZipInfo(name, date_time=_EPOCH)
            member.create_system = _UNIX
            member.external_attr = _MODE
            archive.writestr(member, data)
    return buffer.getvalue()
