"""A support bundle holds what helps, and no secret: planted ones, wherever they stand, are in no member in any dress."""

from __future__ import annotations

import argparse
import asyncio
import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from tests.bundle.planted import LOG, OPERATOR, SECRETS, PlantedKube, leaks, opened
from trunkline.bundle.arguments import add_bundle_arguments
from trunkline.bundle.collecting import Where, collect
from trunkline.bundle.command import run_bundle
from trunkline.bundle.redaction import LEFT_OUT, Redaction
from trunkline.bundle.serving import metrics_target
from trunkline.cli import main
from trunkline.runtime.kube import KubeError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One of the planted cluster."""
    folder = tmp_path_factory.mktemp("bundle")
    parser = argparse.ArgumentParser()
    add_bundle_arguments(parser)
    path = folder / "help.tar.gz"
    nowhere = str(folder / "no-kubeconfig")
    args = parser.parse_args(["-A", "--no-aws", "-o", str(path), "--kubeconfig", nowhere, "--timeout", "5"])
    kube = PlantedKube()
    assert run_bundle(args, environment={}, connect=lambda _said, _seconds: kube) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return opened(path)


def test_the_planted_secrets_are_found_where_nothing_is_taken_out() -> None:
    """Or the test below would prove nothing."""
    assert set(leaks(LOG.encode())) >= {
        "a password in a log",
        "PEM",
        "AUTH",
        "a function's variable",
        "a pod's variable",
    }


def test_no_secret_is_in_any_member(bundle: dict[str, bytes]) -> None:
    found = {f"{where} in {name}" for name, content in bundle.items() for where in leaks(content)}
    assert not found
    assert len(SECRETS) > 20


def test_what_helps_is_there(bundle: dict[str, bytes]) -> None:
    assert set(bundle) == {
        "manifest.json",
        "version.json",
        "definitions.json",
        "doctor.json",
        "doctor.txt",
        "events/all.json",
        "events/trunkline.json",
        "logs/trunkline-0.operator.log",
        "logs/trunkline-0.operator.previous.log",
        "metrics/trunkline-0.txt",
        "objects/prod/contactcenters/acme.json",
        "operator/deployments.json",
        "operator/pods.json",
    }
    center = json.loads(bundle["objects/prod/contactcenters/acme.json"])
    assert center["metadata"]["annotations"] == {"trunkline.dev/confirm": "plan-1a2b", "team.example/note": LEFT_OUT}
    assert "managedFields" not in center["metadata"]
    assert center["spec"]["credentials"]["roleArn"] == "arn:aws:iam::123456789012:role/acme"
    (function,) = center["spec"]["functions"]
    assert function["environment"][:2] == [
        {"name": "GREETING", "value": LEFT_OUT},
        {"name": "TABLE", "valueFrom": {"table": "customers"}},
    ]
    assert center["spec"]["flows"][0]["content"]["inline"].endswith("characters>")
    assert center["status"]["resources"][0]["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:acme"
    (pod,) = json.loads(bundle["operator/pods.json"])
    variables = {one["name"]: one.get("value", "") for one in pod["spec"]["containers"][0]["env"]}
    assert variables["TRUNKLINE_LEASE_NAME"] == "trunkline"
    assert variables["HTTPS_PROXY"] == f"http://{LEFT_OUT}@proxy:3128"
    assert "CheckHoursOfOperation" in center["status"]["conditions"][0]["message"], "a type, and in flows everywhere"
    assert b"docker run -u 1000:1000\n" in bundle["logs/trunkline-0.operator.log"]
    assert "a line that is no secret" in bundle["logs/trunkline-0.operator.log"].decode()
    manifest = json.loads(bundle["manifest.json"])
    assert set(manifest["members"]) == set(bundle) - {"manifest.json"}
    assert "operator/lease.json" in manifest["unreadable"]
    assert manifest["redacted"]["variable"] > 0
    assert manifest["versions"]["trunkline"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param(
            "credentials.roleArn: arn:aws:iam::1:role/x", "credentials.roleArn: arn:aws:iam::1:role/x", id="arn"
        ),
        pytest.param(
            "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-a1B2c3",
            "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-a1B2c3",
            id="where-a-secret-is",
        ),
        pytest.param(
            "spec.auth.token.secretKeyRef: Secret x", "spec.auth.token.secretKeyRef: Secret x", id="reference"
        ),
        pytest.param("uid 6d0f0c6e-1111-4333-8444-555555555555", "uid 6d0f0c6e-1111-4333-8444-555555555555", id="uid"),
        pytest.param("sha256:" + "ab12" * 16, "sha256:" + "ab12" * 16, id="digest"),
        pytest.param("pod trunkline-7d9f8b6c5d-x2x4z", "pod trunkline-7d9f8b6c5d-x2x4z", id="pod"),
        pytest.param("role/AWSServiceRoleForAmazonConnect", "role/AWSServiceRoleForAmazonConnect", id="role"),
        pytest.param("2026-11-21T15:00:00+00:00", "2026-11-21T15:00:00+00:00", id="time"),
        pytest.param("DB_PASSWORD='x1y2z3'", f"DB_PASSWORD='{LEFT_OUT}'", id="shell"),
        pytest.param('{"api_key":"x1y2z3"}', f'{{"api_key":"{LEFT_OUT}"}}', id="json"),
    ],
)
def test_what_is_no_secret_stays(text: str, clean: str) -> None:
    assert Redaction().text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("password='two words PLANTED'", id="quoted-words"),
        pytest.param('auth_token = "a \\"quoted\\" PLANTED"', id="quoted-quotes"),
        pytest.param("{'authorization': 'Token PLANTED'}", id="python-header"),
        pytest.param("authorization=Bearer PLANTED", id="bearer"),
        pytest.param("Set-Cookie: sid=PLANTED", id="cookie"),
        pytest.param("Server=x;Uid=sa;Pwd=PLANTED;", id="connection-string"),
        pytest.param("AccountKey=PLANTED==;", id="account-key"),
        pytest.param("the session token IQoJb3JpZ2luPLANTED/+= has ended", id="session-token"),
        pytest.param("ghp_PLANTEDabcdefghijklmnopqrstuvwxyz", id="github"),
        pytest.param("glpat-PLANTEDabcdefghij", id="gitlab"),
        pytest.param("https://hooks.slack.com/services/T0/B0/PLANTED", id="slack"),
        pytest.param("hvs.CAESIJPLANTEDabcd", id="vault"),
    ],
)
def test_what_looks_like_a_secret_goes(text: str) -> None:
    assert "PLANTED" not in Redaction().log(f"{text}\n")


@pytest.mark.parametrize(
    ("container", "target"),
    [
        pytest.param({}, "a:8080", id="nothing-said"),
        pytest.param({"ports": [{"name": "http", "containerPort": 9000}]}, "a:9000", id="port"),
        pytest.param(
            {"args": ["run", "--probes=:9090"], "ports": [{"name": "http", "containerPort": 9}]},
            "a:9090",
            id="argument",
        ),
        pytest.param(
            {"args": ["run", "--probes", "[::]:9090", "--metrics", ":9443", "--metrics-tls=/x"]},
            "https:a:9443",
            id="tls",
        ),
        pytest.param({"env": [{"name": "TRUNKLINE_PROBES", "value": ":7070"}]}, "a:7070", id="variable"),
    ],
)
def test_metrics_are_asked_for_where_the_pod_serves_them(container: dict[str, Any], target: str) -> None:
    assert metrics_target({"metadata": {"name": "a"}, "spec": {"containers": [container]}}) == target


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        pytest.param(
            401,
            "Unauthorized",
            "brings a token (metrics.tls), and the API server's proxy hands none on",
            id="of-the-pod",
        ),
        pytest.param(
            403, "Forbidden", "you may not read /api/v1/namespaces/trunkline/pods/https:", id="of-the-api-server"
        ),
    ],
)
def test_it_is_said_why_metrics_by_tls_are_not_there(status: int, reason: str, told: str) -> None:
    class Refusing(PlantedKube):
        async def request(self, method: str, path: str, body: object = None, **more: Any) -> Any:
            if "/proxy/metrics" in path:
                raise KubeError(status, reason, "")
            found = await super().request(method, path, body, **more)
            if path.endswith("/pods"):
                served = {"args": ["run", "--metrics=:8443", "--metrics-tls=/tls"], "name": "operator"}
                return {"items": [{"metadata": {"name": "trunkline-0"}, "spec": {"containers": [served]}}]}
            return found

    found = asyncio.run(collect(Refusing(), Where((), (OPERATOR, "trunkline")), 1.0, 10.0))
    assert told in found.unreadable["metrics/trunkline-0.txt"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("<html>Sign in</html>", id="page"),
        pytest.param({"status": "ok"}, id="json"),
        pytest.param(None, id="not-found"),
    ],
)
def test_what_is_no_api_server_makes_no_bundle(
    answer: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Foreign:
        async def request(self, method: str, path: str, body: object = None, **_: Any) -> Any:
            if answer is None:
                raise KubeError(404, "", "no such page")
            return answer

    parser = argparse.ArgumentParser()
    add_bundle_arguments(parser)
    path = tmp_path / "help.tar.gz"
    nowhere = str(tmp_path / "no-kubeconfig")
    args = parser.parse_args(["--no-aws", "-o", str(path), "--kubeconfig", nowhere, "--timeout", "5"])
    assert run_bundle(args, environment={}, connect=lambda _said, _seconds: Foreign()) == 1
    assert "what answered is no Kubernetes API server" in capsys.readouterr().err
    assert not path.exists()


def test_secrets_of_commands_and_headers_go() -> None:
    container = {
        "args": ["run", "--redis-password", "PLANTED1", "--region", "us-east-1"],
        "command": ["curl", "-u", "me:PLANTED3", "-u", "1000:1000"],
        "httpHeaders": [{"name": "X-Auth", "value": "PLANTED2"}, {"name": "Accept", "value": "text/plain"}],
    }
    found = Redaction().structure(container)
    assert found["args"] == ["run", "--redis-password", LEFT_OUT, "--region", "us-east-1"]
    assert found["command"] == ["curl", "-u", LEFT_OUT, "-u", "1000:1000"]
    assert [one["value"] for one in found["httpHeaders"]] == [LEFT_OUT, "text/plain"]


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("a", id="letters"),
        pytest.param("a-", id="names"),
        pytest.param("token", id="telling-words"),
        pytest.param('password="\\', id="open-quotes"),
        pytest.param("-u ", id="flags"),
        pytest.param('-u "a:', id="flags-with-open-quotes"),
    ],
)
def test_a_word_without_end_in_a_log_holds_nothing_up(part: str) -> None:
    """A word of 20,000 letters took a minute. A log has such lines, and the kubelet hands out 2 MiB of them."""
    started = time.process_time()
    Redaction().log(part * (20_000 // len(part)) + "\n")
    assert time.process_time() - started < 2, "it took minutes, and is milliseconds"


def test_a_value_that_is_a_name_of_an_object_is_not_blanked_out() -> None:
    redaction = Redaction(names={"acme-customers"})
    redaction.structure(
        {"environment": [{"name": "TABLE", "value": "acme-customers"}, {"name": "N", "value": "100000"}]}
    )
    assert redaction.text("table acme-customers has 100000 items") == "table acme-customers has 100000 items"


def test_a_real_api_server_without_rights_and_a_file_that_exists(
    cluster: Any, namespace: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    nobody = str(cluster.user_kubeconfig("nobody-at-all"))
    path = tmp_path / "help.tar.gz"
    flags = ["support-bundle", "-n", namespace, "--no-aws", "--operator-namespace", namespace, "-o", str(path)]
    assert main([*flags, "--kubeconfig", nobody]) == 0
    manifest = json.loads(opened(path)["manifest.json"])
    assert f"objects/{namespace}/contactcenters" in manifest["unreadable"]
    assert "may not list" in manifest["unreadable"][f"events/{namespace}.json"]
    assert main([*flags, "--kubeconfig", nobody]) == 2, "nothing is overwritten"
    assert b"it exists already" in capfdbinary.readouterr().err
    assert main([*flags[:-1], "-", "--kubeconfig", nobody]) == 0
    piped = tmp_path / "piped.tar.gz"
    piped.write_bytes(capfdbinary.readouterr().out)
    assert set(opened(piped)) == set(opened(path)), "nothing but the archive is on standard output"
