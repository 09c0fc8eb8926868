"""redis-server and redis-cli: those of the PATH, else Debian's packages unpacked without installing them.

apt checks what it downloads against Debian's signed index, which keeps only the newest security update of a version:
so this part is pinned by the release, not by a hash.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .cache import obtain
from .commands import program, run
from .errors import MissingPartError

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
    path = environ.get("PATH")
    server, cli = shutil.which("redis-server", path=path), shutil.which("redis-cli", path=path)
    if server and cli:
        return RedisPrograms(Path(server), Path(cli))
    folder = obtain(PART, _release(), _unpack, environ)
    libraries = ":".join(str(path) for path in sorted((folder / "usr/lib").glob("*")) if path.is_dir())
    return RedisPrograms(folder / "usr/bin/redis-server", folder / "usr/bin/redis-cli", {"LD_LIBRARY_PATH": libraries})


def _release() -> str:
    try:
        release = platform.freedesktop_os_release()
    except OSError as error:
        raise MissingPartError(PART, "it is not on the PATH and this is no Debian", REMEDY) from error
    if not shutil.which("apt-get"):
        raise MissingPartError(PART, f"it is not on the PATH and {release['ID']} has no apt-get", REMEDY)
    return f"{release['ID']}-{release.get('VERSION_ID', 'testing')}-{platform.machine()}"


def _unpack(folder: Path) -> None:
    """Download the packages and what they need that is not installed, and unpack them all into `folder`."""
    apt, dpkg = program("apt-get", PART, REMEDY), program("dpkg", PART, REMEDY)
    debs = folder / "debs"
    debs.mkdir()
    packages = ["redis-server", "redis-tools", *_missing_libraries()]
    try:
        run([apt, "download", *packages], PART, REMEDY, debs)
    except MissingPartError:
        # This machine's index may be older than the archive; a newer one of our own needs no root.
        own = ["-o", f"Dir::State::Lists={folder / 'lists'}", "-o", f"Dir::Cache={folder / 'cache'}"]
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        run([apt, *own, "update"], PART, REMEDY, debs)
        run([apt, *own, "download", *packages], PART, REMEDY, debs)
    for deb in debs.glob("*.deb"):
        run([dpkg, "--extract", str(deb), str(folder)], PART, REMEDY)
    for leftover in ("debs", "lists", "cache", "etc", "var"):
        shutil.rmtree(folder / leftover, ignore_errors=True)


def _missing_libraries() -> Iterator[str]:
    said = run([program("apt-cache", PART, REMEDY), "depends", "--important", "redis-tools"], PART, REMEDY)
    for line in said.splitlines():
        kind, _, name = line.strip().partition(": ")
        if kind == "Depends" and not name.startswith("<") and not _installed(name):
            yield name


def _installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"
