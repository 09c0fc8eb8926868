"""Where the binaries come from, and in which order."""

from __future__ import annotations

import io
import json
import re
import stat
from pathlib import Path

import pytest

from trunkline_sandbox.cluster import build
from trunkline_sandbox.cluster.archive import PROGRAMS
from trunkline_sandbox.cluster.binaries import Sources, cache_folder, obtain, this_platform
from trunkline_sandbox.cluster.errors import BinariesError, BuildError, DownloadError
from trunkline_sandbox.cluster.progress import Progress

from .processes import Owner


def programs(folder: Path, content: str = "") -> None:
    for name in PROGRAMS:
        path = folder / name
        path.write_text(content)
        path.chmod(0o755)


class Source:
    """Puts the programs there, or fails; counts how often."""

    def __init__(self, name: str, error: Exception | None = None, only: int = len(PROGRAMS)) -> None:
        self.name = name
        self.error = error
        self.only = only
        self.calls = 0

    def __call__(self, folder: Path, _progress: Progress) -> None:
        self.calls += 1
        programs(folder, self.name)
        for name in PROGRAMS[self.only :]:
            (folder / name).unlink()
        if self.error is not None:
            raise self.error


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path)}


REFUSED = DownloadError("example.org: refused")
NO_GO = BuildError("Go is not installed")


def test_given_assets_are_used_and_nothing_is_obtained(tmp_path: Path, said: io.StringIO) -> None:
    programs(tmp_path)
    source = Source("any")
    found = obtain(Progress(said), {"KUBEBUILDER_ASSETS": str(tmp_path)}, Sources(("1", source), ("2", source)))
    assert found.folder == tmp_path
    assert source.calls == 0


def test_given_assets_that_lack_a_program_are_refused_by_name(tmp_path: Path, said: io.StringIO) -> None:
    programs(tmp_path)
    (tmp_path / "kubectl").chmod(0o644)
    (tmp_path / "etcd").unlink()
    with pytest.raises(BinariesError, match="no executable etcd, kubectl: set it to"):
        obtain(Progress(said), {"KUBEBUILDER_ASSETS": str(tmp_path)})


def test_downloaded_once_then_cached(environ: dict[str, str], tmp_path: Path, said: io.StringIO) -> None:
    download, built = Source("download"), Source("build")
    sources = Sources(("1.34.1", download), ("1.34.4", built))
    first = obtain(Progress(said), environ, sources)
    again = obtain(Progress(said), environ, sources)
    assert first == again
    assert first.folder == tmp_path / "trunkline" / "controlplane" / f"1.34.1-{this_platform()}"
    assert first.kubectl.read_text() == "download"
    assert (download.calls, built.calls) == (1, 0)


def test_built_where_the_download_fails_and_the_user_is_told(
    environ: dict[str, str], tmp_path: Path, said: io.StringIO
) -> None:
    sources = Sources(("1.34.1", Source("download", REFUSED)), ("1.34.4", Source("build")))
    found = obtain(Progress(said), environ, sources)
    assert found.folder.name == f"1.34.4-{this_platform()}"
    assert "No download (example.org: refused)" in said.getvalue()
    assert obtain(Progress(said), environ, sources) == found
    left = {path.name for path in (tmp_path / "trunkline" / "controlplane").iterdir()}
    assert left == {".lock", found.folder.name}, "half a download was left in the cache"


def test_neither_way_says_in_one_sentence_what_to_install(environ: dict[str, str], said: io.StringIO) -> None:
    sources = Sources(("1", Source("download", REFUSED)), ("2", Source("build", NO_GO)))
    with pytest.raises(BinariesError, match=r"install Go 1\.24 or newer, or set KUBEBUILDER_ASSETS") as caught:
        obtain(Progress(said), environ, sources)
    assert "example.org: refused" in str(caught.value)
    assert "Go is not installed" in str(caught.value)


def test_an_incomplete_source_never_reaches_the_cache(
    environ: dict[str, str], tmp_path: Path, said: io.StringIO
) -> None:
    sources = Sources(("1", Source("download", only=2)), ("2", Source("build")))
    with pytest.raises(BinariesError, match="kubectl did not come"):
        obtain(Progress(said), environ, sources)
    assert [path.name for path in (tmp_path / "trunkline" / "controlplane").iterdir()] == [".lock"]


def test_a_cache_that_lost_a_program_is_filled_anew(environ: dict[str, str], said: io.StringIO) -> None:
    sources = Sources(("1", Source("download")), ("2", Source("build")))
    found = obtain(Progress(said), environ, sources)
    found.etcd.unlink()
    assert obtain(Progress(said), environ, sources).missing() == []


