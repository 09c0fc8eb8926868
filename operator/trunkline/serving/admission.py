"""Admission reviews: refuses what the pass would refuse as it is written, and warns of what an edit takes away.

Never the only guard: the webhook may be off, dead or late, and the pass judges again. An object that was wrong before can
be edited as long as no further problem comes in, and what deletes it, or leaves its spec alone, is not judged at all.
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from trunkline.api.managed import GROUP
from trunkline.handlers.resources import shortened
from trunkline.serving.http import Limits, Request, Response
from trunkline.serving.outlook import LONGEST, outlook
from trunkline.serving.problems import problems

PATH = "/validate"
JSON = "application/json"
VERSION = "admission.k8s.io/v1"
MOST_PROBLEMS = 20
LONGEST_MESSAGE = 8192
SECONDS = 4.0
SHARE = 0.8
"""Of the time that the API server waits: the answer is on its way before that is over."""
MOST_WAITING = 16
LARGEST = 8 * 1024 * 1024
"""Bytes of a review: the object as it is and as it was, of which etcd takes 1.5 MiB each."""
LIMITS = Limits(seconds=10.0, connections=64, body=LARGEST, bodies=4 * LARGEST)


class _NoReviewError(Exception):
    """What came in cannot be judged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """refusals: what is wrong, each with its path; none lets the object in. warnings: for people, short."""

    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge(review: Mapping[str, Any]) -> Verdict:
    """The verdict on an AdmissionReview's request. Pure, and takes as long as parsing the object does."""
    body, before = _mapping(review, "object"), _mapping(review, "oldObject")
    kind = str(_mapping(review, "kind").get("kind") or "")
    if _mapping(review, "kind").get("group") != GROUP or review.get("subResource") or not body:
        return Verdict()
    if _mapping(body, "metadata").get("deletionTimestamp") is not None or body.get("spec") == before.get("spec"):
        return Verdict()
    found = problems(kind, body)
    if not found:
        return Verdict(warnings=outlook(kind, body, before) if before else ())
    # By their places: who mends one of two mistakes in a flow changes what is said of it.
    known = frozenset(problem.path for problem in problems(kind, before)) if before else frozenset()
    refusals = tuple(str(problem) for problem in found if problem.path not in known)
    if refusals:
        return Verdict(refusals)
    return Verdict(warnings=(shortened(f"still wrong, and not applied: {found[0]}", LONGEST),))


class Reviews:
    """Judges in one thread beside the loop, which shares the interpreter with it; what cannot be judged in time is let in.

    verdict: how a review's request is judged.
    """

    def __init__(self, verdict: Callable[[Mapping[str, Any]], Verdict] = judge, seconds: float = SECONDS) -> None:
        self._verdict = verdict
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="admission")
        self._waiting = 0

    def close(self) -> None:
        """Waits for nobody."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def answer(self, request: Request) -> Response:
        """For the listener."""
        if request.path != PATH:
            return Response.text(HTTPStatus.NOT_FOUND)
        if request.method != "POST":
            return Response.text(HTTPStatus.METHOD_NOT_ALLOWED, Allow="POST")
        seconds = min(self._seconds, _patience(request.query.get("timeout", "")))
        if self._waiting >= MOST_WAITING:
            return Response.text(HTTPStatus.SERVICE_UNAVAILABLE, "too many objects wait to be judged")
        self._waiting += 1
        call = self._thread.submit(_answered, request.body, self._verdict)
        try:
            async with asyncio.timeout(seconds):
                text = await asyncio.wrap_future(call)
        except TimeoutError:
            return Response.text(HTTPStatus.SERVICE_UNAVAILABLE, f"not judged within {seconds:g} s")
        except _NoReviewError:
            return Response.text(HTTPStatus.BAD_REQUEST, f"this is no AdmissionReview of {VERSION}")
        finally:
            self._waiting -= 1
        return Response(HTTPStatus.OK, text, JSON)


def _answered(content: bytes, verdict: Callable[[Mapping[str, Any]], Verdict]) -> bytes:
    """The whole way from text to text: both are long. Raises _NoReviewError."""
    try:
        review = json.loads(content)
    except ValueError:
        raise _NoReviewError from None
    request = _mapping(review, "request") if isinstance(review, Mapping) else {}
    uid = request.get("uid")
    if not isinstance(uid, str) or review.get("apiVersion") != VERSION:
        raise _NoReviewError
    found = verdict(request)
    response: dict[str, Any] = {"uid": uid, "allowed": not found.refusals}
    if found.refusals:
        # Not Invalid: `kubectl apply --force` and Flux with `force` take that for a field that cannot change, and would
        # delete the object and make it anew.
        response["status"] = {"code": 403, "reason": "Forbidden", "message": _message(found.refusals)}
    if found.warnings:
        response["warnings"] = list(found.warnings)
    return json.dumps({"apiVersion": VERSION, "kind": "AdmissionReview", "response": response}).encode()


def _message(refusals: tuple[str, ...]) -> str:
    more = len(refusals) - MOST_PROBLEMS
    lines = [*refusals[:MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
    return shortened("\n".join(lines) if len(lines) > 1 else lines[0], LONGEST_MESSAGE)


def _patience(timeout: str) -> float:
    """The API server says how long it waits, as Go writes durations: `timeout=5s`. At most 30 s, so no minutes."""
    found = re.fullmatch(r"(\d+)s", timeout)
    return float(found[1]) * SHARE if found is not None else math.inf


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}
