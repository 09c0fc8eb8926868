"""Reads what goes into a bundle from the API server, each request bounded. Never a Secret, never the data of a ConfigMap."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from trunkline.api.managed import GROUP, VERSION
from trunkline.bundle.serving import metrics_target
from trunkline.doctor.asking import STRANGER, Asking, in_time, unread
from trunkline.doctor.definitions import PLURALS, definition
from trunkline.doctor.facts import Unread
from trunkline.doctor.gather_installed import OPERATORS
from trunkline.runtime.kube import Kube, KubeError

MOST_OBJECTS = 500  # of each kind
MOST_EVENTS = 1_000  # of a namespace
MOST_PODS = 10
VERSION_FILE = "version.json"
ABSENT = Unread("there is none")
WANTS_TOKEN = Unread(
    "the pod shows its metrics by TLS to who brings a token (metrics.tls), and the API server's proxy hands none on: "
    "docs/doctor.md, metrics by TLS, says how to fetch them"
)
LOG_LINES, LOG_BYTES = 2_000, 2 << 20  # of each container


@dataclass(slots=True)
class Collected:
    """Before anything was taken out of it. values: JSON by path in the archive; logs, texts: likewise. unreadable: path
    and reason.
    """

    values: dict[str, Any] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def foreign(self) -> bool:
        """Whether what answered is no API server: each tells its version, to everyone who may ask anything."""
        if VERSION_FILE in self.values:
            return not self.values[VERSION_FILE].get("gitVersion")
        return self.unreadable.get(VERSION_FILE) in (STRANGER.reason, ABSENT.reason)

    def put(self, path: str, value: Any) -> None:
        """A value, or why there is none."""
        if isinstance(value, Unread):
            self.unreadable[path] = value.reason
        else:
            self.values[path] = value

    def put_text(self, into: dict[str, str], path: str, text: str | Unread) -> None:
        """A log or another text, or why there is none."""
        if isinstance(text, Unread):
            self.unreadable[path] = text.reason
        else:
            into[path] = text


@dataclass(frozen=True, slots=True)
class Where:
    """namespaces: of objects; none is all. operator: namespace, and name of Lease and Deployment."""

    namespaces: tuple[str, ...]
    operator: tuple[str, str]
    log_lines: int = LOG_LINES


async def collect(kube: Kube, where: Where, call_seconds: float, seconds: float) -> Collected:
    """All of it, within so many seconds; the rest is named."""
    found = Collected()
    ask = Asking(kube, call_seconds)
    namespace, name = where.operator

    def late(path: str) -> None:
        found.unreadable[path] = "not read in time"

    work: dict[str, Any] = {
        VERSION_FILE: _value(found, VERSION_FILE, ask, "/version"),
        "definitions.json": _definitions(found, ask),
        "operator/lease.json": _value(
            found,
            "operator/lease.json",
            ask,
            f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}",
        ),
        "operator/deployments.json": _listed(
            found, "operator/deployments.json", ask, f"/apis/apps/v1/namespaces/{namespace}/deployments", OPERATORS
        ),
        "operator/pods": _pods(found, kube, ask, where, call_seconds),
        "events": _events(found, ask, where),
        **{plural: _objects(found, ask, plural, where) for plural in PLURALS},
    }
    await in_time(work, seconds, late)
    return found


async def _value(found: Collected, path: str, ask: Asking, url: str) -> None:
    value = await ask.get(url)
    found.put(path, ABSENT if value is None else value)


async def _listed(found: Collected, path: str, ask: Asking, url: str, selector: str) -> None:
    value = await ask.listed(url, 100, selector)
    found.put(path, value if isinstance(value, Unread) else list(value))


async def _definitions(found: Collected, ask: Asking) -> None:
    """A digest of each schema and what the doctor looks at; the schemas themselves are those of a version."""
    told: dict[str, Any] = {}
    for plural in PLURALS:
        body = await ask.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{GROUP}")
        if isinstance(body, Unread):
            found.unreadable[f"definitions.json {plural}"] = body.reason
        elif body is None:
            told[plural] = None
        else:
            told[plural] = _definition(plural, body)
    found.values["definitions.json"] = told


def _definition(plural: str, body: Mapping[str, Any]) -> dict[str, Any]:
    known = definition(plural, body)
    versions = (body.get("spec") or {}).get("versions") or ()
    schemas = {
        one.get("name"): hashlib.sha256(json.dumps(one.get("schema"), sort_keys=True).encode()).hexdigest()
        for one in versions
    }
    difference = {"lacks": known.difference.lacks, "more": known.difference.more, "differ": known.difference.differ}
    return {
        "served": list(known.served),
        "established": known.established,
        "conversion": known.conversion,
        "sha256": schemas,
        "difference": {key: list(paths) for key, paths in difference.items()},
        "metadata": body.get("metadata"),
    }


async def _objects(found: Collected, ask: Asking, plural: str, where: Where) -> None:
    for namespace in where.namespaces or ("",):
        scope = f"/namespaces/{namespace}" if namespace else ""
        path = f"objects/{f'{namespace}/' if namespace else ''}{plural}"
        items = await ask.listed(f"/apis/{GROUP}/{VERSION}{scope}/{plural}", MOST_OBJECTS)
        if isinstance(items, Unread):
            found.unreadable[path] = items.reason
            continue
        if len(items) > MOST_OBJECTS:
            found.unreadable[f"{path} beyond the first {MOST_OBJECTS}"] = "too many"
        for item in items[:MOST_OBJECTS]:
            metadata = item["metadata"]
            found.values[f"objects/{metadata['namespace']}/{plural}/{metadata['name']}.json"] = item


async def _events(found: Collected, ask: Asking, where: Where) -> None:
    """Of our objects, and everything of the operator's namespace."""
    for namespace in {*(where.namespaces or ("",)), where.operator[0]}:
        scope = f"/namespaces/{namespace}" if namespace else ""
        path = f"events/{namespace or 'all'}.json"
        items = await ask.listed(f"/api/v1{scope}/events", MOST_EVENTS)
        if isinstance(items, Unread):
            found.unreadable[path] = items.reason
            continue
        own = namespace == where.operator[0]
        mine = [
            item
            for item in items
            if own or str((item.get("involvedObject") or {}).get("apiVersion", "")).startswith(GROUP)
        ]
        found.values[path] = mine


