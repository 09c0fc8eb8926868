"""The list of tenants as the chart writes it into its admission policy: taken by a real API server, however long, and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.chart.helm import CRDS_CHART, Helm, documents, one
from tests.e2e.world import install_crds, minimal
from tests.rights.admission import apply, binding, until_refused
from trunkline.doctor.tenants import of_policy
from trunkline_sandbox.cluster import Cluster
from trunkline_sandbox.cluster.errors import KubectlError

BASE = "arn:aws:iam::123456789012:role/contact-centers"

Roles = dict[str, list[str]]


@pytest.fixture
def roles(namespace: str) -> Roles:
    """A thousand namespaces of five roles, one of very many, one that is a number to YAML, one of none."""
    of = {
        f"team-{team}": [f"{BASE}/team-{team}/number-{role}-of-its-roles" for role in range(5)] for team in range(1000)
    }
    many = [f"{BASE}/{'x' * 1_900}{role:03}" for role in range(100)]
    return of | {namespace: many, "1e3": ["own", f"{BASE}/<'\"\\\\&{{%`>"], "none": []}


def test_a_thousand_namespaces_with_their_roles_fit_into_the_policy(
    cluster: Cluster, namespace: str, helm: Helm, tmp_path: Path, roles: Roles
) -> None:
    """It is more than CEL takes in one expression, and grows and shrinks in place as a release is upgraded."""
    install_crds(cluster)
    short = _policy(helm, tmp_path, namespace, {namespace: [BASE]})
    long = _policy(helm, tmp_path, namespace, roles)
    assert of_policy(long["spec"]) == {of: frozenset(given) for of, given in roles.items() if given}
    assert len(json.dumps(long)) > 500_000
    try:
        apply(cluster, short, binding(short, namespace))
        until_refused(lambda: _taken(cluster, namespace, f"{BASE}/unlisted"), "a role that is not listed")
        apply(cluster, long)
        until_refused(lambda: _taken(cluster, namespace, BASE), "a role that the longer list has no more")
        first, last = roles[namespace][0], roles[namespace][-1]
        assert [_taken(cluster, namespace, role) for role in (first, last)] == ["", ""]
        assert f"{namespace} may not use {BASE}/team-1/number-0" in _taken(cluster, namespace, roles["team-1"][0])
        apply(cluster, short)
        until_refused(lambda: _taken(cluster, namespace, last), "a role that the shorter list has no more")
        assert _taken(cluster, namespace, BASE) == ""
    finally:
        name = short["metadata"]["name"]
        cluster.kubectl("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", name)


@pytest.mark.parametrize("version", ["helm", "helm3"])
def test_a_list_is_cut_by_its_size_as_it_is_written(
    version: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """CEL takes 100,000 code points: what a character becomes in the list counts, not the character."""
    many = [f"{BASE}/{sign * 900}{number:03}" for sign in '&"' for number in range(80)]
    policy = _policy(request.getfixturevalue(version), tmp_path, "long", {"a": many, "b": many[:1]})
    lists = [one["expression"] for one in policy["spec"]["variables"] if one["name"].startswith("tenants")]
    assert of_policy(policy["spec"]) == {"a": frozenset(many), "b": frozenset(many[:1])}
    assert [len(json.loads(one)) for one in lists] == [1, 1, 2], "none is empty"
    assert max(map(len, lists)) < 100_000
    assert '"a":["' + many[0] in lists[0], "& < > are one character each"


def _policy(helm: Helm, folder: Path, suffix: str, roles: Roles) -> dict[str, Any]:
    """As the chart writes it, under a name of the test's own."""
    values = folder / "values.json"
    values.write_text(json.dumps({"policies": {"tenants": {"enabled": True, "roles": roles}, "consent": False}}))
    only = ("--show-only", "templates/policies/policies.yaml", "--set", "policies.definitions=false")
    shown = helm.run(
        "template",
        "trunkline",
        CRDS_CHART,
        "--values",
        values,
        *only,
        "--set",
        "policies.terminationProtection=false",
        "--kube-version",
        "1.33",
    )
    policy = one(documents(shown), "ValidatingAdmissionPolicy")
    policy["metadata"] = {"name": f"trunkline-tenants-{suffix}"}
    return policy


def _taken(cluster: Cluster, namespace: str, role: str) -> str:
    """What is said to a new object with the role; empty: it is taken."""
    body = minimal(namespace, credentials={"roleArn": role})
    try:
        cluster.kubectl("-n", namespace, "create", "--dry-run=server", "-f", "-", input=json.dumps(body))
    except KubectlError as error:
        if "denied request" not in str(error):
            raise
        return str(error)
    return ""
