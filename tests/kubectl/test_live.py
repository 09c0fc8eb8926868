"""The real kubectl runs the plugin against a real API server; a runtime beside it sees what was asked of the operator."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import install_crds
from tests.kubectl.conftest import Run
from tests.kubectl.objects import recorded
from tests.rights.admission import apply, binding, policy, until_refused
from tests.runtime.worlds import Recorder, World
from trunkline_sandbox.cluster import Cluster

PLURALS = {"ContactCenter": "contactcenters", "ScalingPolicy": "scalingpolicies"}
HOURS = [{"name": "office", "timeZone": "UTC", "hours": [{"days": ["MONDAY"], "start": "09:00", "end": "17:00"}]}]


@pytest.fixture
def here(cluster: Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """A namespace with the definitions; kubectl and its plugins on the PATH, for this user and this cluster."""
    install_crds(cluster)
    folders = [str(Path(sys.executable).parent), str(cluster.binaries.kubectl.parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    monkeypatch.setenv("KUBECACHEDIR", str(cluster.directory / "kubectl-cache"))
    for name in ("KUBECTL", "TRUNKLINE_CONTEXT", "TRUNKLINE_KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    return World(cluster, namespace)


def put(here: World, kind: str, name: str) -> None:
    """A recorded object with its status, as if the operator had written it here."""
    body = recorded(kind, name)
    status, plural = body.pop("status"), PLURALS[kind]
    body["metadata"] = {"name": body["metadata"]["name"]}
    if kind == "ContactCenter":
        body["spec"]["hoursOfOperation"] = HOURS
    made = here.request("POST", here.path(plural=plural), body)
    for condition in status["conditions"]:
        condition["observedGeneration"] = made["metadata"]["generation"]
    status["observedGeneration"] = made["metadata"]["generation"]
    path = f"{here.path(made['metadata']['name'], plural)}/status"
    here.request("PATCH", path, {"status": status}, content_type="application/merge-patch+json")


def kubectl(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["kubectl", *words], capture_output=True, text=True, check=False, timeout=60)


def test_kubectl_runs_it_and_completes_it(here: World) -> None:
    put(here, "ContactCenter", "confirmation-required")
    put(here, "ScalingPolicy", "ready")
    shown = kubectl("trunkline", "status", "acme", "-n", here.namespace)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"ContactCenter {here.namespace}/acme: not ready, ConfirmationRequired\n")
    assert "kubectl trunkline confirm cc/acme 47538cd63c24" in shown.stdout
    listed = kubectl("trunkline", "list", "-o", "json", "-n", here.namespace, "--context", "trunkline-sandbox")
    assert [item["name"] for item in json.loads(listed.stdout)["items"]] == ["acme", "peak"]
    assert "usage: kubectl trunkline status" in kubectl("trunkline", "status", "-h").stdout
    offered = kubectl("__complete", "trunkline", "status", "-n", here.namespace, "")
    assert offered.stdout.splitlines() == ["acme\tContactCenter", "peak\tScalingPolicy", ":4"]
    assert "reconcile\t" in kubectl("__complete", "trunkline", "rec").stdout


def test_what_is_asked_is_what_the_operator_sees(here: World, run: Run) -> None:
    """Pause, resume, reconcile with a runtime that answers, and the wait for it."""
    told: list[Any] = []

    def cli(*words: str) -> Any:
        told.append(ended := run(*words, "-n", here.namespace))
        return ended

    async def scene() -> None:
        handler = Recorder()
        here.create("acme")
        async with here.running(handler):
            assert (await asyncio.to_thread(cli, "pause", "acme", "--reason", "porting")).code == 0
            assert here.get("acme")["spec"]["paused"] is True
            paused = await asyncio.to_thread(cli, "status", "acme")
            assert "paused: porting\n" in paused.out
            done = await asyncio.to_thread(cli, "reconcile", "acme", "--wait", "--timeout", "60")
            assert (done.code, done.err) == (0, ""), here.get("acme")
            assert done.out.endswith("cc/acme: ready, paused\n")
            assert (await asyncio.to_thread(cli, "resume", "cc/acme")).out == "cc/acme is not paused\n"
            found = here.get("acme")
        asked = found["metadata"]["annotations"]["trunkline.dev/reconcile"]
        assert found["status"]["lastHandledReconcile"] == asked
        assert asked in [item.snapshot.annotations.get("trunkline.dev/reconcile") for item in handler.of("acme")]
        assert [found["spec"]["paused"], "trunkline.dev/pause-reason" in found["metadata"]["annotations"]] == [
            False
        ] * 2

    asyncio.run(scene())
    late = cli("reconcile", "acme", "--wait", "--timeout", "1")
    assert (late.code, "no operator has checked cc/acme within 1 s" in late.err) == (1, True)
    events = cli("events", "cc/acme", "-o", "json")
    assert json.loads(events.out)["items"] == []


def test_a_refusal_is_shown_as_it_is(here: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may edit may not confirm, where the policy is installed; who may nothing is told what is missing."""
    cluster, namespace = here.cluster, here.namespace
    put(here, "ContactCenter", "confirmation-required")
    consent = policy("consent", namespace)
    rules = [{"apiGroups": ["trunkline.dev"], "resources": ["contactcenters"], "verbs": ["get", "list", "patch"]}]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "editor", "namespace": namespace}}
    subject = [{"kind": "User", "name": "kim", "apiGroup": "rbac.authorization.k8s.io"}]
    apply(
        cluster,
        consent,
        binding(consent, namespace),
        {**role, "kind": "Role", "rules": rules},
        {
            **role,
            "kind": "RoleBinding",
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "editor"},
            "subjects": subject,
        },
    )
    monkeypatch.setenv("KUBECONFIG", str(cluster.user_kubeconfig("kim", namespace=namespace)))

    dry = ("annotate", "cc/acme", "trunkline.dev/confirm=x", "--dry-run=server")
    until_refused(lambda: kubectl(*dry).stderr, "a confirmation without the verb")
    refused = run("confirm", "cc/acme", "47538cd63c24")
    assert refused.code == 4
    said = refused.err
    assert "kim may not give consent by trunkline.dev/confirm: it needs the verb confirm on contactcenters" in said
    assert run("pause", "cc/acme").code == 0
    listed = run("list")
    assert (listed.code, "cc/acme" in listed.out) == (4, True), "what may be seen is shown"
    assert 'this is not all: cachelayers.trunkline.dev is forbidden: User "kim"' in listed.err
    assert run("status", "acme").code == 0
    elsewhere = run("status", "cc/acme", "-n", "kube-system")
    assert elsewhere.code == 4
    assert 'User "kim" cannot get resource "contactcenters"' in elsewhere.err
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    here.request(
        "PATCH",
        here.path("acme"),
        {"spec": {"paused": None}},
        content_type="application/merge-patch+json",
    )
    unknown = run("list", "--context", "nowhere")
    assert (unknown.code, "the kubeconfig has no context nowhere" in unknown.err) == (5, True)
    away = here.cluster.directory / f"{namespace}.away"
    away.write_text(cluster.kubeconfig.read_text().replace(cluster.url, "https://127.0.0.1:1"))
    unreachable = run("list", "--kubeconfig", str(away))
    assert (unreachable.code, "the API server cannot be reached" in unreachable.err) == (5, True)
