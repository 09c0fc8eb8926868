"""One call to the service: its parameters, the resources it names, and what it may see of them.

Three ways of reading exist because the service is eventually consistent: by reference (updates, deletes and ids in
parameters), as Describe and as List or Search see it. Each has a lag of its own in the switches.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.entity import Entity, Kind, State
from trunkline_sandbox.aws.connect.quotas import Quota, limit
from trunkline_sandbox.aws.connect.store import Instance, Store, Token
from trunkline_sandbox.aws.service import CallContext, ServiceFault
from trunkline_sandbox.aws.switches import Switches

Answer = dict[str, Any]

TOKEN_SECONDS = 7 * 24 * 3600.0


class Seen(NamedTuple):
    """A resource and the state of it that this way of reading shows."""

    entity: Entity
    state: State


@dataclass(frozen=True, slots=True)
class Call:
    """A call under way."""

    context: CallContext
    store: Store
    operation: str
    params: dict[str, Any]

    @property
    def now(self) -> float:
        """Seconds on the context's clock."""
        return self.context.clock.now()

    @property
    def switches(self) -> Switches:
        """The settings in force."""
        return self.context.switches

    def present(self, *names: str) -> dict[str, Any]:
        """The named parameters as far as they were sent."""
        return {name: self.params[name] for name in names if name in self.params}

    # -- instances ---------------------------------------------------------------------------------------------------

    def any_instance(self, value: str | None = None) -> Instance:
        """The instance of the call (`InstanceId`: id or ARN) whatever its status, as a reference sees it."""
        given = value if value is not None else str(self.params["InstanceId"])
        instance = self.store.instances.get(given.rsplit("/", 1)[-1])
        if given.startswith("arn:") and (instance is None or instance.arn != given):
            raise faults.not_found()
        here = (self.context.account, self.context.region)
        if instance is None or (instance.account, instance.region) != here or not instance.entity.alive:
            raise faults.not_found()
        return instance

    def instance(self, value: str | None = None) -> Instance:
        """The instance of the call, which must be ACTIVE: nothing else can be done with an unfinished one."""
        instance = self.any_instance(value)
        status = instance.status(self.now)
        if status != "ACTIVE":
            raise faults.invalid_request(f"Instance {instance.id} is not active. Its status is {status}.")
        return instance

    # -- resources ---------------------------------------------------------------------------------------------------

    def identifier(self, instance: Instance, kind: Kind, value: str) -> str:
        """The id in an id or ARN. An ARN must be of this kind and of this instance."""
        if not value.startswith("arn:"):
            return value
        prefix = f"{instance.arn}/{kind.value}/"
        if kind is Kind.QUEUE and value.startswith(prefix + "agent/"):
            return value.removeprefix(prefix + "agent/")
        if not value.startswith(prefix):
            raise faults.invalid_parameter(f"Invalid ARN {value}: not a {kind.value} of instance {instance.id}")
        return value.removeprefix(prefix)

    def find(self, instance: Instance, kind: Kind, value: str) -> Entity | None:
        """A resource by id or ARN as a reference sees it; none if there is none."""
        entity = instance.get(kind, self.identifier(instance, kind, value))
        if entity is None or not entity.alive:
            return None
        return entity if entity.seen(self.now, self.switches.reference_lag_seconds) else None

    def require(self, instance: Instance, kind: Kind, value: str) -> Entity:
        """A resource by id or ARN as a reference sees it. Raises ResourceNotFoundException."""
        entity = self.find(instance, kind, value)
        if entity is None:
            raise faults.not_found()
        return entity

    def described(self, instance: Instance, kind: Kind, value: str) -> Seen:
        """A resource by id or ARN as Describe sees it. Raises ResourceNotFoundException."""
        entity = instance.get(kind, self.identifier(instance, kind, value))
        state = entity.seen(self.now, self.switches.describe_lag_seconds) if entity else None
        if entity is None or state is None:
            raise faults.not_found()
        return Seen(entity, state)

    def listed(self, instance: Instance, kind: Kind) -> list[Seen]:
        """All resources of a kind as List sees them."""
        return self._seen(instance.all(kind), self.switches.list_lag_seconds)

    def searched(self, instance: Instance, kind: Kind) -> list[Seen]:
        """All resources of a kind as Search sees them."""
        return self._seen(instance.all(kind), self.switches.search_lag_seconds)

    def _seen(self, entities: Iterable[Entity], lag: float) -> list[Seen]:
        states = ((entity, entity.seen(self.now, lag)) for entity in entities)
        return [Seen(entity, state) for entity, state in states if state is not None]

    # -- rules that many families share ------------------------------------------------------------------------------

    def unique_name(
        self, instance: Instance, kind: Kind, name: str, *, member: str = "Name", besides: Entity | None = None
    ) -> None:
        """Names are unique per kind, and at once: no reading lag applies. Raises DuplicateResourceException."""
        taken = (e for e in instance.alive(kind) if e is not besides and e.fields.get(member) == name)
        if any(True for _ in taken):
            raise faults.duplicate(f"A resource with the name {name!r} already exists in instance {instance.id}.")

    def room(self, instance: Instance, kind: Kind, quota: Quota) -> None:
        """Another resource must fit into the quota of the instance. Raises LimitExceededException."""
        allowed = limit(self.switches, quota)
        if len(instance.alive(kind)) >= allowed:
            raise faults.limit_exceeded(f"Limit exceeded: {quota.value} is {allowed}.")

    def add(
        self,
        instance: Instance,
        kind: Kind,
        fields: dict[str, Any],
        links: dict[str, Any] | None = None,
        *,
        tagged: bool = True,
    ) -> Entity:
        """Create a resource with the tags of the call (`Tags`)."""
        tags = dict(self.params.get("Tags") or {}) if tagged else {}
        check_tags(tags)
        return self.store.add(instance, kind, self.now, fields, links=links, tags=tags)

    def once(self, make: Callable[[], Answer], mismatch: Callable[[str], ServiceFault]) -> Answer:
        """Answer a repeated `ClientToken` with what it made the first time.

        The same token with other parameters is refused by `mismatch`. AWS keeps tokens for a week.
        """
        token = self.params.get("ClientToken")
        if not token:
            return make()
        key = (self.context.account, self.context.region, self.operation, str(token))
        asked = fingerprint({name: value for name, value in self.params.items() if name != "ClientToken"})
        known = self.store.tokens.get(key)
        if known is not None and self.now - known.at <= TOKEN_SECONDS:
            if known.fingerprint != asked:
                raise mismatch("The client token was already used with other parameters.")
            return known.answer
        answer = make()
        self.store.tokens[key] = Token(asked, answer, self.now)
        return answer


Handler = Callable[[Call], Answer]


def fingerprint(params: dict[str, Any]) -> str:
    """A digest of parameters that does not depend on the order of their keys."""
    return sha256(json.dumps(params, sort_keys=True, default=str).encode()).hexdigest()


def check_tags(tags: dict[str, str]) -> None:
    """At most 50 tags, none of AWS's own prefix."""
    if len(tags) > 50:
        raise faults.invalid_parameter(f"A resource can have at most 50 tags, not {len(tags)}.")
    for key in tags:
        if key.lower().startswith("aws:"):
            raise faults.invalid_parameter(f"Tag keys must not start with aws: {key!r}")
