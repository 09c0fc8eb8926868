"""SDK clients: one botocore session for the process, one client per (service, Region), and one blocking call.

Clients are shared by all identities: whose credentials sign a call is decided as it is signed, by what the calling
thread was lent. So a thousand objects with a role each need no thousand clients (a set of them is 4 MiB, a second
session 41 MiB). botocore's retries are off: Connect's quota error is HTTP 429 too and would be repeated as throttling,
and whether a lost answer may be asked for again is for the engine to say. Its parameter validation stays on.

A change is sent only by who leads: the last look is taken at the socket (`trunkline.tenure.connection`).

Runs in worker threads; never logs a parameter.
"""

from __future__ import annotations

import gzip
import json
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import HTTPClientError, NoCredentialsError
from botocore.loaders import JSONFileLoader
from botocore.response import StreamingBody
from botocore.utils import parse_timestamp

from trunkline.aws.connections import guard
from trunkline.aws.credentials import RoleSession
from trunkline.engine.plan import Answer
from trunkline.tenure.connection import sending
from trunkline.tenure.right import NotLeadingError, Tenure

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
CALL_SECONDS = CONNECT_SECONDS + READ_SECONDS  # for which leadership must still last when a change is sent
CREDENTIAL_ATTEMPTS = 2
MOST_CLIENTS = 64
LOOK_SECONDS = 1.0


def lean_session() -> Any:
    """A session of botocore with lean models, found where botocore finds its own."""
    session = botocore.session.Session()
    session.get_component("data_loader").file_loader = LeanModels()
    return session


class LeanModels(JSONFileLoader):  # type: ignore[misc]  # botocore has no types
    """botocore's models of services in plain dicts and without their documentation: a third less memory."""

    def load_file(self, file_path: str) -> Any:
        """The content of `file_path`.json or .json.gz; None if there is neither."""
        for path, read in ((f"{file_path}.json", open), (f"{file_path}.json.gz", gzip.open)):
            with suppress(FileNotFoundError), read(path, "rb") as file:
                return json.loads(file.read(), object_hook=_undocumented)
        return None


def _undocumented(value: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value.get("documentation"), str):
        del value["documentation"]
    return value


def _keys(session: RoleSession | None) -> dict[str, str]:
    if session is None:
        return {}
    return {
        "aws_access_key_id": session.access_key,
        "aws_secret_access_key": session.secret_key,
        "aws_session_token": session.token,
    }


def instant(value: Any) -> datetime:
    """A time in an answer, in UTC. botocore's own reader asks for the machine's time zone at each number and tries many
    forms at each text; it has the last word.
    """
    with suppress(OverflowError, OSError, ValueError):
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and (found := datetime.fromisoformat(value)).tzinfo is not None:
            return found.astimezone(UTC)
    read: datetime = parse_timestamp(value)
    return read


