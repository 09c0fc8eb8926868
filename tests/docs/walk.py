"""The two pages that tell a story, walked with a real operator: getting started, and losing the cluster afterwards."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from tests.docs.commands import Command
from tests.docs.desk import Desk, Ran
from tests.docs.treatment import treatment
from tests.e2e.world import Account, Operator, install_crds, until
from trunkline_sandbox.cluster import ApiError, ControlPlane, Supervised

WALKED = frozenset({"docs/getting-started.md", "docs/backup-and-move.md"})
CENTER = "/apis/trunkline.dev/v1alpha1/namespaces/default/contactcenters/hello"


class Walk:
    """A control plane of our own: pages delete every object of a kind, and the definitions."""

    def __init__(self, cluster: ControlPlane, aws: Account, processes: Supervised, folder: Path, port: int) -> None:
        self.cluster = cluster
        self.aws = aws
        self._processes = processes
        self._port = port
        self.desk = Desk(folder, cluster, aws.environment)
        self.operator = self._operator()

    @classmethod
    @contextlib.contextmanager
    def begun(cls, folder: Path) -> Iterator[Self]:
        with ControlPlane.start() as cluster, Supervised("trunkline-docs-") as processes:
            install_crds(cluster)
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "trunkline"}}
            cluster.api.request("POST", "/api/v1/namespaces", namespace)
            begun = cls(cluster, Account(processes), processes, folder, free_port())
            begun.operator.start()
            yield begun

    def _operator(self, *flags: str) -> Operator:
        environment = {**self.aws.environment, "KUBECONFIG": str(self.cluster.kubeconfig)}
        flags = ("--namespaces", "default", "--lease-namespace", "trunkline", *flags)
        return Operator(self._processes, environment, (*flags, "--probes", f"127.0.0.1:{self._port}"))

    def getting_started(self, found: Sequence[Command]) -> None:
        """The page from its first plan to its last wait; what comes for a real cluster is read by other tests."""
        mine = [command for command in found if not treatment(command.page, command.text).not_run]
        offline, real = mine[: (end := _index(mine, "iam-policy"))], mine[end:]
        asked = _index(offline, "trunkline.dev/reconcile")
        for ran in self.desk.run(offline[:asked]):
            _assert_fine(ran)
        self.desk.until(offline[asked : asked + 2], r"queue/front-desk \(maxContacts: 1 -> 20\)", self.operator.words)
        made = self.aws.inventory()
        for ran in self.desk.run(offline[asked + 2 :]):
            _assert_fine(ran)
        assert self.aws.inventory() == made, "taken back: nothing is made twice"
        for ran in self.desk.run(real):
            _assert_fine(ran)

    def backup_and_move(self, found: Sequence[Command]) -> None:
        """Exported; restored without status; and into a cluster that knew nothing, whose operator is told the old id."""
        mine = [command for command in found if not treatment(command.page, command.text).not_run]
        made, ids = self.aws.inventory(), self._ids()
        export, restore = mine[:2], mine[2:4]
        for ran in self.desk.run(export):
            _assert_fine(ran)
        self.cluster.kubectl("delete", "contactcenter", "hello", "--timeout=60s")
        mark = len(self.aws.sandbox.calls(0))
        for ran in self.desk.run(restore):
            _assert_fine(ran)
        assert (self.aws.inventory(), self._ids()) == (made, ids), "restored in the same cluster"
        self.operator.terminate()  # which hands the Lease over: a killed one's is waited for
        self._lose()
        self.operator = self._operator("--installation", (self.desk.folder / "installation").read_text())
        self.operator.start()
        elsewhere = self.desk.run(mine[4:])
        for ran in elsewhere:
            _assert_fine(ran)
        assert any("0 to add, 0 to change, 0 to delete" in ran.said for ran in elsewhere), elsewhere
        assert (self.aws.inventory(), self._ids()) == (made, ids), "restored in another cluster"
        creates = [name for name in self.aws.mutating(mark) if name.startswith(("Create", "Delete"))]
        assert creates == [], "nothing is made twice and nothing is deleted"

    def asked_how_it_is(self, found: Sequence[Command]) -> None:
        """What pages ask of the operator's own address."""
        for ran in self.desk.run(found, {"127.0.0.1:8080": f"127.0.0.1:{self._port}"}):
            _assert_fine(ran)
            assert ran.said.strip(), ran.command.place

    def _lose(self) -> None:
        """As if the cluster had gone: no operator sees the object leave."""
        merge = "application/merge-patch+json"
        self.cluster.api.request("PATCH", CENTER, {"metadata": {"finalizers": None}}, content_type=merge)
        self.cluster.api.request("DELETE", CENTER)
        until("the object is gone", lambda: not self._center())

    def _center(self) -> dict[str, Any]:
        try:
            return dict(self.cluster.api.request("GET", CENTER))
        except ApiError as error:
            if error.status == 404:
                return {}
            raise

    def _ids(self) -> dict[str, str]:
        return {line["name"]: line["id"] for line in self._center()["status"]["resources"]}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _index(found: Sequence[Command], text: str) -> int:
    return next(number for number, command in enumerate(found) if text in command.text)


def _assert_fine(ran: Ran) -> None:
    shows = treatment(ran.command.page, ran.command.text).shows
    assert ran.status == 0, f"{ran.command.place}: {ran.command.text}\n{ran.said}"
    assert re.search(shows, ran.said), f"{ran.command.place}: {ran.command.text}\nwanted {shows!r}: {ran.said}"
