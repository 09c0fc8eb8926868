"""All state of the offline Amazon Connect: instances with their resources, phone numbers, client tokens, churn.

Pure bookkeeping: it knows ids, ARNs and existence, and no rule of any resource family.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from trunkline_sandbox.aws.connect.entity import Entity, Kind, State

Place = tuple[str, str]  # account, region

# A released number cools down for up to 180 days; claims and releases are counted over as long (ReleasePhoneNumber).
COOLDOWN_SECONDS = 180 * 24 * 3600.0


@dataclass(slots=True)
class Instance:
    """An instance. It becomes final (ACTIVE, or CREATION_FAILED with a reason) at a known time."""

    entity: Entity
    account: str
    region: str
    created: float
    final_at: float
    failure: str = ""
    resources: dict[Kind, dict[str, Entity]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The instance id."""
        return self.entity.id

    @property
    def arn(self) -> str:
        """The instance ARN."""
        return self.entity.arn

    def status(self, now: float) -> str:
        """CREATION_IN_PROGRESS, ACTIVE or CREATION_FAILED."""
        if now < self.final_at:
            return "CREATION_IN_PROGRESS"
        return "CREATION_FAILED" if self.failure else "ACTIVE"

    def all(self, kind: Kind) -> list[Entity]:
        """Resources of a kind in the order of their creation, those included that only lagging readers still see."""
        return list(self.resources.get(kind, {}).values())

    def alive(self, kind: Kind) -> list[Entity]:
        """Resources of a kind that exist."""
        return [entity for entity in self.all(kind) if entity.alive]

    def get(self, kind: Kind, identifier: str) -> Entity | None:
        """A resource by its id, also if it is deleted and not yet forgotten."""
        return self.resources.get(kind, {}).get(identifier)


@dataclass(frozen=True, slots=True)
class Token:
    """What a client token has made, and with which parameters."""

    fingerprint: str
    answer: dict[str, Any]
    at: float


@dataclass(slots=True)
class PhoneNumberPool:
    """Numbers claimed in one account and region, and those cooling down after a release (number -> until)."""

    claimed: dict[str, Entity] = field(default_factory=dict)
    cooling: dict[str, float] = field(default_factory=dict)
    changes: list[float] = field(default_factory=list)

    def release(self, number: Entity, now: float) -> None:
        """Give a number back; it cannot be claimed again for a while."""
        self.cooling[str(number.fields["PhoneNumber"])] = now + COOLDOWN_SECONDS
        self.changes.append(now)
        number.delete(now)


class Store:
    """Everything that the service remembers. Ids are made from a counter: the same calls give the same ids."""

    def __init__(self) -> None:
        self.instances: dict[str, Instance] = {}
        self.numbers: dict[Place, PhoneNumberPool] = {}
        self.tokens: dict[tuple[str, str, str, str], Token] = {}
        self.instance_changes: dict[str, list[float]] = {}
        self._sequence = 0

    def next_sequence(self) -> int:
        """A number larger than any before."""
        self._sequence += 1
        return self._sequence

    @staticmethod
    def identifier(sequence: int) -> str:
        """The id that belongs to a sequence number: a version 4 UUID by form."""
        digest = sha256(f"connect/{sequence}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def live_instances(self) -> Iterator[Instance]:
        """Instances that exist, in every account and region."""
        return (instance for instance in self.instances.values() if instance.entity.alive)

    def instances_of(self, account: str, region: str) -> list[Instance]:
        """Instances of one account and region, those included that only lagging readers still see."""
        return [i for i in self.instances.values() if (i.account, i.region) == (account, region)]

    def pool(self, account: str, region: str) -> PhoneNumberPool:
        """The phone numbers of one account and region."""
        return self.numbers.setdefault((account, region), PhoneNumberPool())

    def add(
        self,
        instance: Instance,
        kind: Kind,
        now: float,
        fields: dict[str, Any],
        *,
        links: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
        built_in: bool = False,
        identifier: str = "",
        arn: str = "",
    ) -> Entity:
        """Create a resource in an instance."""
        sequence = self.next_sequence()
        identifier = identifier or self.identifier(sequence)
        state = State(fields=fields, links=links or {}, tags=tags or {}, modified=now)
        entity = Entity(
            kind=kind,
            id=identifier,
            arn=arn or f"{instance.arn}/{kind.value}/{identifier}",
            sequence=sequence,
            region=instance.region,
            built_in=built_in,
            history=[(now, state)],
        )
        known = instance.resources.setdefault(kind, {})
        for old in [e for e in known.values() if e.forgotten(now)]:
            del known[old.id]
        known[identifier] = entity
        return entity
