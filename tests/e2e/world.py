"""Three real processes for one test: a kube-apiserver, the offline AWS over HTTP, and the operator as anybody starts it.

`Account` is the offline AWS (one process per worker, emptied for each test), `Operator` the process `trunkline run` over
one namespace, which can be killed and started again, and `World` both with the API server. Whatever a test waits for is
looked at until it is so; a failure says what was not seen and quotes the operator's last lines.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from trunkline.api.manifest import read
from trunkline_sandbox.aws.client import SandboxClient
from trunkline_sandbox.cluster import ApiError, Cluster, Supervised

ROOT = Path(__file__).resolve().parents[2]
CRDS = ROOT / "crds"
MINIMAL = ROOT / "examples" / "minimal" / "contactcenter.yaml"
REGION = "us-east-1"
INSTALLATION = "e2e"
PATIENCE = 60.0
LOOK_SECONDS = 0.1
MERGE_PATCH = "application/merge-patch+json"

Value = dict[str, Any]


def until(what: str, seen: Callable[[], Any], words: Callable[[], str] = str, patience: float = PATIENCE) -> Any:
    """Looks until something is seen, and returns it. Raises AssertionError that says what was not."""
    end = time.monotonic() + patience
    while not (found := seen()):
        assert time.monotonic() < end, f"not within {patience:g} s: {what}\n{words()}"
        time.sleep(LOOK_SECONDS)
    return found


class Account:
    """The offline AWS as a process. `environment` is what finds it; `sandbox` its control endpoint."""

    def __init__(self, processes: Supervised) -> None:
        self._processes = processes
        command = [sys.executable, "-m", "trunkline_sandbox.cli", "aws", "--region", REGION]
        for name, seconds in SHORT.items():
            command += [f"--{name}-seconds", str(seconds)]
        processes.start("aws", command, environment={**os.environ, "TMPDIR": str(processes.directory)})
        self.environment: dict[str, str] = until(
            "the offline AWS prints its environment", self._exports, lambda: processes.last_words("aws")
        )
        self.sandbox = SandboxClient(self.environment["AWS_ENDPOINT_URL"])
        self.sandbox.switch(connect_quotas={"Amazon Connect instance count": 100})
        self._switches = self.sandbox.switches()

    def _exports(self) -> dict[str, str]:
        assert self._processes.status()["aws"].running, self._processes.last_words("aws")
        lines = self._processes.log("aws").read_text().splitlines()
        pairs = (line.removeprefix("export ").partition("=") for line in lines if line.startswith("export "))
        found = {name: value for name, _, value in pairs}
        return found if "AWS_EC2_METADATA_DISABLED" in found else {}

    def empty(self) -> None:
        """As it was at its start."""
        self.sandbox.reset()
        self.sandbox.switch(**self._switches)

    def client(self, service: str, access_key: str | None = None) -> Any:
        """An SDK client, as somebody else in the account has one."""
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id=access_key or self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def mutating(self, since: int = 0) -> list[str]:
        """The operations since a call that changed something, in order."""
        calls = self.sandbox.calls(since)
        return [call["operation"] for call in calls if call["mutating"] and call["effect"] and call["service"] != "sts"]

    def effects(self, operation: str, since: int = 0) -> int:
        """How often an operation took effect."""
        return self.mutating(since).count(operation)

    def inventory(self) -> list[str]:
        """Everything that exists, by kind and name; what exists twice stands there twice."""
        connect = self.client("connect")
        found = []
        for instance in connect.list_instances()["InstanceSummaryList"]:
            found.append(f"instance {instance['InstanceAlias']}")
            found += [f"{kind} {name}" for kind, name in _inside(connect, instance["Id"])]
        found += [f"table {name}" for name in self.client("dynamodb").list_tables()["TableNames"]]
        functions = self.client("lambda").list_functions()["Functions"]
        found += [f"function {function['FunctionName']}" for function in functions]
        found += [f"role {role['RoleName']}" for role in self.client("iam").list_roles()["Roles"]]
        return sorted(found)


SHORT = {
    "instance-creation": 1.0,
    "search-lag": 1.0,
    "table": 0.5,
    "index": 0.5,
    "function": 0.5,
    "role-assumable": 1.0,
}
"""An AWS that takes its time, but not ours."""


def _inside(connect: Any, instance: str) -> Iterator[tuple[str, str]]:
    """What somebody made in an instance: AWS's own flows, hours and profiles are not told."""
    queues = connect.list_queues(InstanceId=instance, QueueTypes=["STANDARD"])["QueueSummaryList"]
    yield from (("queue", queue["Name"]) for queue in queues if queue["Name"] != "BasicQueue")
    hours = connect.list_hours_of_operations(InstanceId=instance)["HoursOfOperationSummaryList"]
    yield from (("hours", item["Name"]) for item in hours if item["Name"] != "Basic Hours")
    profiles = connect.list_routing_profiles(InstanceId=instance)["RoutingProfileSummaryList"]
    yield from (("profile", item["Name"]) for item in profiles if item["Name"] != "Basic Routing Profile")
    modules = connect.list_contact_flow_modules(InstanceId=instance)["ContactFlowModulesSummaryList"]
    yield from (("module", item["Name"]) for item in modules)
    flows = connect.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
    yield from (("flow", item["Name"]) for item in flows if not item["Name"].startswith(("Default ", "Sample ")))


