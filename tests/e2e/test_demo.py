"""`trunkline-sandbox demo`: what it claims is seen in its output, and however it ends, nothing goes on running.

A process of the demo is told by its environment: each test gives it a mark of its own, which every child inherits.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import boto3
import pytest

from tests.e2e.world import PATIENCE, until
from trunkline.engine.driver import OWNER_TAG
from trunkline.runtime.installation import installation_id

MARK = "TRUNKLINE_TEST_MARK"
pytestmark = pytest.mark.cluster


class Demo:
    """The demo as a process, and all processes that it has brought about. more: of its environment."""

    def __init__(self, folder: Path, flags: Sequence[str] = ("--once",), more: Mapping[str, str] | None = None) -> None:
        self._mark = uuid.uuid4().hex
        self.output = folder / "output"
        environment = {**os.environ, MARK: self._mark, "TMPDIR": str(folder), **(more or {})}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trunkline_sandbox.cli", "demo", *flags],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )

    def end(self) -> None:
        """Nothing of it is left, however it stands."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pid in self.commands():
            os.kill(pid, signal.SIGKILL)

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def until(self, words: str, patience: float = PATIENCE) -> None:
        """Until it has said something; it must not end before."""

        def said() -> bool:
            assert self.process.poll() is None or words in self.text(), f"it ended:\n{self.text()}"
            return words in self.text()

        until(f"the demo says {words!r}", said, self.text, patience)

    def commands(self) -> dict[int, str]:
        """What runs of it, by process id: its command line."""
        found = {}
        mark = f"{MARK}={self._mark}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it ended, or is another user's
                continue
        return {pid: command for pid, command in found.items() if command}

    def environment(self, words: str) -> dict[str, str]:
        """The variables of the process whose command line has these words."""
        (pid,) = (pid for pid, command in self.commands().items() if words in command)
        lines = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        return {name: value for name, _, value in (line.partition("=") for line in lines)}

    def until_nothing_runs(self) -> None:
        until("nothing of the demo runs", lambda: not self.commands(), lambda: str(self.commands()), 30.0)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    if sys.platform != "linux":
        pytest.skip("processes are told by /proc, which only Linux has")
    made = Demo(tmp_path)
    yield made
    made.end()


ACTS = (
    r"== Kubernetes: a real kube-apiserver at https://127\.0\.0\.1:\d+",
    r"offline AWS at http://127\.0\.0\.1:\d+",
    r"the operator runs",
    r"== kubectl apply --server-side -f examples/high-volume/",
    r"Ready +instance/instance",
    r"Ready +queue/sales",
    r"Ready +flow/sales-inbound",
    r"Ready +function/customer-lookup",
    r"Ready +table/customers",
    r"Ready after \d+\.\d s",
    r"acme +True +Converged",
    r"\d+ calls to Connect so far, 0 of them throttled",
    r"== Behind its back: the queue Sales is set to take 1 contact, and the flow Survey is deleted",
    r"Sales takes 100 contacts again; Survey is back",
    r"== kubectl delete contactcenter acme: deletionPolicy is Retain",
    r"the object is gone, and nothing in AWS: ",
    r"== The same object applied again takes everything back",
    r"Ready again; \d+ calls, nothing was made twice",
)


def _is_taken_for_what_it_is_by_who_looks_inside(demo: Demo) -> None:
    """`trunkline plan` and the doctor in another terminal know the cluster and AWS by the lines that the demo prints; with
    them alone they have to come to the owner that the operator writes.
    """
    told = demo.environment("trunkline.cli run")
    mine = asyncio.run(installation_id(Path(told["KUBECONFIG"]), None))
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=told["AWS_ENDPOINT_URL"],
        region_name=told["AWS_REGION"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
    )
    (name, *_) = dynamodb.list_tables()["TableNames"]
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    tags = {tag["Key"]: tag["Value"] for tag in dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]}
    assert tags[OWNER_TAG] == f"{mine}/contact-centers/acme"


@pytest.mark.timeout(240)  # the whole high-volume center at AWS's documented call rates
def test_every_act_is_seen_and_nothing_is_left_behind(demo: Demo, tmp_path: Path) -> None:
    demo.until("Ready      table/customers", 120.0)
    _is_taken_for_what_it_is_by_who_looks_inside(demo)
    until("the demo ends", lambda: demo.process.poll() is not None, demo.text, 200.0)
    assert demo.process.returncode == 0, demo.text()
    rest = demo.text()
    for act in ACTS:
        found = re.search(act, rest)
        assert found, f"not seen, or not in this order: {act}\n{demo.text()}"
        if act.startswith(("==", "Ready a")):
            rest = rest[found.end() :]
    demo.until_nothing_runs()
    assert [path.name for path in tmp_path.iterdir() if path.name != "output"] == [], "files are left behind"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGTERM, 0, id="SIGTERM", marks=pytest.mark.sweep),
        pytest.param(signal.SIGINT, 0, id="Ctrl-C", marks=pytest.mark.sweep),  # by default test_supervised holds it
        pytest.param(signal.SIGKILL, -signal.SIGKILL, id="SIGKILL", marks=pytest.mark.sweep),
    ],
)
def test_however_it_is_ended_under_way_nothing_is_left_running(demo: Demo, number: signal.Signals, code: int) -> None:
    demo.until("queue/sales")
    running = " ".join(demo.commands().values())
    for part in ("kube-apiserver", "etcd", "trunkline_sandbox.cli aws", "trunkline.cli run"):
        assert part in running, f"{part} does not run where it should: {running}"
    demo.process.send_signal(number)
    started = time.monotonic()
    assert demo.process.wait(30) == code, demo.text()
    demo.until_nothing_runs()
    assert time.monotonic() - started < 30
