"""Gathers the Kubernetes side. Reads with whatever rights the asking user has; creates nothing but AccessReviews."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from trunkline.api.managed import GROUP, VERSION
from trunkline.api.manifest import Document
from trunkline.doctor.asking import Asking, in_time
from trunkline.doctor.checks_cluster import POLICIES
from trunkline.doctor.definitions import PLURALS, definition, published
from trunkline.doctor.facts import (
    AdmissionPolicy,
    Cluster,
    Definition,
    Lease,
    Operator,
    Right,
    Rights,
    Server,
    Unread,
    Watcher,
)
from trunkline.doctor.rights_needed import Needed, needed
from trunkline.doctor.wanted import Wanted
from trunkline.runtime.kube import ApiServer

PATIENCE = 1.7  # so much longer than the first is the second look at a Lease
MOST_OBJECTS = 200  # of each kind; of more the rights are the same
MOST_CONTENTS = 40  # ConfigMaps
MOST_BINDINGS = 5_000
MOST_NAMESPACES = 20  # of a list, of which each right is asked for
OPERATORS = "app.kubernetes.io/part-of=trunkline,app.kubernetes.io/component=operator"
WATCHED_BY = f"{GROUP}/watched-by"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"

Late = Callable[[str], None]


async def gather_cluster(server: ApiServer, wanted: Wanted, seconds: float, late: Late) -> Cluster:
    """All of it within so many seconds."""
    end = time.monotonic() + seconds
    ask = Asking(server, wanted.call_seconds)
    about = await _server(ask, server)
    if isinstance(about, Unread):
        return Cluster(about, lease_name=wanted.lease_title, in_cluster=wanted.in_cluster)
    operators = (await in_time({"operators": _operators(ask, wanted)}, end - time.monotonic(), late))["operators"]
    one = the_operator(operators, wanted)
    lease = wanted.lease if one is None else _lease_of(one, wanted)
    wanted = replace(wanted, lease=lease)
    work: dict[str, Any] = {f"definition {plural}": _definition(ask, plural) for plural in PLURALS}
    work |= {f"admission policy {name}": _policy(ask, name) for name in POLICIES}
    work |= {
        "bindings": _watchers(ask),
        "Lease": _lease(ask, server, wanted),
        "kube-system": ask.get("/api/v1/namespaces/kube-system"),
        "objects": _objects(ask, wanted.namespaces, late),
    }
    found = await in_time(work, end - time.monotonic(), late)
    named = await in_time({"rights": _rights(ask, operators, wanted)}, end - time.monotonic(), late)
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
    date = _http_date(server.date)
    told = str((version or {}).get("gitVersion") or "")
    # The header has whole seconds, cut off.
    return Server(server.host, told, None if date is None else _ahead(date, measured))


def _ahead(date: float, measured: float) -> float:
    """Seconds by which a server's clock is ahead; a header of whole seconds says no more than that."""
    off = date + 0.5 - measured
    return 0.0 if abs(off) <= 1.0 else off


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


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
    actions = ((binding or {}).get("spec") or {}).get("validationActions") or ()
    checked = ((policy.get("status") or {}).get("typeChecking") or {}).get("expressionWarnings") or ()
    return AdmissionPolicy(name, True, "Deny" in actions, tuple(str(one.get("warning")) for one in checked))


# --- who is installed


async def _operators(ask: Asking, wanted: Wanted) -> tuple[Operator, ...] | Unread:
    found = await ask.listed("/apis/apps/v1/deployments", 100, OPERATORS)
    if isinstance(found, Unread):
        own = await ask.listed(f"/apis/apps/v1/namespaces/{wanted.lease[0]}/deployments", 100, OPERATORS)
        if isinstance(own, Unread):
            return found
        found = own
    return tuple([await _operator(ask, body) for body in found])


async def _operator(ask: Asking, body: Mapping[str, Any]) -> Operator:
    metadata, spec = body["metadata"], body.get("spec") or {}
    pod = (spec.get("template") or {}).get("spec") or {}
    container: Mapping[str, Any] = next(
        (one for one in pod.get("containers") or () if one.get("name") == "operator"), {}
    )
    account = str(pod.get("serviceAccountName") or "default")
    named = await ask.get(f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}")
    annotations = {} if named is None or isinstance(named, Unread) else named["metadata"].get("annotations") or {}
    return Operator(
        namespace=metadata["namespace"],
        name=metadata["name"],
        version=str((metadata.get("labels") or {}).get("app.kubernetes.io/version") or ""),
        service_account=account,
        environment={one["name"]: str(one["value"]) for one in container.get("env") or () if "value" in one},
        ready=int((body.get("status") or {}).get("readyReplicas") or 0),
        wanted=int(spec.get("replicas", 1)),
        role_arn=str(annotations.get("eks.amazonaws.com/role-arn") or ""),
    )


async def _watchers(ask: Asking) -> tuple[Watcher, ...] | Unread:
    found: list[Watcher] = []
    for kind in ("clusterrolebindings", "rolebindings"):
        bindings = await ask.listed(f"{_RBAC}/{kind}", MOST_BINDINGS)
        if isinstance(bindings, Unread):
            return bindings
        for binding in bindings:
            metadata = binding["metadata"]
            by = (metadata.get("annotations") or {}).get(WATCHED_BY)
            found += [Watcher(str(metadata.get("namespace") or ""), str(by))] if by else []
    return tuple(found)


