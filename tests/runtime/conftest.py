"""A world of its own for each test of the runtime."""

from __future__ import annotations

import pytest

from tests.runtime.worlds import World
from trunkline_sandbox.cluster import Cluster


@pytest.fixture
def world(cluster: Cluster, namespace: str) -> World:
    """The shared API server with our CRDs, and a fresh namespace."""
    made = World(cluster, namespace)
    made.install_crds()
    return made
