"""kopf as the informer: lists, watches and reconnects, in a thread with an event loop of its own.

A thread, because kopf cancels every task of its loop when it ends, and a pass has to end by itself. Nothing of kopf is
used but `on.event`: no finalizers, annotations or progress of its own. What it sees is handed to the main loop, as is.
https://docs.kopf.dev/en/stable/embedding/
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import kopf

from trunkline.handlers.port import Source
from trunkline.runtime.config import GROUP, VERSION, WATCH_SELECTOR
from trunkline.runtime.kube import PAGE, Credentials

ObjectSeen = Callable[[str, str | None, Mapping[str, Any]], None]  # kind, type of the event (None: listed), body
SourceSeen = Callable[[Source, str | None, Mapping[str, Any]], None]
_PLURALS = {Source.CONFIG_MAP: "configmaps", Source.SECRET: "secrets"}
_RECONNECT_SECONDS = 1.0
_START_SECONDS = 15.0
_LOOK_SECONDS = 0.2
_RECONNECTS = 300  # after so many kopf gives up and the process ends

logger = logging.getLogger(__name__)


def _not_of_signals(record: logging.LogRecord) -> bool:
    """kopf warns that it leaves signals alone in a thread, as it should."""
    return "OS signals are ignored" not in record.getMessage()


class Informer:
    """kinds: kind to plural. Callbacks run in the loop that `start` is called in."""

    def __init__(
        self,
        credentials: Credentials,
        kinds: Mapping[str, str],
        *,
        namespaces: tuple[str, ...],
        watched: tuple[Source, ...],
        objects: ObjectSeen,
        sources: SourceSeen,
    ) -> None:
        self._credentials = credentials
        self._kinds = dict(kinds)
        self._namespaces = namespaces
        self._watched = watched
        self._objects = objects
        self._sources = sources
        self._flag: asyncio.Event | None = None
        self._inner: asyncio.AbstractEventLoop | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def start(self) -> asyncio.Future[None]:
        """Start watching. The future ends when kopf does, with its exception if it failed."""
        outer = asyncio.get_running_loop()
        ended: asyncio.Future[None] = outer.create_future()

        def tell(error: BaseException | None) -> None:
            if not ended.done():
                ended.set_exception(error) if error is not None else ended.set_result(None)

        logging.getLogger("kopf._core.reactor.running").addFilter(_not_of_signals)

        def work() -> None:
            error: BaseException | None = None
            try:
                asyncio.run(self._watch(outer))
            except BaseException as raised:  # it ends the thread, and the process is told
                error = raised if isinstance(raised, Exception) else RuntimeError(repr(raised))
            _hand(outer, tell, error)

        threading.Thread(target=work, name="informer", daemon=True).start()
        return ended

    def stop(self) -> None:
        """Ask kopf to end."""
        with self._lock:
            self._stopped = True
            if self._inner is not None and self._flag is not None:
                _hand(self._inner, self._flag.set)

    def watchers(self) -> int:
        """How many watches are alive; kopf goes on without one that was cancelled."""
        with self._lock:
            if self._inner is None or self._inner.is_closed():
                return 0
            tasks = asyncio.all_tasks(self._inner)
        return sum(task.get_name().startswith("watcher for ") and not task.done() for task in tasks)

    def expected_watchers(self) -> int:
        """How many there should be."""
        return (len(self._kinds) + len(self._watched)) * max(1, len(self._namespaces))

    async def _watch(self, outer: asyncio.AbstractEventLoop) -> None:
        """Run kopf; anew if its watches do not come up. It asks once which resources are served, and an API server that
        is just starting does not tell of ours yet: kopf would wait without a watch for ever.
        """
        while True:
            flag = asyncio.Event()
            with self._lock:
                self._flag, self._inner = flag, asyncio.get_running_loop()
                if self._stopped:
                    return
            running = asyncio.create_task(self._operate(outer, flag), name="kopf")
            if await self._came_up(running):
                await running
                return
            logger.warning("the watches did not come up in %g s: started anew", _START_SECONDS)
            flag.set()
            await running

    async def _operate(self, outer: asyncio.AbstractEventLoop, flag: asyncio.Event) -> None:
        await kopf.operator(
            registry=self._registry(outer),
            settings=self._settings(),
            clusterwide=not self._namespaces,
            namespaces=self._namespaces,
            standalone=True,
            stop_flag=flag,
        )

    async def _came_up(self, running: asyncio.Task[None]) -> bool:
        """Whether all watches are there, or kopf has ended, within the time that this may take."""
        end = asyncio.get_running_loop().time() + _START_SECONDS
        while asyncio.get_running_loop().time() < end:
            if self.watchers() >= self.expected_watchers() or self._stopped:
                return True
            if (await asyncio.wait([running], timeout=_LOOK_SECONDS))[0]:
                return True
        return False

    def _registry(self, outer: asyncio.AbstractEventLoop) -> kopf.OperatorRegistry:
        registry = kopf.OperatorRegistry()

        @kopf.on.login(registry=registry)
        def login(**_: Any) -> kopf.ConnectionInfo:
            return self._credentials.for_kopf()

        def listen(group: str, version: str, plural: str, what: Any, hand: Callable[..., None]) -> None:
            @kopf.on.event(group, version, plural, registry=registry, id=plural)
            async def seen(event: Any, **_: Any) -> None:
                _hand(outer, hand, what, event["type"], event["object"])

        for kind, plural in self._kinds.items():
            listen(GROUP, VERSION, plural, kind, self._objects)
        for source in self._watched:
            listen("", "v1", _PLURALS[source], source, self._sources)
        return registry

    def _settings(self) -> kopf.OperatorSettings:
        settings = kopf.OperatorSettings()
        settings.scanning.disabled = True  # no right to watch CRDs and namespaces is needed
        settings.posting.enabled = False
        settings.posting.loggers = False
        settings.watching.chunk_size = PAGE
        settings.watching.initial_streaming = False  # a connection cut under way loses objects silently
        settings.queueing.idle_timeout = 1.0
        settings.networking.error_backoffs = (_RECONNECT_SECONDS,) * _RECONNECTS
        for source in self._watched:
            settings.watching.label_selectors["", "v1", _PLURALS[source]] = WATCH_SELECTOR
        return settings


def _hand(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *values: Any) -> None:
    try:
        loop.call_soon_threadsafe(call, *values)
    except RuntimeError:
        logger.debug("an event came after the end")
