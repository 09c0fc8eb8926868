"""Fixtures for everybody: a real API server, and a namespace of it for each test.

`cluster` is one control plane per run, started when the first test asks for it and shared by all workers of pytest-xdist:
it belongs to the controller, so a worker may crash and the rest goes on. Tests must leave it running; who wants to
stop, kill or pause an API server starts a `ControlPlane` of their own. Two checkouts may run at once.

Tests that use `cluster` get the marker of that name; tests with a control plane of their own set it themselves. Where
there are any, the binaries are obtained before the first test runs: the first time takes minutes, which would be over
the time limit of a test.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.shared_clients import share
from trunkline_sandbox.cluster import Cluster, ClusterError, SharedControlPlane, obtain
from trunkline_sandbox.cluster.shared import ask

pytest_plugins = ("tests.parts.plugin", "pytester")

_SHARED: pytest.StashKey[SharedControlPlane] = pytest.StashKey()
_SOCKET = "trunkline_cluster_socket"


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(100_000, 20, 20)  # whole worlds are made and dropped: at 700, a tenth of the time goes there
    share()
    if not hasattr(config, "workerinput"):
        config.stash[_SHARED] = SharedControlPlane()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SHARED in config.stash:
        config.stash[_SHARED].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called in the controller of pytest-xdist for each worker: tell it where to ask."""
    node.workerinput[_SOCKET] = str(node.config.stash[_SHARED].listen())


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker("cluster")


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()  # modules and tests stay to the end: nothing of them is looked at as garbage
    config = session.config
    wanted = any(item.get_closest_marker("cluster") for item in session.items)
    if not wanted or config.option.collectonly:
        return
    capture = config.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled():  # or nobody would see the progress
            obtain()
    except ClusterError:
        return  # each test that needs it says so; the others run


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """A real API server, shared by all tests of the run. Keep to a namespace of your own, or to names of your own."""
    workerinput = getattr(request.config, "workerinput", None)
    if workerinput is None:
        return request.config.stash[_SHARED].get()
    return ask(Path(workerinput[_SOCKET]))


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A fresh namespace; it and all that is in it are gone after the test, finalizers or not."""
    name = cluster.create_namespace()
    yield name
    cluster.delete_namespace(name)
