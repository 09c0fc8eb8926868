"""Where parts are kept: one folder each, filled by one process at a time and renamed when it is whole.

May write below `$XDG_CACHE_HOME/trunkline` (`~/.cache/trunkline`) and nowhere else.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Fill = Callable[[Path], None]
"""Puts a part into an empty folder, or raises MissingPartError."""


def folder(part: str, version: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where a version of a part is or will be; a relative XDG_CACHE_HOME counts as unset (XDG Base Directory)."""
    given = Path(environ.get("XDG_CACHE_HOME", ""))
    base = given if given.is_absolute() else Path.home() / ".cache"
    return base / "trunkline" / part / version


def obtain(part: str, version: str, fill: Fill, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of a part, filled by whoever comes first; the others wait. Raises what `fill` raises.

    Nothing of an attempt that failed is left, so the next one starts anew.
    """
    place = folder(part, version, environ)
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with _alone(place.parent / ".lock"):
        if place.is_dir():  # whoever held the lock before us was at the same
            return place
        print(f"Obtaining {part} {version}, once, into {place}", file=sys.stderr, flush=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        try:
            fill(temporary)
            temporary.chmod(0o755)
            temporary.rename(place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return place


def sha256(path: Path) -> str:
    """Of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it however the process ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
