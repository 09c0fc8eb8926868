"""Fixtures of the end-to-end tests: the offline AWS once per worker, and a world for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.world import Account, World, install_crds
from trunkline_sandbox.cluster import Cluster, Supervised


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    """The offline AWS of this worker."""
    with Supervised("trunkline-e2e-aws-") as processes:
        yield Account(processes)


@pytest.fixture
def aws(account: Account) -> Account:
    """The offline AWS with nothing in it."""
    account.empty()
    return account


@pytest.fixture
def world(cluster: Cluster, namespace: str, aws: Account) -> Iterator[World]:
    """The shared API server with our CRDs, a fresh namespace, an empty AWS, and an operator that is not started."""
    install_crds(cluster)
    with Supervised("trunkline-e2e-") as processes:
        yield World(cluster, namespace, aws, processes)
