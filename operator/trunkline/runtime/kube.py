"""Requests to the API server, by the `kubernetes` client in a few threads of our own; and who we are to it.

A port (`Kube`) so that tests can stand in for the server. Every request has a timeout; nothing is tried again here, for
who asks knows whether that makes sense. kopf gets the same credentials (`Credentials.for_kopf`).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import kopf
import kubernetes.client
import kubernetes.config
import urllib3

from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.impersonation import Header, impersonation
from trunkline.runtime.kubeconfig import SIGN_IN_SECONDS, SignInError, load_kubeconfig
from trunkline.tenure.connection import LEAST_RESERVE, guarded, sending
from trunkline.tenure.right import NotLeadingError, Tenure

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"  # of which JSON is a part
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
CONNECT_SECONDS = 3.0
PAGE = 100
PATIENT_SECONDS = 2.0
_NEVER_SENT = 0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class KubeError(Exception):
    """The API server did not do it. status: HTTP; 0 if there was no answer, and then it may have done it."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(
            f"{status or 'no answer'} {reason}: {message}" if reason else f"{status or 'no answer'}: {message}"
        )
        self.status = status
        self.reason = reason
        self.message = message

    @property
    def absent(self) -> bool:
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def passing(self) -> bool:
        """Whether the API server is away or busy, and not against what was asked."""
        status = self.status
        return not status or status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def conflict(self) -> bool:
        return self.status == HTTPStatus.CONFLICT


class Kube(Protocol):
    """The API server."""

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
        timeout: float | None = None,
    ) -> Any:
        """One request; returns the answer's JSON. Raises KubeError. timeout: seconds for all of it."""
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """In-cluster if there is a service account and no kubeconfig is named; else a kubeconfig."""

    kubeconfig: Path | None = None
    context: str | None = None
    sign_in_seconds: float = SIGN_IN_SECONDS  # for a plugin of the kubeconfig

    def load(self) -> kubernetes.client.Configuration:
        """Read them (anew). Raises RuntimeFailedError."""
        found = kubernetes.client.Configuration()
        try:
            if self.kubeconfig is None and self.context is None:
                try:
                    kubernetes.config.load_incluster_config(client_configuration=found)
                    found.proxy = None  # for what leaves the cluster; kopf reads no such variable either
                except kubernetes.config.ConfigException:
                    load_kubeconfig(None, None, found, self.sign_in_seconds)
            else:
                load_kubeconfig(self.kubeconfig, self.context, found, self.sign_in_seconds)
        except SignInError as error:
            raise RuntimeFailedError(str(error)) from None
        except (kubernetes.config.ConfigException, OSError) as error:
            raise RuntimeFailedError(
                f"no way to a Kubernetes API server ({error}): run in a pod with a service account, or set KUBECONFIG"
            ) from error
        return found

    def impersonated(self) -> tuple[Header, ...]:
        """The headers by which a kubeconfig's user acts as another. Raises RuntimeFailedError."""
        if self.kubeconfig is None and self.context is None and _in_cluster():
            return ()
        try:
            return impersonation(self.kubeconfig, self.context)
        except (kubernetes.config.ConfigException, OSError) as error:
            raise RuntimeFailedError(f"the kubeconfig cannot be read: {error}") from error

    def in_its_own_name(self) -> None:
        """Raises RuntimeFailedError if the user of the kubeconfig acts as another: kopf's watches cannot."""
        if self.impersonated():
            raise RuntimeFailedError(
                "the user of the kubeconfig acts as another (as:), and the operator's watches cannot: "
                "give it a kubeconfig whose user has the operator's rights itself"
            )

    def for_kopf(self) -> kopf.ConnectionInfo:
        """The same for kopf; asked again whenever the API server refuses what kopf has."""
        found = self.load()
        header = found.get_api_key_with_prefix("BearerToken") or found.get_api_key_with_prefix("authorization")
        scheme, _, token = (header or "").rpartition(" ")
        return kopf.ConnectionInfo(
            server=found.host,
            ca_path=found.ssl_ca_cert,
            insecure=not found.verify_ssl,
            username=found.username or None,
            password=found.password or None,
            scheme=scheme or None,
            token=token or None,
            certificate_path=found.cert_file,
            private_key_path=found.key_file,
        )


def _in_cluster() -> bool:
    try:
        kubernetes.config.load_incluster_config(client_configuration=kubernetes.client.Configuration())
    except kubernetes.config.ConfigException:
        return False
    return True


