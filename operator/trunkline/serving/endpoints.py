"""/healthz and /readyz for the kubelet, /metrics for Prometheus: plain beside the probes, or by TLS to who may read it.

No other path, and no body is read.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from trunkline.runtime.health import Health
from trunkline.serving.http import Answer, Request, Response
from trunkline.serving.scrapers import NoVerdictError, Scrapers, Verdict

METRICS = "/metrics"

Metrics = Callable[[], tuple[str, bytes]]  # content type, text


def probes(health: Health, metrics: Metrics | None = None) -> Answer:
    """For everybody who reaches the port. metrics: None where they have a port of their own."""

    async def answer(request: Request) -> Response:
        match request.path:
            case "/healthz":
                return _verdict(*health.alive())
            case "/readyz":
                return _verdict(*health.ready())
            case "/metrics" if metrics is not None:
                return _shown(metrics)
        return Response.text(HTTPStatus.NOT_FOUND)

    return answer


def scraping(metrics: Metrics, scrapers: Scrapers | None = None) -> Answer:
    """Metrics alone. scrapers: who is asked whether the bearer of a token may read them; None: everybody may."""

    async def answer(request: Request) -> Response:
        if request.path != METRICS:
            return Response.text(HTTPStatus.NOT_FOUND)
        if request.method != "GET":
            return Response.text(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET")
        if scrapers is not None and (refusal := await _refused(scrapers, request)) is not None:
            return refusal
        return _shown(metrics)

    return answer


async def _refused(scrapers: Scrapers, request: Request) -> Response | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        return Response.text(HTTPStatus.UNAUTHORIZED, "send a bearer token", WWW_Authenticate="Bearer")
    try:
        verdict = await scrapers.verdict(token)
    except NoVerdictError as error:
        return Response.text(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    if verdict is Verdict.STRANGER:
        said = 'Bearer error="invalid_token"'  # RFC 6750, section 3
        return Response.text(HTTPStatus.UNAUTHORIZED, "the API server does not know this token", WWW_Authenticate=said)
    if verdict is Verdict.FORBIDDEN:
        return Response.text(HTTPStatus.FORBIDDEN, f"needs the right to get the nonResourceURL {METRICS}")
    return None


def _shown(metrics: Metrics) -> Response:
    kind, text = metrics()
    return Response(HTTPStatus.OK, text, kind)


def _verdict(good: bool, text: str) -> Response:
    return Response(HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE, text.encode())
