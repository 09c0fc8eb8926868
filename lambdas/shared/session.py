"""What a function builds its clients from, once per environment of Lambda: credentials, roots, names, randomness.

What all functions may use is a method here; `Kinesis.of` and `ConnectApi.of` are not, so that no zip holds them but that
of the function that uses them. Clients connect when they are first used, or in `warm`. After a snapshot was restored
`reset` lets go of everything that was another environment's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from shared.aws import AwsClient, endpoint
from shared.backoff import Backoff
from shared.credentials import CredentialSource, fetcher, source
from shared.deadline import Deadline, DeadlineExceededError
from shared.dynamodb import DynamoDB
from shared.failure import DefectError, UnavailableError
from shared.jitter import jitter as random_jitter
from shared.resolve import Resolver
from shared.tls import client_context
from shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from shared.secrets_manager import SecretsManager


class Session:
    """One for all clients of a function."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        credentials: CredentialSource | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random_jitter,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._environ = environ
        self._given = credentials
        self._clock = clock
        self._wall = wall
        self.backoff = Backoff(jitter, wait)
        self._clients: dict[str, AwsClient] = {}
        self._credentials: CredentialSource | None = None
        self._tls: ssl.SSLContext | None = None
        self.resolver = Resolver(clock=clock)

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random_jitter,
    ) -> Session:
        """As the environment says: AWS_REGION, the credentials' variables, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>,
        AWS_CA_BUNDLE.
        """
        return cls(environ, clock=clock, jitter=jitter)

    def tls(self) -> ssl.SSLContext:
        """The context with the roots, made once: it is most of what a cold start does. Raises DefectError if the file
        that AWS_CA_BUNDLE names is none of certificates.
        """
        if self._tls is None:
            try:
                self._tls = client_context(self._environ)
            except OSError:  # ssl's errors are some too
                raise DefectError("CaBundleUnreadable") from None
        return self._tls

    def client(self, service: str) -> AwsClient:
        """The one client of a service, by the name that signs it ("dynamodb"). Raises DefectError."""
        made = self._clients.get(service)
        if made is None:
            made = self._clients[service] = self._made(service)
        return made

    def dynamodb(self) -> DynamoDB:
        """Raises DefectError if region, endpoint or credentials are not said."""
        return DynamoDB(self.client("dynamodb"), self.backoff)

    def secrets(self) -> SecretsManager:
        """As `dynamodb`."""
        from shared.secrets_manager import SecretsManager  # noqa: PLC0415  # only with a cache

        return SecretsManager(self.client("secretsmanager"))

    def warm(self, deadline: Deadline) -> None:
        """Connect the clients that there are. Never raises for what cannot be reached."""
        for client in list(self._clients.values()):
            try:
                client.warm(deadline)
            except (UnavailableError, DefectError, DeadlineExceededError):
                continue

    def reset(self) -> None:
        """Let go of connections, credentials and addresses."""
        for client in self._clients.values():
            client.reset()
        if self._credentials is not None:
            self._credentials.expired()
        self._credentials = None
        self._clients.clear()
        self.resolver.reset()

    def _made(self, service: str) -> AwsClient:
        environ = self._environ
        region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
        if not region:
            raise DefectError("NoRegion")
        override = environ.get(f"AWS_ENDPOINT_URL_{_ENDPOINT_NAMES[service]}") or environ.get("AWS_ENDPOINT_URL") or ""
        at = endpoint(service, region, override)
        if self._credentials is None:
            self._credentials = self._given or source(environ, fetcher(self.resolver, self.tls), self._wall)
        return AwsClient(
            service,
            region,
            at=at,
            credentials=self._credentials,
            tls=self.tls() if at.tls else None,
            resolver=self.resolver,
            backoff=self.backoff,
            wall=self._wall,
        )


# https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html
_ENDPOINT_NAMES = {
    "dynamodb": "DYNAMODB",
    "kinesis": "KINESIS",
    "secretsmanager": "SECRETS_MANAGER",
    "connect": "CONNECT",
}