class Operator:
    """The process `trunkline run`. Started with flags of its own, it watches one namespace."""

    def __init__(self, processes: Supervised, environment: Mapping[str, str], flags: tuple[str, ...]) -> None:
        self._processes = processes
        # Temporary files go with the processes: who is killed cleans up nothing.
        self._environment = {**os.environ, "TMPDIR": str(processes.directory), **environment}
        self._flags = flags
        self.pid = 0

    def start(self) -> None:
        """A new process: nothing remembered."""
        command = [sys.executable, "-m", "trunkline.cli", "run", *self._flags]
        self.pid = self._processes.start("operator", command, environment=self._environment)

    def kill(self) -> None:
        """SIGKILL; gone on return."""
        self._processes.signal("operator", signal.SIGKILL)
        self._processes.wait("operator", 20.0)

    def terminate(self, seconds: float = 40.0) -> tuple[int, float]:
        """SIGTERM; its exit code, and how long it took to end."""
        started = time.monotonic()
        self._processes.signal("operator", signal.SIGTERM)
        return self._processes.wait("operator", seconds), time.monotonic() - started

    def wait(self, seconds: float = PATIENCE) -> int:
        """Waits until it has ended; returns its exit code."""
        return self._processes.wait("operator", seconds)

    @property
    def running(self) -> bool:
        return bool(self.pid) and self._processes.status()["operator"].running

    def words(self) -> str:
        """The last lines that it said."""
        return self._processes.last_words("operator")

    def log(self) -> str:
        """All that it said."""
        return self._processes.log("operator").read_text(errors="replace")


