"""How long after a fault of the way to the API server the operator knows again what is there, with thousands of objects.

A real kube-apiserver, the runtime as a process behind a proxy, restarted when it ends as a kubelet would. While a fault
lasts one object is edited and one is deleted; the time is from the fault's end, or from a silent cut itself, to the pass
of the first and the end of the series of the second.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.column.centers import hours, queue
from tests.e2e.world import install_crds, until
from tests.leadership.proxy import Proxy
from tests.leadership.watcher import Said

from benchmarks.figure import Figure
from trunkline_sandbox.cluster import ControlPlane, Supervised

OBJECTS = 5000
OUTAGE_SECONDS = 25.0  # longer than a lease, and than a watch lives
PATIENCE = 300.0
ROOT = Path(__file__).resolve().parents[1]


class Process:
    """One replica: a process after the other, as a kubelet has it."""

    def __init__(self, slot: int, watched: Watched) -> None:
        self._slot = slot
        self._watched = watched
        self._starts = 0
        self._name = ""
        self._offset = 0
        self.started = 0.0

    def keep_up(self) -> None:
        """Start it if it does not run."""
        processes = self._watched.processes
        if self._name and processes.status()[self._name].running:
            return
        self._starts += 1
        self.started = time.time()
        self._name = f"watcher-{self._slot}-{self._starts}"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(processes.directory)}
        command = [
            sys.executable,
            "-m",
            "tests.leadership.watcher",
            str(self._watched.kubeconfig),
            self._watched.namespace,
        ]
        processes.start(self._name, command, environment=environment)

    def said(self) -> Said:
        """Since it started."""
        return Said.read(self._text())

    def words(self) -> str:
        lines = [line for line in self._text().splitlines() if " pass " not in line]
        return "\n".join([self._name, *lines[-25:]])

    def _text(self) -> str:
        log = self._watched.processes.log(self._name)
        return log.read_text(errors="replace") if log.exists() else ""


class Watched:
    """The objects and the processes that watch them: two, as installed."""

    def __init__(self, plane: ControlPlane, namespace: str, proxy: Proxy, processes: Supervised) -> None:
        self.plane = plane
        self.namespace = namespace
        self.proxy = proxy
        self.processes = processes
        self.kubeconfig = processes.directory / "kubeconfig"
        self.kubeconfig.write_text(plane.kubeconfig.read_text().replace(plane.url, f"https://127.0.0.1:{proxy.port}"))
        self.replicas = [Process(slot, self) for slot in range(2)]
        self._number = 0
        self._end = threading.Event()

    def fill(self, count: int) -> None:
        """Make the objects."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._create, range(count)))

    def start(self) -> None:
        """Both, and again whenever one ends."""
        threading.Thread(target=self._keep_up, daemon=True).start()

    def stop(self) -> None:
        """Start none any more."""
        self._end.set()

    def measured(self, fault: Callable[[Watched, Callable[[], None]], float]) -> float:
        """Seconds to the later of the two. fault: makes one, calls what it is given while it lasts, and says from when
        the time counts.
        """
        number, self._number = self._number, self._number + 1
        edited, deleted = f"center-{number}", f"center-{number + len(FAULTS)}"
        generation, changed = 0, 0.0

        def change() -> None:
            nonlocal generation, changed
            changed = time.time()
            body = self._request("PATCH", edited, {"spec": {"tags": {"edit": str(time.time_ns())}}})
            generation = int(body["metadata"]["generation"])
            self._request("DELETE", deleted)

        since = fault(self, change)

        def known() -> list[float]:
            said = [replica.said() for replica in self.replicas]
            passed = [at for each in said if (at := each.passes.get(edited, {}).get(generation)) is not None]
            gone = [each.gone.get(deleted) or _listed_after(each, changed) for each in said]
            known = [at for at in gone if at is not None]
            return [min(passed), *known] if passed and len(known) == len(gone) else []

        times: list[float] = until(f"{edited} and {deleted}", known, self._words, PATIENCE)
        return max(0.0, max(times) - since)

    def settle(self) -> None:
        """Until both know all there is."""
        until("both listed", lambda: all(each.said().listed for each in self.replicas), self._words, PATIENCE)
        until("one leads", lambda: any(each.said().passes for each in self.replicas), self._words, PATIENCE)
        time.sleep(3.0)

    def _words(self) -> str:
        return "\n".join(replica.words() for replica in self.replicas)

    def _keep_up(self) -> None:
        while not self._end.wait(0.3):
            for replica in self.replicas:
                replica.keep_up()

    def _create(self, number: int) -> None:
        body = {
            "apiVersion": "trunkline.dev/v1alpha1",
            "kind": "ContactCenter",
            "metadata": {"name": f"center-{number}", "namespace": self.namespace},
            "spec": {
                "region": "us-east-1",
                "instance": {"alias": f"bench-{number}", "identityManagement": "CONNECT_MANAGED"},
                "hoursOfOperation": [hours("office")],
                "queues": [queue(f"queue-{line}", description="x" * 100) for line in range(4)],
            },
        }
        self._request("POST", "", body)

    def _request(self, method: str, name: str, body: Mapping[str, Any] | None = None) -> Any:
        path = f"/apis/trunkline.dev/v1alpha1/namespaces/{self.namespace}/contactcenters{'/' * bool(name)}{name}"
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return self.plane.api.request(method, path, body, content_type=kind)


