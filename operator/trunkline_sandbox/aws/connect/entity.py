"""What lives in an instance: its kinds with their ARN words, and entities whose past is kept for lagging readers.

A state is never changed: a write appends a new one with its time. Readers ask for what was true some seconds ago.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

# A reader may lag behind at most this much; older states are forgotten.
HORIZON_SECONDS = 3600.0


class Kind(StrEnum):
    """A kind of resource; the value is the word in its ARN."""

    INSTANCE = "instance"
    HOURS = "operating-hours"
    OVERRIDE = "operating-hours-override"  # no ARN of its own
    QUEUE = "queue"
    ROUTING_PROFILE = "routing-profile"
    FLOW = "contact-flow"
    FLOW_MODULE = "flow-module"
    PROMPT = "prompt"
    QUICK_CONNECT = "transfer-destination"
    USER = "agent"
    SECURITY_PROFILE = "security-profile"
    AGENT_STATUS = "agent-state"
    VIEW = "view"
    PHONE_NUMBER = "phone-number"  # lives beside the instances: arn:…:phone-number/<id>


@dataclass(frozen=True, slots=True)
class State:
    """One state of a resource.

    `fields` are members as Describe answers them, without ids, tags and times; `links` is what else belongs to the
    resource and is read by operations of its own (queues of a routing profile, content of a flow).
    """

    fields: Mapping[str, Any]
    links: Mapping[str, Any]
    tags: Mapping[str, str]
    modified: float


@dataclass(slots=True)
class Entity:
    """A resource with its history. `sequence` orders resources by creation."""

    kind: Kind
    id: str
    arn: str
    sequence: int
    region: str
    built_in: bool = False
    history: list[tuple[float, State | None]] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        """Whether it exists, whatever lagging readers still see."""
        return bool(self.history) and self.history[-1][1] is not None

    @property
    def state(self) -> State:
        """The newest state. Only for what is alive."""
        newest = self.history[-1][1]
        assert newest is not None, f"{self.arn} is deleted"
        return newest

    @property
    def fields(self) -> Mapping[str, Any]:
        """Members of the newest state."""
        return self.state.fields

    @property
    def links(self) -> Mapping[str, Any]:
        """Links of the newest state."""
        return self.state.links

    def seen(self, now: float, lag: float) -> State | None:
        """The state that a reader sees who is `lag` seconds behind; none: not yet or no longer there."""
        for time, state in reversed(self.history):
            if time <= now - lag:
                return state
        return None

    def write(
        self,
        now: float,
        fields: Mapping[str, Any] | None = None,
        links: Mapping[str, Any] | None = None,
        *,
        without: tuple[str, ...] = (),
    ) -> None:
        """Change members and links; `without` names members to remove."""
        old = self.state
        kept = {name: value for name, value in old.fields.items() if name not in without}
        self._append(
            now, replace(old, fields=kept | dict(fields or {}), links={**old.links, **(links or {})}, modified=now)
        )

    def tag(self, now: float, tags: Mapping[str, str]) -> None:
        """Replace the tags. LastModifiedTime stays: tags are not configuration."""
        self._append(now, replace(self.state, tags=dict(tags)))

    def delete(self, now: float) -> None:
        """Take it away."""
        self._append(now, None)

    def forgotten(self, now: float) -> bool:
        """Whether no reader can see it any more."""
        return not self.alive and self.history[-1][0] < now - HORIZON_SECONDS

    def _append(self, now: float, state: State | None) -> None:
        self.history.append((now, state))
        while len(self.history) > 1 and self.history[1][0] < now - HORIZON_SECONDS:
            del self.history[0]


def timestamp(seconds: float) -> datetime:
    """A time as the service answers it."""
    return datetime.fromtimestamp(seconds, UTC)


def modified(entity: Entity, state: State) -> dict[str, Any]:
    """The two members that most answers carry."""
    return {"LastModifiedTime": timestamp(state.modified), "LastModifiedRegion": entity.region}