class Clients:
    """All clients of the process; safe to call from many threads.

    pool: connections kept per endpoint, as many as there are threads. read_seconds: how long an answer is waited for;
    whoever sets it asks the guard for as much. Endpoints, proxies and the pod's credentials are
    found by the SDK's own standard variables and files (AWS_ENDPOINT_URL, AWS_PROFILE, ...).
    """

    def __init__(
        self,
        session: Any = None,
        *,
        pool: int = 32,
        read_seconds: float = READ_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session or lean_session()
        self._config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=pool,
            tcp_keepalive=True,
            account_id_endpoint_mode="disabled",  # the endpoint would be that of the first identity, for all
            # Made once: botocore puts its own together twice a call, from thirty parts, which took a fifth of the call.
            user_agent=self._session.user_agent(),
            user_agent_extra=f"trunkline/{version('trunkline')}",
        )
        self._clients: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._lock = threading.Lock()
        self._clock = clock
        self._looking = threading.Lock()  # its own: a look may last, and who was lent credentials needs none
        self._own: Any = None  # the pod's credentials; botocore renews them
        self._look_at = -math.inf  # when they, if there were none, are looked for again
        self._missing: Exception = NoCredentialsError()
        self._lent = threading.local()
        self._session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=instant)
        self._session.register("before-sign", self._sign, unique_id="trunkline-lent-credentials")
        # Of the client that the SDK itself makes to assume the pod's role: by default it is patient for five minutes
        # (five times 60 s), and every call that the pod signs stands behind it.
        self._session.set_default_client_config(
            Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=read_seconds,
                retries={"total_max_attempts": CREDENTIAL_ATTEMPTS, "mode": "standard"},
            )
        )
        # At DEBUG botocore writes whole requests, archives and secrets included.
        logging.getLogger("botocore").setLevel(logging.INFO)

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        params: Mapping[str, Any],
        session: RoleSession | None = None,
        *,
        tenure: Tenure | None = None,
    ) -> Answer:
        """One HTTP call, signed with the session's credentials or else the pod's.

        tenure: for a change, who may make it; None for what changes nothing. Blocks; raises what botocore raises, and
        NotLeadingError if the change was not sent because another process may lead before it is answered.
        """
        if session is None:
            self._find_credentials()
        client = self._client(service, region, session)
        with self._lending(session), sending(tenure, self._config.read_timeout) as change:
            try:
                body = getattr(client, xform_name(operation))(**params)
            except HTTPClientError:
                if change is not None and change.refused:
                    raise NotLeadingError("leadership may end before the call does") from None
                raise
            # A stream (what a function answers) is read here, where it may take its time.
            body = {name: item.read() if isinstance(item, StreamingBody) else item for name, item in body.items()}
        metadata = body.pop("ResponseMetadata", {})
        return Answer(body, str(metadata.get("RequestId", "")))

    def _find_credentials(self) -> Any:
        """The pod's. Raises NoCredentialsError if it has none, or why they cannot be had. Thousands of objects may ask, so
        they are looked for by few: what a look came to holds for LOOK_SECONDS.
        """
        with self._looking:
            if self._own is None and self._clock() >= self._look_at:
                self._missing = NoCredentialsError()
                try:
                    self._own = self._session.get_credentials()
                except Exception as error:
                    self._missing = error
                self._look_at = self._clock() + LOOK_SECONDS
            if self._own is None:
                raise self._missing.with_traceback(None)
            return self._own

    def access_key(self) -> str:
        """The access key id of the pod's own credentials, empty if there are none. May ask the metadata service."""
        try:
            own = self._find_credentials()
        except NoCredentialsError:
            return ""
        return str(own.get_frozen_credentials().access_key)

    def close(self) -> None:
        """Close idle connections. Later calls open new ones."""
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
        for client in clients:
            client.close()

    def _client(self, service: str, region: str, session: RoleSession | None) -> Any:
        with self._lock:  # making a client is not safe in botocore, and costs a tenth of a second at most once
            key = (service, region)
            client = self._clients.get(key)
            if client is None:
                lent = {} if self._own is not None else _keys(session)  # given any, botocore looks for none
                client = self._session.create_client(service, region_name=region, config=self._config, **lent)
                guard(client)
                if lent:
                    return client  # it would go on with these when the pod has its own
                self._clients[key] = client
                if len(self._clients) > MOST_CLIENTS:
                    self._clients.popitem(last=False)  # its calls under way go on; its connections close with them
            self._clients.move_to_end(key)
            return client

    @contextmanager
    def _lending(self, session: RoleSession | None) -> Iterator[None]:
        self._lent.credentials = (
            Credentials(session.access_key, session.secret_key, session.token, method="assume-role")
            if session
            else None
        )
        try:
            yield
        finally:
            self._lent.credentials = None

    def _sign(self, request: Any, **_: Any) -> None:
        """Before each signature: put the lent credentials in the place of the pod's."""
        credentials = getattr(self._lent, "credentials", None)
        if credentials is not None:
            request.context.setdefault("signing", {})["request_credentials"] = credentials
