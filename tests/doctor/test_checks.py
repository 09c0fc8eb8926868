"""Every check over facts: what is as it should be, and each way in which it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from trunkline.api.crd import contact_center
from trunkline.api.manifest import Document
from trunkline.doctor.checks import CHECKS, examine
from trunkline.doctor.checks_host import bypasses
from trunkline.doctor.definitions import PLURALS, definition, difference, own
from trunkline.doctor.facts import (
    AdmissionPolicy,
    Assumed,
    Authorities,
    Aws,
    Caller,
    Cluster,
    Definition,
    Denied,
    Difference,
    Facts,
    Host,
    Lease,
    Operator,
    Problem,
    Quota,
    Reply,
    Right,
    Rights,
    Server,
    Simulated,
    Skew,
    Unread,
    Watcher,
)
from trunkline.doctor.finding import Finding, Outcome, exit_code, failed, ok, unknown
from trunkline.doctor.rendering import COLUMNS, as_text
from trunkline.doctor.tenants import Listed

Listing = Mapping[str, set[str]]

NOW = 1_800_000_000.0
ROLE = "arn:aws:iam::123456789012:role/trunkline"
OTHER_ROLE = "arn:aws:iam::999999999999:role/tenant"
KEPT = {"helm.sh/resource-policy": "keep", "meta.helm.sh/release-name": "trunkline"}
FORBIDDEN = Unread("you may not read it", forbidden=True)
DENIED = Problem("AccessDenied", "User: x is not authorized to perform: connect:ListInstances", denied=True)

DEFINITIONS = {plural: Definition(plural, ("v1alpha1",), annotations=KEPT) for plural in PLURALS}
OPERATOR = Operator("trunkline", "trunkline", "0.1.0", ready=2, wanted=2)
LEASE = Lease("trunkline/trunkline", "pod-1", 16, 3, NOW - 1, NOW, moved=True, apart=3.0)
POLICIES = (
    *(
        AdmissionPolicy(f"trunkline-{name}", True, True)
        for name in ("termination-protection", "definitions", "consent")
    ),
    AdmissionPolicy("trunkline-tenants", False),
)
TENANTS = AdmissionPolicy("trunkline-tenants", True, True)
RIGHTS = Rights("system:serviceaccount:trunkline:trunkline", (Right("get", "contactcenters.trunkline.dev", "", True),))
CLUSTER = Cluster(
    Server("https://10.0.0.1", "v1.34.4", 0.2),
    DEFINITIONS,
    operators=(OPERATOR,),
    watchers=(Watcher("", "trunkline/trunkline"),),
    rights=RIGHTS,
    policies=POLICIES,
    lease=LEASE,
    installation="6d0f",
    objects=(Document({"kind": "ContactCenter", "metadata": {"name": "b", "namespace": "a"}}, "", 0),),
)
AWS = Aws(
    Caller("123456789012", ROLE, as_operator=True),
    assumed=(Assumed("", ("ContactCenter/a/b",), "123456789012", (("ContactCenter/a/b", "123456789012"),)),),
    replies=(Reply("connect", "connect:ListInstances", "us-east-1", "", None),),
    simulated=(Simulated(ROLE, "us-east-1", 80, ()),),
    quotas=(Quota("us-east-1", "connect", "Amazon Connect instance count", "L-AA17A6B9", 2.0, 1.0),),
    skews=(Skew("connect.us-east-1.amazonaws.com", 0.4),),
)
FACTS = Facts(Host(NOW), CLUSTER, AWS)

BEFORE = replace(
    CLUSTER,
    definitions=dict.fromkeys(PLURALS),
    operators=(),
    watchers=(),
    rights=Unread("not asked for"),
    policies=tuple(AdmissionPolicy(policy.name, False) for policy in POLICIES),
    lease=None,
)
PROXIED = {
    "HTTPS_PROXY": "http://user:pa55@proxy:3128",
    "NO_PROXY": "169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::23,fd00:ec2::254,10.0.0.1,.svc",
}


def cluster(**changes: Any) -> Facts:
    return replace(FACTS, cluster=replace(CLUSTER, **changes))


def aws(**changes: Any) -> Facts:
    return replace(FACTS, aws=replace(AWS, **changes))


def host(**changes: Any) -> Facts:
    return replace(FACTS, host=replace(FACTS.host, **changes))


def one_definition(**changes: Any) -> Facts:
    return cluster(definitions={**DEFINITIONS, "cachelayers": replace(DEFINITIONS["cachelayers"], **changes)})


def lease(**changes: Any) -> Facts:
    return cluster(lease=replace(LEASE, **changes))


def tenants(policy: Listing | None, operator: Listing | Unread | None, *namespaces: str) -> Facts:
    """The admission policy with a list, and an operator that reads one. namespaces: those that it watches."""
    listed = None if policy is None else _listed(policy)
    theirs = operator if operator is None or isinstance(operator, Unread) else _listed(operator)
    told = {"TRUNKLINE_NAMESPACES": ",".join(namespaces), "TRUNKLINE_INSTALLATION": "mine"}
    reads = replace(OPERATOR, tenants="trunkline/tenants", listed=theirs, environment=told)
    return cluster(policies=(*POLICIES[:3], replace(TENANTS, listed=listed)), operators=(reads,))


def _listed(roles: Listing) -> Listed:
    return {namespace: frozenset(of) for namespace, of in roles.items()}


def denied(*actions: Denied) -> Facts:
    return aws(simulated=(Simulated(ROLE, "us-east-1", 80, actions),))


NOT_MINE = replace(AWS, caller=Caller("123456789012", "arn:aws:iam::123456789012:user/me", as_operator=False))


def told(facts: Facts, check: str) -> list[tuple[Outcome, str]]:
    return [(finding.outcome, finding.reason) for finding in examine(facts, {check: CHECKS[check]})]


def test_all_is_well() -> None:
    found = examine(FACTS)
    assert {finding.outcome for finding in found if finding.check != "authorities"} == {Outcome.OK}, as_text(found)
    assert exit_code(found) == 0
    assert {finding.check for finding in found} == set(CHECKS), "each check says something"


def test_before_the_installation_nothing_that_is_to_come_has_failed() -> None:
    found = examine(replace(FACTS, cluster=BEFORE))
    assert exit_code(found) == 0, as_text(found)
    outcomes = {finding.check: finding.outcome for finding in found}
    assert outcomes["definitions"] is Outcome.WARNING
    assert [outcomes[check] for check in ("rights", "admission", "lease", "operator")] == [Outcome.SKIPPED] * 4
    messages = {finding.check: finding.message for finding in found}
    assert "no operator was installed by the chart" in messages["rights"]
    assert messages["lease"].endswith("or one runs without --lease-namespace"), "whoever runs one by hand has no Lease"


FAILURES = [
    pytest.param(cluster(server=Unread("no route")), "api-server", "NotReached", id="no-api-server"),
    pytest.param(cluster(server=Server("h", "v1.32.9")), "api-server", "TooOld", id="old-api-server"),
    pytest.param(
        cluster(definitions={**DEFINITIONS, "cachelayers": None}), "definitions", "NotInstalled", id="one-missing"
    ),
    pytest.param(
        cluster(definitions=dict.fromkeys(PLURALS)), "definitions", "NotInstalled", id="none-under-an-operator"
    ),
    pytest.param(one_definition(established=False), "definitions", "NotEstablished", id="not-established"),
    pytest.param(one_definition(served=("v2",)), "definitions", "NotServed", id="another-version-served"),
    pytest.param(one_definition(deleting=True), "definitions", "Deleting", id="definition-deleted"),
    pytest.param(one_definition(difference=Difference(("spec.x",))), "definitions", "OlderSchema", id="older-schema"),
    pytest.param(
        cluster(rights=Rights("system:serviceaccount:a:b", (*RIGHTS.rights, Right("patch", "secrets", "prod", False)))),
        "rights",
        "Missing",
        id="a-right-is-missing",
    ),
    pytest.param(
        cluster(policies=(replace(POLICIES[0], denies=False), *POLICIES[1:])),
        "admission",
        "NotBound",
        id="policy-not-bound",
    ),
    pytest.param(tenants({}, {"a": {"own"}}), "admission", "NoList", id="the-policy-lists-nothing"),
    pytest.param(tenants({"a": {"own"}}, None), "admission", "NoList", id="list-of-the-operator-is-not-there"),
    pytest.param(tenants({"a": {"own"}}, {"a": {ROLE}}), "admission", "OtherList", id="two-lists-of-tenants"),
    pytest.param(cluster(lease=None), "lease", "Absent", id="no-lease"),
    pytest.param(lease(holder=""), "lease", "NoHolder", id="nobody-leads"),
    pytest.param(lease(moved=False, renewed_at=NOW - 90), "lease", "NotRenewed", id="not-renewed"),
    pytest.param(cluster(operators=(replace(OPERATOR, stuck=True),)), "operator", "RolloutStuck", id="upgrade-stuck"),
    pytest.param(cluster(operators=(replace(OPERATOR, ready=0),)), "operator", "NotReady", id="no-replica-ready"),
    pytest.param(
        cluster(
            operators=(
                OPERATOR,
                Operator("b", "second", ready=1, wanted=1, environment={"TRUNKLINE_NAMESPACES": "prod"}),
            )
        ),
        "operator",
        "WatchedTwice",
        id="two-operators",
    ),
    pytest.param(
        cluster(watchers=(Watcher("prod", "a/x"), Watcher("prod", "b/y")), operators=FORBIDDEN),
        "operator",
        "WatchedTwice",
        id="two-bindings",
    ),
    pytest.param(
        cluster(operators=(replace(OPERATOR, environment={"TRUNKLINE_NAMESPACES": "prod"}),)),
        "installation",
        "NotGiven",
        id="no-installation-id",
    ),
    pytest.param(aws(skews=(Skew("sts", 400.0),)), "clock", "FarOff", id="clock-far-off"),
    pytest.param(
        host(proxies={"HTTPS_PROXY": "http://p:1"}), "proxy", "CredentialsThroughProxy", id="credentials-by-proxy"
    ),
    pytest.param(
        host(proxies=PROXIED, api_host="172.20.0.1"), "proxy", "ApiServerThroughProxy", id="api-server-by-proxy"
    ),
    pytest.param(host(proxies={**PROXIED, "HTTPS_PROXY": "proxy:3128"}), "proxy", "NoUrl", id="proxy-no-url"),
    pytest.param(
        host(authorities=(Authorities("AWS_CA_BUNDLE", "/ca", "no such file"),)),
        "authorities",
        "Unusable",
        id="no-bundle",
    ),
    pytest.param(aws(caller=Unread("NoCredentialsError")), "identity", "NoIdentity", id="no-credentials"),
    pytest.param(aws(caller=Unread("no route", away=True)), "identity", "NotReached", id="sts-away"),
    pytest.param(aws(assumed=(Assumed(OTHER_ROLE, ("c",), DENIED),)), "accounts", "RoleRefused", id="role-refused"),
    pytest.param(
        aws(assumed=(Assumed("", ("c",), "123456789012", (("c", "999999999999"),)),)),
        "accounts",
        "WrongAccount",
        id="wrong-account",
    ),
    pytest.param(
        aws(
            replies=(replace(AWS.replies[0], problem=Problem("EndpointConnectionError", "no route", unreachable=True)),)
        ),
        "endpoints",
        "NotReached",
        id="endpoint-away",
    ),
    pytest.param(denied(Denied("connect:CreateQueue", "*", True)), "permissions", "Missing", id="action-denied"),
    pytest.param(
        aws(simulated=(Simulated(ROLE, "", 0, FORBIDDEN),), replies=(replace(AWS.replies[0], problem=DENIED),)),
        "permissions",
        "Missing",
        id="read-denied",
    ),
    pytest.param(aws(quotas=(replace(AWS.quotas[0], needed=3.0),)), "quotas", "TooLow", id="quota-too-low"),
]


@pytest.mark.parametrize(("facts", "check", "reason"), FAILURES)
def test_a_failure_is_named_and_says_what_to_do(facts: Facts, check: str, reason: str) -> None:
    found = examine(facts, {check: CHECKS[check]})
    (failure,) = [finding for finding in found if finding.outcome is Outcome.FAILED]
    assert failure.reason == reason
    assert failure.remedy
    assert exit_code(found) == 1
    assert exit_code(examine(facts)) == 1


WARNINGS = [
    pytest.param(
        one_definition(difference=Difference(more=("spec.x",))), "definitions", "NewerSchema", id="newer-schema"
    ),
    pytest.param(
        one_definition(difference=Difference(differ=("spec.x",))), "definitions", "OtherSchema", id="other-rules"
    ),
    pytest.param(one_definition(conversion="Webhook"), "definitions", "Converted", id="converted"),
    pytest.param(
        one_definition(annotations={"meta.helm.sh/release-name": "t"}), "definitions", "NotKept", id="not-kept"
    ),
    pytest.param(
        one_definition(annotations={**KEPT, "argocd.argoproj.io/tracking-id": "a:b"}),
        "definitions",
        "NotKept",
        id="prunable",
    ),
    pytest.param(
        cluster(policies=(replace(POLICIES[0], present=False), *POLICIES[1:])),
        "admission",
        "NotInstalled",
        id="no-policy",
    ),
    pytest.param(
        cluster(operators=(replace(OPERATOR, environment={"TRUNKLINE_TENANTS": "/etc/tenants"}),)),
        "admission",
        "NotInstalled",
        id="tenants-without-their-policy",
    ),
    pytest.param(
        cluster(policies=(*POLICIES[:3], replace(TENANTS, listed=_listed({"a": {"own"}})))),
        "admission",
        "OnlyThePolicy",
        id="policy-for-tenants-and-an-operator-without-a-list",
    ),
    pytest.param(lease(renewed_at=NOW - 600), "lease", "HolderClock", id="clock-of-the-holder"),
    pytest.param(cluster(operators=(replace(OPERATOR, ready=1),)), "operator", "NotAllReady", id="one-replica-short"),
    pytest.param(cluster(operators=(replace(OPERATOR, wanted=0),)), "operator", "ScaledToZero", id="scaled-to-zero"),
    pytest.param(cluster(server=Server("h", "v1.34.0", -45.0)), "clock", "Off", id="clock-off"),
    pytest.param(
        host(proxies={**PROXIED, "NO_PROXY": PROXIED["NO_PROXY"] + ",10.0.0.0/8"}), "proxy", "CidrInNoProxy", id="cidr"
    ),
    pytest.param(
        host(authorities=(Authorities("AWS_CA_BUNDLE", "/ca", ends=NOW + 86_400),)),
        "authorities",
        "EndsSoon",
        id="bundle-ends",
    ),
    pytest.param(
        denied(Denied("connect:CreateQueue", "*", False)), "permissions", "MissingOnSome", id="denied-on-some"
    ),
    pytest.param(
        aws(quotas=(replace(AWS.quotas[0], value=100.0, needed=95.0),)), "quotas", "NearlyFull", id="nearly-full"
    ),
    pytest.param(
        cluster(
            operators=(replace(OPERATOR, environment={"TRUNKLINE_NAMESPACES": "b", "TRUNKLINE_INSTALLATION": "c"}),)
        ),
        "objects",
        "NotWatched",
        id="objects-that-nobody-watches",
    ),
    pytest.param(aws(unreadable=("ContactCenter/a/b",)), "accounts", "Unreadable", id="objects-that-cannot-be-read"),
]


@pytest.mark.parametrize(("facts", "check", "reason"), WARNINGS)
def test_what_will_hurt_is_a_warning(facts: Facts, check: str, reason: str) -> None:
    assert (Outcome.WARNING, reason) in told(facts, check)
    assert exit_code(examine(facts)) == 0
    assert all(finding.remedy for finding in examine(facts) if finding.outcome is Outcome.WARNING)


UNKNOWNS = [
    pytest.param(
        cluster(definitions={**DEFINITIONS, "cachelayers": FORBIDDEN}), "definitions", "CannotBeRead", id="definitions"
    ),
    pytest.param(cluster(rights=FORBIDDEN), "rights", "CannotBeRead", id="rights"),
    pytest.param(cluster(policies=FORBIDDEN), "admission", "CannotBeRead", id="policies"),
    pytest.param(tenants({"a": {"own"}}, FORBIDDEN), "admission", "CannotBeRead", id="list-of-the-operator"),
    pytest.param(tenants(None, {"a": {"own"}}), "admission", "CannotBeRead", id="policy-of-another-version"),
    pytest.param(cluster(lease=FORBIDDEN), "lease", "CannotBeRead", id="lease"),
    pytest.param(cluster(operators=FORBIDDEN), "operator", "CannotBeRead", id="operators"),
    pytest.param(cluster(watchers=FORBIDDEN), "operator", "CannotBeRead", id="bindings"),
    pytest.param(cluster(objects=FORBIDDEN), "objects", "CannotBeRead", id="objects"),
    pytest.param(cluster(installation=FORBIDDEN), "installation", "CannotBeRead", id="kube-system"),
    pytest.param(aws(quotas=(replace(AWS.quotas[0], value=FORBIDDEN),)), "quotas", "CannotBeRead", id="quotas"),
    pytest.param(aws(simulated=(Simulated(ROLE, "", 0, FORBIDDEN),)), "permissions", "OnlyReadsTried", id="simulation"),
    pytest.param(
        replace(FACTS, aws=replace(NOT_MINE, assumed=(Assumed(OTHER_ROLE, ("c",), DENIED),))),
        "accounts",
        "RoleNotTried",
        id="roles-with-somebody-elses-credentials",
    ),
    pytest.param(
        replace(FACTS, aws=replace(NOT_MINE, simulated=(), replies=(replace(AWS.replies[0], problem=DENIED),))),
        "permissions",
        "NotTheOperator",
        id="reads-with-somebody-elses-credentials",
    ),
]


@pytest.mark.parametrize(("facts", "check", "reason"), UNKNOWNS)
def test_what_cannot_be_read_is_unknown_and_no_failure(facts: Facts, check: str, reason: str) -> None:
    assert (Outcome.UNKNOWN, reason) in told(facts, check)
    assert exit_code(examine(facts)) == 0


def test_two_lists_of_tenants_are_compared_where_the_operator_watches() -> None:
    """A second release is in the policy's list too; and the namespaces are named, not their roles."""
    policy = {"a": {"own"}, "b": {ROLE}, "c": {ROLE}, "d": {ROLE}}
    check = {"admission": CHECKS["admission"]}
    (found,) = examine(tenants(policy, {"a": {"own"}, "b": {"own"}, "e": {ROLE}}), check)
    assert "trunkline/trunkline reads ConfigMap trunkline/tenants, and trunkline-tenants has another" in found.message
    assert "for b, c, d, e:" in found.message
    assert ROLE not in found.message
    assert "crds.policies.tenants.roles" in found.remedy
    assert told(tenants(policy, {"a": {"own"}}, "a", "z"), "admission") == [(Outcome.OK, "AsItShouldBe")]


