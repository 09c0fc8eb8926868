"""The control plane ends with whoever started it: a process of ours, or `trunkline-sandbox cluster`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .processes import Owner, gone, running, still_running

pytestmark = pytest.mark.cluster

OWNER = """
import json, time
from trunkline_sandbox.cluster import ControlPlane
cluster = ControlPlane.start()
pids = [status.pid for status in cluster.status().values()] + [cluster.supervisor_pid]
print(json.dumps({"pids": pids, "directory": str(cluster.directory)}), flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize(
    "number", [pytest.param(number, id=number.name) for number in (signal.SIGKILL, signal.SIGTERM)]
)
def test_a_killed_owner_leaves_no_process_and_no_data(number: signal.Signals) -> None:
    owner = Owner(OWNER)
    try:
        left = owner.report()
        assert len(left["pids"]) == 3
        assert all(running(pid) for pid in left["pids"])
        os.kill(owner.pid, number)
        assert still_running(left["pids"]) == []
        assert gone(Path(left["directory"]))
    finally:
        owner.close()


KILLED_WHILE_STARTING = """
import json, os
from trunkline_sandbox.cluster import ControlPlane
class Starting(ControlPlane):
    def ready(self):
        status = self.status()
        pids = [s.pid for s in status.values()] + [self.supervisor_pid]
        print(json.dumps({"pids": pids, "directory": str(self.directory)}), flush=True)
        os.kill(os.getpid(), 9)
Starting.start()
"""


def test_an_owner_killed_while_it_starts_leaves_nothing() -> None:
    owner = Owner(KILLED_WHILE_STARTING)
    try:
        left = owner.report()
        assert len(left["pids"]) == 3
        assert still_running(left["pids"]) == []
        assert gone(Path(left["directory"]))
    finally:
        owner.close()


class Command:
    """`trunkline-sandbox cluster` as a user runs it."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "trunkline_sandbox.cli", "cluster", *(str(argument) for argument in arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        exported = re.fullmatch(r"export KUBECONFIG=(\S+)\n", self.process.stdout.readline())
        assert exported is not None
        self.kubeconfig = Path(exported[1])

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; the exit code and what was said on standard error."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said

    def processes(self) -> list[int]:
        """The supervisor and what it holds."""
        listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listing.splitlines())}
        supervisors = {pid for pid, parent in parents.items() if parent == self.process.pid}
        return [*supervisors, *(pid for pid, parent in parents.items() if parent in supervisors)]


def kubectl(kubeconfig: Path | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`trunkline-sandbox kubectl` with KUBECONFIG set, or not."""
    environment = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}
    if kubeconfig is not None:
        environment["KUBECONFIG"] = str(kubeconfig)
    command = [sys.executable, "-m", "trunkline_sandbox.cli", "kubectl", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="SIGINT"),
        pytest.param(signal.SIGTERM, id="SIGTERM", marks=pytest.mark.sweep),
        pytest.param(signal.SIGHUP, id="SIGHUP", marks=pytest.mark.sweep),
    ],
)
def test_the_command_serves_kubectl_until_a_signal_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "new folder" / "kubeconfig"
    path.parent.mkdir()
    link = tmp_path / "kc"
    link.symlink_to(path.parent)
    command = Command("--kubeconfig", link / "kubeconfig")
    try:
        assert path.exists()
        answer = kubectl(command.kubeconfig, "get", "namespace", "default", "-o", "json")
        assert json.loads(answer.stdout)["metadata"]["name"] == "default", answer.stderr
        pids = command.processes()
        assert len(pids) == 3
        returncode, said = command.end(number)
        assert returncode == 0, said
        assert "no process is left" in said
        assert still_running(pids) == []
        assert not path.exists()
    finally:
        command.process.kill()
        command.process.wait()


def test_the_command_tells_when_its_api_server_died() -> None:
    command = Command()
    try:
        supervisor, *held = command.processes()
        listing = subprocess.run(
            ["ps", "-o", "pid=,comm=", "-p", ",".join(map(str, held))], capture_output=True, text=True, check=True
        ).stdout
        apiserver = next(int(line.split()[0]) for line in listing.splitlines() if "kube-apiserver" in line)
        os.kill(apiserver, signal.SIGKILL)
        _, said = command.process.communicate(timeout=30)
        assert command.process.returncode == 1
        assert "kube-apiserver ended with -9" in said
        assert still_running([supervisor, *held]) == []
    finally:
        command.process.kill()
        command.process.wait()


def test_a_kubeconfig_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("apiVersion: v1\nkind: Config\n")
    command = [sys.executable, "-m", "trunkline_sandbox.cli", "cluster", "--kubeconfig", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "is not ours: give a path that does not exist yet" in done.stderr
    assert path.read_text() == "apiVersion: v1\nkind: Config\n"


def test_kubectl_never_takes_the_users_own_cluster() -> None:
    done = kubectl(None, "get", "namespaces")
    assert done.returncode == 1
    assert "set KUBECONFIG" in done.stderr
