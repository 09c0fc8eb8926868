"""Candidates around one Lease: operators as processes, each with its own ways to the API server and to AWS.

A stream of edits keeps whoever leads writing. Each process has an access key of its own, so that the offline AWS knows
who sent what, and when.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.column.centers import hours, queue
from tests.e2e.world import INSTALLATION, ROOT, Account, until
from tests.leadership.ledger import Ledger, Write, made_twice, without_right
from tests.leadership.proxy import Proxy
from trunkline.runtime.config import LeaseConfig
from trunkline_sandbox.aws.calls import PENDING
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.cluster import ApiError, Cluster, Supervised

REGIONS = ("us-east-1", "us-west-2", "eu-west-2", "eu-central-1", "ap-southeast-2", "ap-northeast-1")
"""Budgets are per Region: the more there are, the more is written in a second."""

EDIT_SECONDS = 0.2
RESTART_SECONDS = 1.0  # as a kubelet's first restart, which comes at once
DURATION = float(LeaseConfig("").duration)
T = TypeVar("T")
MERGE = "application/merge-patch+json"


class Candidate:
    """One replica: a process after the other."""

    def __init__(self, slot: str, field: Field, stack: ExitStack) -> None:
        self._field = field
        self._slot = slot
        self._numbers = itertools.count(1)
        kube_port = int(field.cluster.url.rpartition(":")[2])
        aws_port = int(field.aws.environment["AWS_ENDPOINT_URL"].rpartition(":")[2])
        self.kube = stack.enter_context(Proxy("127.0.0.1", kube_port))
        self.cloud = stack.enter_context(Proxy("127.0.0.1", aws_port))
        self.host = ""
        self.pid = 0

    def start(self, skew: float = 0.0) -> None:
        """A new process, whose wall clock is off by `skew`."""
        self.host = f"{self._slot}-{next(self._numbers)}"
        field = self._field
        key = f"AKIA{field.namespace}{self.host}".upper().replace("-", "")
        arn = f"arn:aws:iam::{DEFAULT_ACCOUNT}:user/{field.namespace}/{self.host}"
        field.aws.sandbox.register(key, DEFAULT_ACCOUNT, principal=arn)
        field.senders.add(self.host)
        kubeconfig = field.processes.directory / f"{self.host}.kubeconfig"
        text = field.cluster.kubeconfig.read_text()
        kubeconfig.write_text(text.replace(field.cluster.url, f"https://127.0.0.1:{self.kube.port}"))
        environment = {
            **os.environ,
            **field.aws.environment,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.cloud.port}",
            "AWS_ACCESS_KEY_ID": key,
            "TMPDIR": str(field.processes.directory),
            "KUBECONFIG": str(kubeconfig),
            "HOSTNAME": self.host,
            "PYTHONPATH": str(ROOT),
        }
        flags = ("--namespaces", field.namespace, "--installation", INSTALLATION, "--lease-namespace", field.namespace)
        command = [sys.executable, "-m", f"tests.leadership.{field.module}", str(skew), "run", *flags]
        self.pid = field.processes.start(self.host, command, environment=environment)

    def signal(self, number: signal.Signals) -> None:
        """To the process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    @property
    def running(self) -> bool:
        return self._field.processes.status()[self.host].running

    @property
    def warm(self) -> bool:
        """Whether it could take over: everything is listed."""
        return "objects listed" in self.words()

    @property
    def identity(self) -> str:
        """Its name in the Lease, if it ever led; else one that nobody has."""
        found = re.findall(r"leading, as (\S+)", self.words())
        return str(found[-1]) if found else f"{self.host}_unknown"

    def words(self) -> str:
        return self._field.processes.log(self.host).read_text(errors="replace")


