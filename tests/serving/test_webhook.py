"""The webhook of the chart behind a real API server: what kubectl prints of a refusal and of a warning, and without it."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

from tests.chart.helm import CHART, Helm, one
from tests.column.centers import small_spec
from tests.e2e.world import install_crds, until
from tests.serving.worlds import HOST, Mounted
from trunkline.serving.admission import LIMITS, PATH, Reviews
from trunkline.serving.certificates import ServedCertificate
from trunkline.serving.http import listen
from trunkline_sandbox.cluster import Cluster
from trunkline_sandbox.cluster.access import kubectl_environment

Value = dict[str, Any]

WRONG = 'spec.flows[name=inbound]: Actions[2](Identifier "choose").Parameters.QueueId: no queue is called "salse"; '
CENTERS = "/apis/trunkline.dev/v1alpha1/namespaces/{}/contactcenters"


class User:
    """Somebody with kubectl."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._command = [str(cluster.binaries.kubectl), "-n", namespace]
        self._environment = kubectl_environment(os.environ, cluster.kubeconfig, cluster.directory / "kubectl-cache")

    def says(self, *arguments: str, of: object = None) -> tuple[int, str]:
        """What kubectl ends with and prints on standard error."""
        text = "" if of is None else json.dumps(of)
        done = subprocess.run(
            [*self._command, *arguments],
            input=text,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stderr

    def apply(self, body: Value, *more: str) -> tuple[int, str]:
        return self.says("apply", "--server-side", "--force-conflicts", "-f", "-", *more, of=body)


def center(name: str, edit: Callable[[Value], Any] = lambda _: None) -> Value:
    spec = copy.deepcopy(small_spec())
    edit(spec)
    return {
        "apiVersion": "trunkline.dev/v1alpha1",
        "kind": "ContactCenter",
        "metadata": {"name": name},
        "spec": spec,
    }


def misspelt(spec: Value) -> None:
    """What no rule of a definition can see: a name inside of a flow."""
    spec["flows"][0]["content"]["inline"]["Actions"][2]["Parameters"]["QueueId"] = "trunkline:queue/salse"


def without_support(spec: Value) -> None:
    spec["queues"] = spec["queues"][:1]
    spec["routingProfiles"][0]["queues"] = spec["routingProfiles"][0]["queues"][:1]


def registration(helm: Helm, name: str, port: int, authority: bytes) -> Value:
    """The chart's own, but for where it is: the API server of the tests reaches no Service."""
    values = [CHART / "ci" / "tls-values.yaml"]
    found = one(helm.template(values, settings=["crds.enabled=false"]), "ValidatingWebhookConfiguration")
    (webhook,) = found["webhooks"]
    bundle = base64.b64encode(authority).decode()
    webhook["clientConfig"] = {"url": f"https://{HOST}:{port}{PATH}", "caBundle": bundle}
    webhook["timeoutSeconds"] = 30  # a machine that is busy is not what is tried here
    webhook["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": name}}
    found["metadata"] = {"name": name}
    return found


def test_kubectl_is_refused_or_warned_and_goes_on_without_the_webhook(
    cluster: Cluster, namespace: str, helm: Helm, mounted: Mounted
) -> None:
    install_crds(cluster)
    user = User(cluster, namespace)
    before = center("wrong-before", misspelt)
    before["metadata"]["finalizers"] = ["trunkline.dev/cleanup"]
    assert user.apply(before) == (0, ""), "there is no webhook yet"

    def while_it_answers() -> None:
        # It is asked from a moment after it was registered.
        dry = ("--dry-run=server",)
        wrong = until("a refusal", lambda: (found := user.apply(center("wrong", misspelt), *dry))[0] and found[1])
        assert wrong.startswith("Error from server (Forbidden): ")
        assert f'admission webhook "objects.trunkline.dev" denied the request: {WRONG}did you mean "sales"?' in wrong

        assert user.apply(center("small")) == (0, "")
        resources = [
            {"kind": "queue", "section": "queues", "name": name, "id": name, "state": "Ready"}
            for name in ("sales", "support")
        ]
        path = f"{CENTERS.format(namespace)}/small/status"
        status = {"status": {"observedGeneration": 1, "resources": resources}}
        cluster.api.request("PATCH", path, status, content_type="application/merge-patch+json")
        code, warned = user.apply(center("small", without_support))
        assert (code, warned) == (0, "Warning: deletes in AWS: queues/support\n")

        old = ("contactcenters.trunkline.dev", "wrong-before")
        assert user.says("annotate", *old, "team=sales") == (0, ""), "who does not touch the spec is not judged"
        code, warned = user.says("patch", *old, "--type=merge", "-p", '{"spec":{"deletionPolicy":"Delete"}}')
        assert code == 0
        assert warned.startswith(f"Warning: still wrong, and not applied: {WRONG}")
        assert user.says("delete", *old, "--wait=false") == (0, "")
        assert user.says("patch", *old, "--type=merge", "-p", '{"metadata":{"finalizers":null}}') == (0, "")

    async def main() -> None:
        reviews = Reviews(seconds=20)
        tls = ServedCertificate(mounted.folder).context
        listener = await listen((HOST, 0), reviews.answer, limits=LIMITS, tls=tls)
        registered = registration(helm, namespace, listener.port, mounted.authority.credentials.certificate)
        try:
            cluster.kubectl("apply", "-f", "-", input=json.dumps(registered))
            await asyncio.to_thread(while_it_answers)
        finally:
            await listener.close()
            reviews.close()

    try:
        asyncio.run(main())
        assert user.apply(center("wrong", misspelt)) == (0, ""), "a dead webhook keeps nobody out"
    finally:
        cluster.kubectl("delete", "validatingwebhookconfiguration", namespace, "--ignore-not-found")
