"""Parts are obtained once, whole, and only if they are the pinned ones; what is missing is said with its remedy."""

from __future__ import annotations

import functools
import http.server
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.parts import MissingPartError, cpython, emulator, maven, prometheus, redis
from tools.parts.cache import folder, obtain, sha256


def environ(path: Path, **variables: str) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(path), **variables}


def test_part_is_obtained_once(tmp_path: Path) -> None:
    filled: list[Path] = []

    def fill(folder: Path) -> None:
        filled.append(folder)
        (folder / "program").write_text("x")

    first = obtain("part", "1", fill, environ(tmp_path))
    assert obtain("part", "1", fill, environ(tmp_path)) == first == tmp_path / "trunkline" / "part" / "1"
    assert (first / "program").read_text() == "x"
    assert len(filled) == 1
    obtain("part", "2", fill, environ(tmp_path))
    assert len(filled) == 2, "another version is another part"


def test_failed_attempt_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise MissingPartError("part", "the line went dead", "try again")

    with pytest.raises(MissingPartError, match=r"part is missing \(the line went dead\): try again"):
        obtain("part", "1", fail, environ(tmp_path))
    assert [path.name for path in (tmp_path / "trunkline" / "part").iterdir()] == [".lock"]
    assert obtain("part", "1", lambda folder: None, environ(tmp_path)).is_dir()


def _obtain_counted(path: Path) -> None:
    def fill(folder: Path) -> None:
        with (path / "count").open("a") as file:
            file.write("x")

    obtain("part", "1", fill, environ(path))


def test_processes_that_want_it_together_obtain_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_obtain_counted, args=(tmp_path,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert (tmp_path / "count").read_text() == "x"


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        pytest.param("/caches", Path("/caches/trunkline/p/1"), id="absolute"),
        pytest.param("relative", Path.home() / ".cache/trunkline/p/1", id="relative counts as unset"),
        pytest.param("", Path.home() / ".cache/trunkline/p/1", id="empty counts as unset"),
    ],
)
def test_cache_is_where_the_desktop_specification_says(variable: str, expected: Path) -> None:
    assert folder("p", "1", {"XDG_CACHE_HOME": variable}) == expected


class TestDownload:
    """Where there is no Maven, a single jar comes by HTTPS; here from a repository on this machine."""

    @pytest.fixture
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        place = tmp_path / "repository" / "org" / "example" / "thing" / "1"
        place.mkdir(parents=True)
        (place / "thing-1-linux.jar").write_bytes(b"jar")
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "repository"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PATH", str(tmp_path))  # no mvn
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()

    def artifact(self, tmp_path: Path, content: bytes, name: str = "thing") -> maven.Artifact:
        (tmp_path / "expected").write_bytes(content)
        return maven.Artifact("org.example", name, "1", "linux", sha256(tmp_path / "expected"))

    def test_pinned_file_is_taken(self, tmp_path: Path, repository: str) -> None:
        target = tmp_path / "target"
        target.mkdir()
        jar = maven.jar(self.artifact(tmp_path, b"jar"), target, "thing", "none", repository)
        assert jar.read_bytes() == b"jar"

    @pytest.mark.parametrize(
        ("content", "name", "why"),
        [
            pytest.param(b"other", "thing", "is not the file that is pinned", id="another file"),
            pytest.param(b"jar", "nothing", "404", id="no file"),
        ],
    )
    def test_other_files_are_refused(
        self, tmp_path: Path, repository: str, content: bytes, name: str, why: str
    ) -> None:
        with pytest.raises(MissingPartError, match=why):
            maven.jar(self.artifact(tmp_path, content, name), tmp_path, "thing", "none", repository)


def test_interpreter_of_another_version_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\necho CPython 3.13.0\n")
    other.chmod(0o755)
    with pytest.raises(MissingPartError, match=r"which is no CPython 3\.13\.5.*set TRUNKLINE_LAMBDA_PYTHON"):
        cpython.obtain_cpython({cpython.VARIABLE: str(other)})


def test_interpreter_of_the_path_is_taken_if_it_is_the_one(tmp_path: Path) -> None:
    right = tmp_path / "python3.13"
    right.write_text("#!/bin/sh\necho CPython 3.13.5\n")
    right.chmod(0o755)
    assert cpython.obtain_cpython({"PATH": str(tmp_path)}).program == right


@pytest.mark.parametrize(
    ("platform", "machine"),
    [pytest.param("darwin", "arm64", id="macOS"), pytest.param("linux", "riscv64", id="another processor")],
)
def test_no_emulator_for_other_platforms(monkeypatch: pytest.MonkeyPatch, platform: str, machine: str) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("platform.machine", lambda: machine)
    with pytest.raises(MissingPartError, match="run on Linux"):
        emulator.obtain_emulator()


def test_programs_of_the_path_go_first(tmp_path: Path) -> None:
    for name in ("redis-server", "redis-cli", "prometheus", "promtool"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert redis.obtain_redis({"PATH": str(tmp_path)}).server == tmp_path / "redis-server"
    assert prometheus.obtain_prometheus({"PATH": str(tmp_path)}).promtool == tmp_path / "promtool"


MISSING = """
import pytest
from tests.parts.plugin import part_or_skip
from tools.parts import MissingPartError

def obtain():
    raise MissingPartError("gizmo", "there is none", "build one")

@pytest.fixture
def gizmo():
    return part_or_skip(obtain)

def test_one(gizmo): ...
def test_two(gizmo): ...
def test_three(): ...
"""


@pytest.mark.parametrize(
    ("ci", "outcomes"),
    [
        pytest.param("", {"passed": 1, "skipped": 2}, id="skipped"),
        pytest.param("true", {"passed": 1, "errors": 2}, id="failure in CI"),
    ],
)
def test_missing_part_is_named_in_the_summary(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makepyfile(MISSING)
    result = pytester.runpytest_inprocess("-p", "tests.parts.plugin", "-p", "no:xdist")
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(
        ["*gizmo is missing (there is none): build one*"]
        if ci
        else ["*missing parts*", "2 tests did not run: gizmo is missing (there is none): build one"]
    )