class Field:
    """A context manager: on entering the candidates run and one of them writes.

    plain: the candidates are those of `plain`, and know nothing of centers.
    """

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        aws: Account,
        *,
        slots: int = 2,
        centers: int = 6,
        plain: bool = False,
    ) -> None:
        self.module = "plain" if plain else "candidate"
        self.cluster = cluster
        self.namespace = namespace
        self.aws = aws
        self.senders: set[str] = set()
        self._stack = ExitStack()
        self._slots = slots
        self._centers = centers
        self._end = threading.Event()
        self._restart_seconds = RESTART_SECONDS
        self._asked = 0
        self._asking = threading.Lock()
        self._calls: list[Mapping[str, Any]] = []
        self.lease = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/trunkline"

    def __enter__(self) -> Self:
        with self._stack:
            self.processes = self._stack.enter_context(Supervised("trunkline-leadership-"))
            self.ledger = self._stack.enter_context(Ledger(self.cluster, self.lease))
            self.candidates = [Candidate(f"c{number}", self, self._stack) for number in range(self._slots)]
            self._asked = self.aws.sandbox.call_number()
            if self.module == "candidate":
                self._prepare()
            for candidate in self.candidates:
                candidate.start()
            self._edits = self._thread(self._edit)
            self._restarts = self._thread(self._keep_up)
            until("somebody writes", self.writer, lambda: self.candidates[0].words()[-3000:])
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        with contextlib.suppress(AttributeError):
            self._edits.join()
            self._restarts.join()
        self._stack.close()

    def _thread(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    # Who does what

    def leader(self) -> Candidate | None:
        """The candidate that holds the Lease."""
        holder = self.ledger.holder
        return next((candidate for candidate in self.candidates if candidate.host == holder), None)

    def writer(self, within: float = 3.0) -> Candidate | None:
        """The leader, if it wrote just now."""
        leader = self.leader()
        recent = [write for write in self.writes()[-50:] if write.at > time.time() - within]
        return leader if leader is not None and any(write.sender == leader.host for write in recent) else None

    def writes(self) -> list[Write]:
        """What the offline AWS took from this field's candidates, changes only."""
        return [_write(call) for call in self.calls() if call["mutating"] and call["effect"]]

    def calls(self) -> list[Mapping[str, Any]]:
        """All calls of this field's candidates. Only new ones are asked for: or the asking would delay what is measured."""
        with self._asking:
            for call in patiently(lambda: self.aws.sandbox.calls(self._asked)):
                if call["outcome"] == PENDING:
                    break  # it is asked for again
                self._asked = call["number"]
                if f":user/{self.namespace}/" in call["principal"]:
                    self._calls.append(call)
            return list(self._calls)

    def doubles(self) -> list[str]:
        """The writes that should not have been."""
        writes = self.writes()
        return [*without_right(self.ledger.entries, writes, self.senders, DURATION), *made_twice(writes)]

    def standby(self, leader: Candidate) -> Candidate:
        """Another candidate, once it is warm."""
        others = [candidate for candidate in self.candidates if candidate is not leader]
        until("a standby is warm", lambda: any(other.warm for other in others), lambda: others[0].words()[-2000:])
        return next(other for other in others if other.warm)

    # What others do

    def edit_lease(self, spec: Mapping[str, Any]) -> None:
        """By hand; nothing if there is none just now."""
        with contextlib.suppress(ApiError):
            body = self.cluster.api.request("PATCH", self.lease, {"spec": dict(spec)}, content_type=MERGE)
            self.ledger.edited(str(body["metadata"]["resourceVersion"]))

    def delete_lease(self) -> None:
        """By hand; nothing if there is none just now."""
        with contextlib.suppress(ApiError):
            self.cluster.api.request("DELETE", self.lease)

    def _keep_up(self) -> None:
        """Processes that ended are started again, by a kubelet that gives each another clock."""
        skews = itertools.cycle((0.0, 3600.0, -3600.0))
        while not self._end.wait(0.2):
            for candidate in self.candidates:
                if not candidate.running and not self._end.wait(self._restart_seconds):
                    candidate.start(next(skews))

    def _prepare(self) -> None:
        """A Lease as a leader leaves it, and the centers."""
        spec = {"holderIdentity": "", "leaseDurationSeconds": 1}
        body = {"metadata": {"name": "trunkline"}, "spec": spec}
        self.cluster.api.request("POST", self.lease.rpartition("/")[0], body)
        for number in range(self._centers):
            self._create(number)

    def _create(self, number: int) -> None:
        body = {
            "apiVersion": "trunkline.dev/v1alpha1",
            "kind": "ContactCenter",
            "metadata": {"name": f"center-{number}", "namespace": self.namespace},
            "spec": {
                "region": REGIONS[number % len(REGIONS)],
                "instance": {"alias": f"{self.namespace}-{number}", "identityManagement": "CONNECT_MANAGED"},
                "hoursOfOperation": [hours("office")],
                "queues": [queue("sales", maxContacts=1)],
            },
        }
        self.cluster.api.request("POST", self._path(), body)

    def _edit(self) -> None:
        """A queue of each center is another one with each edit, and one has other limits."""
        for number in itertools.count():
            if self._end.wait(EDIT_SECONDS):
                return
            queues = [queue("sales", maxContacts=1 + number % 90), queue(f"q-{number}")]
            patch = {"spec": {"queues": queues}}
            with contextlib.suppress(ApiError, OSError):
                name = f"center-{number % self._centers}"
                self.cluster.api.request("PATCH", self._path(name), patch, content_type=MERGE)

    def _path(self, name: str = "") -> str:
        return f"/apis/trunkline.dev/v1alpha1/namespaces/{self.namespace}/contactcenters{'/' * bool(name)}{name}"


def patiently(ask: Callable[[], T]) -> T:
    """Ask again if the offline AWS is too busy to answer."""
    for _ in range(5):
        with contextlib.suppress(OSError):
            return ask()
    return ask()


def _write(call: Mapping[str, Any]) -> Write:
    sender = str(call["principal"]).rpartition("/")[2]
    what = json.dumps([call["region"], call["operation"], call["digest"]])
    return Write(float(call["time"]), sender, what, str(call["operation"]))
