"""docs/install.md, removal: its own commands, in its order, on a real API server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from http import HTTPStatus

import pytest

from tests.chart.helm import CHART, ROOT, Helm
from tests.chart.test_cluster import until_served
from tests.e2e.world import minimal, until
from trunkline_sandbox.cluster import ApiError, ControlPlane, KubectlError

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("chart")]

DOCUMENT = (ROOT / "docs" / "install.md").read_text()
BLOCKS = [re.sub(r"(?m)^ {3}", "", block) for block in re.findall(r"(?ms)^ *```sh\n(.*?)^ *```$", DOCUMENT)]


def block(word: str) -> str:
    """The one block of commands that holds a word."""
    (found,) = (text for text in BLOCKS if word in text)
    return found


def shell(cluster: ControlPlane, commands: str) -> str:
    """What commands of the document print; they find kubectl, and the cluster."""
    path = f"{cluster.binaries.kubectl.parent}{os.pathsep}{os.environ['PATH']}"
    given = {**os.environ, "PATH": path, "KUBECONFIG": str(cluster.kubeconfig)}
    done = subprocess.run(
        ["bash", "-euc", commands], env=given, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.sweep  # that definitions and objects outlive the release is in the sibling, test_install_upgrade_rollback_…
def test_everything_is_removed_in_order_and_a_stuck_object_is_freed(
    own_cluster: ControlPlane, operators: str, centers: str, cluster_helm: Helm
) -> None:
    release = ("trunkline", "--namespace", operators)
    cluster_helm.run("upgrade", "--install", *release, CHART, "--take-ownership")
    until_served(own_cluster)
    body = minimal(centers, terminationProtection=True)
    body["metadata"] |= {"namespace": centers, "finalizers": ["trunkline.dev/cleanup"]}
    own_cluster.kubectl("apply", "--server-side", "-f", "-", input=json.dumps(body))

    # What protects them is in force a moment after it was written.
    until("the center is protected", lambda: _refused(own_cluster, centers, "contactcenter", "hello"))
    until("definitions are protected", lambda: _refused(own_cluster, centers, "crd", "contactcenters.trunkline.dev"))

    said = block("custom-columns=").replace("NAMESPACE", centers).replace("NAME ", "hello ")
    assert re.search(rf"ContactCenter\s+{centers}\s+hello\s+Retain\s+true", shell(own_cluster, said))
    shell(own_cluster, block("delete contactcenters --all").replace("--all -A", "--all -A --wait=false"))
    assert _exists(own_cluster, centers), "nobody is there who lets it go"

    freed = shell(own_cluster, block("finalizers -=").replace("NAMESPACE", centers).replace("NAME ", "hello "))
    assert "trunkline.dev/cleanup" in freed
    until("the center is gone", lambda: not _exists(own_cluster, centers))

    cluster_helm.run("uninstall", *release)
    shell(own_cluster, block("for kind in"))
    left = own_cluster.kubectl("get", "crds,clusterroles,clusterrolebindings,validatingadmissionpolicies", "-o", "name")
    assert "trunkline" not in left


def _refused(cluster: ControlPlane, namespace: str, kind: str, name: str) -> bool:
    try:
        cluster.kubectl("-n", namespace, "delete", kind, name, "--dry-run=server")
    except KubectlError as error:
        return "terminationProtection" in str(error) or "trunkline.dev/confirm=delete" in str(error)
    return False


def _exists(cluster: ControlPlane, namespace: str) -> bool:
    try:
        cluster.api.request("GET", f"/apis/trunkline.dev/v1alpha1/namespaces/{namespace}/contactcenters/hello")
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True
