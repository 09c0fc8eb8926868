"""`kubectl trunkline`: how long until the first byte stands there, from the start of kubectl, beside `kubectl get --raw`.

A real API server with centers of some three hundred resources each. What is measured is what a person types: kubectl
looks for the plugin, Python starts, kubectl asks the API server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.e2e.world import MERGE_PATCH, install_crds
from tests.kubectl.objects import large

from benchmarks.figure import Figure, percentile
from trunkline_sandbox.cluster import ControlPlane

CENTERS = 50
RUNS = 20
PERCENT = 95
PATH = "/apis/trunkline.dev/v1alpha1/namespaces"


def first_output() -> Iterator[Figure]:
    """The 95th percentile of the first output of a tree, a list, and a completion."""
    with ControlPlane.start() as plane:
        install_crds(plane)
        namespace = plane.create_namespace()
        for number in range(CENTERS):
            _put(plane, namespace, f"center-{number}")
        folders = [str(Path(sys.executable).parent), str(plane.binaries.kubectl.parent), os.environ["PATH"]]
        environment = {**os.environ, "PATH": os.pathsep.join(folders), "KUBECONFIG": str(plane.kubeconfig)}
        environment["KUBECACHEDIR"] = str(plane.directory / "kubectl-cache")
        environment.pop("KUBECTL", None)
        at = ("-n", namespace)
        raw = _times(environment, "get", "--raw", f"{PATH}/{namespace}/contactcenters/center-7")
        status = _times(environment, "trunkline", "status", "center-7", *at)
        listed = _times(environment, "trunkline", "list", *at)
        completed = _times(environment, "__complete", "trunkline", "status", *at, "center-4")
    yield Figure("kubectl.first_output_s", status, "s", raw)
    yield Figure(f"kubectl.list_{CENTERS}_first_output_s", listed, "s", raw)
    yield Figure("kubectl.completion_s", completed, "s", raw)


def _put(plane: ControlPlane, namespace: str, name: str) -> None:
    body = large()
    status = body.pop("status")
    body["metadata"] = {"name": name}
    # What the API server checks of references: the recorded document leaves out what it does not speak of.
    hours = [{"days": ["MONDAY"], "start": "09:00", "end": "17:00"}]
    body["spec"]["hoursOfOperation"] = [{"name": "office", "timeZone": "UTC", "hours": hours}]
    path = f"{PATH}/{namespace}/contactcenters"
    plane.api.request("POST", path, body)
    plane.api.request("PATCH", f"{path}/{name}/status", {"status": status}, content_type=MERGE_PATCH)


def _times(environment: Mapping[str, str], *words: str) -> float:
    """Seconds to the first byte, the slowest of twenty left out. The first run fills caches: bytecode, discovery."""
    took = [_once(environment, words) for _ in range(RUNS + 1)][1:]
    return percentile(took, PERCENT)


def _once(environment: Mapping[str, str], words: tuple[str, ...]) -> float:
    started = time.perf_counter()
    with subprocess.Popen(
        ["kubectl", *words], env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        first = os.read(running.stdout.fileno(), 1)
        took = time.perf_counter() - started
        _, complaint = running.communicate()
    assert first, complaint.decode()
    return took
