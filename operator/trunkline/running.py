"""`trunkline run`: the operator as a process, from settings to exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from prometheus_client import CollectorRegistry

from trunkline.aws.archives import MissingArchiveError
from trunkline.aws.clients import CALL_SECONDS
from trunkline.engine.clock import Clock, SystemClock
from trunkline.heap import keep_what_is_loaded, share_arenas
from trunkline.runtime.config import LeaseConfig, RuntimeConfig, RuntimeFailedError
from trunkline.runtime.health import Health
from trunkline.runtime.installation import installation_id
from trunkline.runtime.kube import ApiServer, Credentials
from trunkline.runtime.operator import run
from trunkline.runtime.stopping import StoppedError, signals, unless
from trunkline.serving.admission import LIMITS, Reviews
from trunkline.serving.certificates import ServedCertificate
from trunkline.serving.endpoints import probes, scraping
from trunkline.serving.http import Limits, listen
from trunkline.serving.scrapers import ASK_SECONDS, Scrapers
from trunkline.settings import Settings
from trunkline.telemetry.exposition import exposition
from trunkline.tenure.right import Tenure
from trunkline.wiring import parts

SCRAPE_SECONDS = 10.0  # as long as Prometheus waits by default
REVIEW_THREADS = 2

_STANDARD = frozenset(vars(logging.makeLogRecord({})))


def run_operator(settings: Settings) -> int:
    """Runs until told to stop. 0: stopped as asked; 1: it cannot go on, one sentence says why."""
    _set_up_logging(settings)
    share_arenas()
    try:
        asyncio.run(_run(settings))
    except (RuntimeFailedError, MissingArchiveError) as error:
        print(f"trunkline: {error}", file=sys.stderr)
        _end_threads(1)
        return 1
    except KeyboardInterrupt:
        pass
    _end_threads(0)
    return 0


async def _run(settings: Settings) -> None:
    clock = SystemClock()
    health, figures, stop = Health(clock), CollectorRegistry(), asyncio.Event()
    with signals(stop):
        async with answering(settings, health, figures):
            await _lead(settings, clock, health, figures, stop)


@contextlib.asynccontextmanager
async def answering(settings: Settings, health: Health, figures: CollectorRegistry) -> AsyncIterator[None]:
    """Probes, metrics and reviews are answered, whoever leads. Raises RuntimeFailedError."""

    def metrics() -> tuple[str, bytes]:
        return exposition(figures)

    async with contextlib.AsyncExitStack() as stack:
        if settings.probes is not None:
            plain = metrics if settings.metrics is None else None
            stack.push_async_callback((await listen(settings.probes, probes(health, plain))).close)
        if settings.metrics is not None:
            scrapers, tls = None, None
            if settings.metrics_tls is not None:
                credentials = Credentials(settings.kubeconfig, settings.context)
                kube = ApiServer(credentials, threads=REVIEW_THREADS, timeout=ASK_SECONDS, name="reviews")
                stack.callback(kube.close)
                scrapers, tls = Scrapers(kube), ServedCertificate(settings.metrics_tls).context
            answer, limits = scraping(metrics, scrapers), Limits(seconds=SCRAPE_SECONDS)
            stack.push_async_callback((await listen(settings.metrics, answer, limits=limits, tls=tls)).close)
        if settings.webhook is not None and settings.webhook_tls is not None:
            reviews, tls = Reviews(), ServedCertificate(settings.webhook_tls).context
            stack.callback(reviews.close)
            stack.push_async_callback((await listen(settings.webhook, reviews.answer, limits=LIMITS, tls=tls)).close)
        yield


async def _lead(
    settings: Settings, clock: Clock, health: Health, figures: CollectorRegistry, stop: asyncio.Event
) -> None:
    """From here on the kubelet is answered: the API server may be away, and that is waited for until asked to stop."""
    try:
        installation = settings.installation or await unless(
            stop, installation_id(settings.kubeconfig, settings.context)
        )
    except StoppedError:
        return
    tenure = Tenure()
    joined = parts(settings, installation, clock, tenure=tenure, metrics=figures)
    config = RuntimeConfig(
        namespaces=settings.namespaces,
        kubeconfig=settings.kubeconfig,
        context=settings.context,
        lease=LeaseConfig(settings.lease_namespace, settings.lease_name) if settings.lease_namespace else None,
        health=health,
        tenure=tenure,
        call=CALL_SECONDS,
        leading=joined.budget.start,
        stopping=joined.gate.stop,
        observer=joined.passes,
        worked=lambda: joined.gate.last_call,
        signals=False,
    )
    keep_what_is_loaded()
    try:
        await run(config, [joined.handler, joined.layers, joined.policies], stop=stop, clock=clock)
    finally:
        await joined.close()


def _end_threads(code: int) -> None:
    """The interpreter would wait for requests that nobody answers, and the next process is to start soon."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and whatever the caller gave as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        value: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        value |= {key: item for key, item in vars(record).items() if key not in _STANDARD and key != "message"}
        if record.exc_info:
            value["exception"] = self.formatException(record.exc_info)
        return json.dumps(value, default=str, ensure_ascii=False)


def _set_up_logging(settings: Settings) -> None:
    handler = logging.StreamHandler(sys.stderr)
    if settings.log_format == "json":
        handler.setFormatter(_JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.getLogger("kopf").setLevel(logging.WARNING)
