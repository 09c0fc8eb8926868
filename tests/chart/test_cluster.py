"""The chart on a real API server: admitted as strictly as it can be, and installed, upgraded, rolled back, removed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.helm import CHART, CRDS_CHART, VALUES, Document, Helm, HelmError, identity, one
from tests.chart.registry import Registry
from tests.e2e.world import minimal
from trunkline_sandbox.cluster import ApiError, ControlPlane, KubectlError

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("chart")]  # one control plane for all of them

DEFINITION = "CustomResourceDefinition"
KINDS = ("contactcenters", "cachelayers", "scalingpolicies")


def test_every_values_file_is_admitted_strictly(
    own_cluster: ControlPlane, operators: str, helm: Helm, foreign_crds: Path
) -> None:
    """The definitions once, for they are the same in every release and the larger part of it."""
    ours = {"prometheus-operator": ("servicemonitors", "prometheusrules"), "cert-manager": ("certificates", "issuers")}
    folders = [(foreign_crds / folder, kind) for folder, kinds in ours.items() for kind in kinds]
    _serve(own_cluster, *(path for folder, kind in folders for path in folder.glob(f"*_{kind}.yaml")))
    _admitted(own_cluster, operators, helm)


@pytest.mark.sweep  # test_every_values_file_is_admitted_strictly is its sibling: beside the definitions that we use
def test_every_values_file_is_admitted_beside_the_definitions_of_others(
    own_cluster: ControlPlane, operators: str, helm: Helm, foreign_crds: Path
) -> None:
    _serve(own_cluster, foreign_crds)
    _admitted(own_cluster, operators, helm)


def _serve(cluster: ControlPlane, *definitions: Path) -> None:
    files = (word for path in definitions for word in ("-f", path))
    cluster.kubectl("apply", "--server-side", "--recursive", *files)

    def established() -> bool:
        try:  # `wait` fails on a definition that has no conditions at all yet
            cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        except KubectlError:
            return False
        return True

    _until("all definitions are established", established, 60.0)


def _admitted(own_cluster: ControlPlane, operators: str, helm: Helm) -> None:
    own_cluster.kubectl("apply", "-f", "-", input=_namespaces("contact-centers", "contact-centers-test"))
    releases = [helm.template([path], namespace=operators) for path in VALUES]
    definitions = {identity(item): item for release in releases for item in release if item["kind"] == DEFINITION}
    others = [item for release in releases for item in release if item["kind"] != DEFINITION]
    _dry_run(own_cluster, [*definitions.values(), *others])
    # A Deployment is only warned about; its pods are what is refused.
    pods = [_pod(release, operators, number) for number, release in enumerate(releases)]
    _dry_run(own_cluster, pods)
    with pytest.raises(KubectlError, match="violates PodSecurity"):
        _dry_run(own_cluster, [{**pods[0], "spec": {**pods[0]["spec"], "hostNetwork": True}}])


def _pod(release: list[Document], namespace: str, number: int) -> Document:
    template = one(release, "Deployment")["spec"]["template"]
    metadata = {**template["metadata"], "name": f"operator-{number}", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", **template, "metadata": metadata}


def test_install_upgrade_rollback_uninstall_and_install_again_lose_no_object(
    own_cluster: ControlPlane, operators: str, cluster_helm: Helm, oci_registry: Registry, tmp_path: Path
) -> None:
    _life(own_cluster, operators, cluster_helm, oci_registry, tmp_path)


@pytest.mark.sweep  # the test above is its sibling with Helm 4
def test_helm_3_does_the_same(
    own_cluster: ControlPlane, operators: str, helm3: Helm, oci_registry: Registry, tmp_path: Path
) -> None:
    _life(
        own_cluster, operators, Helm(helm3.program, tmp_path / "helm", own_cluster.kubeconfig), oci_registry, tmp_path
    )


def _life(
    own_cluster: ControlPlane, operators: str, cluster_helm: Helm, oci_registry: Registry, tmp_path: Path
) -> None:
    """From an OCI registry. A center's uid, generation, spec and status are the same bytes all the way."""
    package = cluster_helm.run("package", CHART, "--destination", tmp_path).split(": ", 1)[1].strip()
    cluster_helm.run("push", package, f"oci://{oci_registry.address}/charts", "--plain-http")
    install = ("upgrade", "--install", "trunkline", f"oci://{oci_registry.address}/charts/trunkline", "--plain-http")
    install = (*install, "--namespace", operators, "--take-ownership")  # of definitions that another test left

    cluster_helm.run(*install)
    until_served(own_cluster)
    center = _center_with_a_record(own_cluster, operators)

    cluster_helm.run(*install, "--set", "replicas=3", "--set", "log.level=DEBUG")
    assert _replicas(own_cluster, operators) == 3
    assert _center(own_cluster, operators) == center

    cluster_helm.run("rollback", "trunkline", "1", "--namespace", operators)
    assert _replicas(own_cluster, operators) == 2
    assert _center(own_cluster, operators) == center

    cluster_helm.run("uninstall", "trunkline", "--namespace", operators)
    left = own_cluster.kubectl("-n", operators, "get", "deployments,serviceaccounts,roles,services", "-o", "name")
    assert "trunkline" not in left
    assert _center(own_cluster, operators) == center, "definitions and objects outlive the release"

    cluster_helm.run(*install)
    assert _replicas(own_cluster, operators) == 2
    assert _center(own_cluster, operators) == center


