"""What Secrets Manager keeps: plain data on the clock.

All operations are eventually consistent (API reference, ListSecrets): reads show a secret as it was a while ago, for
`Switches.secret_lag_seconds`, lists for `Switches.list_lag_seconds` if that is longer.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, field

from trunkline_sandbox.aws.secretsmanager import faults
from trunkline_sandbox.aws.service import CallContext

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


@dataclass(frozen=True, slots=True)
class Value:
    """The content of one version; exactly one of the two."""

    text: str | None
    binary: bytes | None

    def __repr__(self) -> str:
        return "Value(...)"


@dataclass(slots=True)
class Version:
    """One version. Its id is the client token that it was made with."""

    id: str
    value: Value
    created_at: float
    stages: set[str] = field(default_factory=set)
    accessed_at: float | None = None


@dataclass(slots=True)
class Picture:
    """What a read shows of a secret."""

    description: str = ""
    kms_key: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    versions: dict[str, Version] = field(default_factory=dict)
    deleted_at: float | None = None  # when its deletion was asked for
    gone_at: float | None = None  # when its recovery window ends
    changed_at: float = 0.0

    def labelled(self, stage: str) -> Version | None:
        return next((version for version in self.versions.values() if stage in version.stages), None)


@dataclass(slots=True)
class Secret:
    """A secret: `now` is what it is, `history` what it was, from when on, in order."""

    name: str
    account: str
    region: str
    created_at: float
    now: Picture
    history: list[tuple[float, Picture]] = field(default_factory=list)

    @property
    def arn(self) -> str:
        return f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:{self.name}-{self._suffix}"

    @property
    def _suffix(self) -> str:
        """Six random characters, so that a secret of the same name made later has another ARN."""
        seed = hashlib.sha256(f"{self.account} {self.region} {self.name} {self.created_at}".encode()).digest()
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(letters[byte % len(letters)] for byte in seed[:6])

    def keep(self, at: float, lag: float) -> None:
        """Remember what it is from `at` on, as long as some read may still show something older."""
        self.history.append((at, copy.deepcopy(self.now)))
        while len(self.history) > 1 and self.history[1][0] <= at - lag:
            self.history.pop(0)

    def as_of(self, moment: float) -> Picture | None:
        """What it was; None if it was not there."""
        found = None
        for at, picture in self.history:
            if at <= moment:
                found = picture
        return found


class Store:
    """All secrets."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, str, str], Secret] = {}

    def settle(self, now: float) -> None:
        """Let go what has waited out its recovery window."""
        for key, secret in list(self._secrets.items()):
            if secret.now.gone_at is not None and secret.now.gone_at <= now:
                del self._secrets[key]

    def add(self, secret: Secret) -> None:
        self._secrets[(secret.account, secret.region, secret.name)] = secret

    def remove(self, secret: Secret) -> None:
        self._secrets.pop((secret.account, secret.region, secret.name), None)

    def of(self, account: str, region: str) -> list[Secret]:
        return [self._secrets[key] for key in sorted(self._secrets) if key[:2] == (account, region)]

    def all(self) -> list[Secret]:
        return [self._secrets[key] for key in sorted(self._secrets)]

    def find(self, account: str, region: str, given: str) -> Secret | None:
        """By name, whole ARN, or ARN without the six characters."""
        for secret in self.of(account, region):
            if given in (secret.name, secret.arn) or given == secret.arn[:-7]:
                return secret
        return None


@dataclass(frozen=True, slots=True)
class Call:
    """What every operation gets."""

    store: Store
    context: CallContext

    @property
    def now(self) -> float:
        return self.context.clock.now()

    @property
    def place(self) -> tuple[str, str]:
        return self.context.account, self.context.region

    def secret(self, given: str, *, scheduled_too: bool = False) -> Secret:
        """The secret to be written. Raises ResourceNotFoundException, or InvalidRequestException while it is scheduled."""
        found = self.store.find(*self.place, given)
        if found is None:
            raise faults.not_found()
        if found.now.deleted_at is not None and not scheduled_too:
            raise faults.scheduled()
        return found

    def seen(self, given: str) -> tuple[Secret, Picture]:
        """The secret as reads show it. Raises ResourceNotFoundException."""
        found = self.store.find(*self.place, given)
        picture = found.as_of(self.now - self.context.switches.secret_lag_seconds) if found is not None else None
        if found is None or picture is None:
            raise faults.not_found()
        return found, picture

    def changed(self, secret: Secret) -> None:
        """Keep the new state of a secret for reads that lag."""
        switches = self.context.switches
        secret.now.changed_at = self.now
        secret.keep(self.now, max(switches.secret_lag_seconds, switches.list_lag_seconds))
