"""The functions' own clients for whoever is at the terminal: signed with what the SDK's chain finds, and sent to where
the SDK would send it. Opens connections.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trunkline.aws.tables import TableAccount, TableUnreadableError
from trunkline.data.functions import (
    Backoff,
    Cache,
    Credentials,
    Deadline,
    DefectError,
    DynamoDB,
    Session,
    cached_customer,
    jitter,
)
from trunkline.data.meter import Meter
from trunkline.data.store import Store
from trunkline.data.target import RefusedError

CACHE_SECONDS = 5.0
Written = Sequence[tuple[str, str | None]]


class ChainCredentials:
    """The functions' source of credentials, from the SDK's chain. Raises DefectError if it has none that are good."""

    def __init__(self, account: TableAccount) -> None:
        self._account = account

    def get(self, deadline: Deadline) -> Credentials:  # noqa: ARG002  # the chain has timeouts of its own
        """Those of now; the chain renews them before they end."""
        try:
            found = self._account.credentials()
        except TableUnreadableError:
            raise DefectError("CredentialsNotRenewed") from None
        return Credentials(found.access_key, found.secret_key, found.token)

    def expired(self) -> None:
        """The chain knows itself when they end."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A table and what its calls cost."""

    store: Store
    meter: Meter


def open_table(account: TableAccount, table: str, clock: Callable[[], float], wait: Callable[[float], None]) -> Opened:
    """The table, through the functions' client."""
    session = _session(account, {"AWS_ENDPOINT_URL_DYNAMODB": account.endpoint("dynamodb")}, clock)
    meter = Meter(session.client("dynamodb"))
    return Opened(Store(DynamoDB(meter, Backoff(jitter, wait)), table, clock, wait, jitter), meter)


def open_cache(
    account: TableAccount, url: str, secret: str, clock: Callable[[], float]
) -> Callable[[Written], bool] | None:
    """How the functions' cache is told of what was written: pairs of customer id and number. Whether it has said that
    it keeps nothing of them any more. None: no cache is named. Raises RefusedError if it cannot be reached from here.
    """
    if not url:
        return None
    session = _session(account, {"AWS_ENDPOINT_URL_SECRETS_MANAGER": account.endpoint("secretsmanager")}, clock)
    cache = Cache.from_environment({"CACHE": url, "CACHE_SECRET": secret}, session, clock=clock, jitter=jitter)
    cache.warm(Deadline.after(CACHE_SECONDS, clock))
    if cache.reason:
        raise RefusedError(
            f"the cache cannot be told what is written ({cache.reason}): check --cache and --cache-secret, run this where"
            " the cache can be reached, or leave both out: functions then see the new customers after five minutes"
        )
    return lambda written: cached_customer.all_changed(cache, written, Deadline.after(CACHE_SECONDS, clock))


def _session(account: TableAccount, endpoints: Mapping[str, str], clock: Callable[[], float]) -> Session:
    roots = {"AWS_CA_BUNDLE": os.environ.get("AWS_CA_BUNDLE", "")}
    environ = {"AWS_REGION": account.region, **roots, **endpoints}
    return Session(environ, credentials=ChainCredentials(account), clock=clock)
