"""The definition stepped back and forward under a running operator, on an API server of its own: nothing goes in AWS."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.column.centers import module, says
from tests.e2e.conftest import account, aws  # noqa: F401  # fixtures
from tests.e2e.world import CRDS, Account, World, install_crds, minimal
from tests.gitops.test_stepped_definition import older
from trunkline_sandbox.cluster import ControlPlane, Supervised

Value = dict[str, Any]
CRD = CRDS / "trunkline.dev_contactcenters.yaml"

pytestmark = [pytest.mark.cluster, pytest.mark.sweep, pytest.mark.timeout(400)]


@pytest.fixture
def world(aws: Account) -> Iterator[World]:  # noqa: F811
    with ControlPlane.start() as cluster, Supervised("trunkline-stepped-") as processes:
        install_crds(cluster)
        yield World(cluster, cluster.create_namespace(), aws, processes)


def serve(world: World, crd: Value | Path, *, known: bool) -> None:
    text = crd.read_text() if isinstance(crd, Path) else json.dumps(crd)
    world.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=text)

    def served() -> bool:
        document = world.cluster.api.request("GET", "/openapi/v3/apis/trunkline.dev/v1alpha1")
        schemas = document["components"]["schemas"]
        kind = next(schema for name, schema in schemas.items() if name.endswith(".ContactCenter"))
        return ("flowModules" in kind["properties"]["spec"]["properties"]) is known

    world.until("the other definition is served", served)


def a_look(world: World, stamp: str) -> None:
    """A full check by the operator, and its status."""
    number = world.aws.sandbox.call_number()
    world.annotate("hello", "reconcile", stamp)
    world.until("the operator looks", lambda: world.aws.sandbox.call_number() > number + 5)


@pytest.mark.parametrize("record", ["intact", "lost"])
def test_forward_and_back_under_a_running_operator_deletes_nothing(world: World, record: str) -> None:
    world.operator.start()
    body = minimal(world.namespace, flowModules=[module("identify", says("ask", "Who is calling?"))])
    body["spec"]["queues"] = [{**body["spec"]["queues"][0], "maxContacts": 7}]
    world.apply(body)
    world.until_ready("hello")
    inventory, generation = world.aws.inventory(), world.center("hello")["metadata"]["generation"]
    assert "module identify" in inventory

    serve(world, older(yaml.safe_load(CRD.read_text())), known=False)
    a_look(world, "1")
    # Whatever writes a status now drops what this definition does not know.
    path = f"/apis/trunkline.dev/v1alpha1/namespaces/{world.namespace}/contactcenters/hello"
    merge = "application/merge-patch+json"
    lost: Value = {"status": None} if record == "lost" else {"status": {"account": "000000000000"}}
    if record == "lost":
        world.operator.kill()
    world.cluster.api.request("PATCH", f"{path}/status", lost, content_type=merge)
    if record == "intact":
        fixed = {"status": {"account": "123456789012"}}
        world.cluster.api.request("PATCH", f"{path}/status", fixed, content_type=merge)
        world.operator.kill()
    serve(world, CRD, known=True)
    center = world.center("hello")
    assert "flowModules" not in center["spec"]
    assert center["metadata"]["generation"] == generation
    world.operator.start()

    def says_so() -> bool:
        return "apply the object again" in world.condition("hello").get("message", "")

    world.until("the object says that it lost something", says_so)
    world.patch("hello", {"spec": {"resyncSeconds": 900}})
    world.until("the edit is seen", lambda: world.status("hello").get("observedGeneration") == generation + 1)
    assert says_so()
    assert world.aws.inventory() == inventory
    assert world.queue("hello", "front-desk")["MaxContacts"] == 7

    number = world.aws.sandbox.call_number()
    world.apply(copy.deepcopy(body))
    world.until_ready("hello")
    world.until("all is as it was", lambda: not says_so())
    assert world.aws.inventory() == inventory
    assert [name for name in world.aws.mutating(number) if name.startswith("Delete")] == []
