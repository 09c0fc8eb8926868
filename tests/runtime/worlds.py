"""A runtime with a handler that only remembers, on a real API server: for the tests of this folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trunkline.engine.budget import Priority
from trunkline.handlers.port import Inputs, Key, Named, Note, Reconciled, Snapshot
from trunkline.runtime.config import RuntimeConfig
from trunkline.runtime.inputs import Terms
from trunkline.runtime.operator import run
from trunkline_sandbox.cluster import ApiError, Cluster

REPOSITORY = Path(__file__).parents[2]
CRDS = REPOSITORY / "crds"
GROUP_PATH = "/apis/trunkline.dev/v1alpha1"
PATIENCE = 30.0


def terms(crowded: Callable[[], bool] = lambda: False) -> Terms:
    """Those of a process that leads and goes on."""
    return Terms(
        leads_for=lambda: 100.0,
        stopping=lambda: False,
        call=1.0,
        newer_spec_after=5.0,
        report_interval=1.0,
        crowded=crowded,
    )


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass, as the handler saw it."""

    snapshot: Snapshot
    cause: Priority

    @property
    def name(self) -> str:
        return self.snapshot.key.name

    @property
    def region(self) -> str:
        return str(self.snapshot.spec["region"])


def conditions(ready: str = "True") -> list[dict[str, Any]]:
    stamp = "2026-09-21T14:13:20Z"
    values = {"Ready": ready, "Reconciling": "False", "Stalled": "False"}
    return [
        {"type": type_, "status": status, "reason": "Test", "message": "", "lastTransitionTime": stamp}
        for type_, status in values.items()
    ]


def settled(snapshot: Snapshot, **more: Any) -> dict[str, Any]:
    return {"observedGeneration": snapshot.generation, "conditions": conditions(), **more}


@dataclass
class Recorder:
    """A handler: remembers its passes, answers with `answer`, and may be made to do something in between."""

    kind: str = "ContactCenter"
    plural: str = "contactcenters"
    passes: list[Pass] = field(default_factory=list)
    forgotten: list[tuple[Key, str]] = field(default_factory=list)
    overtaken: list[Key] = field(default_factory=list)
    during: Callable[[Inputs], Awaitable[None]] | None = None
    answer: Callable[[Inputs], Reconciled] | None = None
    in_flight: int = 0
    most_in_flight: int = 0

    async def reconcile(self, inputs: Inputs) -> Reconciled:
        self.passes.append(Pass(inputs.snapshot, inputs.cause))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.during is not None:
                await self.during(inputs)
        finally:
            self.in_flight -= 1
        if self.answer is not None:
            return self.answer(inputs)
        if inputs.snapshot.deleting:
            return Reconciled(None, finalizer=False)
        return Reconciled(settled(inputs.snapshot), finalizer=True)

    def overtake(self, key: Key) -> None:
        self.overtaken.append(key)

    def forget(self, key: Key, uid: str) -> None:
        self.forgotten.append((key, uid))

    def of(self, name: str) -> list[Pass]:
        return [item for item in self.passes if item.name == name]


async def until(what: str, condition: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Wait for something to become true; says what did not."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"not within {patience:g} s: {what}"
        await asyncio.sleep(0.02)


@dataclass
class World:
    """An API server with our CRDs, one namespace, and what is done in it."""

    cluster: Cluster
    namespace: str

    def install_crds(self) -> None:
        self.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", CRDS)
        end = time.monotonic() + PATIENCE
        while not self._served():
            assert time.monotonic() < end, "the API server does not serve the CRDs"
            time.sleep(0.05)

    def _served(self) -> bool:
        try:
            self.request("GET", self.path())
        except ApiError:
            return False
        return True

    def config(self, **changes: Any) -> RuntimeConfig:
        config = RuntimeConfig(
            namespaces=(self.namespace,),
            kubeconfig=self.cluster.kubeconfig,
            passes=20,
            signals=False,
            grace=5.0,
            report_interval=0.1,
            newer_spec_after=0.0,
        )
        return replace(config, **changes)

    @contextlib.asynccontextmanager
    async def running(self, handler: Recorder, **changes: Any) -> AsyncIterator[asyncio.Event]:
        """The runtime, until the end of the block; its failure is the test's."""
        stop = asyncio.Event()
        task = asyncio.create_task(run(self.config(**changes), [handler], stop=stop))
        try:
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(task, 20)

    @property
    def leases(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases"

    def release_lease(self) -> None:
        """As a leader leaves it, so that the next one waits for nobody."""
        spec = {"holderIdentity": "", "leaseDurationSeconds": 1}
        self.request("POST", self.leases, {"metadata": {"name": "trunkline"}, "spec": spec})

    def path(self, name: str = "", plural: str = "contactcenters") -> str:
        path = f"{GROUP_PATH}/namespaces/{self.namespace}/{plural}"
        return f"{path}/{name}" if name else path

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        return self.cluster.api.request(method, path, body, **options)

    def create(self, name: str, region: str = "us-east-1", **metadata: Any) -> Any:
        body = {
            "apiVersion": "trunkline.dev/v1alpha1",
            "kind": "ContactCenter",
            "metadata": {"name": name, **metadata},
            "spec": {
                "region": region,
                "instance": {"alias": f"{self.namespace}-{name}", "identityManagement": "CONNECT_MANAGED"},
            },
        }
        return self.request("POST", self.path(), body)

    def get(self, name: str) -> Any:
        return self.request("GET", self.path(name))

    def merge(self, name: str, patch: Mapping[str, Any]) -> Any:
        return self.request("PATCH", self.path(name), patch, content_type="application/merge-patch+json")

    def edit(self, name: str, description: str) -> Any:
        return self.merge(name, {"spec": {"tags": {"edit": description}}})

    def delete(self, name: str) -> None:
        self.request("DELETE", self.path(name))

    def exists(self, name: str) -> bool:
        return any(item["metadata"]["name"] == name for item in self.request("GET", self.path())["items"])

    def config_map(self, name: str, data: Mapping[str, str], *, watched: bool = True) -> None:
        body = {
            "metadata": {"name": name, "labels": {"trunkline.dev/watch": "Enabled"} if watched else {}},
            "data": dict(data),
        }
        path = f"/api/v1/namespaces/{self.namespace}/configmaps"
        existing = [item["metadata"]["name"] for item in self.request("GET", path)["items"]]
        if name in existing:
            merge = "application/merge-patch+json"
            self.request("PATCH", f"{path}/{name}", {"data": dict(data)}, content_type=merge)
        else:
            self.request("POST", path, body)

    def events(self, name: str) -> list[Any]:
        items = self.request("GET", f"/api/v1/namespaces/{self.namespace}/events")["items"]
        return [item for item in items if item["involvedObject"]["name"] == name]


__all__ = ["Named", "Note", "Pass", "Recorder", "World", "conditions", "json", "settled", "until"]