class ApiServer:
    """`Kube` over the `kubernetes` client.

    threads: how many requests at once. tenure: who writes must lead, looked at when the write is sent; None for requests
    that need no leadership, as those for the Lease.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        threads: int,
        timeout: float,
        name: str = "kube",
        tenure: Tenure | None = None,
    ) -> None:
        configuration = credentials.load()
        configuration.connection_pool_maxsize = threads
        self._client = kubernetes.client.ApiClient(configuration)
        pools = self._client.rest_client.pool_manager
        pools.pool_classes_by_scheme = guarded(pools.pool_classes_by_scheme)
        self._pools = pools
        self._pool: Any = None
        self._tenure = tenure
        self.host = configuration.host.rstrip("/")
        address = urlsplit(self.host)
        # A proxy is asked for a whole URL, unless it is a tunnel for TLS.
        self._base = self.host if pools.proxy is not None and address.scheme == "http" else address.path
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = asyncio.Semaphore(threads)  # waiting for a thread is no part of a request's time
        self._impersonated = credentials.impersonated()
        self.date = ""  # of the last answer, by the API server's clock

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
        timeout: float | None = None,
    ) -> Any:
        """As the port says. A server that sends byte by byte is given up as well."""
        seconds = timeout or self._timeout
        url = f"{path}?{urlencode(query)}" if query else path
        headers = urllib3.HTTPHeaderDict({"Accept": accept, "User-Agent": "trunkline"})
        for name, value in self._impersonated:
            headers.add(name, value)  # groups repeat
        content = None
        if body is not None:
            headers["Content-Type"] = content_type
            content = json.dumps(body, separators=(",", ":")).encode()
        loop = asyncio.get_running_loop()
        try:
            async with self._free:
                call = loop.run_in_executor(self._threads, self._request, method, url, content, headers, seconds)
                # wait_for (until Python 3.12) loses a cancellation that comes with the answer: a loop would go on for ever.
                async with asyncio.timeout(seconds + CONNECT_SECONDS):
                    status, answer = await call
        except TimeoutError as error:
            raise KubeError(_NEVER_SENT, "Timeout", f"{method} {path}: no answer within {seconds:g} s") from error
        except NotLeadingError as error:
            raise KubeError(_NEVER_SENT, "NotLeading", f"{method} {path}: {error}") from None
        except kubernetes.config.ConfigException as error:  # a plugin's SignInError, or a token's file that is empty
            raise KubeError(_NEVER_SENT, "SignIn", f"{method} {path}: {error}") from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, urllib3.exceptions.TimeoutError):
                self._pools.clear()  # the others that are kept may be as dead
                self._pool = None
            raise KubeError(_NEVER_SENT, type(error).__name__, f"{method} {path}: {error}") from error
        return _parsed(status, answer)

    def crowded(self) -> bool:
        """Whether a request would have to wait for others: what is not needed had better come later."""
        return self._free.locked()

    def close(self) -> None:
        """Waits for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _request(
        self, method: str, url: str, content: bytes | None, headers: urllib3.HTTPHeaderDict, seconds: float
    ) -> tuple[int, bytes]:
        self._client.update_params_for_auth(headers, [], ["BearerToken"], url, method, content)
        timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds, total=seconds)
        with sending(self._tenure if method != "GET" else None, LEAST_RESERVE):
            # Of the pool itself: the manager above it takes each URL apart, for those who ask many hosts.
            pool = self._pool or self._pools.connection_from_url(self.host)
            self._pool = pool
            response = pool.urlopen(
                method,
                self._base + url,
                body=content,
                headers=headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                assert_same_host=False,
            )
        self.date = str(response.headers.get("Date") or "")
        return int(response.status), bytes(response.data)


def _parsed(status: int, answer: bytes) -> Any:
    try:
        value = json.loads(answer) if answer else None
    except ValueError:
        value = answer.decode(errors="replace")
    if status >= HTTPStatus.BAD_REQUEST:
        details = value if isinstance(value, dict) else {"message": value}
        raise KubeError(status, str(details.get("reason") or ""), str(details.get("message") or "").strip())
    return value


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until the API server is there: who ends instead is started again later and later. Raises other KubeErrors."""
    while True:
        try:
            return await ask()
        except KubeError as error:
            if not error.passing:
                raise
            logger.warning("the API server is away; asked again in %g s: %s", PATIENT_SECONDS, error)
            await asyncio.sleep(PATIENT_SECONDS)


async def pages(
    kube: Kube, path: str, *, accept: str = JSON, size: int = PAGE, timeout: float
) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """A collection as the API server has it now, page by page: bodies take ten times the memory that they have as text.

    Raises KubeError; with 410 if the continue token has expired under way, and then it is to be started over.
    """
    following: dict[str, str] = {}
    while True:
        page = await kube.request("GET", path, query={"limit": str(size), **following}, accept=accept, timeout=timeout)
        yield page.get("items") or ()
        token = (page.get("metadata") or {}).get("continue")
        if not token:
            return
        following = {"continue": token}
