"""How a process is asked to stop, from its first moment on: SIGTERM and SIGINT become an event.

As process 1 of a container nothing else would end it: the kernel drops signals that such a process has no handler for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)


class StoppedError(Exception):
    """Asked to stop before what was waited for."""


@contextlib.contextmanager
def signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop; a second SIGINT ends at once, as usual."""
    loop = asyncio.get_running_loop()

    def asked(number: signal.Signals) -> None:
        logger.info("%s: stopping", number.name)
        stop.set()
        if number is signal.SIGINT:
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, number)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """What the work returns or raises; the work is cancelled if we are asked to stop first. Raises StoppedError."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
    if working.cancelled():
        raise StoppedError
    return working.result()