def test_two_processes_obtain_once_and_the_second_waits(tmp_path: Path) -> None:
    code = """
import json, sys
from trunkline_sandbox.cluster.binaries import Sources, obtain
from trunkline_sandbox.cluster.progress import Progress
class Said:
    def isatty(self): return False
    def flush(self): pass
    def write(self, text):
        if "Another process" in text: print(json.dumps("waiting"), flush=True)
def source(folder, progress):
    print(json.dumps("obtaining"), flush=True)
    sys.stdin.readline()
    for name in ("etcd", "kube-apiserver", "kubectl"):
        (folder / name).touch(mode=0o755)
found = obtain(Progress(Said()), sources=Sources(("1", source), ("2", source)))
print(json.dumps(str(found.folder)), flush=True)
"""
    environment = {"XDG_CACHE_HOME": str(tmp_path), "KUBEBUILDER_ASSETS": ""}
    first, second = Owner(code, environment=environment), None
    try:
        assert first.report() == "obtaining"
        second = Owner(code, environment=environment)
        assert second.report() == "waiting"
        assert first.process.stdin is not None
        first.process.stdin.write(b"go on\n")
        first.process.stdin.flush()
        assert first.report() == second.report(), "the second obtained its own"
    finally:
        for owner in (first, second):
            if owner is not None:
                owner.close()


def test_who_holds_the_lock_and_is_killed_holds_up_nobody(tmp_path: Path, said: io.StringIO) -> None:
    code = """
import json, sys
from trunkline_sandbox.cluster.binaries import Sources, obtain
def source(folder, progress):
    print(json.dumps("obtaining"), flush=True)
    sys.stdin.readline()
obtain(sources=Sources(("1", source), ("2", source)))
"""
    owner = Owner(code, environment={"XDG_CACHE_HOME": str(tmp_path), "KUBEBUILDER_ASSETS": ""})
    assert owner.report() == "obtaining"
    owner.close()
    sources = Sources(("1", Source("download")), ("2", Source("build")))
    assert obtain(Progress(said), {"XDG_CACHE_HOME": str(tmp_path)}, sources).missing() == []
    assert "Another process" not in said.getvalue()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"XDG_CACHE_HOME": "/caches"}, Path("/caches/trunkline/controlplane"), id="set"),
        pytest.param({}, Path.home() / ".cache/trunkline/controlplane", id="unset"),
        pytest.param({"XDG_CACHE_HOME": ""}, Path.home() / ".cache/trunkline/controlplane", id="empty counts as unset"),
        pytest.param({"XDG_CACHE_HOME": "x"}, Path.home() / ".cache/trunkline/controlplane", id="relative is ignored"),
    ],
)
def test_the_cache_is_where_the_xdg_specification_says(given: dict[str, str], expected: Path) -> None:
    assert cache_folder(given) == expected


class FakeGo:
    """A `go` on the PATH: says its version and builds files, or fails."""

    def __init__(self, folder: Path, version: str = "go1.26.8", build: str = "") -> None:
        script = f"""#!/bin/sh
if [ "$1" = env ]; then echo {version}; exit 0; fi
for last in "$@"; do :; done
while [ "$1" != -o ]; do shift; done
echo "$CGO_ENABLED $GOFLAGS $GOWORK" > "$2/environment"
{build or 'echo k8s.io/api >&2; touch "$2/server" "$2/kube-apiserver" "$2/kubectl"; chmod 755 "$2"/*'}
"""
        self.path = folder / "go"
        self.path.write_text(script)
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)


def test_the_build_names_etcd_and_is_not_swayed_by_the_users_go_settings(
    tmp_path: Path, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeGo(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    build.build(out, Progress(said))
    assert {path.name for path in out.iterdir()} == {"etcd", "kube-apiserver", "kubectl", "environment"}
    assert (out / "environment").read_text() == "0 -mod=readonly off\n"


@pytest.mark.parametrize(
    ("version", "script", "message"),
    [
        pytest.param("go1.23.9", "", r"go1\.23\.9, and go1\.24 or newer is needed", id="too old"),
        pytest.param("go1.26", "echo 'no space left' >&2; exit 1", "failed:\nno space left", id="the build fails"),
    ],
)
def test_a_build_that_cannot_work_says_why(
    tmp_path: Path, said: io.StringIO, monkeypatch: pytest.MonkeyPatch, version: str, script: str, message: str
) -> None:
    FakeGo(tmp_path, version, script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BuildError, match=message):
        build.build(tmp_path, Progress(said))


@pytest.mark.parametrize(
    ("path", "module", "message"),
    [
        pytest.param("/nonexistent", build.MODULE, "Go is not installed", id="no Go"),
        pytest.param("/usr/bin", Path("/nonexistent"), "needs a checkout", id="installed from a wheel"),
    ],
)
def test_what_a_build_needs_is_named(
    tmp_path: Path, said: io.StringIO, monkeypatch: pytest.MonkeyPatch, path: str, module: Path, message: str
) -> None:
    monkeypatch.setenv("PATH", path)
    with pytest.raises(BuildError, match=message):
        build.build(tmp_path, Progress(said), module)


def test_the_version_that_is_reported_is_the_one_that_is_built() -> None:
    required = re.search(r"k8s\.io/kubernetes v(\S+)", (build.MODULE / "go.mod").read_text())
    assert required is not None
    assert required[1] == build.VERSION


def test_progress_in_a_log_is_a_line_now_and_then_not_one_per_package(said: io.StringIO) -> None:
    now = [0.0]
    progress = Progress(said, clock=lambda: now[0])
    for second in range(60):
        now[0] = float(second)
        progress.update(json.dumps(second))
    assert said.getvalue().splitlines() == ["15", "30", "45"]
