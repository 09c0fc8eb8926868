"""The official envtest archive: downloaded, checked against a pinned SHA-512, unpacked.

kubernetes-sigs/controller-tools publishes kube-apiserver, etcd and kubectl as one archive per Kubernetes version and
platform and lists them with their SHA-512 in `envtest-releases.yaml`; the pins below are that list's. It has no newer
1.34 than 1.34.1, so the patch version differs from the one that `build` makes; the API is that of 1.34 in both.

May talk to the network and write into the folder that it is given. Only three regular files are ever taken out of an
archive, each written under a name of ours, so no path inside an archive can lead anywhere else.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import tarfile
import threading
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import DownloadError
from .progress import Progress

VERSION = "1.34.1"
PROGRAMS = ("etcd", "kube-apiserver", "kubectl")

_RELEASES = "https://github.com/kubernetes-sigs/controller-tools/releases/download"
_FOLDER = "controller-tools/envtest"
_CHUNK = 1 << 20
# Resolving, connecting and the first byte of the answer together: on a closed network this is what everybody waits
# for before the build starts. A resolver can take longer than a socket's own timeout, hence a limit around it all.
_OPEN_SECONDS = 10.0
_READ_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Archive:
    """Where an archive is and what it must hash to (SHA-512, hexadecimal)."""

    url: str
    sha512: str


def _pinned(platform: str, *sha512: str) -> Archive:
    url = f"{_RELEASES}/envtest-v{VERSION}/envtest-v{VERSION}-{platform}.tar.gz"
    return Archive(url, "".join(sha512))


ARCHIVES: Mapping[str, Archive] = {
    "linux-amd64": _pinned(
        "linux-amd64",
        "c5e7c237ae18a8c65d0df1214b864ecd19aa9ff4f1383dbd477c202546d778c0",
        "f74efe15750ec38f57d8de26ba17cd62f404446cdd3c975399a5d4589de35cdd",
    ),
    "linux-arm64": _pinned(
        "linux-arm64",
        "bf13d2456183e66d084e28e1c9eed6a408fb77a06d8d1fd0461a7d9bc0c90b63",
        "d29ea67870b28f80d1f992acb026007d6f43987753c859c81d6a78bc1ca2c903",
    ),
    "darwin-amd64": _pinned(
        "darwin-amd64",
        "d9e0464dc1708c36ab41147b5e364c8b8e201eafc14c299dcbe58ebeaa82c651",
        "b8e834647167a951ded8c6d08c616aadbae1673a54743f9c8fa15a278c78c0c0",
    ),
    "darwin-arm64": _pinned(
        "darwin-arm64",
        "43d7c10b74100d20044df7c73be03e26f8243a9cb7c1d3035e581ee7bb0c7ffc",
        "af759b9e182186b5bb2f47d1608835414ca443181a02d9ecb6c9cf04b43e3809",
    ),
}


class _IncompleteError(DownloadError):
    """The connection ended before the archive did: worth a second attempt."""


def download(archive: Archive, folder: Path, progress: Progress, open_seconds: float = _OPEN_SECONDS) -> None:
    """Put the programs of `archive` into `folder`, which exists and is empty.

    Raises:
        DownloadError: nothing answers, the answer is an error or ends early twice, the SHA-512 is another one, or a
            program is missing. Nothing is unpacked from an archive whose hash differs.
    """
    target = folder / "envtest.tar.gz"
    try:
        digest = _fetch(archive.url, target, progress, open_seconds)
    except _IncompleteError as error:
        progress.say(f"{error}; trying once more")
        digest = _fetch(archive.url, target, progress, open_seconds)
    if digest != archive.sha512:
        target.unlink()
        raise DownloadError(f"{archive.url} has SHA-512 {digest}, not the pinned {archive.sha512}: not used")
    _unpack(target, folder)
    target.unlink()


def _fetch(url: str, target: Path, progress: Progress, open_seconds: float) -> str:
    """Download `url` to `target`; return the SHA-512 of what came."""
    response = _open(url, open_seconds)
    digest = hashlib.sha512()
    received = 0
    with response, target.open("wb") as file:
        length = int(response.headers.get("Content-Length") or 0)
        try:
            while chunk := response.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
                received += len(chunk)
                progress.update(f"Downloading {url}: {received >> 20} of {length >> 20} MiB")
        except (OSError, http.client.HTTPException) as error:
            raise _IncompleteError(f"{url}: the download ended after {received} bytes: {error}") from error
    if received < length:
        raise _IncompleteError(f"{url}: the download ended after {received} of {length} bytes")
    return digest.hexdigest()


def _open(url: str, seconds: float) -> http.client.HTTPResponse:
    """Open `url` within `seconds`, name resolution included.

    The thread is a daemon: a resolver that hangs holds up neither us nor the end of the process.
    """
    outcome: list[http.client.HTTPResponse | Exception] = []

    def request() -> None:
        try:
            outcome.append(urllib.request.urlopen(url, timeout=min(seconds, _READ_SECONDS)))
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome.append(error)

    thread = threading.Thread(target=request, daemon=True)
    thread.start()
    thread.join(seconds)
    result = outcome[0] if outcome else TimeoutError(f"no answer within {seconds:g} s")
    if isinstance(result, Exception):
        if isinstance(result, urllib.error.HTTPError):
            result.close()
            raise DownloadError(f"{url}: {result}") from result
        reason = result.reason if isinstance(result, urllib.error.URLError) else result
        raise DownloadError(f"{url}: {reason}") from result
    return result


def _unpack(path: Path, folder: Path) -> None:
    """Take the three programs, and nothing else, out of the archive at `path`."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            for program in PROGRAMS:
                _take(archive.extractfile, f"{_FOLDER}/{program}", folder / program)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DownloadError(f"{path.name} is not a readable archive: {error}") from error


def _take(extract: Callable[[str], IO[bytes] | None], member: str, target: Path) -> None:
    try:
        source = extract(member)
    except KeyError as error:
        raise DownloadError(f"the archive holds no {member}") from error
    if source is None:
        raise DownloadError(f"{member} in the archive is not a regular file")
    with source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)
    target.chmod(0o755)
