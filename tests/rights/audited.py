"""A control plane that notes what the operator's service account asks of it, and the main job that it does there."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.column.centers import small_spec
from tests.e2e.world import Account, Operator, install_crds, until
from trunkline_sandbox.cluster import ApiError, ControlPlane, Supervised

ROOT = Path(__file__).parents[2]
RIGHTS = ROOT / "docs" / "rbac.yaml"
OPERATOR_NAMESPACE = "trunkline"
USER = f"system:serviceaccount:{OPERATOR_NAMESPACE}:trunkline"
NAMESPACE = "contact-centers"
LATER = "another-token-for-later!"
OBJECTS = ("scalingpolicies/peak", "contactcenters/small", "cachelayers/theirs")
"""In the order in which they go."""

Value = dict[str, Any]
Right = tuple[str, str, str]
"""API group, resource with its subresource, verb."""


@contextmanager
def audited() -> Iterator[tuple[ControlPlane, Path]]:
    """A control plane of its own, and the file that it writes an event a line to."""
    with tempfile.TemporaryDirectory(prefix="trunkline-audit-") as folder:
        policy, log = Path(folder) / "policy.yaml", Path(folder) / "audit.log"
        rules = [{"level": "Metadata", "users": [USER]}, {"level": "None"}]
        value = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": rules}
        policy.write_text(json.dumps(value))
        flags = [f"--audit-policy-file={policy}", f"--audit-log-path={log}", "--audit-log-mode=blocking"]
        with ControlPlane.start(apiserver_flags=flags) as cluster:
            install_crds(cluster)
            cluster.api.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
            yield cluster, log


@dataclass(frozen=True)
class Asked:
    """What was allowed, and what was refused; `ResponseStarted` of watches counts as the rest."""

    allowed: frozenset[Right]
    refused: frozenset[Right]


def asked(log: Path, since: int = 0) -> Asked:
    """What the log says from an offset on. Discovery (no resource) is everybody's."""
    by: dict[str, set[Right]] = {"allow": set(), "forbid": set()}
    with log.open(encoding="utf-8") as lines:
        lines.seek(since)
        for line in lines:
            event = json.loads(line)
            of = event.get("objectRef") or {}
            if "resource" not in of:
                continue
            name = "/".join(filter(None, (of["resource"], of.get("subresource"))))
            decision = event.get("annotations", {}).get("authorization.k8s.io/decision", "allow")
            by[decision].add((of.get("apiGroup", ""), name, event["verb"]))
    return Asked(frozenset(by["allow"]), frozenset(by["forbid"]))


def documents() -> list[Value]:
    """What `docs/rbac.yaml` applies."""
    return [dict(item) for item in yaml.safe_load_all(RIGHTS.read_text(encoding="utf-8"))]


def granted(objects: Iterable[Mapping[str, Any]]) -> frozenset[Right]:
    """What the rules of roles give."""
    rules = [rule for item in objects for rule in item.get("rules", ())]
    return frozenset(
        right for rule in rules for right in itertools.product(rule["apiGroups"], rule["resources"], rule["verbs"])
    )


def without(objects: Iterable[Mapping[str, Any]], right: Right) -> list[Value]:
    """The same roles without one right."""
    found = [copy.deepcopy(dict(item)) for item in objects]
    for item in found:
        rules = item.get("rules", ())
        parts = [
            {**rule, "apiGroups": [group], "resources": [resource], "verbs": [verb]}
            for rule in rules
            for group, resource, verb in itertools.product(rule["apiGroups"], rule["resources"], rule["verbs"])
            if (group, resource, verb) != right
        ]
        if rules:
            item["rules"] = parts
    return found


def granting(cluster: ControlPlane, objects: Iterable[Mapping[str, Any]]) -> None:
    """Applies roles and bindings; what stood in a role before and is not given any more is taken away."""
    items = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=items)


