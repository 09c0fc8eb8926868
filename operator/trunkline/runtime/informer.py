"""kopf as the informer: lists, watches and reconnects, in a thread with an event loop of its own.

A thread, because kopf cancels every task of its loop when it ends, and a pass has to end by itself. Nothing of kopf is
used but `on.event`: no finalizers, annotations or progress of its own. What it sees is handed to the main loop, as is.
https://docs.kopf.dev/en/stable/embedding/

No watch lives for long: the API server is asked to end it after WATCH_SECONDS, with a bookmark shortly before, and one
that it does not end is given up. So a connection that was cut in silence costs half a minute, and kopf's own detection
(70 s, by cancelling the task from within) is never needed. What kopf gives up for, it is started anew for: an API
server that is away for an hour ends nothing here.
https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
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
_RECONNECTS = 30  # after so many kopf gives up and is started anew
_CONNECT_SECONDS = 5.0
_LIST_SECONDS = 30.0  # for one page
WATCH_SECONDS = 20
_OVERTIME_SECONDS = 5
_MISSING_SECONDS = 5.0  # for which a watch may be without its task
_END_SECONDS = 10.0
_BEAT_SECONDS = 1.0
STILL_SECONDS = 30.0

logger = logging.getLogger(__name__)


class _NoEssence(kopf.DiffBaseStorage):
    """kopf copies and compares each body it sees, for handlers of changes. There are none here."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, **_: Any) -> kopf.BodyEssence | None:
        return None

    def store(self, **_: Any) -> None:
        """Nothing is kept in objects."""


class _NoProgress(kopf.ProgressStorage):
    """Nor is any progress of handlers."""

    def fetch(self, **_: Any) -> kopf.ProgressRecord | None:
        return None

    def store(self, **_: Any) -> None:
        """Nothing is kept in objects."""

    def purge(self, **_: Any) -> None:
        """Nothing is there."""

    def touch(self, **_: Any) -> None:
        """Nothing is there."""

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        return essence


def _not_of_signals(record: logging.LogRecord) -> bool:
    """kopf warns that it leaves signals alone in a thread, as it should."""
    return "OS signals are ignored" not in record.getMessage()


def _not_of_answers(record: logging.LogRecord) -> bool:
    """kopf shows the way through its code, twice, where the API server ends a watch: why is told where it is started anew."""
    return record.exc_info is None or _status_of(record.exc_info[1]) is None


def _status_of(error: BaseException | None) -> int | None:
    """HTTP's, of what kopf raises for an answer of the API server."""
    return getattr(error, "status", None) if type(error).__module__.startswith("kopf.") else None


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
        self._beat = time.monotonic()

    def start(self) -> asyncio.Future[None]:
        """Start watching. The future ends when the thread does: after `stop`, or with an exception that is a bug."""
        outer = asyncio.get_running_loop()
        ended: asyncio.Future[None] = outer.create_future()

        def tell(error: BaseException | None) -> None:
            if not ended.done():
                ended.set_exception(error) if error is not None else ended.set_result(None)

        for part in ("running", "orchestration"):
            kopfs = logging.getLogger(f"kopf._core.reactor.{part}")
            kopfs.addFilter(_not_of_signals)
            kopfs.addFilter(_not_of_answers)

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

    def renew(self) -> None:
        """List and watch anew: what the watches told is not to be trusted."""
        with self._lock:
            if self._inner is not None and self._flag is not None:
                _hand(self._inner, self._flag.set)

    def trouble(self) -> str:
        """Why a restart of the process would help; empty if it would not."""
        still = time.monotonic() - self._beat
        return f"the thread of the watches stands still for {still:.0f} s" if still > STILL_SECONDS else ""

    def expected_watchers(self) -> int:
        """How many there should be."""
        return (len(self._kinds) + len(self._watched)) * max(1, len(self._namespaces))

    async def _watch(self, outer: asyncio.AbstractEventLoop) -> None:
        """Run kopf, again and again until we are stopped."""
        beating = asyncio.create_task(self._keep_beating(), name="beat")
        try:
            while True:
                flag = asyncio.Event()
                with self._lock:
                    self._flag, self._inner = flag, asyncio.get_running_loop()
                    if self._stopped:
                        return
                why = await self._run_once(outer, flag)
                if why:
                    logger.warning("the watches are started anew: %s", why)
                    await asyncio.sleep(_RECONNECT_SECONDS)
        finally:
            beating.cancel()

    async def _run_once(self, outer: asyncio.AbstractEventLoop, flag: asyncio.Event) -> str:
        """Run kopf until it ends, is asked to, or has lost a watch. Says why, unless it is time to end."""
        running = asyncio.create_task(self._operate(outer, flag), name="kopf")
        why = await self._supervise(running, flag)
        flag.set()
        await asyncio.wait([running], timeout=_END_SECONDS)
        if not running.done():
            running.cancel()
            await asyncio.wait([running], timeout=_END_SECONDS)
        error = running.exception() if running.done() and not running.cancelled() else None
        if self._stopped:
            return ""
        if _status_of(error) == HTTPStatus.NOT_FOUND:
            plurals = ", ".join(self._kinds.values())
            return f"the API server serves one of {plurals} no more: if its CustomResourceDefinition was deleted, apply it again"
        return f"{why} ({error!r})" if error is not None else why

    async def _supervise(self, running: asyncio.Task[None], flag: asyncio.Event) -> str:
        """kopf asks once which resources are served, and an API server that is just starting does not tell of ours yet:
        it would wait without a watch for ever. It goes on without a watch that was cancelled, too.
        """
        loop = asyncio.get_running_loop()
        patience, complete = _START_SECONDS, loop.time()
        while not running.done():
            if flag.is_set():
                return "asked to"
            if self.watchers() >= self.expected_watchers():
                patience, complete = _MISSING_SECONDS, loop.time()
            elif loop.time() - complete > patience:
                return f"not all of {self.expected_watchers()} watches were there for {patience:g} s"
            await asyncio.wait([running], timeout=_LOOK_SECONDS)
        return "kopf ended"

    async def _keep_beating(self) -> None:
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(_BEAT_SECONDS)

    async def _operate(self, outer: asyncio.AbstractEventLoop, flag: asyncio.Event) -> None:
        await kopf.operator(
            registry=self._registry(outer),
            settings=self._settings(),
            clusterwide=not self._namespaces,
            namespaces=self._namespaces,
            standalone=True,
            stop_flag=flag,
        )

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
        settings.persistence.diffbase_storage = _NoEssence()
        settings.persistence.progress_storage = _NoProgress()
        settings.watching.server_timeout = WATCH_SECONDS
        settings.watching.client_timeout = WATCH_SECONDS + _OVERTIME_SECONDS
        settings.networking.connect_timeout = _CONNECT_SECONDS
        settings.networking.request_timeout = _LIST_SECONDS
        settings.networking.error_backoffs = (_RECONNECT_SECONDS,) * _RECONNECTS
        for source in self._watched:
            settings.watching.label_selectors["", "v1", _PLURALS[source]] = WATCH_SELECTOR
        return settings


def _hand(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *values: Any) -> None:
    try:
        loop.call_soon_threadsafe(call, *values)
    except RuntimeError:
        logger.debug("an event came after the end")
