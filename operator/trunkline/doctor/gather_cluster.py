"""Gathers the Kubernetes side. Reads with whatever rights the asking user has; creates nothing but AccessReviews."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from trunkline.api.managed import GROUP, VERSION
from trunkline.aws.dates import ahead, http_date
from trunkline.doctor.asking import Asking, in_time
from trunkline.doctor.checks_rights import POLICIES
from trunkline.doctor.definitions import PLURALS, definition, published
from trunkline.doctor.facts import (
    AdmissionPolicy,
    Cluster,
    Definition,
    Lease,
    Operator,
    Server,
    Unread,
)
from trunkline.doctor.gather_installed import installed, the_operator, watchers
from trunkline.doctor.gather_objects import objects_of
from trunkline.doctor.gather_rights import rights_of
from trunkline.doctor.tenants import of_policy
from trunkline.doctor.wanted import Wanted
from trunkline.runtime.kube import ApiServer

PATIENCE = 1.7  # so much longer than the first is the second look at a Lease
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"

Late = Callable[[str], None]


async def gather_cluster(server: ApiServer, wanted: Wanted, seconds: float, late: Late) -> Cluster:
    """All of it within so many seconds."""
    end = time.monotonic() + seconds
    ask = Asking(server, wanted.call_seconds)
    about = await _server(ask, server)
    if isinstance(about, Unread):
        return Cluster(about, lease_name=wanted.lease_title, in_cluster=wanted.in_cluster)
    operators = (await in_time({"operators": installed(ask, wanted)}, end - time.monotonic(), late))["operators"]
    one = the_operator(operators, wanted)
    lease = wanted.lease if one is None else _lease_of(one, wanted)
    wanted = replace(wanted, lease=lease)
    work: dict[str, Any] = {f"definition {plural}": _definition(ask, plural) for plural in PLURALS}
    work |= {f"admission policy {name}": _policy(ask, name) for name in POLICIES}
    work |= {
        "bindings": watchers(ask),
        "Lease": _lease(ask, server, wanted),
        "kube-system": ask.get("/api/v1/namespaces/kube-system"),
        "objects": objects_of(ask, wanted.namespaces, late),
    }
    found = await in_time(work, end - time.monotonic(), late)
    named = await in_time({"rights": rights_of(ask, operators, wanted)}, end - time.monotonic(), late)
    policies = [found[f"admission policy {name}"] for name in POLICIES]
    refused = next((policy for policy in policies if isinstance(policy, Unread)), None)
    return Cluster(
        server=about,
        definitions={plural: found[f"definition {plural}"] for plural in PLURALS},
        operators=operators,
        watchers=found["bindings"],
        rights=named["rights"],
        policies=refused if refused is not None else tuple(policies),
        lease=found["Lease"],
        lease_name=wanted.lease_title,
        installation=_uid(found["kube-system"]),
        objects=found["objects"],
        in_cluster=wanted.in_cluster,
    )


async def _server(ask: Asking, server: ApiServer) -> Server | Unread:
    """Asked twice: the first answer opens the connection, the second's time is that of a request alone."""
    version = await ask.get("/version")
    if isinstance(version, Unread):
        return version
    before = time.time()
    await ask.get("/version")
    measured = (before + time.time()) / 2
    date = http_date(server.date)
    told = str((version or {}).get("gitVersion") or "")
    return Server(server.host, told, None if date is None else ahead(date, measured))


# --- definitions and policies


async def _definition(ask: Asking, plural: str) -> Definition | Unread | None:
    body = await ask.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{GROUP}")
    if not isinstance(body, Unread):
        return None if body is None else definition(plural, body)
    if not body.forbidden:
        return body
    served = await ask.get(f"/apis/{GROUP}/{VERSION}")
    if served is None:
        return None
    if isinstance(served, Unread):
        return served
    if plural not in {resource.get("name") for resource in served.get("resources") or ()}:
        return None
    openapi = await ask.get(f"/openapi/v3/apis/{GROUP}/{VERSION}")
    return openapi if isinstance(openapi, Unread) else published(plural, openapi)


async def _policy(ask: Asking, name: str) -> AdmissionPolicy | Unread:
    policy = await ask.get(f"{_ADMISSION}/validatingadmissionpolicies/{name}")
    if isinstance(policy, Unread):
        return policy
    if policy is None:
        return AdmissionPolicy(name, present=False)
    binding = await ask.get(f"{_ADMISSION}/validatingadmissionpolicybindings/{name}")
    if isinstance(binding, Unread):
        return binding
    bound = (binding or {}).get("spec") or {}
    checked = ((policy.get("status") or {}).get("typeChecking") or {}).get("expressionWarnings") or ()
    warnings = tuple(str(one.get("warning")) for one in checked)
    return AdmissionPolicy(
        name, True, "Deny" in (bound.get("validationActions") or ()), warnings, of_policy(policy.get("spec") or {})
    )


def _lease_of(one: Operator, wanted: Wanted) -> tuple[str, str]:
    """As the operator is told; a release may be named otherwise than is asked for."""
    environment = one.environment
    if (one.namespace, one.name) == wanted.lease:
        return wanted.lease
    return environment.get("TRUNKLINE_LEASE_NAMESPACE") or one.namespace, environment.get(
        "TRUNKLINE_LEASE_NAME"
    ) or one.name


# --- Lease and installation


async def _lease(ask: Asking, server: ApiServer, wanted: Wanted) -> Lease | Unread | None:
    """Two looks: whether it is renewed is seen, not computed from clocks."""
    namespace, name = wanted.lease
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}"
    first = await ask.get(path)
    if first is None or isinstance(first, Unread):
        return first
    started, second, moved = time.monotonic(), first, False
    # A healthy leader renews within half of this; who does not is looked at once more.
    for pause in (wanted.apart, wanted.apart * PATIENCE):
        await asyncio.sleep(pause)
        second = await ask.get(path)
        if second is None or isinstance(second, Unread):
            return second
        moved = first["metadata"].get("resourceVersion") != second["metadata"].get("resourceVersion")
        if moved:
            break
    spec = second.get("spec") or {}
    return Lease(
        name=wanted.lease_title,
        holder=str(spec.get("holderIdentity") or ""),
        duration=_whole(spec.get("leaseDurationSeconds")),
        transitions=_whole(spec.get("leaseTransitions")),
        renewed_at=_time(spec.get("renewTime")),
        read_at=http_date(server.date) or time.time(),
        moved=moved,
        apart=time.monotonic() - started,
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _time(text: object) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


def _uid(namespace: Any) -> str | Unread:
    if isinstance(namespace, Unread):
        return namespace
    return str(((namespace or {}).get("metadata") or {}).get("uid") or "")
