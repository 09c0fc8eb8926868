"""`trunkline doctor` as a person runs it: a real API server, the offline AWS over HTTP, output and exit code."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import install_crds, minimal
from tests.rights import admission
from tests.rights.audited import documents
from tests.rights.limited import printed
from trunkline.cli import main
from trunkline.doctor.command import examined
from trunkline.doctor.wanted import Wanted
from trunkline.settings import Settings
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.command import environment
from trunkline_sandbox.aws.server import Server
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import connected_session
from trunkline_sandbox.cluster import Cluster

ACCOUNT = "123456789012"
REGION = "us-east-1"
KEY = "AKIAOPERATOR00000000"
PREFIX = ("--account", ACCOUNT, "--installation", "mine", "--permissions-boundary", "trunkline-functions")

Value = dict[str, Any]


@dataclass(frozen=True)
class Examined:
    """What a run came to: findings as (outcome, reason) with the message, by check."""

    code: int
    findings: list[Value]

    def of(self, check: str) -> list[tuple[str, str]]:
        return [(one["outcome"], one["reason"]) for one in self.findings if one["check"] == check]

    def message(self, check: str, reason: str) -> str:
        return next(str(one["message"]) for one in self.findings if (one["check"], one["reason"]) == (check, reason))


class Account:
    """The offline AWS over HTTP, and what a run of the doctor says of it."""

    def __init__(self, cloud: OfflineAws, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.cloud = cloud
        self._capsys = capsys
        self._folder = folder

    def client(self, service: str) -> Any:
        client: Any = connected_session(self.cloud, region=REGION).create_client(service)
        return client

    def file(self, *items: Mapping[str, Any]) -> str:
        path = self._folder / "objects.json"
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)}))
        return str(path)

    def examine(self, *arguments: str) -> Examined:
        """Fails the test if anything was changed in AWS."""
        number = self.cloud.calls.number
        self._capsys.readouterr()
        code = main(["doctor", "-o", "json", *arguments])
        out = json.loads(self._capsys.readouterr().out)
        assert [
            call.operation for call in self.cloud.calls.since(number) if call.mutating and call.service != "sts"
        ] == []
        assert out["failed"] is (code == 1)
        return Examined(code, out["findings"])


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Account]:
    cloud = OfflineAws(switches=Switches(throttling=False))
    with Server(cloud) as server:
        for name, value in environment(server.url, REGION).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
        yield Account(cloud, capsys, tmp_path)


def _role(aws: Account, policies: list[Value]) -> str:
    """The operator's, as printed."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "pods.eks.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = str(iam.create_role(RoleName="operator", AssumeRolePolicyDocument=document)["Role"]["Arn"])
    for number, policy in enumerate(policies):
        iam.put_role_policy(RoleName="operator", PolicyName=f"p{number}", PolicyDocument=json.dumps(policy))
    return arn


def _printed(file: str) -> list[Value]:
    found = printed("-f", file, *PREFIX)
    return [document for name, document in found.items() if name.startswith("pod-") and name[-1].isdigit()]


def _without(policies: list[Value], action: str) -> list[Value]:
    text = json.dumps(policies)
    assert f'"{action}"' in text
    found: list[Value] = json.loads(text.replace(f'"{action}"', '"connect:DescribeUser"'))
    return found


FLAGS = ("--no-kubernetes", *PREFIX[2:])


def test_what_is_printed_is_enough_by_simulation_and_what_is_missing_is_named(aws: Account) -> None:
    center = minimal("hello-doctor")
    center["spec"]["queues"] += [{"name": f"q{number}", "hours": "always"} for number in range(60)]
    function = {"name": "lookup", "code": {"builtin": "customer-lookup"}, "reservedConcurrency": 2000}
    center["spec"] |= {"accountId": ACCOUNT, "functions": [function]}
    file = aws.file(center)
    policies = _printed(file)
    role = _role(aws, policies)
    found = aws.examine("-f", file, *FLAGS, "--role", role)
    assert found.of("permissions") == [("ok", "Simulated")], found.findings
    assert found.of("accounts") == found.of("endpoints") == found.of("clock") == [("ok", "AsItShouldBe")], (
        found.findings
    )
    low = [one["message"] for one in found.findings if one["reason"] == "TooLow"]
    assert len(low) == 2, "queues and concurrency"
    assert found.code == 1

    aws.client("iam").delete_role_policy(RoleName="operator", PolicyName="p0")
    for number, policy in enumerate(_without(policies, "connect:CreateQueue")):
        aws.client("iam").put_role_policy(
            RoleName="operator", PolicyName=f"p{number}", PolicyDocument=json.dumps(policy)
        )
    found = aws.examine("-f", file, *FLAGS, "--role", role)
    assert found.of("permissions") == [("failed", "Missing")]
    assert "connect:CreateQueue" in found.message("permissions", "Missing")


