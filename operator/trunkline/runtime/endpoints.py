"""/healthz and /readyz for the kubelet, /metrics for Prometheus. No more HTTP than that takes, no other path, no body read."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from trunkline.runtime.health import Health

LONGEST_LINE = 8192
SECONDS = 5.0
TEXT = "text/plain"

Metrics = Callable[[], tuple[str, bytes]]  # content type, text


async def serve(address: tuple[str, int], health: Health, metrics: Metrics | None = None) -> asyncio.Server:
    """Answers as long as the loop turns. Port 0 takes a free one."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, OSError, ValueError, asyncio.IncompleteReadError):
            async with asyncio.timeout(SECONDS):
                words = (await reader.readline()).split()
                while (await reader.readline()).strip():
                    pass
                path = words[1].decode() if len(words) > 1 else ""
                status, kind, text = _answer(path.partition("?")[0], health, metrics)
                head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(text)}\r\n"
                writer.write(f"{head}Connection: close\r\n\r\n".encode() + text)
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, *address, limit=LONGEST_LINE)


def _answer(path: str, health: Health, metrics: Metrics | None) -> tuple[str, str, bytes]:
    match path:
        case "/healthz":
            return _verdict(*health.alive())
        case "/readyz":
            return _verdict(*health.ready())
        case "/metrics" if metrics is not None:
            return "200 OK", *metrics()
    return "404 Not Found", TEXT, b"not found"


def _verdict(good: bool, text: str) -> tuple[str, str, bytes]:
    return "200 OK" if good else "503 Service Unavailable", TEXT, text.encode()
