"""Amazon Connect of the offline AWS: the service that the framework registers as `connect`.

No contact is ever taken; what contacts were is told by `cloud.extra("connect", "history", ...)`, over HTTP by
`PUT /_trunkline/extras/connect/history`:

    history    {"queue", "values", "channel": "VOICE"}   metrics of each quarter of an hour of a queue, by its id
    instances  {"account", "region", "aliases"}          instances that the account has had for long; answers their ids
"""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import RLock
from typing import Any

from trunkline_sandbox.aws.connect import (
    agent_statuses,
    flow_modules,
    flow_versions,
    flows,
    hours,
    hours_overrides,
    instance_attributes,
    instances,
    integrations,
    metrics,
    phone_numbers,
    prompts,
    queues,
    quick_connects,
    routing_profile_queues,
    routing_profiles,
    security_profiles,
    storage,
    tags,
    users,
    views,
)
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler
from trunkline_sandbox.aws.connect.entity import Entity, Kind
from trunkline_sandbox.aws.connect.integrations import Functions
from trunkline_sandbox.aws.connect.store import Instance, Store
from trunkline_sandbox.aws.service import CallContext, NotImplementedOperation
from trunkline_sandbox.aws.switches import Switches

_FAMILIES = (
    instances,
    instance_attributes,
    storage,
    integrations,
    hours,
    hours_overrides,
    queues,
    quick_connects,
    routing_profiles,
    routing_profile_queues,
    flows,
    flow_modules,
    flow_versions,
    prompts,
    users,
    security_profiles,
    agent_statuses,
    views,
    phone_numbers,
    tags,
)


class ConnectService:
    """Implements `OwnService`. One call at a time; state is kept in memory until `reset`.

    `functions` is what it may ask of Lambda; without it every well-formed function ARN is taken. The settings of a
    call are those of its context; `switches` is accepted for symmetry with other services and not kept.
    """

    name = "connect"

    def __init__(self, switches: Switches | None = None, functions: Functions | None = None) -> None:
        del switches
        self._functions = functions
        self._lock = RLock()
        self._store = Store()
        self._handlers: dict[str, Handler] = {}
        for family in _FAMILIES:
            self._handlers |= family.OPERATIONS
        self._histories = metrics.Histories({})
        self._handlers |= metrics.operations(self._histories)
        self.extras: Mapping[str, Callable[..., Any]] = {"history": self.history, "instances": self.instances}
        self._handlers["AssociateLambdaFunction"] = self._associate_lambda_function

    @property
    def operations(self) -> frozenset[str]:
        """The operations that are offered, in the API's spelling."""
        return frozenset(self._handlers)

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer one call. See `OwnService.call`. Times in answers are `datetime`s in UTC."""
        handler = self._handlers.get(operation)
        if handler is None:
            raise NotImplementedOperation(f"connect:{operation} is not implemented in the offline AWS")
        with self._lock:
            answer = handler(Call(context, self._store, operation, _copied(params)))
            return {name: _copied(member) for name, member in answer.items()}

    def history(self, queue: str, values: Any, *, channel: str = "VOICE") -> None:
        """What the contacts of a queue, by its id, were in each quarter of an hour; see `metrics.told`.

        Raises ValueError for a queue that is not there and for metrics that are not known.
        """
        with self._lock:
            known = (e.id for instance in self._store.live_instances() for e in instance.alive(Kind.QUEUE))
            if queue not in known:
                raise ValueError(f"queue: there is no queue of the id {queue!r}")
            self._histories.told[(queue, channel)] = metrics.told(values)

    def instances(self, account: str, region: str, aliases: list[str]) -> list[str]:
        """ACTIVE instances with AWS's default contents that have been there for long: no changes of these 30 days.

        Raises ValueError for an alias that is taken.
        """
        with self._lock:
            return instances.aged(self._store, account, region, aliases)

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._store = Store()
            self._histories.told.clear()

    def inspect(self) -> dict[str, Any]:
        """Instances with all that exists in them, newest states, and claimed phone numbers."""
        with self._lock:
            return {
                "instances": [_instance(instance) for instance in self._store.live_instances()],
                "phone_numbers": [
                    _entity(number)
                    for pool in self._store.numbers.values()
                    for number in pool.claimed.values()
                    if number.alive
                ],
            }

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        """Every tagged resource: (ARN, tags)."""
        with self._lock:
            found = tags.everything(self._store, account, region)
            return [(entity.arn, dict(entity.state.tags)) for entity in found if entity.state.tags]

    def _associate_lambda_function(self, call: Call) -> Answer:
        return integrations.associate_lambda_function(call, self._functions)


def _instance(instance: Instance) -> dict[str, Any]:
    resources = {kind.name.lower(): [_entity(e) for e in instance.alive(kind)] for kind in instance.resources}
    return {**_entity(instance.entity), "account": instance.account, "region": instance.region, "resources": resources}


def _entity(entity: Entity) -> dict[str, Any]:
    state = entity.state
    return {
        "id": entity.id,
        "arn": entity.arn,
        "built_in": entity.built_in,
        "fields": _plain(state.fields),
        "links": _plain(state.links),
        "tags": dict(state.tags),
        "modified": state.modified,
    }


def _plain(value: Any) -> Any:
    """The value in the types of JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value


_ATOMS = frozenset((str, int, float, bool, type(None), datetime))


def _copied(value: Any) -> Any:
    """A copy that shares nothing that can change; of what calls and answers consist of, in a tenth of deepcopy's time."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: _copied(inner) for key, inner in value.items()}
    if kind is list:
        return [_copied(inner) for inner in value]
    return copy.deepcopy(value)
