"""Fixtures of the chart's tests: Helm, and a control plane of their own, whose definitions belong to a release."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.parts import (
    obtain_cosign,
    obtain_crane,
    obtain_foreign_crds,
    obtain_helm,
    obtain_helm3,
    obtain_helm_unittest,
    obtain_syft,
)

from tests.chart.helm import Helm
from tests.chart.registry import Registry
from tests.e2e.world import Account
from tests.parts.plugin import part_or_skip
from trunkline_sandbox.cluster import ControlPlane, Supervised


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm 4, which finds no cluster."""
    return Helm(part_or_skip(obtain_helm), tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="session")
def helm3(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm 3, likewise."""
    return Helm(part_or_skip(obtain_helm3), tmp_path_factory.mktemp("helm3"))


@pytest.fixture(scope="session")
def helm_unittest() -> Path:
    """The program `helm-unittest`."""
    return part_or_skip(obtain_helm_unittest)


@pytest.fixture(scope="session")
def syft() -> Path:
    """The program that lists what is in an image."""
    return part_or_skip(obtain_syft)


@pytest.fixture(scope="session")
def cosign() -> Path:
    """The program that signs and verifies images."""
    return part_or_skip(obtain_cosign)


@pytest.fixture(scope="session")
def own_cluster() -> Iterator[ControlPlane]:
    """A control plane for who installs definitions as a release: in the shared one they belong to nobody."""
    with ControlPlane.start() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def foreign_crds() -> Path:
    """A folder with the definitions of Prometheus operator, Argo CD, Flux and cert-manager."""
    return part_or_skip(obtain_foreign_crds)


@pytest.fixture
def cluster_helm(own_cluster: ControlPlane, helm: Helm, tmp_path: Path) -> Helm:
    """Helm 4 with all rights in the control plane."""
    return Helm(helm.program, tmp_path / "helm", own_cluster.kubeconfig)


@pytest.fixture(scope="session")
def oci_registry() -> Iterator[Registry]:
    """An OCI registry on the loopback address, empty at its start."""
    with contextlib.closing(Registry(part_or_skip(obtain_crane))) as started:
        yield started


@pytest.fixture
def aws() -> Iterator[Account]:
    """An offline AWS with nothing in it, as a process of the test's own."""
    with Supervised("trunkline-chart-aws-") as processes:
        yield Account(processes)


@pytest.fixture
def operators(own_cluster: ControlPlane) -> Iterator[str]:
    """A namespace that admits restricted pods only; releases are made in it, and nothing of them is left."""
    name = own_cluster.create_namespace("operators")
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    own_cluster.api.request("PATCH", f"/api/v1/namespaces/{name}", label, content_type="application/merge-patch+json")
    yield name
    own_cluster.kubectl("delete", "clusterroles,clusterrolebindings", "-l", "app.kubernetes.io/part-of=trunkline")
    own_cluster.delete_namespace(name)


@pytest.fixture
def centers(own_cluster: ControlPlane) -> Iterator[str]:
    """A namespace for contact centers; gone after the test, finalizers or not."""
    name = own_cluster.create_namespace("centers")
    yield name
    own_cluster.delete_namespace(name)