class Job:
    """The main job: a center with all that it reads from Kubernetes, a cache of others, a policy; made, and deleted."""

    def __init__(self, cluster: ControlPlane, aws: Account, processes: Supervised) -> None:
        self.cluster = cluster
        kubeconfig = cluster.service_account_kubeconfig(OPERATOR_NAMESPACE, "trunkline")
        environment = {**aws.environment, "KUBECONFIG": str(kubeconfig)}
        flags = ("--lease-namespace", OPERATOR_NAMESPACE)
        self.operator = Operator(processes, environment, flags)

    def run(self, patience: float = 60.0) -> None:
        """From nothing to nothing. Raises AssertionError that says what was not seen."""
        self.operator.start()
        self._apply(*manifests()[:-1])
        for path in OBJECTS[1:]:
            self._until(f"{path} is Ready", lambda of=path: self._ready(of), patience)
        self._apply(manifests()[-1])
        self._until(f"{OBJECTS[0]} is Ready", lambda: self._ready(OBJECTS[0]), patience)
        self._until("Events", lambda: self._get("events")["items"], patience)
        self._patch("secrets/theirs-token", {"stringData": {"token": LATER}})
        self._patch("cachelayers/theirs", {"spec": {"external": {"port": 2}}})
        self._until("the new token and address are published", self._republished, patience)
        self._scale_otherwise()
        self._until("the policy goes by its new limit", lambda: self._ready(OBJECTS[0]), patience)
        for path in OBJECTS:
            self.cluster.api.request("DELETE", _path(path))
            self._until(f"{path} is gone", lambda of=path: not self._exists(of), patience)
        for path in ("configmaps/theirs-address", "secrets/theirs-auth"):
            assert not self._exists(path), "with Delete, what was published goes with its object"
        self.operator.terminate()

    def until_refused(self, refused: Callable[[], bool], patience: float = 90.0) -> None:
        """The same, as far as a refusal. Raises AssertionError if there is none to the end."""
        self.operator.start()

        def ready(*paths: str) -> bool:
            return all(self._ready(path) for path in paths) and bool(self._get("events")["items"])

        def gone() -> bool:
            return not any(self._exists(path) for path in OBJECTS)

        self._apply(*manifests()[:-1])
        self._until("a refusal, or center and cache Ready", lambda: refused() or ready(*OBJECTS[1:]), patience)
        self._apply(manifests()[-1])  # once it has something to scale: it looks again only after a minute
        self._until("a refusal, or the policy Ready", lambda: refused() or ready(OBJECTS[0]), patience)
        if not refused():
            self._patch("secrets/theirs-token", {"stringData": {"token": LATER}})
            self._patch("cachelayers/theirs", {"spec": {"external": {"port": 2}}})
            self._until("a refusal, or what is published", lambda: refused() or self._republished(), patience)
        if not refused():
            self._scale_otherwise()
            self._until("a refusal, or the policy at its new limit", lambda: refused() or ready(OBJECTS[0]), patience)
        if not refused():
            for path in OBJECTS:
                self.cluster.api.request("DELETE", _path(path))
            self._until("a refusal, or everything gone", lambda: refused() or gone(), patience)
        assert refused(), "the job was done without this right"

    def clear(self) -> None:
        """As before the job, whatever became of it."""
        self.operator.kill()
        for path in (*OBJECTS, "configmaps/theirs-address", "secrets/theirs-auth"):
            if self._exists(path):
                self.cluster.api.request("DELETE", _path(path))
            if self._exists(path):
                self._patch(path, {"metadata": {"finalizers": None}})
        leases = f"/apis/coordination.k8s.io/v1/namespaces/{OPERATOR_NAMESPACE}/leases"
        self.cluster.api.request("DELETE", leases)
        self.cluster.api.request("DELETE", _path("events"))

    def _apply(self, *objects: Value) -> None:
        items = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self.cluster.kubectl("-n", NAMESPACE, "apply", "--server-side", "-f", "-", input=items)

    def _until(self, what: str, seen: Any, patience: float) -> None:
        until(what, seen, self.operator.words, patience)

    def _get(self, path: str) -> Value:
        return dict(self.cluster.api.request("GET", _path(path)))

    def _patch(self, path: str, body: Value) -> None:
        self.cluster.api.request("PATCH", _path(path), body, content_type="application/merge-patch+json")

    def _exists(self, path: str) -> bool:
        try:
            return bool(self._get(path))
        except ApiError as error:
            if error.status != 404:
                raise
            return False

    def _scale_otherwise(self) -> None:
        """Once its finalizer is there a policy is read before a change; until then the answer to the claim is as good."""
        (lever,) = manifests()[-1]["spec"]["levers"]
        limits = {**lever["provisionedConcurrency"], "max": 4}
        self._patch(OBJECTS[0], {"spec": {"levers": [{**lever, "provisionedConcurrency": limits}]}})

    def _ready(self, path: str) -> bool:
        """As its spec is now."""
        found = self._get(path)
        status = found.get("status") or {}
        ready = any(item["type"] == "Ready" and item["status"] == "True" for item in status.get("conditions") or ())
        return ready and status.get("observedGeneration") == found["metadata"]["generation"]

    def _republished(self) -> bool:
        told = {base64.b64decode(value).decode() for value in self._get("secrets/theirs-auth")["data"].values()}
        address = " ".join(self._get("configmaps/theirs-address")["data"].values())
        return LATER in told and ":2" in address