async def _pods(found: Collected, kube: Kube, ask: Asking, where: Where, seconds: float) -> None:
    namespace = where.operator[0]
    pods = await ask.listed(f"/api/v1/namespaces/{namespace}/pods", MOST_PODS, OPERATORS)
    found.put("operator/pods.json", pods if isinstance(pods, Unread) else list(pods))
    for pod in () if isinstance(pods, Unread) else pods[:MOST_PODS]:
        name = pod["metadata"]["name"]
        base = f"/api/v1/namespaces/{namespace}/pods/{name}"
        for container in _containers(pod):
            limits = {"container": container, "tailLines": str(where.log_lines), "limitBytes": str(LOG_BYTES)}
            path = f"logs/{name}.{container}"
            found.put_text(found.logs, f"{path}.log", await _text(kube, f"{base}/log", limits, seconds))
            if _restarted(pod, container):
                before = await _text(kube, f"{base}/log", {**limits, "previous": "true"}, seconds)
                found.put_text(found.logs, f"{path}.previous.log", before)
        told = await _metrics(kube, f"/api/v1/namespaces/{namespace}/pods", metrics_target(pod), seconds)
        found.put_text(found.texts, f"metrics/{name}.txt", told)


def _containers(pod: Mapping[str, Any]) -> Sequence[str]:
    return [str(one["name"]) for one in (pod.get("spec") or {}).get("containers") or ()]


def _restarted(pod: Mapping[str, Any], container: str) -> bool:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return any(one.get("name") == container and one.get("restartCount") for one in statuses)


async def _metrics(kube: Kube, pods: str, target: str, seconds: float) -> str | Unread:
    """Through the API server's proxy, with the right of who asks; what the pod itself then wants is told."""
    url = f"{pods}/{target}/proxy/metrics"
    by_tls = target.startswith("https:")
    return await _text(kube, url, {}, seconds, WANTS_TOKEN if by_tls else None)


async def _text(
    kube: Kube, url: str, query: Mapping[str, str], seconds: float, unknown: Unread | None = None
) -> str | Unread:
    """unknown: what a 401 means, if that is known: the API server has let everything else pass."""
    try:
        answer = await kube.request("GET", url, query=query or None, accept="*/*", timeout=seconds)
    except KubeError as error:
        return unknown if unknown is not None and error.status == HTTPStatus.UNAUTHORIZED else unread(error, url)
    # A log of one line of JSON comes back as its value.
    return answer if isinstance(answer, str) else json.dumps(answer) if answer is not None else ""
