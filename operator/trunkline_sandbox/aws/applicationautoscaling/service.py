"""Application Auto Scaling as one service; it acts by itself as time passes.

What is used of a target's capacity is told by a test, from now on; by name (in this process:
`cloud.extra("application-autoscaling", name, ...)`; over HTTP: `PUT /_trunkline/extras/application-autoscaling/<name>`):

    use          {"resource", "value", "dimension": ""}   units in use: executions at once, capacity units a second
    utilization  {"resource", "value", "dimension": ""}   the metric itself: 0 to 1 for Lambda, else percent; null: no data

`resource` is a resource id, `dimension` is needed where a resource has several. In this process `value` may be a function
of time (seconds since the epoch). Both take `account` and `region` too. Without either a target has no data.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from trunkline_sandbox.aws.applicationautoscaling import activities, policies, scheduled
from trunkline_sandbox.aws.applicationautoscaling.dimensions import DIMENSIONS, NAMESPACES
from trunkline_sandbox.aws.applicationautoscaling.resources import Capacity, Resources
from trunkline_sandbox.aws.applicationautoscaling.scaling import Scaling
from trunkline_sandbox.aws.applicationautoscaling.state import Call, Key, Policy, Store, Target
from trunkline_sandbox.aws.applicationautoscaling.targets import Targets
from trunkline_sandbox.aws.applicationautoscaling.tracking import Tracking
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.aws.dynamodb.service import DynamoDbService
from trunkline_sandbox.aws.elasticache.service import ElastiCacheService
from trunkline_sandbox.aws.lambda_.service import LambdaService
from trunkline_sandbox.aws.service import CallContext, Clock, NotImplementedOperation
from trunkline_sandbox.aws.switches import Switches

MINUTE = 60.0
Value = float | Callable[[float], float | None] | None


class _PastClock:
    """The time of what happens by itself while it is caught up with; else the cloud's."""

    def __init__(self) -> None:
        self.real: Clock | None = None
        self.at: float | None = None

    def now(self) -> float:
        if self.at is not None:
            return self.at
        return self.real.now() if self.real is not None else 0.0