def _path(path: str) -> str:
    """A resource of the job's namespace: "contactcenters/small"."""
    group = "apis/trunkline.dev/v1alpha1" if path in OBJECTS else "api/v1"
    return f"/{group}/namespaces/{NAMESPACE}/{path}"


def manifests() -> list[Value]:
    """The objects, with the ConfigMap and the Secret that they name."""
    spec = copy.deepcopy(small_spec())
    spec |= {"deletionPolicy": "Delete", "confirm": "Never"}
    flow = spec["flows"][0]
    content = flow["content"]["inline"]
    flow["content"] = {"configMapKeyRef": {"name": "flows", "key": "inbound"}}
    layer = {
        "region": spec["region"],
        "engine": "valkey",
        "deletionPolicy": "Delete",
        "external": {"host": "127.0.0.1", "port": 1, "inTransit": "required", "clusterMode": "disabled"},
        "auth": {"token": {"secretKeyRef": {"name": "theirs-token", "key": "token"}}},
        "publish": {"configMapName": "theirs-address", "secretName": "theirs-auth", "awsSecretName": "theirs"},
    }
    policy = {
        "targetRef": {"kind": "ContactCenter", "name": "small"},
        "mode": "Auto",
        "timeZone": "America/New_York",
        "deletionPolicy": "Delete",
        "demand": {"constant": {"concurrentCalls": 10}},
        "workload": {"talkSeconds": 300, "lookupsPerCall": 5, "lookupMilliseconds": 300},
        "levers": [{"name": "lookup", "function": "lookup", "provisionedConcurrency": {"min": 1, "max": 5}}],
    }
    watched = {"trunkline.dev/watch": "Enabled"}
    return [
        _object("v1", "ConfigMap", "flows", data={"inbound": json.dumps(content)}, labels=watched),
        _object("v1", "Secret", "theirs-token", stringData={"token": "a-token-of-the-first-days"}, labels=watched),
        _object("trunkline.dev/v1alpha1", "ContactCenter", "small", spec=spec),
        _object("trunkline.dev/v1alpha1", "CacheLayer", "theirs", spec=layer),
        _object("trunkline.dev/v1alpha1", "ScalingPolicy", "peak", spec=policy),
    ]


def _object(version: str, kind: str, name: str, labels: Value | None = None, **body: Any) -> Value:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels or {}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **body}