def test_what_was_not_asked_for_is_skipped() -> None:
    nothing = Facts(Host(NOW), Unread("--no-kubernetes"), Unread("--no-aws"), ("endpoints",))
    outcomes = {finding.check: finding.outcome for finding in examine(nothing)}
    assert outcomes["api-server"] is outcomes["identity"] is Outcome.SKIPPED
    assert outcomes["gathering"] is Outcome.UNKNOWN, "what was late is said"


def test_a_broken_check_is_a_finding_and_the_others_go_on() -> None:
    def broken(_facts: Facts) -> Any:
        raise KeyError("secret-value")

    found = examine(FACTS, {"broken": broken, "proxy": CHECKS["proxy"]})
    assert [(finding.check, finding.outcome) for finding in found] == [
        ("broken", Outcome.UNKNOWN),
        ("proxy", Outcome.OK),
    ]
    assert "secret-value" not in as_text(found)


def test_who_signs_in_at_the_proxy_is_nobodys_business() -> None:
    assert "pa55" not in as_text(examine(host(proxies=PROXIED)))


def test_text_has_eighty_columns_and_no_command_is_broken_within_a_word() -> None:
    long = "kubectl annotate --overwrite crd contactcenters.trunkline.dev helm.sh/resource-policy=keep and so on and on"
    found = [
        failed("definitions", "NotKept", "is not kept " * 12, long),
        ok("proxy", "fine"),
        unknown("lease", "may not"),
    ]
    text = as_text(found)
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert "helm.sh/resource-policy=keep" in text
    assert text.endswith("\n1 ok, 1 failed, 1 unknown\n")


