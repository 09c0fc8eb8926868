"""Asks a Prometheus, or what speaks its HTTP API, for one number, or for one through time. Standard library only; nothing is followed or retried.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
"""

from __future__ import annotations

import asyncio
import json
import math
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any

from trunkline.handlers.queries import Number, QueryFailedError, Question, Span

THREADS = 8
MOST_BYTES = 1_000_000
CHUNK = 65_536
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
    """See the module. Threads of its own: a server that does not answer delays no call of AWS.

    hosts: that may be asked; one that begins with a dot stands for all names below it. Empty: any.
    """

    def __init__(self, hosts: Sequence[str] = ()) -> None:
        self._hosts = tuple(host.lower() for host in hosts)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="prometheus")
        # A proxy of the environment is for the internet; these addresses are the cluster's.
        self._opener = urllib.request.build_opener(_NoRedirects(), urllib.request.ProxyHandler({}))

    def close(self) -> None:
        """Waits for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def number(self, question: Question) -> Number | None:
        """As the port says."""
        answered = await self._answer(question, "query", {})
        return parse(answered, question.address)

    async def series(self, question: Question, span: Span) -> list[Number]:
        """As the port says; a server gives 11,000 samples at most."""
        times = {"start": f"{span.start:.3f}", "end": f"{span.end:.3f}", "step": f"{span.step:.3f}"}
        answered = await self._answer(question, "query_range", times)
        return parse_series(answered, question.address)

    async def _answer(self, question: Question, path: str, more: Mapping[str, str]) -> bytes:
        """The deadline holds for the whole question, also where an answer drips in."""
        self._allow(question.address)
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(self._threads, self._ask, question, path, more)
        try:
            async with asyncio.timeout(question.timeout_seconds):
                return await asked
        except TimeoutError:
            raise QueryFailedError(f"{question.address} did not answer in {question.timeout_seconds:g} s") from None

    def _allow(self, address: str) -> None:
        """Raises QueryFailedError for a host that is not listed."""
        host = (urllib.parse.urlsplit(address).hostname or "").rstrip(".")
        listed = (host.endswith(name) if name.startswith(".") else host == name for name in self._hosts)
        if self._hosts and not any(listed):
            raise QueryFailedError(
                f"the operator may not ask {host}: name another server, or have who runs the operator list it "
                "(--prometheus-hosts, the chart's value prometheusHosts)"
            )

    def _ask(self, question: Question, path: str, more: Mapping[str, str]) -> bytes:
        words = {"query": question.query, "timeout": f"{question.timeout_seconds:g}s", **more}
        headers = {"Accept": "application/json"}
        if question.token:
            if not (question.token.isascii() and question.token.isprintable()):
                # The standard library names the header that it refuses, with all of it.
                raise QueryFailedError(
                    "the token has more than one line, or letters that no header takes: write it anew"
                )
            headers["Authorization"] = f"Bearer {question.token}"
        url = f"{question.address.rstrip('/')}/api/v1/{path}?{urllib.parse.urlencode(words)}"
        ends = time.monotonic() + question.timeout_seconds
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  # the spec takes http and https only
        try:
            with self._opener.open(request, timeout=question.timeout_seconds) as answer:
                body = _read(answer, ends)
        except urllib.error.HTTPError as error:
            with error:
                raise QueryFailedError(f"{question.address} answered {error.code}{_said(error.read(4096))}") from None
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise QueryFailedError(f"{question.address} cannot be asked: {reason}") from None
        return body


def _read(answer: HTTPResponse, ends: float) -> bytes:
    """As it comes in, until nobody waits for it any more: a server that drips must not keep a thread for days."""
    body = bytearray()
    while len(body) <= MOST_BYTES and (part := answer.read1(CHUNK)):
        body += part
        if time.monotonic() > ends:
            raise OSError("its answer did not come to an end in time")
    return bytes(body)


def parse(body: bytes, address: str) -> Number | None:
    """The number of an answer; None if there is no sample. Raises QueryFailedError."""
    kind, result = _result(body, address)
    if kind == "scalar":
        return _number(result, address)
    if kind != "vector":
        raise QueryFailedError(f"the query answers a {kind[:TOLD]}: write one that answers one number")
    one = _only(result, "value", address)
    return None if one is None else _number(one, address)


def parse_series(body: bytes, address: str) -> list[Number]:
    """The numbers of an answer in their order. Raises QueryFailedError."""
    kind, result = _result(body, address)
    if kind != "matrix":
        raise QueryFailedError(f"the query answers a {kind[:TOLD]} over time: write one that answers one number")
    found = _only(result, "values", address)
    return [] if found is None else [_number(sample, address) for sample in found]


def _result(body: bytes, address: str) -> tuple[str, Any]:
    if len(body) > MOST_BYTES:
        raise QueryFailedError(f"{address} answered more than {MOST_BYTES} bytes: write a query of one number")
    try:
        data = json.loads(body)["data"]
        return str(data["resultType"]), data["result"]
    except (ValueError, KeyError, TypeError):
        raise QueryFailedError(f"{address} answered no result of Prometheus{_said(body)}") from None


def _only(result: Any, member: str, address: str) -> Any:
    """What one series has; None if there is none."""
    if not isinstance(result, list) or not all(isinstance(one, dict) and member in one for one in result):
        raise QueryFailedError(f"{address} answered no result of Prometheus")
    if len(result) > 1:
        raise QueryFailedError(f"the query answers {len(result)} series: write one number, with sum() for instance")
    return result[0][member] if result else None


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