@pytest.mark.sweep  # the test above is its sibling: the definitions stay, whoever they belong to
def test_definitions_move_to_a_release_of_their_own(
    own_cluster: ControlPlane, operators: str, cluster_helm: Helm
) -> None:
    install = ("upgrade", "--install", "trunkline", CHART, "--namespace", operators)
    cluster_helm.run(*install, "--take-ownership")  # of definitions that another test left
    until_served(own_cluster)
    center = _center_with_a_record(own_cluster, operators)
    cluster_helm.run(*install, "--set", "crds.enabled=false")
    with pytest.raises(HelmError, match="invalid ownership metadata"):
        cluster_helm.run("install", "definitions", CRDS_CHART, "--namespace", operators)
    cluster_helm.run("install", "definitions", CRDS_CHART, "--namespace", operators, "--take-ownership")
    assert _center(own_cluster, operators) == center


def test_a_release_that_would_watch_what_another_watches_is_refused(
    own_cluster: ControlPlane, operators: str, cluster_helm: Helm
) -> None:
    spaces = [own_cluster.create_namespace("watched") for _ in range(2)]
    install = ("upgrade", "--install", "--namespace", operators, "--set", "crds.enabled=false")
    one_each = [(f"namespaces={{{space}}}", "installation=acme") for space in spaces]
    try:
        for name, settings in zip(("first", "second"), one_each, strict=True):
            cluster_helm.run(*install, name, CHART, *(word for setting in settings for word in ("--set", setting)))
        cluster_helm.run(*install, "first", CHART, "--reuse-values", "--set", "replicas=1")
        with pytest.raises(HelmError, match=f"{spaces[0]} is watched by release {operators}/first already"):
            cluster_helm.run(*install, "third", CHART, *(w for setting in one_each[0] for w in ("--set", setting)))
        with pytest.raises(HelmError, match="is watched by release"):
            cluster_helm.run(*install, "all", CHART)
        cluster_helm.run("uninstall", "first", "--namespace", operators)
        cluster_helm.run("uninstall", "second", "--namespace", operators)
        cluster_helm.run(*install, "all", CHART)
        again = (
            "first",
            CHART,
            "--set",
            "crds.enabled=true",
            *(w for setting in one_each[0] for w in ("--set", setting)),
        )
        with pytest.raises(HelmError, match=f"the whole cluster is watched by release {operators}/all already"):
            cluster_helm.run(*install, *again)
        cluster_helm.run("uninstall", "all", "--namespace", operators)
    finally:
        for space in spaces:
            own_cluster.delete_namespace(space)


def _namespaces(*names: str) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "List",
            "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names],
        }
    )


def _dry_run(cluster: ControlPlane, objects: list[Document]) -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    strictly = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict")
    cluster.kubectl("apply", *strictly, "-f", "-", input=text)


def _path(namespace: str) -> str:
    return f"/apis/trunkline.dev/v1alpha1/namespaces/{namespace}/contactcenters/hello"


def _center_with_a_record(cluster: ControlPlane, namespace: str) -> Document:
    """A center as an operator leaves it: its record is in the status."""
    body = minimal(namespace)
    body["metadata"]["namespace"] = namespace
    cluster.kubectl("apply", "--server-side", "-f", "-", input=json.dumps(body))
    status = {
        "observedGeneration": 1,
        "account": "123456789012",
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Ready",
                "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }
        ],
    }
    cluster.api.request(
        "PATCH", f"{_path(namespace)}/status", {"status": status}, content_type="application/merge-patch+json"
    )
    return _center(cluster, namespace)


def _center(cluster: ControlPlane, namespace: str) -> Document:
    return dict(cluster.api.request("GET", _path(namespace)))


def _replicas(cluster: ControlPlane, namespace: str) -> int:
    found = yaml.safe_load(cluster.kubectl("-n", namespace, "get", "deployment", "trunkline", "-o", "json"))
    return int(found["spec"]["replicas"])


def until_served(cluster: ControlPlane) -> None:
    def served() -> bool:
        try:
            return all(cluster.api.request("GET", f"/apis/trunkline.dev/v1alpha1/{plural}") for plural in KINDS)
        except ApiError:
            return False

    _until("the kinds are served", served)


def _until(what: str, seen: Callable[[], Any], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)
