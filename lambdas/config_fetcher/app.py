"""config-fetcher: what a configuration says, for a flow.

Event: Amazon Connect's, with the parameters Name (of the configuration), Who (optional: a reader that may be pinned to a
version) and Keys (optional: comma separated, the members to answer; all by default).

Answer, flat strings: Found, Name, Version, Pinned, Source ("table", "local", "none") and Degraded; then one string for
each member of the configuration, under its own name: text as it is, numbers and booleans as JSON spells them, objects and
lists as compact JSON; null is left out. A member with the name of one of the six is not answered, and counted.

A copy is kept for five minutes, give or take a tenth, and answered for an hour if the table cannot say what is in force:
then Degraded is "true". Without a copy Found is "false" and Degraded "true".

Environment: TABLE (operations table). IAM: dynamodb:GetItem on it. Raises DefectError (also for a pin to a version that
is not there), MissingVariableError, AnswerTooLargeError.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping

from shared.configuration import Configurations
from shared.configuration_copy import ConfigurationCopies, Reading
from shared.connect_event import ConnectEvent, parameter
from shared.failure import UnavailableError
from shared.invocation import DeploymentError, Invocation, entry, required
from shared.jitter import jitter
from shared.typed import Any

MOST_BYTES = 32 * 1024  # Connect refuses more
OWN = ("Found", "Name", "Version", "Pinned", "Source", "Degraded")


class AnswerTooLargeError(DeploymentError):
    """The configuration is more than a flow can be answered."""

    def __init__(self) -> None:
        super().__init__(
            "the configuration is larger than the 32 KB that a flow can read: pass Keys with what it needs"
        )


class ConfigFetcher:
    """The function with what it needs. One per environment of Lambda."""

    def __init__(self, copies: ConfigurationCopies) -> None:
        self._copies = copies

    def answer(self, event: ConnectEvent | None, invocation: Invocation) -> Mapping[str, str]:
        """What a configuration says."""
        name, who = parameter(event, "Name") or "", parameter(event, "Who") or ""
        try:
            reading = self._copies.read(name, invocation.deadline, who)
        except UnavailableError as error:
            invocation.count(f"Table.{error.reason}")
            invocation.count("Degraded")
            return _own(Reading(None, pinned=False, stale=True), "")
        if reading.stale:
            invocation.count(f"Table.{reading.reason}")
            invocation.count("Degraded")
        answer = _own(reading, name)
        if reading.version is not None:
            for key, text in _members(reading.version.content, parameter(event, "Keys")):
                if key in OWN:
                    invocation.count("Shadowed")
                else:
                    answer[_whole(key)] = _whole(text)
        if len(json.dumps(answer, ensure_ascii=False).encode()) > MOST_BYTES:
            raise AnswerTooLargeError
        return answer


def _own(reading: Reading, name: str) -> dict[str, str]:
    found = reading.version is not None
    return {
        "Found": "true" if found else "false",
        "Name": name if found else "",
        "Version": str(reading.version.number) if reading.version else "",
        "Pinned": "true" if reading.pinned else "false",
        "Source": ("local" if reading.local else "table") if found else "none",
        "Degraded": "true" if reading.stale else "false",
    }


def _members(content: str, wanted: str | None) -> Iterator[tuple[str, str]]:
    """The members of a JSON object as text, those that are wanted."""
    value = json.loads(content)
    names = list(value) if wanted is None else [name.strip() for name in wanted.split(",")]
    for name in names:
        member = value.get(name)
        if isinstance(member, str):
            yield name, member
        elif member is not None:
            yield name, json.dumps(member, separators=(",", ":"), ensure_ascii=False)


def _whole(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can spell: Lambda's runtime dies of writing them."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def build(environ: Mapping[str, str], session: Any, _cache: object) -> ConfigFetcher:
    """The function as its environment describes it. Raises MissingVariableError."""
    table = required(environ, "TABLE")
    configurations = Configurations(session.dynamodb(), table)
    return ConfigFetcher(ConfigurationCopies(configurations, clock=time.monotonic, jitter=jitter))


handler = entry("config-fetcher", build)
