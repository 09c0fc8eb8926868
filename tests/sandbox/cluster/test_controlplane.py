"""A control plane of the tests' own: that it is safe, keeps its data, and fails on demand."""

from __future__ import annotations

import http.client
import socket
import ssl
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trunkline_sandbox.cluster import Cluster, ClusterError, ControlPlane, KubectlError

from .processes import eventually

pytestmark = pytest.mark.cluster

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {word: before}\n"


@pytest.fixture(scope="module")
def own() -> Iterator[ControlPlane]:
    """One that the tests of this module may break, as long as they mend it."""
    with ControlPlane.start() as controlplane:
        yield controlplane


def word(cluster: Cluster) -> str:
    return cluster.kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.word}")


def test_a_crashed_api_server_comes_back_with_its_data_at_the_same_address(own: ControlPlane) -> None:
    own.kubectl("apply", "-f", "-", input=CONFIG_MAP)
    own.kill_apiserver()
    with pytest.raises(ConnectionRefusedError):
        own.api.request("GET", "/readyz")
    own.start_apiserver()
    assert word(own) == "before"


def test_a_stopped_api_server_comes_back(own: ControlPlane) -> None:
    own.stop_apiserver()
    assert own.status()["kube-apiserver"].returncode == 0
    own.start_apiserver()
    assert own.ready()


def test_the_port_is_kept_while_the_api_server_is_down(own: ControlPlane) -> None:
    port = int(own.url.rpartition(":")[2])
    own.kill_apiserver()
    try:
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
    finally:
        own.start_apiserver()


def test_a_paused_api_server_is_silent_and_goes_on(own: ControlPlane) -> None:
    with own.apiserver_paused(), pytest.raises(TimeoutError):
        own.api.request("GET", "/readyz", seconds=0.5)
    own.api.request("GET", "/readyz")


def test_etcd_may_crash_too_and_keeps_what_was_acknowledged(own: ControlPlane) -> None:
    own.kubectl("apply", "-f", "-", input=CONFIG_MAP.replace("before", "acknowledged"))
    own.kill_etcd()
    try:
        assert eventually(lambda: not own.ready()), "an API server without etcd calls itself ready"
        assert own.status()["kube-apiserver"].running
    finally:
        own.start_etcd()
    assert eventually(own.ready), "the API server does not find the new etcd"
    assert word(own) == "acknowledged"


def test_only_the_loopback_address_is_listened_to(own: ControlPlane) -> None:
    port = int(own.url.rpartition(":")[2])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: names our outward address
        outward = probe.getsockname()[0]
    with socket.socket() as connection:
        assert connection.connect_ex((outward, port)) != 0


def test_tls_is_verified_both_ways(own: ControlPlane) -> None:
    host, port = "127.0.0.1", int(own.url.rpartition(":")[2])
    stranger = http.client.HTTPSConnection(host, port, context=ssl.create_default_context(), timeout=10)
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/")
    strict = ssl.create_default_context(cafile=str(own.directory / "ca.crt"))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT  # Python's default from 3.13 on
    anonymous = http.client.HTTPSConnection(host, port, context=strict, timeout=10)
    anonymous.request("GET", "/api/v1/secrets")
    assert anonymous.getresponse().status == 403
    anonymous.close()
    assert "insecure" not in own.kubeconfig.read_text()


def test_the_keys_are_private(own: ControlPlane) -> None:
    assert own.directory.stat().st_mode & 0o077 == 0
    assert own.kubeconfig.stat().st_mode & 0o077 == 0


def test_another_process_finds_the_cluster_by_its_directory(own: ControlPlane) -> None:
    assert Cluster.at(own.directory).kubectl("get", "--raw", "/readyz") == "ok"
    with pytest.raises(ClusterError, match="no cluster runs in"):
        Cluster.at(own.directory / "nowhere")


@pytest.mark.sweep  # each run of the tests has several at once
def test_two_at_once_do_not_meet(own: ControlPlane) -> None:
    with ThreadPoolExecutor(2) as pool:
        others = [future.result() for future in [pool.submit(ControlPlane.start) for _ in range(2)]]
    try:
        assert len({cluster.url for cluster in (own, *others)}) == 3
        first, second = others
        first.kubectl("create", "namespace", "only-here")
        assert "only-here" in first.kubectl("get", "namespaces", "-o", "name")
        assert "only-here" not in second.kubectl("get", "namespaces", "-o", "name")
        with pytest.raises(KubectlError, match="certificate signed by unknown authority"):
            own.kubectl("get", "namespaces", "--server", first.url)
    finally:
        for cluster in others:
            cluster.stop()


@pytest.mark.sweep  # three starts; tests of the operator's rights stand on the flags
def test_flags_reach_the_api_server_and_a_bad_one_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        tempfile.TemporaryDirectory() as alone
    ):  # other tests have control planes in the usual place; short, for sockets
        monkeypatch.setattr(tempfile, "tempdir", alone)
        with pytest.raises(ClusterError, match=r"kube-apiserver ended with 1:(.|\n)*unknown flag: --no-such-flag"):
            ControlPlane.start(apiserver_flags=["--no-such-flag"])
        assert list(Path(alone).iterdir()) == []
