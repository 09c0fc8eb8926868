"""The download of the envtest archive, against a server that behaves and misbehaves."""

from __future__ import annotations

import hashlib
import io
import socket
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from trunkline_sandbox.cluster import archive
from trunkline_sandbox.cluster.archive import Archive, download
from trunkline_sandbox.cluster.errors import DownloadError
from trunkline_sandbox.cluster.progress import Progress

PROGRAMS = {f"controller-tools/envtest/{name}": f"#!{name}".encode() for name in archive.PROGRAMS}


def tar(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """An archive with `files`, and symbolic `links` by name and target."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as written:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            written.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type = tarfile.SYMTYPE
            member.linkname = target
            written.addfile(member)
    return buffer.getvalue()


class Releases:
    """An HTTP server with one archive: `cut` answers end early, that many times; `status` is what it answers."""

    def __init__(self) -> None:
        self.content = tar(PROGRAMS)
        self.cut = 0
        self.status = 200
        self.requests = 0
        releases = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                releases.requests += 1
                content = releases.content
                self.send_response(releases.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if releases.requests <= releases.cut:
                    content = content[: len(content) // 2]
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/envtest.tar.gz"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def archive(self) -> Archive:
        return Archive(self.url, hashlib.sha512(self.content).hexdigest())


@pytest.fixture
def releases() -> Iterator[Releases]:
    server = Releases()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def quiet() -> Progress:
    return Progress(io.StringIO())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "cache" / "new"
    path.mkdir(parents=True)
    return path


def test_a_good_archive_gives_three_programs_and_nothing_else(
    releases: Releases, folder: Path, quiet: Progress
) -> None:
    download(releases.archive(), folder, quiet)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "etcd": b"#!etcd",
        "kube-apiserver": b"#!kube-apiserver",
        "kubectl": b"#!kubectl",
    }
    assert all(path.stat().st_mode & 0o777 == 0o755 for path in folder.iterdir())


def test_another_digest_is_refused_before_anything_is_unpacked(
    releases: Releases, folder: Path, quiet: Progress
) -> None:
    with pytest.raises(DownloadError, match="not the pinned 0000"):
        download(Archive(releases.url, "0" * 128), folder, quiet)
    assert list(folder.iterdir()) == []


def test_a_download_that_ends_early_is_repeated_once(releases: Releases, folder: Path, quiet: Progress) -> None:
    releases.cut = 1
    download(releases.archive(), folder, quiet)
    assert releases.requests == 2
    assert (folder / "kubectl").read_bytes() == b"#!kubectl"


def test_a_download_that_always_ends_early_says_where(releases: Releases, folder: Path, quiet: Progress) -> None:
    releases.cut = 9
    size = len(releases.content)
    with pytest.raises(DownloadError, match=rf"ended after {size // 2} (of {size} )?bytes"):
        download(releases.archive(), folder, quiet)
    assert releases.requests == 2


def test_an_error_page_is_refused(releases: Releases, folder: Path, quiet: Progress) -> None:
    releases.status = 404
    with pytest.raises(DownloadError, match="404"):
        download(releases.archive(), folder, quiet)


def test_a_refused_connection_says_so(folder: Path, quiet: Progress) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can answer here
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/envtest.tar.gz"
        with pytest.raises(DownloadError, match="refused"):
            download(Archive(url, "0" * 128), folder, quiet)


def test_a_network_that_swallows_everything_is_given_up_soon(folder: Path, quiet: Progress) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # the kernel accepts; no answer ever comes
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/envtest.tar.gz"
        with pytest.raises(DownloadError, match=r"timed out|no answer within"):
            download(Archive(url, "0" * 128), folder, quiet, open_seconds=0.2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            tar({f"../../{name}": b"evil" for name in archive.PROGRAMS}),
            "holds no controller-tools/envtest/etcd",
            id="paths that lead out of the folder are never looked at",
        ),
        pytest.param(
            tar({f"/tmp/{name}": b"evil" for name in archive.PROGRAMS}),
            "holds no controller-tools/envtest/etcd",
            id="absolute paths are never looked at",
        ),
        pytest.param(
            tar(
                {name: content for name, content in PROGRAMS.items() if not name.endswith("/etcd")},
                {"controller-tools/envtest/etcd": "/bin/sh"},
            ),
            "holds no|not a regular file",
            id="a link in a program's place is refused",
        ),
        pytest.param(
            tar({"controller-tools/envtest/etcd": b"x"}), "holds no .*kube-apiserver", id="a program is missing"
        ),
        pytest.param(b"<html>please log in</html>", "not a readable archive", id="not an archive"),
        pytest.param(tar(PROGRAMS)[:-40], "not a readable archive", id="an archive cut short where it was made"),
    ],
)
def test_a_bad_archive_of_the_right_digest_writes_nothing_outside(
    releases: Releases, folder: Path, quiet: Progress, content: bytes, message: str
) -> None:
    releases.content = content
    with pytest.raises(DownloadError, match=message):
        download(releases.archive(), folder, quiet)
    assert [path.name for path in folder.parent.iterdir()] == ["new"]


def test_a_stray_path_beside_good_programs_is_not_unpacked(releases: Releases, folder: Path, quiet: Progress) -> None:
    releases.content = tar({**PROGRAMS, "../escaped": b"evil"})
    download(releases.archive(), folder, quiet)
    assert not (folder.parent / "escaped").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["etcd", "kube-apiserver", "kubectl"]


@pytest.mark.parametrize("platform", sorted(archive.ARCHIVES))
def test_the_pins_are_sha512_of_the_official_release(platform: str) -> None:
    pinned = archive.ARCHIVES[platform]
    assert pinned.url.startswith("https://github.com/kubernetes-sigs/controller-tools/releases/download/envtest-v1.34.")
    assert pinned.url.endswith(f"-{platform}.tar.gz")
    assert len(bytes.fromhex(pinned.sha512)) == 64