def test_without_the_simulator_reads_are_tried_and_said_to_be_no_more(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = aws.file(minimal("hello-doctor", accountId="999999999999"))
    policies = _printed(file)
    aws.cloud.switches = Switches(throttling=False, enforce_permissions=True)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    me = f"arn:aws:iam::{ACCOUNT}:user/operator"
    aws.cloud.credentials.register(KEY, ACCOUNT, me, policies=tuple(policies))
    found = aws.examine("-f", file, *FLAGS)
    assert found.of("permissions") == [("unknown", "OnlyReadsTried")]
    assert "AccessDenied" in found.message("permissions", "OnlyReadsTried"), "why IAM was not asked"
    assert found.of("accounts") == [("unknown", "NotTheOperator")], "who asks may be somebody else"

    aws.cloud.credentials.register(KEY, ACCOUNT, me, policies=tuple(_without(policies, "connect:ListInstances")))
    found = aws.examine("-f", file, *FLAGS, "--role", me)
    assert found.of("permissions") == [("failed", "Missing")]
    assert "connect:ListInstances is denied" in found.message("permissions", "Missing")
    assert found.of("accounts") == [("failed", "WrongAccount")]


def test_roles_of_objects_are_assumed_as_the_operator_does(aws: Account) -> None:
    there = minimal("one", name="one", credentials={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/tenant"})
    absent = minimal("two", name="two", credentials={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/absent"})
    trust = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": ACCOUNT}}
    trust["Condition"] = {"StringEquals": {"sts:ExternalId": "mine/default"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws.client("iam").create_role(RoleName="tenant", AssumeRolePolicyDocument=document)
    found = aws.examine("-f", aws.file(there, absent), *FLAGS, "--role", f"arn:aws:iam::{ACCOUNT}:user/trunkline")
    (refused,) = [one for one in found.findings if one["check"] == "accounts"]
    assert (refused["outcome"], refused["reason"]) == ("failed", "RoleRefused")
    assert "role/absent" in refused["message"]
    assert "role/tenant" not in refused["message"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("-f", "no-such-file.yaml"), 2, id="no-such-file"),
        pytest.param(("--no-kubernetes", "--no-aws"), 2, id="nothing-left"),
        pytest.param(("--no-aws",), 1, id="no-cluster"),
        pytest.param(("--no-aws", "--kubeconfig", "/dev/null"), 1, id="damaged-kubeconfig"),
        pytest.param(("--timeout", "0"), 2, id="no-time"),
        pytest.param(("--role", "trunkline"), 2, id="a-role-by-its-name"),
    ],
)
def test_bad_usage_is_told_from_what_failed(
    aws: Account, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int
) -> None:
    try:
        ended: object = main(["doctor", *arguments])
    except SystemExit as error:  # argparse's own
        ended = error.code
    assert ended == code
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err + shown.out
    assert "Errno" not in shown.err, "a file that is not there is named in words"


def test_who_does_not_answer_is_given_up_in_time(aws: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that take the connection and say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        cluster = {"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}"}}
        context = {"name": "c", "context": {"cluster": "c", "user": ""}}
        value = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [cluster],
            "contexts": [context],
            "current-context": "c",
        }
        kubeconfig = tmp_path / "silent"
        kubeconfig.write_text(json.dumps(value))
        started = time.monotonic()
        found = aws.examine("--kubeconfig", str(kubeconfig), "--timeout", "2")
        assert time.monotonic() - started < 20, "half a minute would be as long as nobody had set a limit"
    assert found.of("api-server") == found.of("identity") == [("failed", "NotReached")], found.findings


def test_before_and_after_an_installation_on_a_real_api_server(
    cluster: Cluster, namespace: str, aws: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    install_crds(cluster)
    here = ("--operator-namespace", namespace, "-n", namespace, "--no-aws")
    admin = ("--kubeconfig", str(cluster.kubeconfig))
    with _tenants_policy(cluster, namespace, {}):
        before = aws.examine(*admin, *here, "--service-account", f"{namespace}/trunkline")
    assert before.of("api-server") == before.of("clock") == before.of("definitions") == [("ok", "AsItShouldBe")], (
        before.findings
    )
    assert "trunkline-tenants lists no role" in before.message("admission", "NoList")

    _install(cluster, namespace)
    cluster.kubectl("-n", namespace, "create", "configmap", "tenants", f"--from-literal={namespace}=own")
    flow = {"configMapKeyRef": {"name": "flows", "key": "welcome"}}
    center = minimal(namespace, flows=[{"name": "welcome", "type": "CONTACT_FLOW", "content": flow}])
    cluster.kubectl("-n", namespace, "apply", "--server-side", "-f", "-", input=json.dumps(center))
    content = json.dumps({"Version": "2019-10-30", "StartAction": "end", "Actions": []})
    cluster.kubectl("-n", namespace, "create", "configmap", "flows", f"--from-literal=welcome={content}")
    with (
        _renewed(cluster, namespace),
        _tenants_policy(cluster, namespace, {namespace: [f"arn:aws:iam::{ACCOUNT}:role/a"]}),
    ):
        after = aws.examine(*admin, *here)
    assert after.of("rights") == [("ok", "AsItShouldBe")], after.findings
    assert ("ok", "AsItShouldBe") in after.of("operator"), after.findings
    assert "mine" in after.message("installation", "AsItShouldBe")
    assert after.message("objects", "AsItShouldBe") == "1 where an operator watches"
    assert after.of("lease") == [("ok", "Renewed")]
    assert ("warning", "NotInstalled") in after.of("admission"), "install_crds brings no policies"
    assert f"{namespace}/tenants, and trunkline-tenants has another list for {namespace}:" in after.message(
        "admission", "OtherList"
    ), after.findings

    role = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles/watched"
    rules = cluster.api.request("GET", role)["rules"]
    fewer = [{**rule, "verbs": [verb for verb in rule["verbs"] if verb != "delete"]} for rule in rules]
    cluster.api.request("PATCH", role, {"rules": fewer}, content_type="application/merge-patch+json")
    limited = str(cluster.service_account_kubeconfig(namespace, "trunkline"))
    capsys.readouterr()
    with _renewed(cluster, namespace):
        assert main(["doctor", "--kubeconfig", limited, *here, "--service-account", f"{namespace}/trunkline"]) == 0
    shown = capsys.readouterr().out
    assert "Traceback" not in shown
    assert "may not read" not in shown.splitlines()[0]
    assert max(map(len, shown.splitlines())) <= 80
    own = Wanted((namespace,), (namespace, "trunkline"), installation="mine", in_cluster=True, aws=False, apart=0.1)
    of_pod = asyncio.run(examined(own, Settings(kubeconfig=Path(limited))))
    (lacking,) = [finding for finding in of_pod if finding.outcome == "failed"]
    assert (lacking.check, lacking.reason) == ("rights", "Missing"), "by its own token, without anybody else's rights"
    again = aws.examine(*admin, *here)
    assert again.of("lease") == [("failed", "NotRenewed")], "its holder is gone"
    assert again.of("rights") == [("failed", "Missing")]
    assert "delete configmaps" in again.message("rights", "Missing")


def _install(cluster: Cluster, namespace: str) -> None:
    """What the chart would, in one namespace: Deployment with a ready replica, roles, Lease."""
    labels = {"app.kubernetes.io/part-of": "trunkline", "app.kubernetes.io/component": "operator"}
    told = {"NAMESPACES": namespace, "INSTALLATION": "mine", "TENANTS": "/etc/tenants"}
    env = [{"name": f"TRUNKLINE_{name}", "value": value} for name, value in told.items()]
    mounts = [{"name": "list", "mountPath": "/etc/tenants"}]
    pod = {
        "serviceAccountName": "trunkline",
        "containers": [{"name": "operator", "image": "x", "env": env, "volumeMounts": mounts}],
        "volumes": [{"name": "list", "configMap": {"name": "tenants"}}],
    }
    subjects = [{"kind": "ServiceAccount", "name": "trunkline", "namespace": namespace}]
    rules = {item["metadata"]["name"]: item["rules"] for item in documents() if "rules" in item}
    lease = {"holderIdentity": "pod-1", "leaseDurationSeconds": 16, "leaseTransitions": 1, "renewTime": _now()}
    whole = {
        "watched": [rule for rule in rules["trunkline-operator"] if rule["resources"] != ["namespaces"]],
        "leases": rules["trunkline-lease"],
    }
    items: list[Value] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "trunkline"}},
        {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "trunkline"}, "spec": lease},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "trunkline", "labels": labels},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
    ]
    for name, given in whole.items():
        rbac = "rbac.authorization.k8s.io"
        items.append({"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": name}, "rules": given})
        reference = {"apiGroup": rbac, "kind": "Role", "name": name}
        items.append(
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": {"name": name, "annotations": {"trunkline.dev/watched-by": f"{namespace}/trunkline"}},
                "roleRef": reference,
                "subjects": subjects,
            }
        )
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    cluster.kubectl("-n", namespace, "apply", "--server-side", "-f", "-", input=text)
    status = {"status": {"replicas": 1, "readyReplicas": 1}}
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/trunkline/status"
    cluster.api.request("PATCH", path, status, content_type="application/merge-patch+json")


@contextmanager
def _tenants_policy(cluster: Cluster, namespace: str, roles: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """The policy of tenants by its own name and with a list, bound where nothing is."""
    tenants = admission.tenants("", roles)
    tenants["metadata"]["name"] = "trunkline-tenants"
    admission.apply(cluster, tenants, admission.binding(tenants, f"{namespace}-nowhere"))
    try:
        yield
    finally:
        kinds = "validatingadmissionpolicies,validatingadmissionpolicybindings"
        cluster.kubectl("delete", kinds, "trunkline-tenants", "--wait=false")


@contextmanager
def _renewed(cluster: Cluster, namespace: str) -> Iterator[None]:
    """Somebody holds the Lease, and goes on."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/trunkline"
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(0.5):
            body = {"spec": {"renewTime": _now()}}
            cluster.api.request("PATCH", path, body, content_type="application/merge-patch+json")

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _now() -> str:
    return datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
