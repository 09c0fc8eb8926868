"""The center with every field, and a server that knows the kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trunkline_sandbox.cluster import Cluster, KubectlError

ROOT = Path(__file__).parents[2]
ATTEMPTS = 20
CRD = ROOT / "crds" / "trunkline.dev_contactcenters.yaml"
FULL = (Path(__file__).parent / "full.yaml").read_text().replace("  namespace: contact-centers\n", "")


@pytest.fixture(scope="session")
def server(cluster: Cluster) -> Cluster:
    """A real API server with the CRD."""
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", CRD)
    for attempt in range(ATTEMPTS):
        try:
            cluster.kubectl("wait", "--for=condition=Established", "crd/contactcenters.trunkline.dev", "--timeout=30s")
            break
        except KubectlError:  # kubectl does not wait for a list of conditions that is still null
            if attempt == ATTEMPTS - 1:
                raise
    return cluster


@pytest.fixture(scope="module")
def acme(server: Cluster) -> Iterator[str]:
    """The namespace of a ContactCenter `acme` that has every field."""
    namespace = server.create_namespace("api")
    server.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=FULL)
    yield namespace
    server.delete_namespace(namespace)
