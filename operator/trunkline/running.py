"""`trunkline run`: the operator as a process, from settings to exit code."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import Any

from trunkline.aws.archives import MissingArchiveError
from trunkline.runtime.config import LeaseConfig, RuntimeConfig, RuntimeFailedError
from trunkline.runtime.installation import installation_id
from trunkline.runtime.operator import run
from trunkline.settings import Settings
from trunkline.telemetry.exposition import exposition
from trunkline.wiring import parts

_STANDARD = frozenset(vars(logging.makeLogRecord({})))


def run_operator(settings: Settings) -> int:
    """Runs until told to stop. 0: stopped as asked; 1: it cannot go on, one sentence says why."""
    _set_up_logging(settings)
    try:
        asyncio.run(_run(settings))
    except (RuntimeFailedError, MissingArchiveError) as error:
        print(f"trunkline: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


async def _run(settings: Settings) -> None:
    installation = settings.installation or await installation_id(settings.kubeconfig, settings.context)
    joined = parts(settings, installation)
    config = RuntimeConfig(
        namespaces=settings.namespaces,
        kubeconfig=settings.kubeconfig,
        context=settings.context,
        lease=LeaseConfig(settings.lease_namespace, settings.lease_name) if settings.lease_namespace else None,
        probes=settings.probes,
        leading=joined.budget.start,
        stopping=joined.gate.stop,
        observer=joined.passes,
        metrics=lambda: exposition(joined.metrics),
    )
    try:
        await run(config, [joined.handler, joined.layers, joined.policies])
    finally:
        await joined.close()


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
