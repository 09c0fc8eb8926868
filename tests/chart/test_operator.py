"""The operator as the chart runs it: its environment, its service account, its rights, through the life of a release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.chart.helm import CHART, Document, Helm, container, documents
from tests.e2e.world import Account, Operator, World, minimal
from trunkline_sandbox.cluster import ControlPlane, Supervised

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("chart")]

LITTLE = ("--set", "metrics.service.enabled=false", "--set", "crds.policies.consent=false")


@pytest.fixture
def world(own_cluster: ControlPlane, centers: str, aws: Account) -> Iterator[World]:
    """A namespace for centers and an empty AWS; the operator is set by the test."""
    with Supervised("trunkline-chart-") as processes:
        yield World(own_cluster, centers, aws, processes)


def environment(release: list[Document], kubeconfig: Path, aws: Account) -> Mapping[str, str]:
    """The container's variables, and what the cluster and AWS would add: a way to the API server, an identity."""
    own = {item["name"]: item["value"] for item in container(release)["env"] if "value" in item}
    return {**aws.environment, **own, "TRUNKLINE_PROBES": "127.0.0.1:0", "KUBECONFIG": str(kubeconfig)}


@pytest.mark.timeout(400)
@pytest.mark.sweep  # test_install_upgrade_rollback_uninstall_and_install_again_lose_no_object is its sibling without AWS
def test_nothing_in_aws_moves_through_the_life_of_a_release(
    own_cluster: ControlPlane, operators: str, cluster_helm: Helm, world: World
) -> None:
    """Each time the operator comes up anew, an edit makes its one call, and all that was there stays untouched."""
    install = ("upgrade", "--install", "trunkline", CHART, "--namespace", operators, "--take-ownership", *LITTLE)

    def operator() -> Operator:
        manifest = documents(cluster_helm.run("get", "manifest", "trunkline", "--namespace", operators))
        kubeconfig = own_cluster.service_account_kubeconfig(operators, "trunkline")
        return world.operator_as(environment(manifest, kubeconfig, world.aws))

    def comes_up_and_does_this_only(contacts: int) -> None:
        number = world.aws.sandbox.call_number()
        world.operator = operator()
        world.operator.start()
        queue = {"name": "front-desk", "maxContacts": contacts}
        body = minimal(world.namespace)
        (old,) = body["spec"]["queues"]
        body["spec"]["queues"] = [{**old, **queue}]
        world.apply(body)
        world.until_ready("hello")
        assert world.aws.mutating(number) == ["UpdateQueueMaxContacts"]
        assert world.queue("hello", "front-desk")["MaxContacts"] == contacts
        code, _ = world.operator.terminate()
        assert code == 0, world.operator.words()
        assert "forbidden" not in world.operator.log().lower()

    cluster_helm.run(*install)
    world.operator = operator()
    world.operator.start()
    world.apply(minimal(world.namespace))
    world.until_ready("hello")
    assert world.operator.terminate()[0] == 0
    made = world.aws.inventory()

    cluster_helm.run(*install, "--set", "replicas=3")
    comes_up_and_does_this_only(11)
    cluster_helm.run("rollback", "trunkline", "1", "--namespace", operators)
    comes_up_and_does_this_only(12)
    cluster_helm.run("uninstall", "trunkline", "--namespace", operators)
    assert world.condition("hello")["status"] == "True", "the center outlives the release, and so does its record"

    # And again, with rights in its namespace only: the same installation, so the same owner of what is in AWS.
    uid = own_cluster.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
    namespaced = ("--set", f"namespaces={{{world.namespace}}}", "--set", f"installation={uid}")
    cluster_helm.run(*install, *namespaced)
    comes_up_and_does_this_only(13)
    assert world.aws.inventory() == made
