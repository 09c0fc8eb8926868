"""As whom the operator acts: at the API server with the least rights that it needs, in AWS in the role of the object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.e2e.world import Value, World, minimal

ACCOUNT_ID = "123456789012"
ROOT = Path(__file__).parents[2]


def _rules(kind: str) -> list[Value]:
    """The rules of the one document of this kind that an installation applies."""
    documents = yaml.safe_load_all((ROOT / "docs" / "rbac.yaml").read_text(encoding="utf-8"))
    (found,) = (document for document in documents if document["kind"] == kind)
    return list(found["rules"])


RULES = [rule for rule in _rules("ClusterRole") if rule["resources"] != ["namespaces"]]
"""Everything that the operator may do in a namespace that it watches; a cluster's own uid is read from none."""

LEASE_RULES = _rules("Role")
"""And in the namespace where it is elected."""


def test_a_service_account_with_the_least_rights_can_do_the_whole_job(world: World) -> None:
    """In one namespace, by Roles. In the whole cluster, and that each right is used: `tests/rights`."""
    kubeconfig = _service_account(world, [*RULES, *LEASE_RULES])
    world.operator = operator = world.operator_of(kubeconfig, flags=("--lease-namespace", world.namespace))
    operator.start()
    world.apply(minimal(world.namespace, deletionPolicy="Delete"))
    world.until_ready("hello")
    world.until("its Events", lambda: world.events("hello", "Ready"))
    world.apply(_cache_of_others(world.namespace))
    world.until("its address is published", lambda: _published(world))
    world.kubectl("delete", "contactcenter", "hello", "--timeout=50s")
    world.kubectl("delete", "cachelayer", "theirs", "--timeout=50s")
    assert not _published(world), "with Delete, what was published goes with its object"
    assert " 403 " not in operator.log(), "with its blanks: a time of day may end in these digits"
    assert "forbidden" not in operator.log()


def test_a_center_is_made_in_the_role_that_it_names(world: World) -> None:
    role = _role(world, "sts:ExternalId", "acme")
    world.operator.start()
    world.apply(minimal(world.namespace, credentials={"roleArn": role, "externalId": "acme"}))
    world.until_ready("hello")
    callers = {call["principal"] for call in world.aws.sandbox.calls() if call["service"] == "connect"}
    (caller,) = callers
    assert caller.startswith(f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/contact-centers/"), caller


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param({"externalId": "of-somebody-else"}, id="another-external-id"),
        pytest.param({}, id="no-external-id", marks=pytest.mark.sweep),
        pytest.param({"roleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/absent"}, id="no-such-role", marks=pytest.mark.sweep),
    ],
)
def test_a_role_that_may_not_be_assumed_is_named_and_nothing_is_made(world: World, credentials: Value) -> None:
    role = _role(world, "sts:ExternalId", "acme")
    world.operator.start()
    world.apply(minimal(world.namespace, credentials={"roleArn": role, **credentials}))
    refused = world.until_condition("hello", "False", "AccessDenied")
    assert credentials.get("roleArn", role) in refused["message"]
    assert "of-somebody-else" not in json.dumps(world.status("hello")), "an external id is not for the status"
    assert [call for call in world.aws.sandbox.calls() if call["service"] == "connect"] == []

    world.patch("hello", {"spec": {"credentials": {"roleArn": role, "externalId": "acme"}}})
    world.until_ready("hello")


def test_credentials_that_lead_to_another_account_touch_nothing(world: World) -> None:
    world.operator.start()
    world.apply(minimal(world.namespace))
    world.until_ready("hello")
    world.operator.kill()
    number = world.aws.sandbox.call_number()
    world.aws.sandbox.register("AKIAELSEWHERE0000000", "999999999999")
    world.operator = world.operator_of(access_key="AKIAELSEWHERE0000000")
    world.operator.start()
    world.until("it has listed all", lambda: world.operator.log().count("1 objects listed") == 2)
    world.annotate("hello", "reconcile", "now")  # a restart keeps the rhythm of the checks
    wrong = world.until_condition("hello", "False", "WrongAccount")
    assert "999999999999" in wrong["message"]
    assert ACCOUNT_ID in wrong["message"]
    assert world.aws.mutating(number) == []
    assert world.resource("hello", "queue/front-desk")["id"], "the record is kept"


def _role(world: World, condition: str, value: str) -> str:
    """A role that the operator may assume under a condition."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {condition: value}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = world.aws.client("iam")
    return str(iam.create_role(RoleName="contact-centers", AssumeRolePolicyDocument=document)["Role"]["Arn"])


def _cache_of_others(namespace: str) -> Value:
    """A CacheLayer that nobody answers: published all the same."""
    spec = {
        "region": "us-east-1",
        "engine": "valkey",
        "deletionPolicy": "Delete",
        "external": {"host": "127.0.0.1", "port": 1},
        "publish": {"configMapName": "cache-address"},
    }
    metadata = {"name": "theirs", "namespace": namespace}
    return {"apiVersion": "trunkline.dev/v1alpha1", "kind": "CacheLayer", "metadata": metadata, "spec": spec}


def _published(world: World) -> bool:
    return bool(world.kubectl("get", "configmap", "cache-address", "--ignore-not-found", "-o", "name"))


def _service_account(world: World, rules: list[Value]) -> Path:
    name = "trunkline"
    metadata = {"name": name, "namespace": world.namespace}
    subject = {"kind": "ServiceAccount", **metadata}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    version = "rbac.authorization.k8s.io/v1"
    world.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": rules},
        {
            "apiVersion": version,
            "kind": "RoleBinding",
            "metadata": metadata,
            "subjects": [subject],
            "roleRef": reference,
        },
    )
    return world.cluster.service_account_kubeconfig(world.namespace, name)
