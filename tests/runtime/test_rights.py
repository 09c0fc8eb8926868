"""The runtime with no more rights than the chart gives it: a service account, RBAC on."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.runtime.worlds import Recorder, World, settled, until
from trunkline.handlers.port import Content, Inputs, Named, Note, NoteType, Reconciled, Source
from trunkline.runtime.config import LeaseConfig

RULES = [
    {"apiGroups": ["trunkline.dev"], "resources": ["contactcenters"], "verbs": ["get", "list", "watch", "patch"]},
    {"apiGroups": ["trunkline.dev"], "resources": ["contactcenters/status"], "verbs": ["patch"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]},
]


def grant(world: World) -> None:
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{world.namespace}"
    subject = {"kind": "ServiceAccount", "name": "trunkline", "namespace": world.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "trunkline"}
    name: dict[str, Any] = {"metadata": {"name": "trunkline"}}
    world.request("POST", f"/api/v1/namespaces/{world.namespace}/serviceaccounts", name)
    world.request("POST", f"{rbac}/roles", {**name, "rules": RULES})
    world.request("POST", f"{rbac}/rolebindings", {**name, "subjects": [subject], "roleRef": role})


def test_these_rights_are_enough_and_a_secret_that_may_not_be_read_is_said(world: World) -> None:
    grant(world)
    kubeconfig = world.cluster.service_account_kubeconfig(world.namespace, "trunkline")
    read: list[Content] = []

    async def during(inputs: Inputs) -> None:
        if not inputs.snapshot.deleting:
            read.append(await inputs.content(Named(Source.SECRET, "token", "value")))

    def answer(inputs: Inputs) -> Reconciled:
        note = Note(NoteType.NORMAL, "Seen", "seen")
        if inputs.snapshot.deleting:
            return Reconciled(None, finalizer=False)
        return Reconciled(settled(inputs.snapshot), notes=(note,), finalizer=True)

    async def main() -> None:
        changes: dict[str, Any] = {"kubeconfig": kubeconfig, "watched": (Source.CONFIG_MAP,)}
        lease = LeaseConfig(world.namespace)
        world.release_lease()
        async with world.running(Recorder(during=during, answer=answer), lease=lease, **changes):
            world.create("acme")
            await until("the status", lambda: (world.get("acme").get("status") or {}).get("conditions"))
            await until("the event", lambda: world.events("acme"))
            world.delete("acme")
            await until("the end of the object", lambda: not world.exists("acme"))

    asyncio.run(main())
    assert read[0].value is None
    assert read[0].problem.startswith("Secret token cannot be read: ")
