"""Where kube-apiserver, etcd and kubectl are, by the convention of envtest; obtained once if they are nowhere.

1. `KUBEBUILDER_ASSETS`, if set, names the folder that holds them, and nothing else is tried.
2. Our cache: `$XDG_CACHE_HOME/trunkline/controlplane/<version>-<platform>` (`~/.cache` by default).
3. The official archive of a pinned version and SHA-512 (`archive`), where the network allows it.
4. Go (`build`).

One process at a time obtains them, the others wait for it; a folder appears under its name only when it is whole.
May write below the cache and to the progress; starts nothing but Go.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import archive, build
from .errors import BinariesError, BuildError, DownloadError
from .progress import Progress

ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"  # https://book.kubebuilder.io/reference/envtest.html
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with the three programs."""

    folder: Path

    @property
    def etcd(self) -> Path:
        return self.folder / "etcd"

    @property
    def apiserver(self) -> Path:
        return self.folder / "kube-apiserver"

    @property
    def kubectl(self) -> Path:
        return self.folder / "kubectl"

    def missing(self) -> list[str]:
        """The programs that the folder does not hold, or not executable."""
        return [name for name in archive.PROGRAMS if not os.access(self.folder / name, os.X_OK)]


Source = Callable[[Path, Progress], None]


@dataclass(frozen=True, slots=True)
class Sources:
    """The ways to obtain them, in order: (version, what it does to an empty folder)."""

    download: tuple[str, Source]
    build: tuple[str, Source]


def default_sources() -> Sources:
    """The pinned archive of this platform, then Go."""
    return Sources(download=(archive.VERSION, _download), build=(build.VERSION, build.build))


def _download(folder: Path, progress: Progress) -> None:
    pinned = archive.ARCHIVES.get(this_platform())
    if pinned is None:
        raise DownloadError(f"there is no pinned archive for {this_platform()}")
    archive.download(pinned, folder, progress)


def this_platform() -> str:
    """`linux-amd64`, `darwin-arm64`, … in Go's words."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{_MACHINES.get(machine, machine)}"


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where we keep them; an empty or relative XDG_CACHE_HOME counts as unset (XDG Base Directory Specification)."""
    given = Path(environ.get("XDG_CACHE_HOME", ""))
    base = given if given.is_absolute() else Path.home() / ".cache"
    return base / "trunkline" / "controlplane"


def obtain(
    progress: Progress | None = None,
    environ: Mapping[str, str] | None = None,
    sources: Sources | None = None,
) -> Binaries:
    """The binaries, from the first place that has them; minutes on a machine that never had them.

    Raises:
        BinariesError: KUBEBUILDER_ASSETS is set but incomplete, or neither download nor build worked; the message
            says what to install.
    """
    environ = os.environ if environ is None else environ
    if assets := environ.get(ASSETS_VARIABLE):
        return _given(Path(assets))
    progress = progress or Progress()
    sources = sources or default_sources()
    cache = cache_folder(environ)
    if found := _cached(cache, sources):
        return found
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / ".lock", progress):
        # Whoever held the lock before us may have been at the same.
        return _cached(cache, sources) or _obtain(cache, sources, progress)


def _given(folder: Path) -> Binaries:
    binaries = Binaries(folder)
    if missing := binaries.missing():
        raise BinariesError(
            f"{ASSETS_VARIABLE} is {folder}, which has no executable {', '.join(missing)}: "
            f"set it to a folder with etcd, kube-apiserver and kubectl, or unset it"
        )
    return binaries


def _place(cache: Path, version: str) -> Path:
    return cache / f"{version}-{this_platform()}"


def _cached(cache: Path, sources: Sources) -> Binaries | None:
    for version, _ in (sources.download, sources.build):
        binaries = Binaries(_place(cache, version))
        if not binaries.missing():
            return binaries
    return None


def _obtain(cache: Path, sources: Sources, progress: Progress) -> Binaries:
    version, source = sources.download
    progress.say(f"Obtaining kube-apiserver, etcd and kubectl, once, into {cache}")
    try:
        return _fill(_place(cache, version), source, progress)
    except DownloadError as error:
        not_downloaded = error
        progress.say(f"No download ({error})")
    version, source = sources.build
    try:
        return _fill(_place(cache, version), source, progress)
    except BuildError as error:
        raise BinariesError(
            "Neither downloading nor building kube-apiserver, etcd and kubectl worked: install Go 1.24 or newer, or "
            f"set {ASSETS_VARIABLE} to a folder that holds them (`setup-envtest use -p path` makes one). "
            f"Download: {not_downloaded}. Build: {error}"
        ) from error


def _fill(place: Path, source: Source, progress: Progress) -> Binaries:
    """Let `source` fill a new folder beside `place` and rename it when it is whole."""
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    try:
        source(temporary, progress)
        if missing := Binaries(temporary).missing():
            raise BinariesError(f"{', '.join(missing)} did not come with the others")
        temporary.chmod(0o755)
        # An incomplete folder of that name (somebody removed a file) would refuse the rename.
        shutil.rmtree(place, ignore_errors=True)
        temporary.rename(place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Binaries(place)


@contextlib.contextmanager
def _alone(path: Path, progress: Progress) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it however the process ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("Another process is obtaining kube-apiserver, etcd and kubectl; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
