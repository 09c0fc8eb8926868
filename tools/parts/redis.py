"""redis-server and redis-cli: those of the PATH, else Debian's packages unpacked without installing them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .apt import missing_dependencies, on_path, release, unpack
from .cache import obtain

PART = "redis-server"
REMEDY = "install it with TLS (Debian: apt-get install redis-server; macOS: brew install redis)"


@dataclass(frozen=True, slots=True)
class RedisPrograms:
    """The server and its client, and what they need in their environment."""

    server: Path
    cli: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def obtain_redis(environ: Mapping[str, str] = os.environ) -> RedisPrograms:
    """The programs. Raises MissingPartError: not on the PATH, and this is no Debian or its archive is out of reach."""
    found = on_path("redis-server", "redis-cli", environ.get("PATH"))
    if found is not None:
        return RedisPrograms(*found)

    def fill(folder: Path) -> None:
        needed = missing_dependencies("redis-tools", PART, REMEDY)
        unpack(["redis-server", "redis-tools", *needed], folder, PART, REMEDY)

    folder = obtain(PART, release(PART, REMEDY), fill, environ)
    libraries = ":".join(str(path) for path in sorted((folder / "usr/lib").glob("*")) if path.is_dir())
    return RedisPrograms(folder / "usr/bin/redis-server", folder / "usr/bin/redis-cli", {"LD_LIBRARY_PATH": libraries})
