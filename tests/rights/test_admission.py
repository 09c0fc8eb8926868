"""The chart's admission policies against a real API server: protection, definitions, consent, tenants."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import install_crds, minimal, until
from tests.rights.admission import Value, apply, binding, policy, tenants, until_refused
from trunkline_sandbox.cluster import Cluster
from trunkline_sandbox.cluster.errors import KubectlError

ROLE = "arn:aws:iam::123456789012:role/sales"
OTHER = "arn:aws:iam::123456789012:role/support"
CENTERS = "contactcenters.trunkline.dev"
RIGHTS = ["get", "list", "create", "update", "patch", "delete", "deletecollection"]


@dataclass
class Admission:
    """The API server with the policies in force in one namespace, and a pipeline that may write all of it."""

    cluster: Cluster
    namespace: str
    pipeline: Path

    def kubectl(self, *arguments: str, as_pipeline: bool = False, **more: Any) -> str:
        """What is refused, with its reason; empty if it is taken."""
        kubeconfig = self.pipeline if as_pipeline else None
        try:
            self.cluster.kubectl("-n", self.namespace, *arguments, kubeconfig=kubeconfig, **more)
        except KubectlError as error:
            if "denied request" not in str(error):
                raise
            return str(error)
        return ""

    def apply(self, name: str, *, as_pipeline: bool = False, annotations: Value | None = None, **spec: Any) -> str:
        body = minimal(self.namespace, **spec)
        body["metadata"] |= {"name": name, "annotations": annotations or {}}
        text = json.dumps(body)
        return self.kubectl(
            "apply", "--server-side", "--force-conflicts", "-f", "-", input=text, as_pipeline=as_pipeline
        )

    def exists(self, name: str) -> bool:
        return bool(
            self.cluster.kubectl("-n", self.namespace, "get", CENTERS, name, "--ignore-not-found", "-o", "name")
        )


@pytest.fixture(scope="module")
def admission(cluster: Cluster) -> Iterator[Admission]:
    install_crds(cluster)
    namespace = cluster.create_namespace("admission")
    rbac = "rbac.authorization.k8s.io"
    role = {
        "apiVersion": f"{rbac}/v1",
        "kind": "Role",
        "metadata": {"name": "pipeline", "namespace": namespace},
        "rules": [{"apiGroups": ["trunkline.dev"], "resources": ["*"], "verbs": RIGHTS}],
    }
    bound = {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "pipeline", "namespace": namespace},
        "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "pipeline"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "pipeline"}],
    }
    policies = {name: policy(name, namespace) for name in ("termination-protection", "definitions", "consent")}
    policies["tenants"] = tenants(namespace, {namespace: [ROLE, "own"]})
    bindings = [binding(of, None if name == "definitions" else namespace) for name, of in policies.items()]
    try:
        apply(cluster, role, bound, *policies.values(), *bindings)
        found = Admission(cluster, namespace, cluster.user_kubeconfig("pipeline", namespace=namespace))
        _in_force(found)
        yield found
    finally:
        for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
            cluster.kubectl("delete", kind, "--ignore-not-found", *(of["metadata"]["name"] for of in policies.values()))
        cluster.delete_namespace(namespace)


def _in_force(admission: Admission) -> None:
    """Each policy begins to be asked on its own."""
    dry = ("--dry-run=server",)
    until_refused(lambda: admission.kubectl("delete", "crd", CENTERS, *dry), "the deletion of a definition")

    assert admission.apply("probe", terminationProtection=True) == ""
    until_refused(lambda: admission.kubectl("delete", CENTERS, "probe", *dry), "the deletion of a protected object")
    _until_refused(admission, OTHER)
    annotate = ("annotate", CENTERS, "probe", "trunkline.dev/abandon=true", *dry)
    until_refused(lambda: admission.kubectl(*annotate, as_pipeline=True), "a pipeline's consent")
    admission.apply("probe")  # unprotected, or the policy would keep the namespace a moment longer than itself


def _gone(admission: Admission, name: str) -> str:
    admission.kubectl("delete", CENTERS, name, "--ignore-not-found")
    return ""


def test_a_protected_object_is_not_deleted_in_any_way_until_protection_is_taken_off(admission: Admission) -> None:
    assert admission.apply("kept", terminationProtection=True) == ""
    assert admission.apply("free") == ""
    body = {**minimal(admission.namespace, terminationProtection=True)}
    body["metadata"] = {**body["metadata"], "name": "kept"}
    assert "spec.terminationProtection" in admission.kubectl("delete", CENTERS, "kept")
    assert admission.kubectl("delete", CENTERS, "--all")
    assert admission.kubectl("replace", "--force", "-f", "-", input=json.dumps(body))
    assert admission.exists("kept")
    assert not admission.exists("free"), "only what is protected is kept"
    assert admission.apply("kept") == ""
    assert (
        admission.kubectl("patch", CENTERS, "kept", "--type=merge", "-p", '{"spec":{"terminationProtection":false}}')
        == ""
    )
    assert admission.kubectl("delete", CENTERS, "kept") == ""


def test_definitions_are_not_deleted_unless_somebody_says_so_on_them(admission: Admission) -> None:
    said = admission.kubectl("delete", "crd", CENTERS, "cachelayers.trunkline.dev", "--dry-run=server")
    assert "trunkline.dev/confirm=delete" in said
    collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All"
    assert "trunkline.dev deletes all its objects" in admission.kubectl("delete", "--raw", collection), "no name in it"
    # Another definition is nobody's business here, and the annotation is what it says.
    cluster = admission.cluster
    body = json.loads(cluster.kubectl("get", "crd", "scalingpolicies.trunkline.dev", "-o", "json"))
    cluster.kubectl("annotate", "crd", "scalingpolicies.trunkline.dev", "trunkline.dev/confirm=delete")
    try:
        until_refused(
            lambda: "" if admission.kubectl("delete", "crd", body["metadata"]["name"], "--dry-run=server") else "taken",
            "that a definition with the annotation may go",
        )
    finally:
        cluster.kubectl("annotate", "crd", "scalingpolicies.trunkline.dev", "trunkline.dev/confirm-")


@pytest.mark.parametrize("annotation", ["confirm", "take-over", "abandon"])
def test_a_pipeline_that_applies_cannot_consent(admission: Admission, annotation: str) -> None:
    """It may neither give consent, nor change it, nor bring it with a new object; it may take it away."""
    key, name = f"trunkline.dev/{annotation}", f"consent-{annotation}"
    said = admission.apply(name, as_pipeline=True, annotations={key: "true"})
    assert "pipeline may not give consent by" in said
    assert key in said
    assert "verb confirm" in said
    assert admission.apply(name, as_pipeline=True) == ""
    assert admission.kubectl("annotate", CENTERS, name, f"{key}=abc", as_pipeline=True)
    assert admission.kubectl("annotate", CENTERS, name, f"{key}=abc") == "", "who has the verb may"
    assert admission.kubectl("annotate", "--overwrite", CENTERS, name, f"{key}=def", as_pipeline=True)
    assert admission.kubectl("annotate", CENTERS, name, "team=blue", as_pipeline=True) == "", "the rest is free"
    assert admission.kubectl("annotate", CENTERS, name, f"{key}-", as_pipeline=True) == ""


def test_a_pipeline_cannot_say_that_nobody_need_be_asked(admission: Admission) -> None:
    """What `spec.confirm` waits for it could not confirm; so it may ask for more to wait, and never for less."""
    assert "spec.confirm Never" in admission.apply("unasked", as_pipeline=True, confirm="Never")
    assert admission.apply("asked", as_pipeline=True, confirm="Always") == ""
    assert "spec.confirm Destructive" in admission.apply("asked", as_pipeline=True)
    assert "spec.confirm Never" in admission.apply("asked", as_pipeline=True, confirm="Never")
    assert admission.apply("asked", confirm="Never") == "", "who has the verb may"
    assert admission.apply("asked", as_pipeline=True, confirm="Never", tags={"team": "blue"}) == "", "it stays"
    assert admission.apply("asked", as_pipeline=True, confirm="Destructive") == ""


def test_the_verb_confirm_is_all_that_consent_needs(admission: Admission) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "confirm", "namespace": admission.namespace},
        "rules": [
            {"apiGroups": ["trunkline.dev"], "resources": ["contactcenters"], "verbs": ["get", "patch", "confirm"]}
        ],
    }
    rbac = "rbac.authorization.k8s.io"
    bound = {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "confirm", "namespace": admission.namespace},
        "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "confirm"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "person"}],
    }
    apply(admission.cluster, role, bound)
    assert admission.apply("theirs") == ""
    person = copy.copy(admission)
    person.pipeline = admission.cluster.user_kubeconfig("person", namespace=admission.namespace)
    assert person.kubectl("annotate", CENTERS, "theirs", "trunkline.dev/confirm=abc", as_pipeline=True) == ""


def test_a_namespace_uses_what_is_listed_for_it_and_nothing_else(admission: Admission) -> None:
    assert admission.apply("own") == ""
    assert admission.apply("listed", credentials={"roleArn": ROLE}) == ""
    assert OTHER in admission.apply("unlisted", credentials={"roleArn": OTHER})
    change = json.dumps({"spec": {"credentials": {"roleArn": OTHER}}})
    assert admission.kubectl("patch", CENTERS, "listed", "--type=merge", "-p", change)
    assert admission.namespace in admission.apply("unlisted", credentials={"roleArn": OTHER})
    # What leaves the list: new objects are refused, those that are there can still be edited and let go.
    apply(admission.cluster, tenants(admission.namespace, {"elsewhere": [ROLE], admission.namespace: ["own"]}))
    _until_refused(admission, ROLE)
    assert admission.apply("own-still") == ""
    assert admission.kubectl("annotate", CENTERS, "listed", "team=blue") == ""
    assert admission.kubectl("delete", CENTERS, "listed") == ""
    apply(admission.cluster, tenants(admission.namespace, {}))
    assert "the identity of the operator" in _until_refused(admission, ""), "an empty list allows nothing"


def test_the_list_holds_at_once_after_the_policy_was_off(admission: Admission) -> None:
    """With a ConfigMap as parameters it would not (https://github.com/kubernetes/kubernetes/issues/130887)."""
    of = tenants(admission.namespace, {admission.namespace: [ROLE]})
    kinds = "validatingadmissionpolicybinding,validatingadmissionpolicy"
    admission.cluster.kubectl("delete", kinds, of["metadata"]["name"])
    until("it is off", lambda: not admission.apply("while-off", credentials={"roleArn": OTHER}))
    apply(admission.cluster, of, binding(of, admission.namespace))
    _until_refused(admission, OTHER)
    assert admission.apply("listed-anew", credentials={"roleArn": ROLE}) == ""


def _until_refused(admission: Admission, role: str) -> str:
    """What is said to a new object with the role, once it is refused; empty: with the operator's own identity."""
    spec: dict[str, Any] = {"credentials": {"roleArn": role}} if role else {}
    return until_refused(
        lambda: admission.apply("late", **spec) or _gone(admission, "late"), f"the role {role or 'own'}"
    )
