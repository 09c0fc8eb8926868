"""The shared cluster as tests use it: kubectl, users without rights, service accounts, namespaces that go."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from trunkline_sandbox.cluster import ApiError, Cluster, KubectlError

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: reader, namespace: {namespace}}}
rules: [{{apiGroups: [""], resources: [configmaps], verbs: [get, list]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: readers, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}}
subjects:
- {{apiGroup: rbac.authorization.k8s.io, kind: Group, name: readers}}
- {{kind: ServiceAccount, name: robot, namespace: {namespace}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: robot, namespace: {namespace}}}
"""

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.cluster-test.trunkline.dev}
spec:
  group: cluster-test.trunkline.dev
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, default: 3}
              most: {type: integer}
            x-kubernetes-validations:
            - {rule: "!has(self.most) || self.size <= self.most", message: size may not exceed most}
"""


def test_apply_and_get(cluster: Cluster, namespace: str) -> None:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "1"}}
    cluster.kubectl("apply", "-n", namespace, "-f", "-", input=json.dumps(manifest))
    assert cluster.kubectl("get", "configmap", "x", "-n", namespace, "-o", "jsonpath={.data.a}") == "1"


def test_kubectl_and_the_server_are_of_one_version(cluster: Cluster) -> None:
    version = json.loads(cluster.kubectl("version", "-o", "json"))
    assert re.match(r"v1\.34\.\d+$", version["serverVersion"]["gitVersion"])
    assert version["clientVersion"]["gitVersion"] == version["serverVersion"]["gitVersion"]
    assert version["serverVersion"]["minor"] == "34"


def test_a_failing_kubectl_says_what_and_why(cluster: Cluster, namespace: str) -> None:
    with pytest.raises(KubectlError, match=rf"`kubectl get configmap nosuch -n {namespace}` ended with 1: .*NotFound"):
        cluster.kubectl("get", "configmap", "nosuch", "-n", namespace)


def test_a_user_has_the_rights_that_rbac_gives_and_no_others(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("apply", "-f", "-", input=ROLE.format(namespace=namespace))
    nobody = cluster.user_kubeconfig("eve", namespace=namespace)
    reader = cluster.user_kubeconfig("eve", ["others", "readers"], namespace=namespace)
    with pytest.raises(KubectlError, match='User "eve" cannot list resource "configmaps"'):
        cluster.kubectl("get", "configmaps", kubeconfig=nobody)
    cluster.kubectl("get", "configmaps", kubeconfig=reader)
    with pytest.raises(KubectlError, match="cannot create"):
        cluster.kubectl("create", "configmap", "x", kubeconfig=reader)
    with pytest.raises(KubectlError, match="cannot list"):
        cluster.kubectl("get", "configmaps", "--all-namespaces", kubeconfig=reader)


def test_a_service_account_has_a_token_of_its_own(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("apply", "-f", "-", input=ROLE.format(namespace=namespace))
    robot = cluster.service_account_kubeconfig(namespace, "robot")
    who = json.loads(cluster.kubectl("auth", "whoami", "-o", "json", kubeconfig=robot))
    assert who["status"]["userInfo"]["username"] == f"system:serviceaccount:{namespace}:robot"
    cluster.kubectl("get", "configmaps", kubeconfig=robot)
    with pytest.raises(KubectlError, match="cannot list"):
        cluster.kubectl("get", "secrets", kubeconfig=robot)


def test_no_token_for_a_service_account_that_does_not_exist(cluster: Cluster, namespace: str) -> None:
    with pytest.raises(ApiError) as caught:
        cluster.service_account_kubeconfig(namespace, "nosuch")
    assert (caught.value.status, caught.value.reason) == (404, "NotFound")


@pytest.mark.parametrize("name", [pytest.param("", id="empty"), pytest.param("x" * 65, id="65 characters")])
def test_a_user_name_that_no_certificate_holds_is_refused(cluster: Cluster, name: str) -> None:
    with pytest.raises(ValueError, match="1 to 64 characters"):
        cluster.user_kubeconfig(name)


def test_two_users_of_one_spelling_do_not_share_a_kubeconfig(cluster: Cluster) -> None:
    paths: set[Path] = {cluster.user_kubeconfig(name) for name in ("a:b", "a/b", "a-b")}
    assert len(paths) == 3


@pytest.fixture
def gadgets(cluster: Cluster) -> str:
    cluster.kubectl("apply", "-f", "-", input=CRD)
    cluster.kubectl("wait", "--for=condition=Established", "crd/gadgets.cluster-test.trunkline.dev", "--timeout=30s")
    return "gadgets.cluster-test.trunkline.dev"


GADGET = "apiVersion: cluster-test.trunkline.dev/v1\nkind: Gadget\nmetadata: {{name: g{extra}}}\nspec: {spec}\n"


def test_crds_default_and_judge_by_cel_without_a_controller(cluster: Cluster, namespace: str, gadgets: str) -> None:
    cluster.kubectl("create", "-n", namespace, "-f", "-", input=GADGET.format(extra="", spec="{}"))
    assert cluster.kubectl("get", gadgets, "g", "-n", namespace, "-o", "jsonpath={.spec.size}") == "3"
    with pytest.raises(KubectlError, match="size may not exceed most"):
        cluster.kubectl("apply", "-n", namespace, "-f", "-", input=GADGET.format(extra="", spec="{most: 2}"))


def test_a_deleted_namespace_is_gone_with_all_that_nobody_finalizes(cluster: Cluster, gadgets: str) -> None:
    name = cluster.create_namespace()
    held = GADGET.format(extra=", finalizers: [trunkline.dev/aws]", spec="{}")
    cluster.kubectl("create", "-n", name, "-f", "-", input=held)
    cluster.kubectl("create", "secret", "generic", "s", "-n", name)
    cluster.delete_namespace(name)
    with pytest.raises(KubectlError, match="NotFound"):
        cluster.kubectl("get", "namespace", name)
    everywhere = cluster.kubectl("get", f"{gadgets},secrets", "--all-namespaces", "-o", "jsonpath={..namespace}")
    assert name not in everywhere
    cluster.delete_namespace(name)  # once more is fine


def test_a_namespace_is_fresh(cluster: Cluster, namespace: str) -> None:
    assert cluster.kubectl("get", "configmaps,secrets", "-n", namespace, "-o", "name") == ""
