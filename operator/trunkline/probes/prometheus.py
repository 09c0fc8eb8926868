"""Asks a Prometheus, or what speaks its HTTP API, for one number. Standard library only; nothing is followed or retried.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
"""

from __future__ import annotations

import asyncio
import json
import math
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from trunkline.handlers.queries import Number, QueryFailedError, Question

THREADS = 8
MOST_BYTES = 1_000_000
TOLD = 200  # characters of an answer that are shown


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token is for the server that was named, not for where that one points."""

    def redirect_request(  # noqa: PLR0917  # the signature of the standard library
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        del req, fp, code, msg, headers, newurl


class PrometheusClient:
    """See the module. Threads of its own: a server that does not answer delays no call of AWS."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="prometheus")
        # A proxy of the environment is for the internet; these addresses are the cluster's.
        self._opener = urllib.request.build_opener(_NoRedirects(), urllib.request.ProxyHandler({}))

    def close(self) -> None:
        """Waits for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def number(self, question: Question) -> Number | None:
        """As the port says. The deadline holds for the whole question, also where an answer drips in."""
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(self._threads, self._ask, question)
        try:
            return await asyncio.wait_for(asked, question.timeout_seconds)
        except TimeoutError:
            raise QueryFailedError(f"{question.address} did not answer in {question.timeout_seconds:g} s") from None

    def _ask(self, question: Question) -> Number | None:
        query = urllib.parse.urlencode({"query": question.query, "timeout": f"{question.timeout_seconds:g}s"})
        headers = {"Accept": "application/json"}
        if question.token:
            headers["Authorization"] = f"Bearer {question.token}"
        url = f"{question.address.rstrip('/')}/api/v1/query?{query}"
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  # the spec takes http and https only
        try:
            with self._opener.open(request, timeout=question.timeout_seconds) as answer:
                body = answer.read(MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise QueryFailedError(f"{question.address} answered {error.code}{_said(error.read(4096))}") from None
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise QueryFailedError(f"{question.address} cannot be asked: {reason}") from None
        return parse(body, question.address)


def parse(body: bytes, address: str) -> Number | None:
    """The number of an answer; None if there is no sample. Raises QueryFailedError."""
    if len(body) > MOST_BYTES:
        raise QueryFailedError(f"{address} answered more than {MOST_BYTES} bytes: write a query of one number")
    try:
        answer = json.loads(body)
        data = answer["data"]
        kind, result = data["resultType"], data["result"]
        if kind == "scalar":
            return _number(result, address)
        samples = [sample["value"] for sample in result] if kind == "vector" else None
    except (ValueError, KeyError, TypeError):
        raise QueryFailedError(f"{address} answered no result of Prometheus{_said(body)}") from None
    if samples is None:
        raise QueryFailedError(f"the query answers a {kind}: write one that answers one number")
    if len(samples) > 1:
        raise QueryFailedError(f"the query answers {len(samples)} series: write one number, with sum() for instance")
    return _number(samples[0], address) if samples else None


def _number(sample: Any, address: str) -> Number:
    try:
        at, value = float(sample[0]), float(sample[1])
    except (TypeError, ValueError, IndexError, KeyError):
        raise QueryFailedError(f"{address} answered a sample that is no number") from None
    if not (math.isfinite(value) and math.isfinite(at)):
        raise QueryFailedError(f"{address} answered {sample[1]}")
    return Number(value, at)


def _said(body: bytes) -> str:
    """What an answer says of an error, short and on one line."""
    try:
        text = str(json.loads(body).get("error") or "")
    except (ValueError, AttributeError):
        text = ""
    return f": {' '.join(text.split())[:TOLD]}" if text else ""
