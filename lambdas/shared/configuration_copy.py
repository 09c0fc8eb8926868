"""What functions read of configurations: a copy in memory for five minutes, give or take a tenth, and for an hour more
if the table cannot answer. One per environment of Lambda; versions never change, so a copy is read again only when the
pointer or the pin has moved.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.configuration import Configurations, UnknownVersionError, Version, is_name
from shared.failure import DefectError, UnavailableError
from shared.typed import TYPE_CHECKING, NamedTuple
from shared.unavailable import UNAVAILABLE, reason_of

if TYPE_CHECKING:
    from shared.deadline import Deadline

KEPT_SECONDS = 300.0
SPREAD = 0.1  # of that, either way: environments that started together must not ask together
LAST_GOOD_SECONDS = 3600.0
RETRY_SECONDS = 5.0  # after a read that failed
READ_SECONDS = 0.5
MOST_COPIES = 64


class Reading(NamedTuple):
    """What is in force for a reader. version: None if there is no such configuration. pinned: held by a pin. local:
    answered from memory. stale: the table could not be asked when it should have been; reason says why.
    """

    version: Version | None
    pinned: bool
    local: bool = False
    stale: bool = False
    reason: str = ""


class _Copy:
    """One configuration as one reader sees it. read_at: when the table said so; next_read: when it is asked again."""

    __slots__ = ("failed", "next_read", "pinned", "read_at", "version")

    def __init__(self, version: Version | None, pinned: bool, read_at: float, next_read: float) -> None:
        self.version = version
        self.pinned = pinned
        self.read_at = read_at
        self.next_read = next_read
        self.failed = ""


class ConfigurationCopies:
    """The copies of one environment."""

    def __init__(
        self, configurations: Configurations, *, clock: Callable[[], float], jitter: Callable[[], float]
    ) -> None:
        self._configurations = configurations
        self._clock = clock
        self._jitter = jitter
        self._copies: dict[tuple[str, str], _Copy] = {}
        self._failed: tuple[float, str] = (float("-inf"), "")  # until when nobody without a copy asks, and why

    def read(self, name: str, deadline: Deadline, who: str = "") -> Reading:
        """The version that is in force for `who`. Raises UnavailableError if the table cannot say and there is no copy
        younger than an hour, DefectError if a pin or the pointer names a version that is not there.
        """
        if not is_name(name) or (who and not is_name(who)):
            return Reading(None, pinned=False)
        now = self._clock()
        copy = self._copies.get((name, who))
        if copy is not None and now < copy.next_read and now - copy.read_at < LAST_GOOD_SECONDS:
            return Reading(copy.version, copy.pinned, local=True, stale=bool(copy.failed), reason=copy.failed)
        if now < self._failed[0]:
            raise UnavailableError(self._failed[1])
        try:
            version, pinned = self._ask(name, who, copy, deadline.within(READ_SECONDS))
        except UNAVAILABLE as error:
            reason = reason_of(error)
            if copy is None or now - copy.read_at >= LAST_GOOD_SECONDS:
                self._failed = (self._clock() + RETRY_SECONDS, reason)
                raise UnavailableError(reason) from None
            copy.next_read = self._clock() + RETRY_SECONDS
            copy.failed = reason
            return Reading(copy.version, copy.pinned, local=True, stale=True, reason=reason)
        except UnknownVersionError:
            raise DefectError("UnknownConfigurationVersion") from None
        self._keep(name, who, version, pinned)
        return Reading(version, pinned)

    def _ask(self, name: str, who: str, copy: _Copy | None, deadline: Deadline) -> tuple[Version | None, bool]:
        pinned = self._configurations.pinned(name, who, deadline) if who else None
        number = self._configurations.pointer(name, deadline).version if pinned is None else pinned
        if number == 0:
            return None, False
        if copy is not None and copy.version is not None and copy.version.number == number:
            return copy.version, pinned is not None
        return self._configurations.version(name, number, deadline), pinned is not None

    def _keep(self, name: str, who: str, version: Version | None, pinned: bool) -> None:
        if len(self._copies) >= MOST_COPIES and (name, who) not in self._copies:
            del self._copies[next(iter(self._copies))]
        now = self._clock()
        kept = KEPT_SECONDS * (1 - SPREAD + 2 * SPREAD * self._jitter())
        self._copies[name, who] = _Copy(version, pinned, now, now + kept)
