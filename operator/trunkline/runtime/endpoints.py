"""/healthz and /readyz, for the kubelet. No more HTTP than that takes, no other path, no body read."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

LONGEST_LINE = 8192
SECONDS = 5.0


async def serve(address: tuple[str, int], ready: Callable[[], bool]) -> asyncio.Server:
    """Alive as long as the loop turns; ready when `ready` says so. Port 0 takes a free one."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, OSError, ValueError, asyncio.IncompleteReadError):
            async with asyncio.timeout(SECONDS):
                words = (await reader.readline()).split()
                while (await reader.readline()).strip():
                    pass
                status, text = _answer(words[1].decode() if len(words) > 1 else "", ready)
                head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n"
                writer.write(f"{head}Connection: close\r\n\r\n{text}".encode())
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, *address, limit=LONGEST_LINE)


def _answer(path: str, ready: Callable[[], bool]) -> tuple[str, str]:
    match path.partition("?")[0]:
        case "/healthz":
            return "200 OK", "ok"
        case "/readyz":
            return ("200 OK", "ok") if ready() else ("503 Service Unavailable", "not ready")
    return "404 Not Found", "not found"
