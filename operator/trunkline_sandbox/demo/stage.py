"""What the demo stands on: a control plane, the offline AWS and the operator, each a process that ends with us."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3

from trunkline_sandbox.aws.client import SandboxClient
from trunkline_sandbox.cluster import ControlPlane, KubectlError, Supervised

ROOT = Path(__file__).resolve().parents[3]
REGION = "us-east-1"  # of the example
# The network that the example names: in an account of one's own it is there already.
NETWORK = (
    *(f"subnet-0a1b2c3d4e5f6000{number}" for number in (1, 2, 3)),
    *(f"sg-0a1b2c3d4e5f6000{number}" for number in (1, 2)),
)
START_SECONDS = 30.0
LOOK_SECONDS = 0.25


class DemoError(Exception):
    """The demo cannot go on; one sentence says why."""


class Stage:
    """A context manager: on entering all three run, on leaving none does."""

    def __init__(self, control_plane: Mapping[str, str] | None = None) -> None:
        """control_plane: more variables for its processes."""
        self._control_plane = control_plane
        self._cluster: ControlPlane | None = None
        self._processes: Supervised | None = None
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        if not (ROOT / "crds").is_dir() or not (ROOT / "examples").is_dir():
            raise DemoError(
                "the demo needs a checkout of the repository: crds/ and examples/ are not beside the package"
            )
        try:
            self._cluster = ControlPlane.start(environment=self._control_plane).__enter__()
            self._processes = Supervised("trunkline-demo")
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._processes is not None:
            self._processes.end()
        if self._cluster is not None:
            self._cluster.__exit__(kind, value, trace)

    @property
    def cluster(self) -> ControlPlane:
        if self._cluster is None:
            raise DemoError("the stage is not set")
        return self._cluster

    @property
    def processes(self) -> Supervised:
        if self._processes is None:
            raise DemoError("the stage is not set")
        return self._processes

    def start_aws(self) -> str:
        """Starts the offline AWS; answers its address."""
        self.processes.start(
            "aws",
            [sys.executable, "-m", "trunkline_sandbox.cli", "aws", "--region", REGION, "--network", ",".join(NETWORK)],
            environment=self._environment(),
        )
        deadline = time.monotonic() + START_SECONDS
        while "AWS_EC2_METADATA_DISABLED" not in self.environment:
            if time.monotonic() > deadline or not self.processes.status()["aws"].running:
                raise DemoError(f"the offline AWS did not start:\n{self.processes.last_words('aws')}")
            time.sleep(LOOK_SECONDS)
            self.environment = _exports(
                self.processes.log("aws").read_text() if self.processes.log("aws").exists() else ""
            )
        return self.environment["AWS_ENDPOINT_URL"]

    def install_crds(self) -> None:
        """Applies the CRDs; waits until they are served, and for the namespace whose uid is the installation's id."""
        self.kubectl("apply", "--server-side", "-f", str(ROOT / "crds"))
        deadline = time.monotonic() + START_SECONDS
        while True:  # `kubectl wait` fails on a CRD that has no conditions at all yet
            try:
                self.kubectl("get", "contactcenters,cachelayers,scalingpolicies", "--all-namespaces")
                self.kubectl("get", "namespace", "kube-system")
            except DemoError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_SECONDS)
            else:
                return

    def start_operator(self, settings: Mapping[str, str] | None = None) -> None:
        """Starts the operator as anybody would, against this cluster and this AWS. settings: further variables."""
        environment = {
            **self._environment(),
            **self.environment,
            "KUBECONFIG": str(self.cluster.kubeconfig),
            **(settings or {}),
        }
        self.processes.start("operator", [sys.executable, "-m", "trunkline.cli", "run"], environment=environment)

    def _environment(self) -> dict[str, str]:
        """Ours, with temporary files where they go with the processes: who is killed cleans up nothing.

        The `kubernetes` client writes the client's key of a kubeconfig into one.
        """
        return {**os.environ, "TMPDIR": str(self.processes.directory)}

    def check(self) -> None:
        """Raises DemoError if one of the processes has ended."""
        for name, status in self.processes.status().items():
            if not status.running:
                raise DemoError(f"the {name} ended:\n{self.processes.last_words(name)}")

    def kubectl(self, *args: str) -> str:
        """kubectl against the cluster. Raises DemoError with its words."""
        try:
            return self.cluster.kubectl(*args)
        except KubectlError as error:
            raise DemoError(str(error)) from None

    def center(self, namespace: str, name: str) -> dict[str, Any] | None:
        """The ContactCenter as it is, None if there is none."""
        text = self.kubectl("get", "contactcenters", name, "-n", namespace, "-o", "json", "--ignore-not-found")
        found: dict[str, Any] | None = json.loads(text) if text.strip() else None
        return found

    def aws(self) -> SandboxClient:
        """The offline AWS's control endpoint."""
        return SandboxClient(self.environment["AWS_ENDPOINT_URL"])

    def client(self, service: str) -> Any:
        """An SDK client of the offline AWS, as anybody else in the account would have one."""
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )


def _exports(text: str) -> dict[str, str]:
    lines = (line.removeprefix("export ").partition("=") for line in text.splitlines() if line.startswith("export "))
    return {name: value for name, _, value in lines}


def exported(environment: Mapping[str, str]) -> str:
    """The lines that somebody types to use these variables."""
    return "\n".join(f"export {name}={value}" for name, value in environment.items())
