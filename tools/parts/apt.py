"""Packages of the Debian that we run on, downloaded by apt and unpacked without installing them: no root, nothing of the
system changed.

apt checks what it downloads against Debian's signed index, which keeps only the newest security update of a version: so
such a part is pinned by the release, not by a hash.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from .commands import program, run
from .errors import MissingPartError


def release(part: str, remedy: str) -> str:
    """This machine's release and architecture, which is the version of such a part. Raises MissingPartError."""
    try:
        found = platform.freedesktop_os_release()
    except OSError as error:
        raise MissingPartError(part, "it is not on the PATH and this is no Debian", remedy) from error
    if not shutil.which("apt-get"):
        raise MissingPartError(part, f"it is not on the PATH and {found['ID']} has no apt-get", remedy)
    return f"{found['ID']}-{found.get('VERSION_ID', 'testing')}-{platform.machine()}"


def unpack(packages: Sequence[str], folder: Path, part: str, remedy: str) -> None:
    """Downloads packages and unpacks them all into `folder`. Raises MissingPartError."""
    apt, dpkg = program("apt-get", part, remedy), program("dpkg", part, remedy)
    debs = folder / "debs"
    debs.mkdir()
    try:
        run([apt, "download", *packages], part, remedy, debs)
    except MissingPartError:
        # This machine's index may be older than the archive; a newer one of our own needs no root.
        own = ["-o", f"Dir::State::Lists={folder / 'lists'}", "-o", f"Dir::Cache={folder / 'cache'}"]
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        run([apt, *own, "update"], part, remedy, debs)
        run([apt, *own, "download", *packages], part, remedy, debs)
    for deb in debs.glob("*.deb"):
        run([dpkg, "--extract", str(deb), str(folder)], part, remedy)
    for leftover in ("debs", "lists", "cache", "etc", "var"):
        shutil.rmtree(folder / leftover, ignore_errors=True)


def missing_dependencies(package: str, part: str, remedy: str) -> Iterator[str]:
    """What a package depends on and is not installed, itself not included. Raises MissingPartError."""
    said = run([program("apt-cache", part, remedy), "depends", "--important", package], part, remedy)
    for line in said.splitlines():
        kind, _, name = line.strip().partition(": ")
        if kind == "Depends" and not name.startswith("<") and not _installed(name):
            yield name


def on_path(first: str, second: str, path: str | None) -> tuple[Path, Path] | None:
    """Two programs of the PATH; None unless both are there."""
    found = shutil.which(first, path=path), shutil.which(second, path=path)
    return (Path(found[0]), Path(found[1])) if found[0] and found[1] else None


def _installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"