class World:
    """One namespace, one AWS account, one operator over both. `cluster` may be a control plane of the test's own."""

    def __init__(self, cluster: Cluster, namespace: str, aws: Account, processes: Supervised) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.aws = aws
        self._processes = processes
        self.operator = self.operator_of()

    def operator_of(
        self, kubeconfig: Path | None = None, access_key: str | None = None, flags: tuple[str, ...] = ()
    ) -> Operator:
        """An operator as somebody in particular; not started."""
        flags = ("--namespaces", self.namespace, "--installation", INSTALLATION, *flags)
        environment = {**self.aws.environment, "KUBECONFIG": str(kubeconfig or self.cluster.kubeconfig)}
        if access_key is not None:
            environment["AWS_ACCESS_KEY_ID"] = access_key
        return Operator(self._processes, environment, flags)

    def operator_as(self, environment: Mapping[str, str]) -> Operator:
        """An operator that is told everything by its environment, as a pod is; not started."""
        return Operator(self._processes, environment, ())

    # The API server

    def kubectl(self, *arguments: str, **more: Any) -> str:
        return self.cluster.kubectl("-n", self.namespace, *arguments, **more)

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """kubectl apply --server-side, as in the README."""
        text = "\n---\n".join(json.dumps(item) for item in objects)
        self.kubectl("apply", "--server-side", "-f", "-", input=text)

    def patch(self, name: str, body: Mapping[str, Any]) -> None:
        """A merge patch of a ContactCenter."""
        self.cluster.api.request("PATCH", self._path(name), body, content_type=MERGE_PATCH)

    def annotate(self, name: str, key: str, value: str) -> None:
        self.patch(name, {"metadata": {"annotations": {f"trunkline.dev/{key}": value}}})

    def center(self, name: str) -> Value:
        """The ContactCenter as it is; empty if there is none."""
        try:
            return dict(self.cluster.api.request("GET", self._path(name)))
        except ApiError as error:
            if error.status == 404:
                return {}
            raise

    def status(self, name: str) -> Value:
        return dict(self.center(name).get("status") or {})

    def condition(self, name: str, type_: str = "Ready") -> Value:
        conditions = self.status(name).get("conditions") or ()
        return next((item for item in conditions if item["type"] == type_), {})

    def resource(self, name: str, key: str) -> Value:
        """One line of `status.resources` by its kind/name."""
        resources = self.status(name).get("resources") or ()
        return next((item for item in resources if f"{item.get('kind')}/{item['name']}" == key), {})

    def events(self, name: str, reason: str | None = None) -> list[str]:
        """The messages of a center's Events, of one reason or with it in front."""
        items = self.cluster.api.request("GET", f"/api/v1/namespaces/{self.namespace}/events")["items"]
        mine = [item for item in items if item["involvedObject"]["name"] == name]
        if reason is None:
            return [f"{item['reason']}: {item['message']}" for item in mine]
        return [item["message"] for item in mine if item["reason"] == reason]

    # Waiting

    def until(self, what: str, seen: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """As the function. What AWS throttles was not seen: this test calls at rates that the operator shares."""

        def looked() -> Any:
            try:
                return seen()
            except ClientError as error:
                if error.response["Error"]["Code"] != "ThrottlingException":
                    raise
                return None

        def words() -> str:
            statuses = {item["metadata"]["name"]: item.get("status") for item in self._centers()}
            return f"status: {json.dumps(statuses, indent=1)[-4000:]}\noperator:\n{self.operator.words()}"

        return until(what, looked, words, patience)

    def until_ready(self, name: str, patience: float = PATIENCE) -> Value:
        """Ready, and of the spec as it stands; returns the center."""

        def ready() -> Value:
            center = self.center(name)
            status = center.get("status") or {}
            conditions = {item["type"]: item["status"] for item in status.get("conditions") or ()}
            current = status.get("observedGeneration") == center["metadata"]["generation"]
            return center if current and conditions.get("Ready") == "True" else {}

        return dict(self.until(f"{name} is Ready", ready, patience))

    def until_condition(self, name: str, status: str, reason: str, patience: float = PATIENCE) -> Value:
        """The condition Ready once it has a status and reason."""

        def as_wanted() -> Value:
            found = self.condition(name)
            return found if (found.get("status"), found.get("reason")) == (status, reason) else {}

        return dict(self.until(f"Ready of {name} is {status}, {reason}", as_wanted, patience))

    def until_gone(self, name: str, patience: float = PATIENCE) -> None:
        self.until(f"{name} is gone", lambda: not self.center(name), patience)

    def _centers(self) -> list[Value]:
        path = self._path("").rstrip("/")
        try:
            return list(self.cluster.api.request("GET", path)["items"])
        except (ApiError, OSError):
            return []

    def _path(self, name: str) -> str:
        return f"/apis/trunkline.dev/v1alpha1/namespaces/{self.namespace}/contactcenters/{name}"

    # AWS

    def instance_id(self, name: str) -> str:
        return str(self.status(name)["instance"]["id"])

    def queue(self, name: str, queue: str) -> Value:
        """A queue of a center, as AWS describes it."""
        ids = {"InstanceId": self.instance_id(name), "QueueId": self.resource(name, f"queue/{queue}")["id"]}
        return dict(self.aws.client("connect").describe_queue(**ids)["Queue"])

    def flow_content(self, name: str, flow: str) -> str:
        """A flow's content in AWS."""
        ids = {"InstanceId": self.instance_id(name), "ContactFlowId": self.resource(name, f"flow/{flow}")["id"]}
        return str(self.aws.client("connect").describe_contact_flow(**ids)["ContactFlow"]["Content"])


def install_crds(cluster: Cluster) -> None:
    """Our CRDs, served."""
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", CRDS)

    def served() -> bool:
        try:
            for plural in ("contactcenters", "cachelayers", "scalingpolicies"):
                cluster.api.request("GET", f"/apis/trunkline.dev/v1alpha1/{plural}")
        except ApiError:
            return False
        return True

    until("the API server serves the CRDs", served)


def minimal(alias: str, name: str = "hello", **spec: Any) -> Value:
    """The minimal example with an instance of its own, and other top-level fields of the spec."""
    document = next(item for item in read(MINIMAL.read_text(), MINIMAL.name) if item.kind == "ContactCenter")
    body = copy.deepcopy(dict(document.body))
    body["metadata"]["name"] = name
    body["spec"]["instance"]["alias"] = alias
    body["spec"].update(spec)
    return body