@pytest.mark.parametrize(
    ("address", "exceptions", "direct"),
    [
        pytest.param("169.254.170.23", "169.254.170.23", True, id="address"),
        pytest.param("[fd00:ec2::23]", "fd00:ec2::23", True, id="bare-ipv6"),
        pytest.param("kubernetes.default.svc", ".svc", True, id="suffix"),
        pytest.param("notsvc", ".svc", False, id="no-suffix"),
        pytest.param("10.0.0.1", "10.0.0.0/8", False, id="no-cidr"),
        pytest.param("10.0.0.1", "0.1", False, id="no-suffix-of-addresses"),
        pytest.param("anything", "*", True, id="all"),
    ],
)
def test_no_proxy_is_read_as_clients_read_it(address: str, exceptions: str, direct: bool) -> None:
    assert bypasses(address, exceptions) is direct


def _stripped(schema: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    properties = dict(schema["properties"])
    spec = dict(properties["spec"])
    inner = {name: value for name, value in spec["properties"].items() if name != "tables"}
    properties["spec"] = {**spec, "properties": {**inner, **changes}}
    return {**schema, "properties": properties}


def test_schemas_are_compared_by_field() -> None:
    mine = own()["contactcenters"]
    assert not difference("contactcenters", mine)
    older = difference("contactcenters", _stripped(mine))
    assert older == Difference(lacks=("spec.tables",)), "the field, not all that is below it"
    newer = difference("contactcenters", _stripped(mine, later={"type": "string", "description": "x"}))
    assert newer.more == ("spec.later",)
    other = _stripped(mine, tables=mine["properties"]["spec"]["properties"]["tables"], paused={"type": "string"})
    assert difference("contactcenters", other).differ == ("spec.paused",)


def test_a_definition_of_ours_is_read_as_it_is_written() -> None:
    body = {**contact_center(), "status": {"conditions": [{"type": "Established", "status": "True"}]}}
    assert definition("contactcenters", body) == Definition("contactcenters", ("v1alpha1",))


def test_findings_are_values() -> None:
    assert ok("a", "b") == Finding("a", Outcome.OK, "AsItShouldBe", "b")
