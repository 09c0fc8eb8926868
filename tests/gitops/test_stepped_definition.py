"""A real API server and a definition stepped back and forward: what managedFields tell of it, and what they do not."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.world import CRDS, minimal, until
from trunkline.runtime.vanished import vanished
from trunkline_sandbox.cluster import ApiError, Cluster

Value = dict[str, Any]
KIND, PLURAL = "SteppedCenter", "steppedcenters"


class Definition:
    """The ContactCenter's definition under a group and names of its own: nobody else's is changed, and where somebody
    asks kubectl for a contactcenter, it is not found in two groups.
    """

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self.cluster, self.namespace = cluster, namespace
        self.group = f"stepped-{uuid.uuid4().hex[:8]}.example"
        self.crd: Value = yaml.safe_load((CRDS / "trunkline.dev_contactcenters.yaml").read_text())
        self.crd["spec"]["group"] = self.group
        names = {"plural": PLURAL, "singular": KIND.lower(), "kind": KIND, "listKind": f"{KIND}List"}
        self.crd["spec"]["names"] = names | {"categories": [], "shortNames": []}
        self.crd["metadata"]["name"] = f"{PLURAL}.{self.group}"

    def serve(self, crd: Value, field: str, *, known: bool) -> None:
        """Returns once the API server answers by this schema."""
        self.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=json.dumps(crd))

        def served() -> bool:
            try:
                document = self.cluster.api.request("GET", f"/openapi/v3/apis/{self.group}/v1alpha1")
            except ApiError:
                return False
            schemas = document["components"]["schemas"]
            kind = next((schema for name, schema in schemas.items() if name.endswith(f".{KIND}")), None)
            return kind is not None and (field in kind["properties"]["spec"]["properties"]) is known

        until(f"the schema {'has' if known else 'lacks'} {field}", served)

    def apply(self, spec: Value, manager: str = "gitops", *more: str) -> None:
        body = minimal("stepped")
        body |= {"apiVersion": f"{self.group}/v1alpha1", "kind": KIND}
        body["spec"] |= spec
        flags = more or ("--server-side", "--force-conflicts", f"--field-manager={manager}")
        self.cluster.kubectl("-n", self.namespace, "apply", *flags, "-f", "-", input=json.dumps(body))

    def patch(self, body: Any, form: str = "merge-patch", part: str = "") -> None:
        path = f"{self.path}{part}?fieldManager=somebody"
        self.cluster.api.request("PATCH", path, body, content_type=f"application/{form}+json")

    @property
    def path(self) -> str:
        return f"/apis/{self.group}/v1alpha1/namespaces/{self.namespace}/{PLURAL}/hello"

    def get(self) -> Value:
        return dict(self.cluster.api.request("GET", self.path))

    def lost(self) -> tuple[str, ...]:
        found = vanished(self.get())
        return found.paths if found is not None else ()


@pytest.fixture
def stepped(cluster: Cluster, namespace: str) -> Iterator[Definition]:
    definition = Definition(cluster, namespace)
    definition.serve(definition.crd, "flowModules", known=True)
    yield definition
    # Its objects first, which go at once for nobody put a finalizer there.
    cluster.api.request("DELETE", definition.path)
    cluster.kubectl("delete", "crd", definition.crd["metadata"]["name"], "--wait=false")


MODULE = {"name": "identify", "content": {"inline": {"Version": "2019-10-30"}}}
WIDE: Value = {
    "flowModules": [MODULE],
    "queues": [{"name": "front-desk", "hours": "always", "maxContacts": 5}, {"name": "second", "hours": "always"}],
    "tags": {"costCenter": "CC-1"},
}


def older(crd: Value) -> Value:
    """A version that knew neither modules nor a queue's maxContacts."""
    back = copy.deepcopy(crd)
    spec = back["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    del spec["properties"]["flowModules"]
    del spec["properties"]["queues"]["items"]["properties"]["maxContacts"]
    rules = spec.get("x-kubernetes-validations", [])
    spec["x-kubernetes-validations"] = [rule for rule in rules if "flowModules" not in rule["rule"]]
    return back


LOST = {"spec.flowModules[name=identify]", "spec.queues[name=front-desk].maxContacts"}


@pytest.mark.timeout(180)
def test_what_a_stepped_back_definition_drops_is_told_apart_from_what_somebody_removed(stepped: Definition) -> None:
    stepped.apply(WIDE)
    assert stepped.lost() == ()
    generation = stepped.get()["metadata"]["generation"]

    stepped.serve(older(stepped.crd), "flowModules", known=False)
    assert set(stepped.lost()) == LOST, "hidden"
    stepped.patch({"status": {"account": "123456789012"}}, part="/status")
    stepped.serve(stepped.crd, "flowModules", known=True)
    assert "flowModules" not in stepped.get()["spec"], "one status write dropped them for good"
    assert stepped.get()["metadata"]["generation"] == generation
    assert set(stepped.lost()) == LOST

    stepped.patch({"spec": {"paused": True}})
    assert stepped.get()["metadata"]["generation"] == generation + 1
    assert set(stepped.lost()) == LOST, "an edit of something else brings nothing back"

    stepped.apply(WIDE)
    assert stepped.lost() == ()
    assert stepped.get()["spec"]["flowModules"], "applied again, they are back"

    # Whoever removes something owns it no more, in each of the ways in which people do.
    queues = stepped.get()["spec"]["queues"]
    stepped.patch({"spec": {"tags": None, "queues": queues[:1]}})
    assert stepped.lost() == ()
    stepped.patch([{"op": "remove", "path": "/spec/flowModules"}], "json-patch")
    assert stepped.lost() == ()
    stepped.apply({name: value for name, value in WIDE.items() if name != "flowModules"})
    stepped.apply({"queues": WIDE["queues"][:1]})
    assert stepped.lost() == ()
    stepped.apply(WIDE, "", "--force-conflicts=false", "--server-side=false")
    assert stepped.lost() == ()
    stepped.apply({"queues": WIDE["queues"][:1]}, "", "--server-side=false")
    assert stepped.lost() == (), "client-side apply removes by a patch"