def the_operator(operators: tuple[Operator, ...] | Unread, wanted: Wanted) -> Operator | None:
    """The one that is asked about: that of the Lease, or the only one."""
    if isinstance(operators, Unread) or not operators:
        return None
    named = [one for one in operators if (one.namespace, one.name) == wanted.lease]
    if named:
        return named[0]
    return operators[0] if len(operators) == 1 else None


# --- rights


async def _rights(ask: Asking, operators: tuple[Operator, ...] | Unread, wanted: Wanted) -> Rights | Unread:
    one = the_operator(operators, wanted)
    if one is None and not wanted.in_cluster and not wanted.service_account:
        why = operators.reason if isinstance(operators, Unread) else "no operator is installed"
        return Unread(f"whose rights to ask for is not known ({why}): --service-account NAMESPACE/NAME")
    watched = one.namespaces if one is not None else wanted.namespaces
    given = bool(wanted.installation or (one is not None and one.environment.get("TRUNKLINE_INSTALLATION")))
    told = one.environment if one is not None else wanted.environment if wanted.in_cluster else {}
    asked = needed(
        watched[:MOST_NAMESPACES],
        installation_given=given,
        lease=wanted.lease,
        metrics_tls="TRUNKLINE_METRICS_TLS" in told,
    )
    subject = "" if wanted.in_cluster else _subject(one, wanted)
    answers = await asyncio.gather(*(_allowed(ask, right, subject) for right in asked))
    refused = next((answer for answer in answers if isinstance(answer, Unread)), None)
    if refused is not None:
        return refused
    rights = [
        Right(right.verb, right.title, right.namespace, allowed=answer is True)
        for right, answer in zip(asked, answers, strict=True)
    ]
    return Rights(subject or "this pod's service account", tuple(rights))


def _subject(one: Operator | None, wanted: Wanted) -> str:
    title = wanted.service_account or (f"{one.namespace}/{one.service_account}" if one is not None else "")
    return f"system:serviceaccount:{title.replace('/', ':')}"


def _lease_of(one: Operator, wanted: Wanted) -> tuple[str, str]:
    """As the operator is told; a release may be named otherwise than is asked for."""
    environment = one.environment
    if (one.namespace, one.name) == wanted.lease:
        return wanted.lease
    return environment.get("TRUNKLINE_LEASE_NAMESPACE") or one.namespace, environment.get(
        "TRUNKLINE_LEASE_NAME"
    ) or one.name


async def _allowed(ask: Asking, right: Needed, subject: str) -> bool | Unread:
    spec: dict[str, Any] = {"resourceAttributes": right.attributes()}
    if not subject:
        return await ask.review("SelfSubjectAccessReview", spec)
    namespace = subject.split(":")[2]
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
    return await ask.review("SubjectAccessReview", {**spec, "user": subject, "groups": groups})


# --- Lease, installation, objects


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
        read_at=_http_date(server.date) or time.time(),
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


async def _objects(ask: Asking, namespaces: tuple[str, ...], late: Late) -> tuple[Document, ...] | Unread:
    found: list[Document] = []
    for plural in PLURALS:
        for namespace in namespaces or ("",):
            where = f"/namespaces/{namespace}" if namespace else ""
            items = await ask.listed(f"/apis/{GROUP}/{VERSION}{where}/{plural}", MOST_OBJECTS)
            if isinstance(items, Unread):
                return items
            if len(items) > MOST_OBJECTS:
                late(f"{plural} beyond the first {MOST_OBJECTS}")
            kind = {"apiVersion": f"{GROUP}/{VERSION}", "kind": _KINDS[plural]}
            found += [Document({**kind, **body}, "the cluster", 0) for body in items[:MOST_OBJECTS]]
    return (*found, *await _contents(ask, found, late))


async def _contents(ask: Asking, objects: list[Document], late: Late) -> list[Document]:
    """The ConfigMaps that flows are in: what a flow names needs rights too."""
    named = dict.fromkeys(
        (str(one.body["metadata"]["namespace"]), name) for one in objects for name in _references(one.body.get("spec"))
    )
    if len(named) > MOST_CONTENTS:
        late(f"ConfigMaps of flows beyond the first {MOST_CONTENTS}")
    found = []
    for namespace, name in list(named)[:MOST_CONTENTS]:
        body = await ask.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
        if isinstance(body, Unread):
            late(f"ConfigMap {namespace}/{name}, and what its flows name: {body.reason}")
        elif body is not None:
            found.append(Document({"apiVersion": "v1", "kind": "ConfigMap", **body}, "the cluster", 0))
    return found


def _references(value: Any) -> Iterator[str]:
    """Names of ConfigMaps, wherever they stand."""
    if isinstance(value, Mapping):
        reference = value.get("configMapKeyRef")
        if isinstance(reference, Mapping) and reference.get("name"):
            yield str(reference["name"])
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


_KINDS = {"contactcenters": "ContactCenter", "cachelayers": "CacheLayer", "scalingpolicies": "ScalingPolicy"}
