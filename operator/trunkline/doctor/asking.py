"""Asks the API server, each request bounded: an answer, nothing (404), or why not. Never raises what the server says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from trunkline.aws.scrub import scrub
from trunkline.doctor.facts import Unread
from trunkline.runtime.kube import Kube, KubeError, pages

FORBIDDEN = (401, 403)
STRANGER = Unread("what answered is no Kubernetes API server")
_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]+)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)


class Asking:
    """Reads of one API server. call_seconds: for each request."""

    def __init__(self, kube: Kube, call_seconds: float) -> None:
        self._kube = kube
        self._seconds = call_seconds

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The answer; None if there is no such thing; Unread."""
        try:
            answer = await self._kube.request("GET", path, query=query, timeout=self._seconds)
        except KubeError as error:
            return None if error.absent else unread(error, path)
        return answer if isinstance(answer, Mapping) else STRANGER  # a proxy that wants a sign-in answers 200 to all

    async def listed(self, path: str, most: int, selector: str = "") -> list[Mapping[str, Any]] | Unread:
        """At most so many items of a collection, and one more if there are more; Unread."""
        found: list[Mapping[str, Any]] = []
        asked = f"{path}?labelSelector={selector}" if selector else path
        try:
            if selector:
                answer = await self._kube.request(
                    "GET", path, query={"labelSelector": selector, "limit": str(most + 1)}, timeout=self._seconds
                )
                return list(answer.get("items") or ()) if isinstance(answer, Mapping) else STRANGER
            async for page in pages(self._kube, path, timeout=self._seconds):
                found += page
                if len(found) > most:
                    break
        except KubeError as error:
            return [] if error.absent else unread(error, asked)
        return found[: most + 1]

    async def review(self, kind: str, spec: Mapping[str, Any]) -> bool | Unread:
        """Whether an AccessReview says that it is allowed: nothing is kept of it."""
        path = f"/apis/authorization.k8s.io/v1/{kind.lower()}s"
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}
        try:
            answer = await self._kube.request("POST", path, body, timeout=self._seconds)
        except KubeError as error:
            return unread(error, path)
        return bool((answer.get("status") or {}).get("allowed"))


def unread(error: KubeError, path: str) -> Unread:
    """In words for people, on one line."""
    if error.status in FORBIDDEN:
        return Unread(_refused(error.message) or f"you may not read {path}", forbidden=True)
    return Unread(scrub(str(error)))


def _refused(message: str) -> str:
    """The API server's sentence, shorter; its own where it says something else."""
    found = _FORBIDDEN.search(message)
    if found is None:
        return scrub(message)
    resource = ".".join(filter(None, (found["resource"], found["group"])))
    where = f" in namespace {found['namespace']}" if found["namespace"] else ""
    return f"{found['user']} may not {found['verb']} {resource}{where}"


async def in_time(
    work: Mapping[str, Coroutine[Any, Any, Any]], seconds: float, late: Callable[[str], None]
) -> dict[str, Any]:
    """What is done within so many seconds, by name; the rest is given up, told to `late`, and Unread here."""
    tasks = {name: asyncio.ensure_future(item) for name, item in work.items()}
    if not tasks:
        return {}
    _, pending = await asyncio.wait(tasks.values(), timeout=max(0.01, seconds))
    found: dict[str, Any] = {}
    for name, task in tasks.items():
        if task in pending:
            task.cancel()
            late(name)
            found[name] = Unread("not read in time", away=True)
        elif (error := task.exception()) is not None:
            # Nothing of ours raises here; whatever does must not take the other answers with it, nor be quoted.
            found[name] = Unread(f"reading it failed ({type(error).__name__})")
        else:
            found[name] = task.result()
    await asyncio.gather(*pending, return_exceptions=True)
    return found
