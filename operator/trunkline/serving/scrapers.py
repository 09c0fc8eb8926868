"""Who may read /metrics: the API server says whose a token is, and whether that one may.

TokenReview, then SubjectAccessReview of `get` on the path, as kube-rbac-proxy did beside the process. Answers are kept
for a minute by a keyed hash; a token is neither kept nor logged. Where the API server gives no answer nobody may.
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from trunkline.runtime.kube import Kube, KubeError

TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"  # noqa: S105  # a path
ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
KEPT_SECONDS = 60.0
STRANGER_SECONDS = 10.0
"""A token that is unknown may be known to the next API server in a moment."""
MOST_KEPT = 256
MOST_ASKED = 16
ASK_SECONDS = 3.0

logger = logging.getLogger(__name__)


class Verdict(Enum):
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    STRANGER = "stranger"


class NoVerdictError(Exception):
    """The API server cannot be asked now."""


class Scrapers:
    """monotonic: seconds."""

    def __init__(self, kube: Kube, path: str = "/metrics", *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._kube = kube
        self._path = path
        self._monotonic = monotonic
        self._salt = secrets.token_bytes(32)
        # Apart, for anybody can make up tokens: those of nobody must not drive out those of somebody.
        self._known: OrderedDict[bytes, tuple[Verdict, float]] = OrderedDict()
        self._strangers: OrderedDict[bytes, tuple[Verdict, float]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Verdict]] = {}
        self._complained = float("-inf")

    async def verdict(self, token: str) -> Verdict:
        """Raises NoVerdictError."""
        key = hashlib.blake2b(token.encode("latin-1", "replace"), key=self._salt, digest_size=32).digest()
        for kept in (self._known, self._strangers):
            found = kept.get(key)
            if found is not None and found[1] > self._monotonic():
                return found[0]
        task = self._asking.get(key)
        if task is None:
            if len(self._asking) >= MOST_ASKED:
                raise NoVerdictError("too many are asked about at once")
            task = self._asking[key] = asyncio.create_task(self._ask(key, token))
            task.add_done_callback(lambda done: self._asked(key, done))
        return await asyncio.shield(task)  # who asked first may go away, and others wait for the same answer

    def _asked(self, key: bytes, task: asyncio.Task[Verdict]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # told to whoever still waits; perhaps nobody does

    async def _ask(self, key: bytes, token: str) -> Verdict:
        try:
            verdict = await self._reviewed(token)
        except KubeError as error:
            self._complain(error)
            raise NoVerdictError("the API server cannot be asked") from None
        seconds = STRANGER_SECONDS if verdict is Verdict.STRANGER else KEPT_SECONDS
        kept = self._strangers if verdict is Verdict.STRANGER else self._known
        kept[key] = (verdict, self._monotonic() + seconds)
        kept.move_to_end(key)
        if len(kept) > MOST_KEPT:
            kept.popitem(last=False)
        return verdict

    async def _reviewed(self, token: str) -> Verdict:
        review = await self._review(TOKEN_REVIEWS, "authentication.k8s.io/v1", "TokenReview", {"token": token})
        user = review.get("user")
        if review.get("authenticated") is not True or not isinstance(user, Mapping):
            return Verdict.STRANGER
        spec = {
            "nonResourceAttributes": {"path": self._path, "verb": "get"},
            "user": user.get("username", ""),
            "uid": user.get("uid", ""),
            "groups": user.get("groups", []),
            "extra": user.get("extra", {}),
        }
        access = await self._review(ACCESS_REVIEWS, "authorization.k8s.io/v1", "SubjectAccessReview", spec)
        return Verdict.ALLOWED if access.get("allowed") is True else Verdict.FORBIDDEN

    async def _review(self, path: str, version: str, kind: str, spec: Mapping[str, Any]) -> Mapping[str, Any]:
        body = {"apiVersion": version, "kind": kind, "metadata": {}, "spec": spec}
        answer = await self._kube.request("POST", path, body, timeout=ASK_SECONDS)
        status = answer.get("status") if isinstance(answer, Mapping) else None
        return status if isinstance(status, Mapping) else {}

    def _complain(self, error: KubeError) -> None:
        """Once a minute. Not the server's message: it may quote what it was sent."""
        now = self._monotonic()
        if now - self._complained >= KEPT_SECONDS:
            self._complained = now
            logger.warning(
                "nobody may read %s: the API server gives no answer about tokens: %s %s",
                self._path,
                error.status or "no answer",
                error.reason,
            )