def _listed_after(said: Said, changed: float) -> float | None:
    """When a process that never had the object knew all there is."""
    return said.listed if said.listed is not None and said.listed > changed else None


Change = Callable[[], None]


def restarted(watched: Watched, change: Change) -> float:
    """It dies; what happens before the watch is back is in its memory no more: 410, and a deletion that nobody tells."""
    watched.proxy.refuse()
    watched.plane.kill_apiserver()
    watched.plane.start_apiserver()
    change()
    watched.proxy.heal()
    return time.time()


def away_for_long(watched: Watched, change: Change) -> float:
    """Longer than the lease: the process ends, and is started while nobody answers."""
    watched.proxy.refuse()
    watched.plane.kill_apiserver()
    time.sleep(OUTAGE_SECONDS)
    watched.plane.start_apiserver()
    change()
    watched.proxy.heal()
    return time.time()


def expired(watched: Watched, change: Change) -> float:
    """Out of reach for a while; what it saw last is too old for the API server that starts anew meanwhile: 410."""
    watched.proxy.silence()
    time.sleep(OUTAGE_SECONDS / 3)
    change()
    watched.plane.kill_apiserver()
    watched.plane.start_apiserver()
    watched.proxy.heal()
    return time.time()


def half_open(watched: Watched, change: Change) -> float:
    """Connections die in silence; new ones work. The time is from the cut."""
    cut = time.time()
    watched.proxy.half_open()
    change()
    return cut


def silent(watched: Watched, change: Change) -> float:
    """Nothing comes through, for a while."""
    watched.proxy.silence()
    change()
    time.sleep(OUTAGE_SECONDS)
    watched.proxy.heal()
    return time.time()


def frozen(watched: Watched, change: Change) -> float:
    """The API server stands still with every connection open."""
    change()
    watched.plane.pause_apiserver()
    time.sleep(OUTAGE_SECONDS)
    watched.plane.continue_apiserver()
    return time.time()


def slow(watched: Watched, change: Change) -> float:
    """Seconds for each piece of an answer: a list takes longer than anybody waits for it."""
    watched.proxy.refuse()
    watched.proxy.heal()
    watched.proxy.delay = 2.0
    time.sleep(2.0)
    change()
    time.sleep(OUTAGE_SECONDS)
    watched.proxy.heal()
    return time.time()


FAULTS = (restarted, half_open, silent, expired, slow, frozen, away_for_long)


def recovery() -> Iterator[Figure]:
    """The longest recovery over the faults. Takes some eight minutes."""
    with ExitStack() as stack:
        plane = stack.enter_context(ControlPlane.start(apiserver_flags=["--etcd-compaction-interval=60s"]))
        install_crds(plane)
        proxy = stack.enter_context(Proxy("127.0.0.1", int(plane.url.rpartition(":")[2])))
        processes = stack.enter_context(Supervised("trunkline-watch-"))
        watched = Watched(plane, plane.create_namespace(), proxy, processes)
        stack.callback(watched.stop)
        watched.fill(OBJECTS)
        _tell(f"{OBJECTS} objects")
        watched.start()
        took = {}
        for fault in FAULTS:
            watched.settle()
            took[fault.__name__] = watched.measured(fault)
            _tell(f"{fault.__name__}: {took[fault.__name__]:.1f} s")
    yield Figure("watch.recovery_max_s", max(took.values()), "s")
    for name, seconds in took.items():
        yield Figure(f"watch.recovery_{name}_s", seconds, "s")


def _tell(text: str) -> None:
    print(f"  {text}", file=sys.stderr)
