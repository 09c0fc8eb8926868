"""What the doctor asks, of objects and rights: pure, no answer needed."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from trunkline.api.manifest import Document
from trunkline.blueprints.roles import RoleRules
from trunkline.doctor.asking import STRANGER, Asking
from trunkline.doctor.facts import Unread
from trunkline.doctor.gather_installed import installed
from trunkline.doctor.reads import reads
from trunkline.doctor.rights_needed import needed
from trunkline.doctor.simulation import denied, questions, role_of
from trunkline.doctor.used import NO_BOUNDARY, accounts, combined, grants, needs, uses
from trunkline.doctor.wanted import Wanted
from trunkline.rights.grants import Grant
from trunkline.rights.places import Place
from trunkline.runtime.kube import Kube

ROLE = "arn:aws:iam::123456789012:role/trunkline/operator"
OWNER = ("StringLike", "aws:RequestTag/trunkline.dev/owner", ("mine/prod/*",))


def center(name: str = "acme", **spec: Any) -> Document:
    status = {"instance": {"id": "i-1", "arn": "arn:aws:connect:us-east-1:1:instance/i-1"}}
    metadata = {"name": name, "namespace": "prod"}
    whole = {"region": "us-east-1", "instance": {"alias": name, "identityManagement": "SAML"}, **spec}
    kind = {"apiVersion": "trunkline.dev/v1alpha1", "kind": "ContactCenter"}
    return Document({**kind, "metadata": metadata, "spec": whole, "status": status}, "", 0)


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        pytest.param("arn:aws:lambda:us-east-1:1:function:acme-*", "acme-doctor", id="pattern"),
        pytest.param("arn:aws:iam::1:role/trunkline/trunkline-acme-*", "trunkline-acme-doctor", id="path"),
        pytest.param("arn:aws:dynamodb:us-east-1:1:table/customers", "customers", id="name"),
        pytest.param("*", "doctor", id="everything"),
    ],
)
def test_what_is_read_has_a_name_that_the_right_holds_for(resource: str, name: str) -> None:
    (read,) = reads(
        [Grant("function", "lambda:GetFunction", (resource,)), Grant("x", "lambda:CreateFunction", ("*",))], 0.0
    )
    assert (read.operation, read.params) == ("GetFunction", {"FunctionName": name})


def test_questions_to_the_simulator_stand_for_what_the_policy_says() -> None:
    resource = "arn:aws:connect:*:*:instance/*"
    boundary = ("StringEquals", "iam:PermissionsBoundary", (NO_BOUNDARY,))
    given = [
        Grant("queue", "connect:CreateQueue", (resource,), (OWNER,)),
        Grant("flow", "connect:CreateContactFlow", (resource,), (OWNER,)),
        Grant("role", "iam:CreateRole", ("*",), (boundary,)),
    ]
    together, role = questions(given, "123456789012", "eu-west-2")
    assert together.params(ROLE) == {
        "PolicySourceArn": ROLE,
        "ActionNames": ["connect:CreateContactFlow", "connect:CreateQueue"],
        "ResourceArns": ["arn:aws:connect:eu-west-2:123456789012:instance/doctor"],
        "ContextEntries": [
            {"ContextKeyName": OWNER[1], "ContextKeyType": "stringList", "ContextKeyValues": ["mine/prod/doctor"]}
        ],
    }
    assert "ContextEntries" not in role.params(ROLE), "a boundary that nobody named is in no request"


def test_an_action_is_missing_where_it_is_denied_on_everything() -> None:
    results = [("a:X", "implicitDeny"), ("a:X", "allowed"), ("a:Y", "explicitDeny"), ("a:Z", "allowed")]
    answer = {"EvaluationResults": [{"EvalActionName": name, "EvalDecision": said} for name, said in results]}
    assert [(one.action, one.everywhere, one.explicit) for one in denied([answer])] == [
        ("a:X", False, False),
        ("a:Y", True, True),
    ]


@pytest.mark.parametrize(
    ("arn", "known", "found"),
    [
        pytest.param("arn:aws:sts::123456789012:assumed-role/operator/x", ROLE, ROLE, id="its-path-is-known"),
        pytest.param(
            "arn:aws-cn:sts::123456789012:assumed-role/a/x",
            ROLE,
            "arn:aws-cn:iam::123456789012:role/a",
            id="of-another",
        ),
        pytest.param("arn:aws:iam::1:user/me", "", "arn:aws:iam::1:user/me", id="user"),
    ],
)
def test_policies_hang_on_the_role_of_a_session(arn: str, known: str, found: str) -> None:
    assert role_of(arn, known) == found


def test_objects_of_one_role_and_namespace_are_one_identity() -> None:
    tenant = {"credentials": {"roleArn": ROLE}}
    found = accounts([center(), center("b", accountId="1"), center("c", **tenant), center("d", region="eu-west-2")])
    assert [(one.access.role_arn, one.access.region, len(one.objects)) for one in found] == [
        ("", "us-east-1", 2),
        (ROLE, "us-east-1", 1),
        ("", "eu-west-2", 1),
    ]
    assert found[0].wanted == (("ContactCenter/prod/b", "1"),)


def test_rights_are_asked_of_instances_that_exist() -> None:
    found, bad = uses([center(), center("broken", queues="no list")], RoleRules())
    assert bad == ("ContactCenter/prod/broken",)
    resources = {
        resource for grant in grants(found[""], Place("aws", "1", "us-east-1"), "") for resource in grant.resources
    }
    assert "arn:aws:connect:us-east-1:1:instance/i-1" in resources


def test_what_objects_need_of_quotas() -> None:
    functions = [{"name": "a", "reservedConcurrency": 100}, {"name": "b", "provisionedConcurrency": 50}]
    given = center(functions=functions, tables=[{"name": "t"}], queues=[{"name": "q"}])
    found = {need.name: (need.needed, need.of) for need in needs([given])}
    assert found["Concurrent executions"] == (250.0, ""), "a hundred stay for functions that reserve none"
    assert found["Maximum number of tables"] == (1.0, "")
    assert found["Queues per instance"] == (1.0, "arn:aws:connect:us-east-1:1:instance/i-1")
    assert "Amazon Connect instance count" not in found, "it has one"


def test_what_caches_need_of_quotas_in_a_region() -> None:
    forms: dict[str, dict[str, Any]] = {
        "sharded": {
            "nodes": {"type": "cache.r7g.large", "shards": 100, "replicasPerShard": 2, "clusterMode": "enabled"}
        },
        "small": {"nodes": {"type": "cache.t4g.small"}},
        "serverless": {"serverless": {}},
        "theirs": {"external": {"host": "cache.example"}},
    }
    documents = [Document({**center(name, **form).body, "kind": "CacheLayer"}, "", 0) for name, form in forms.items()]
    documents[1].body["spec"]["credentials"] = {"roleArn": ROLE}
    found = needs(documents)
    known = dict.fromkeys({need.access for need in found}, "1")
    assert {need.name: need.needed for need in combined(found, known)} == {
        "Nodes per Region": 302.0,
        "Serverless caches per Region": 1.0,
    }


def test_what_several_namespaces_need_of_one_account_counts_together() -> None:
    one, other, elsewhere = center(), center("b", credentials={"roleArn": ROLE}), center("c", region="eu-west-2")
    for document in (one, other, elsewhere):
        document.body["spec"]["functions"] = [{"name": "a", "reservedConcurrency": 500}]
    found = needs([one, other, elsewhere])
    known = dict.fromkeys({need.access for need in found}, "1")
    sums = {
        need.access.region: need.needed for need in combined(found, known) if need.service == "lambda" and not need.of
    }
    assert sums == {"us-east-1": 1100.0, "eu-west-2": 600.0}
    assert combined(found, {}) == ()


def test_rights_in_kubernetes_are_those_of_the_chart_for_each_namespace() -> None:
    whole = needed((), installation_given=False, lease=("ops", "prod-trunkline"))
    assert {"namespaces kube-system", "leases.coordination.k8s.io prod-trunkline"} <= {one.title for one in whole}
    listed = needed(("a", "b"), installation_given=True, lease=("ops", "x"))
    assert {one.namespace for one in listed} == {"a", "b", "ops"}
    assert len([one for one in listed if one.namespace == "a"]) == len([one for one in whole if not one.namespace]) - 1
    reviews = {one.title for one in needed((), installation_given=True, lease=("ops", "x"), metrics_tls=True)}
    assert "tokenreviews.authentication.k8s.io" in reviews


class _SignIn:
    """A proxy before the API server that wants a sign-in: it answers 200 to everything, with a page."""

    async def request(self, *_: Any, **__: Any) -> Any:
        return "<html>sign in</html>"


def test_a_page_of_a_proxy_is_no_answer_and_no_crash() -> None:
    ask = Asking(cast("Kube", _SignIn()), 1.0)
    assert asyncio.run(ask.get("/version")) == STRANGER
    assert asyncio.run(ask.listed("/apis/apps/v1/deployments", 10, "a=b")) == STRANGER


def test_an_upgrade_whose_pods_do_not_come_up_is_seen_beside_ready_ones_of_before() -> None:
    conditions = [{"type": "Available", "status": "True"}, {"type": "Progressing", "status": "False"}]
    status = {"replicas": 3, "readyReplicas": 2, "updatedReplicas": 1, "conditions": conditions}
    body = {"metadata": {"namespace": "trunkline", "name": "trunkline"}, "spec": {"replicas": 2}, "status": status}

    class Deployments:
        async def request(self, _method: str, path: str, *_: Any, **__: Any) -> Any:
            return {"items": [body]} if path.endswith("/deployments") else {"metadata": {}}

    wanted = Wanted(lease=("trunkline", "trunkline"))
    found = asyncio.run(installed(Asking(cast("Kube", Deployments()), 1.0), wanted))
    assert not isinstance(found, Unread)
    assert (found[0].ready, found[0].wanted, found[0].stuck) == (2, 2, True)