class ApplicationAutoScalingService:
    """Application Auto Scaling over the functions, tables and caches that are implemented here."""

    name = "application-autoscaling"

    def __init__(self, functions: LambdaService, tables: DynamoDbService, groups: ElastiCacheService) -> None:
        self._resources = Resources(functions, tables, groups)
        self._clock = _PastClock()
        self._passed: float | None = None
        self.extras: Mapping[str, Callable[..., Any]] = {"use": self.use, "utilization": self.utilization}
        self.reset()

    def reset(self) -> None:
        self._store = Store()
        self._measured: dict[Key, tuple[str, Value]] = {}
        self._scaling = Scaling(self._store, self._resources)
        self._tracking = Tracking(self._scaling, self._measure)
        self._operations = {
            **activities.OPERATIONS,
            **policies.OPERATIONS,
            **scheduled.OPERATIONS,
            **Targets(self._resources, self._scaling).operations,
        }

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation not in self._operations:
            raise NotImplementedOperation
        if self._passed is None:
            self._passed = context.clock.now()
        if params.get("ServiceNamespace", NAMESPACES[0]) not in NAMESPACES:
            raise NotImplementedOperation(f"Of the namespaces there are {', '.join(NAMESPACES)}.")
        return self._operations[operation](Call(self._store, context), params)

    # --- what is used

    def use(
        self, resource: str, value: Value, *, dimension: str = "", account: str = DEFAULT_ACCOUNT, region: str = ""
    ) -> None:
        """So many units of a target's capacity are in use from now on. Raises ValueError for an unknown target."""
        self._measured[_key(resource, dimension, account, region)] = ("use", value)

    def utilization(
        self, resource: str, value: Value, *, dimension: str = "", account: str = DEFAULT_ACCOUNT, region: str = ""
    ) -> None:
        """The metric of a target's policies is this from now on; None: it has no data. Raises ValueError."""
        self._measured[_key(resource, dimension, account, region)] = ("utilization", value)

    def _measure(self, target: Target, policy: Policy, found: Capacity, now: float) -> float | None:
        """The point of the minute that ends now, of the capacity that is ready."""
        del policy
        account, _, resource, dimension = target.key
        told = self._measured.get(target.key) or self._measured.get((account, "", resource, dimension))
        if told is None:
            return None
        kind, given = told
        value = given(now) if callable(given) else given
        if value is None or kind == "utilization":
            return value
        if found.ready <= 0:
            return None
        return min(1.0, value / found.ready) * target.dimension.full

    # --- time

    def pass_time(self, clock: Clock, switches: Switches) -> None:
        """Let everything happen that happens by itself until now."""
        until = clock.now()
        self._clock.real = clock
        since = self._passed if self._passed is not None else until
        self._passed = until
        if not self._store.targets:
            return
        try:
            while (moment := self._next(since, until)) is not None:
                self._clock.at = since = moment
                self._happen(moment, switches)
            self._clock.at = until
            for target in list(self._store.targets.values()):
                self._scaling.progress(self._context(target, switches), target)
        finally:
            self._clock.at = None

    def _next(self, since: float, until: float) -> float | None:
        """The next moment after `since` at which something may happen."""
        targets = self._store.targets.values()
        due = [item.due for target in targets for item in target.scheduled.values() if item.due is not None]
        if any(target.policies or target.busy is not None for target in targets):
            due.append((since // MINUTE + 1) * MINUTE)
        # A scheduled action never comes before what has happened already.
        found = min((max(item, since) for item in due), default=None)
        return found if found is not None and found <= until else None

    def _happen(self, moment: float, switches: Switches) -> None:
        targets = list(self._store.targets.values())
        for target in targets:
            self._scaling.progress(self._context(target, switches), target)
        runs = [(item.due, target, item) for target in targets for item in list(target.scheduled.values()) if item.due]
        for due, target, item in sorted(runs, key=lambda run: (run[0], run[2].name)):
            if due <= moment:
                scheduled.run(self._context(target, switches), self._scaling, target, item)
        if moment % MINUTE == 0:
            for target in targets:
                self._tracking.evaluate(self._context(target, switches), target)

    def _context(self, target: Target, switches: Switches) -> CallContext:
        """Who changes capacity: the service-linked role."""
        role = target.dimension.role_name
        principal = f"arn:aws:sts::{target.account}:assumed-role/{role}/AutoScaling-UpdateCapacity"
        return CallContext(target.account, target.region, principal, "application-autoscaling", self._clock, switches)

    # --- for people and tests

    def inspect(self) -> dict[str, Any]:
        return {
            "scalableTargets": {_label(key): _inspected(target) for key, target in sorted(self._store.targets.items())}
        }

    def judged(self, account: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """With the target's ARN where there is one: callers name what it scales."""
        key = (account, region, params.get("ResourceId"), params.get("ScalableDimension"))
        targets = itertools.chain.from_iterable(self._store.of(account, region, name) for name in NAMESPACES)
        found = next((target for target in targets if target.key == key), None)
        return dict(params) | ({"ResourceARN": found.arn} if found is not None else {})

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        found = itertools.chain.from_iterable(self._store.of(account, region, name) for name in NAMESPACES)
        return [(target.arn, dict(target.tags)) for target in found if target.tags]


def _key(resource: str, dimension: str, account: str, region: str) -> Key:
    """Raises ValueError where the dimension is not one of the resource's, or not given though there are several."""
    known = [item.name for item in DIMENSIONS.values() if item.resource.fullmatch(resource) is not None]
    chosen = [name for name in known if dimension in ("", name)]
    if len(chosen) != 1:
        raise ValueError(f"{resource}: dimension must be one of those it has: {', '.join(known) or 'none'}")
    return (account, region, resource, chosen[0])


def _label(key: Key) -> str:
    return " ".join(key)


def _inspected(target: Target) -> dict[str, Any]:
    return {
        "capacity": [target.minimum, target.maximum],
        "policies": sorted(target.policies),
        "scheduledActions": {item.name: item.expression for item in target.scheduled.values()},
        "activities": [f"{item.status}: {item.description} {item.cause}" for item in target.activities[-5:]],
    }
