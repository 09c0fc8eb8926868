"""A way to a server that can be cut: in silence, by refusal, half (what is open dies, new connections work), or made slow.

A thread with a loop of its own. What was silent once stays so after healing, as behind a firewall that forgot it: no
byte that was sent before a cut is delivered later.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from enum import Enum
from types import TracebackType
from typing import Self

CHUNK = 65_536


class Way(Enum):
    """How the way is for new connections."""

    OPEN = "open"
    SILENT = "silent"
    REFUSED = "refused"


class Proxy:
    """Leads to host:port. A context manager; `port` is ours for as long as it lives, refusing or not."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._held.bind(("127.0.0.1", 0))
        self.port: int = self._held.getsockname()[1]
        self.way = Way.OPEN
        self.delay = 0.0  # seconds for each chunk
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._alive: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._held.close()

    def heal(self) -> None:
        """New connections work."""
        self.delay = 0.0
        if self.way is Way.REFUSED:
            self._do(self._listen())
        self.way = Way.OPEN

    def silence(self) -> None:
        """Nothing comes through, and no connection is closed."""
        self.way = Way.SILENT
        self._do(self._silence())

    def half_open(self) -> None:
        """What is open falls silent for ever; what is new works."""
        self._do(self._silence())

    def refuse(self) -> None:
        """Connections break, new ones are refused."""
        self.way = Way.REFUSED
        self._do(self._end())

    def _do(self, what: object) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, reuse_port=True)

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._alive):
            task.cancel()
        await asyncio.gather(*self._alive, return_exceptions=True)

    async def _silence(self) -> None:
        for task in self._alive:
            task.set_name("silent")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("silent" if self.way is Way.SILENT else "open")
        self._alive.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._join(task, reader, writer)
        writer.transport.abort()
        self._alive.discard(task)

    async def _join(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            pumps = [self._pump(task, reader, far_writer), self._pump(task, far_reader, writer)]
            pumping = [asyncio.ensure_future(pump) for pump in pumps]
            try:
                await asyncio.wait(pumping, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in pumping:
                    each.cancel()
                await asyncio.gather(*pumping, return_exceptions=True)
        finally:
            far_writer.transport.abort()

    async def _pump(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self.delay:
                await asyncio.sleep(self.delay)
            while task.get_name() == "silent":
                await asyncio.sleep(3600)
            writer.write(data)
            await writer.drain()
        while task.get_name() == "silent":  # the other side does not hear of an end either
            await asyncio.sleep(3600)
        await writer.drain()
