"""One control plane for a whole run, started when first asked for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trunkline_sandbox.cluster import Cluster, ClusterError, ControlPlane, SharedControlPlane
from trunkline_sandbox.cluster.shared import ask

from .processes import gone, still_running


def refuse() -> ControlPlane:
    refused.append(None)
    raise ClusterError("install Go 1.24 or newer")


refused: list[None] = []


def test_a_start_that_fails_fails_once_and_tells_everybody() -> None:
    refused.clear()
    shared = SharedControlPlane(refuse)
    try:
        path = shared.listen()
        for _ in range(2):
            with pytest.raises(ClusterError, match=r"install Go 1\.24"):
                ask(path)
        with pytest.raises(ClusterError, match=r"install Go 1\.24"):
            shared.get()
        assert len(refused) == 1
    finally:
        shared.close()


def test_nobody_asks_nothing_starts() -> None:
    refused.clear()
    shared = SharedControlPlane(refuse)
    path = shared.listen()
    shared.close()
    assert refused == []
    assert not path.exists()
    with pytest.raises(ClusterError, match="is gone"):
        ask(path)


@pytest.mark.cluster
def test_all_who_ask_get_the_same_one_and_it_ends_with_its_owner() -> None:
    shared = SharedControlPlane()
    try:
        path = shared.listen()
        with ThreadPoolExecutor(4) as pool:
            clusters = list(pool.map(lambda _: ask(path), range(4)))
        assert len({cluster.url for cluster in clusters}) == 1
        assert clusters[0].kubectl("get", "--raw", "/readyz") == "ok"
    finally:
        shared.close()
    assert gone(clusters[0].directory)


RUN = """
from pathlib import Path
import json, os, pytest

def report(cluster, name):
    Path(os.environ["REPORTS"], name).write_text(json.dumps({"url": cluster.url, "directory": str(cluster.directory)}))

@pytest.mark.xdist_group("one")
def test_one(cluster, namespace):
    assert cluster.kubectl("get", "namespace", namespace, "-o", "name") == f"namespace/{namespace}\\n"
    report(cluster, "one")

@pytest.mark.xdist_group("two")
def test_two(cluster, namespace):
    report(cluster, "two")

def test_neither():
    pass
"""


@pytest.mark.cluster
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(  # as each run of all tests does
            ["-n", "2", "--dist=loadgroup"], id="two workers", marks=pytest.mark.sweep
        ),
        pytest.param(["-n", "0"], id="one process", marks=pytest.mark.sweep),
        pytest.param(["-p", "no:xdist"], id="without xdist", marks=pytest.mark.sweep),
    ],
)
def test_the_workers_of_a_run_share_one_and_it_ends_with_the_run(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "test_run.py").write_text(RUN)
    done = run_pytest(tmp_path, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    reports = [json.loads((tmp_path / name).read_text()) for name in ("one", "two")]
    assert reports[0] == reports[1]
    assert gone(Path(reports[0]["directory"]))


@pytest.mark.sweep  # of one control plane and its owner: test_owner
@pytest.mark.cluster
def test_a_killed_run_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_run.py").write_text(KILLED)
    run_pytest(tmp_path, "-n", "2")
    left = json.loads((tmp_path / "left").read_text())
    assert still_running(left["pids"]) == []
    assert gone(Path(left["directory"]))


KILLED = """
from pathlib import Path
import json, os, signal, subprocess

def test_kills_the_controller(cluster):
    mine = str(cluster.directory)
    listing = subprocess.run(["ps", "-eo", "pid=,args=", "-ww"], capture_output=True, text=True).stdout
    pids = [int(line.split()[0]) for line in listing.splitlines() if mine in line]
    assert len(pids) == 3
    Path(os.environ["REPORTS"], "left").write_text(json.dumps({"pids": pids, "directory": mine}))
    os.kill(os.getppid(), signal.SIGKILL)
"""


def test_a_run_without_cluster_tests_obtains_and_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_run.py").write_text(RUN)
    # A folder without binaries: whoever looks for them fails.
    done = run_pytest(tmp_path, "-n", "0", "-m", "not cluster", "-v", KUBEBUILDER_ASSETS=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 2 deselected" in done.stdout


def test_without_binaries_only_the_cluster_tests_fail_and_say_why(tmp_path: Path) -> None:
    (tmp_path / "test_run.py").write_text(RUN)
    done = run_pytest(tmp_path, "-n", "2", KUBEBUILDER_ASSETS=str(tmp_path))
    assert re.search(r"1 passed, .*2 errors", done.stdout), done.stdout
    assert "which has no executable etcd, kube-apiserver, kubectl" in done.stdout


def run_pytest(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on the tests in `folder` with the fixtures of this suite."""
    plugin = ["-p", "tests.conftest", "--rootdir", str(folder), "-c", "/dev/null", "--timeout=100"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *arguments, str(folder)],
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
            "REPORTS": str(folder),
            **environment,
        },
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_a_cluster_that_is_shared_cannot_be_stopped_by_who_shares_it() -> None:
    assert not {name for name in dir(Cluster) if name.startswith(("stop", "kill", "pause"))}
