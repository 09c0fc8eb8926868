"""Memory, and the time from creation to Ready, of ten thousand objects of one resource each at fifty a second.

The smallest center that makes anything: an instance that is there, named by its id, and hours of operation in it. Each
center has an instance of its own. All use the operator's own identity, in one account whose call rates were raised as far
as need be: on AWS's side by the quotas that are asked for, on ours by `--aws-rates`. A real kube-apiserver and etcd, the
offline AWS over HTTP and `trunkline run` are processes of their own and share the machine.

The baseline is what upjet published of as many managed resources, IAM attachments, on a machine of eight cores:
https://github.com/upbound/provider-aws/releases/tag/v0.44.0
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.column.centers import hours

from benchmarks.figure import Figure, percentile
from benchmarks.fleet import COLLECTION, NAMESPACE
from benchmarks.load import Load, LoadFailedError
from benchmarks.processes import cpu_seconds, descendants, keep_on_one_core, resident_when_calm
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.demo.stage import REGION, Stage

OBJECTS = 10_000
RATE = 50.0
WARM_UP = 20  # objects before: the first calls make clients and connections
CALL_RATES = "connect=1000/1000,sts=1000/1000"
# In a cluster the control plane has machines of its own; here it collects its garbage less often, to leave some of these two
# cores to what is measured.
GO_RUNTIME = {"GOGC": "800"}
RIGHTS = Path(__file__).parents[1] / "docs" / "rbac.yaml"
SERVICE_ACCOUNT = "trunkline"  # its name, and that of its namespace
PATIENCE_SECONDS = 900.0
UPJET_MIB, UPJET_SECONDS = 775.0, 4.40


@dataclass(frozen=True, slots=True)
class Outcome:
    """seconds: of each object, from creation to Ready. resident: MiB, the most of some readings after all. cpu: seconds
    that each process used from the first creation to the last Ready, by its command.
    """

    seconds: list[float]
    resident: float
    cpu: Mapping[str, float]
    operator: str

    def __str__(self) -> str:
        used = ", ".join(f"{name} {value:.0f} s" for name, value in sorted(self.cpu.items(), key=lambda kv: -kv[1])[:6])
        return (
            f"{len(self.seconds)} objects: mean {statistics.fmean(self.seconds):.2f} s,"
            f" p99 {percentile(self.seconds, 99):.2f} s, {self.resident:.0f} MiB; processor: {used}"
        )


def ten_thousand() -> Iterator[Figure]:
    """The figures. Takes some six minutes."""
    outcome = measured(OBJECTS, RATE)
    print(f"  {outcome}", file=sys.stderr)
    yield Figure("objects_10000.rss_mib", outcome.resident, "MiB", UPJET_MIB)
    yield Figure("objects_10000.ready_mean_s", statistics.fmean(outcome.seconds), "s", UPJET_SECONDS)
    yield Figure("objects_10000.ready_p99_s", percentile(outcome.seconds, 99), "s")
    yield Figure("objects_10000.operator_cpu_ms_per_object", outcome.cpu[outcome.operator] / OBJECTS * 1000, "ms")


def measured(objects: int, rate: float) -> Outcome:
    """One run. Raises LoadFailedError if not all of them became Ready."""
    with Stage(GO_RUNTIME) as stage:
        instances = _prepare(stage, WARM_UP + objects)
        stage.start_operator({"TRUNKLINE_AWS_RATES": CALL_RATES, **_as_service_account(stage)})
        load = Load(stage.cluster, COLLECTION)
        load.arrivals.start()
        load.run([_center(number, id_) for number, id_ in enumerate(instances[:WARM_UP])], rate)
        _wait_ready(stage, load, WARM_UP)
        # As a container that has one CPU to itself: more than one it cannot use, and hopping between two takes a sixth more.
        keep_on_one_core(stage.processes.status()["operator"].pid)
        processes = dict(descendants(os.getpid()))
        before = {pid: cpu_seconds(pid) for pid in processes}
        load.run([_center(number, id_) for number, id_ in enumerate(instances[WARM_UP:], WARM_UP)], rate)
        _wait_ready(stage, load, WARM_UP + objects)
        used = {name: cpu_seconds(pid) - before[pid] for pid, name in processes.items()}
        operator = stage.processes.status()["operator"].pid
        return Outcome(load.seconds(), max(resident_when_calm(operator)), used, processes[operator])


def _prepare(stage: Stage, count: int) -> list[str]:
    """The offline AWS with the instances, and the namespace."""
    stage.start_aws()
    stage.install_crds()
    aws = stage.aws()
    aws.throttle(enabled=False)
    aliases = [f"figures-{number}" for number in range(count)]
    instances: list[str] = aws.extra("connect", "instances", account=DEFAULT_ACCOUNT, region=REGION, aliases=aliases)
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    stage.cluster.api.request("POST", "/api/v1/namespaces", body)
    return instances


def _as_service_account(stage: Stage) -> Mapping[str, str]:
    """As in a cluster: by a token, with the rights that it needs and no others. For an administrator's certificate the API
    server checks signatures at each request.
    """
    stage.kubectl("apply", "--server-side", "-f", str(RIGHTS))
    kubeconfig = stage.cluster.service_account_kubeconfig(SERVICE_ACCOUNT, SERVICE_ACCOUNT)
    return {"KUBECONFIG": str(kubeconfig), "TRUNKLINE_LEASE_NAMESPACE": SERVICE_ACCOUNT}


def _center(number: int, instance: str) -> tuple[str, bytes]:
    name = f"center-{number:05}"
    body = {
        "apiVersion": "trunkline.dev/v1alpha1",
        "kind": "ContactCenter",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"region": REGION, "instance": {"id": instance}, "hoursOfOperation": [hours("office")]},
    }
    return name, json.dumps(body).encode()


def _wait_ready(stage: Stage, load: Load, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(load.arrivals.ready) < count:
        stage.check()
        if load.arrivals.failure or time.monotonic() > deadline:
            ready = len(load.arrivals.ready)
            raise LoadFailedError(f"{ready} of {count} objects are Ready. {load.arrivals.failure}".strip())
        time.sleep(0.5)
