"""Servers whose answers drip in: they cost their own time, and no other policy's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from trunkline.handlers.queries import Number, QueryFailedError, Question
from trunkline.probes.prometheus import THREADS, PrometheusClient

ANSWER = b'{"data": {"resultType": "scalar", "result": [1790000000, "7"]}}'


@contextmanager
def served(drips: threading.Event | None) -> Iterator[str]:
    """The address of a server that answers; drips: a space every tenth of a second until this is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while drips is not None and not drips.wait(0.1):
                    self.wfile.write(b" ")
                self.wfile.write(ANSWER)
            except OSError:
                return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_address[1]}"
        finally:
            if drips is not None:
                drips.set()
            http.shutdown()
            thread.join()


async def asked(client: PrometheusClient, address: str, seconds: float) -> Number | None:
    try:
        return await client.number(Question(address, "sum(calls)", seconds))
    except QueryFailedError:
        return None


def test_who_is_told_to_end_as_the_answer_comes_ends() -> None:
    client = PrometheusClient()

    async def main(address: str) -> None:
        asking = asyncio.create_task(asked(client, address, 30.0))
        await asyncio.sleep(0)  # it is given to a thread
        client._threads.shutdown()  # the answer is there, and the loop has not heard of it
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled(), "it was told to end, and goes on"

    with served(None) as address:
        asyncio.run(main(address))


def test_servers_that_drip_keep_no_thread_from_one_that_answers() -> None:
    client, drips = PrometheusClient(), threading.Event()

    async def all_of_them(slow: str, well: str) -> Number | None:
        assert await asyncio.gather(*(asked(client, slow, 0.3) for _ in range(THREADS))) == [None] * THREADS
        return await asked(client, well, 5.0)

    with served(drips) as slow, served(None) as well:
        assert asyncio.run(all_of_them(slow, well)) == Number(7.0, 1790000000.0)
    client.close()
