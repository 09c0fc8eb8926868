"""What Application Auto Scaling keeps: targets with their policies, scheduled actions and activities. Plain data."""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from trunkline_sandbox.aws.applicationautoscaling import faults
from trunkline_sandbox.aws.applicationautoscaling.dimensions import Dimension
from trunkline_sandbox.aws.applicationautoscaling.schedule import Schedule
from trunkline_sandbox.aws.service import CallContext

ACTIVITY_SECONDS = 42 * 86_400.0  # "from the previous six weeks"
POINTS = 15
Key = tuple[str, str, str, str]  # account, Region, resource id, scalable dimension


@dataclass(slots=True)
class Activity:
    """A scaling activity, or with `reason` one that did not scale. `desired` is the capacity it goes for."""

    id: str
    description: str
    cause: str
    started: float
    desired: int | None = None
    status: str = "Successful"
    message: str = ""
    ended: float | None = None
    reason: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.status in ("Pending", "InProgress")


@dataclass(slots=True)
class Policy:
    """A target tracking policy with the points that its alarms have seen; a missing point is None."""

    name: str
    arn: str
    created: float
    configuration: dict[str, Any]
    alarms: list[dict[str, str]]
    points: deque[float | None] = field(default_factory=lambda: deque(maxlen=POINTS))

    @property
    def metric(self) -> str:
        """What makes two policies the same: the predefined metric, or the customized one."""
        predefined = self.configuration.get("PredefinedMetricSpecification")
        return str(predefined or self.configuration.get("CustomizedMetricSpecification"))


@dataclass(slots=True)
class ScheduledAction:
    """A scheduled action. `due` is when it runs next; None: never again."""

    name: str
    arn: str
    created: float
    expression: str
    zone: str
    schedule: Schedule
    start: float | None
    end: float | None
    minimum: int | None
    maximum: int | None
    due: float | None = None

    def plan(self, after: float) -> None:
        """Find the next run after a moment."""
        anchor = self.start if self.start is not None else self.created
        found = self.schedule.next_after(max(after, anchor - 1e-6), anchor)
        self.due = None if found is None or (self.end is not None and found > self.end) else found


@dataclass(slots=True)
class Target:
    """A scalable target. base, scaled_out_at and scaled_in_at serve the cooldowns."""

    account: str
    region: str
    resource: str
    dimension: Dimension
    minimum: int
    maximum: int
    created: float
    suspended: dict[str, bool]
    tags: dict[str, str]
    policies: dict[str, Policy] = field(default_factory=dict)
    scheduled: dict[str, ScheduledAction] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    base: int = 0
    scaled_out_at: float | None = None
    scaled_in_at: float | None = None

    @property
    def key(self) -> Key:
        return (self.account, self.region, self.resource, self.dimension.name)

    @property
    def arn(self) -> str:
        digest = hashlib.sha256("/".join((*self.key, str(self.created))).encode()).hexdigest()[:34]
        return f"arn:aws:application-autoscaling:{self.region}:{self.account}:scalable-target/{digest}"

    @property
    def busy(self) -> Activity | None:
        """The activity that is not done yet."""
        return next((item for item in reversed(self.activities) if item.open), None)

    def child_arn(self, kind: str, label: str, name: str, identifier: str) -> str:
        """The ARN of a policy or scheduled action, which is of the namespace autoscaling."""
        where = f"arn:aws:autoscaling:{self.region}:{self.account}:{kind}:{identifier}"
        return f"{where}:resource/{self.dimension.namespace}/{self.resource}:{label}/{name}"


class Store:
    """All targets, activities of those that are gone, and what tests say is used of them."""

    def __init__(self) -> None:
        self.targets: dict[Key, Target] = {}
        self.gone: list[tuple[Target, list[Activity]]] = []
        self._serial = 0

    def identifier(self) -> str:
        """A new id: the same calls give the same ids."""
        self._serial += 1
        digest = hashlib.sha256(f"application-autoscaling/{self._serial}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def of(self, account: str, region: str, namespace: str) -> list[Target]:
        return [
            self.targets[key]
            for key in sorted(self.targets)
            if key[:2] == (account, region) and self.targets[key].dimension.namespace == namespace
        ]


@dataclass(frozen=True, slots=True)
class Call:
    """What every operation gets."""

    store: Store
    context: CallContext

    @property
    def now(self) -> float:
        return self.context.clock.now()

    def find(self, params: dict[str, Any]) -> Target | None:
        context = self.context
        key = (context.account, context.region, params["ResourceId"], params["ScalableDimension"])
        return self.store.targets.get(key)

    def target(self, params: dict[str, Any]) -> Target:
        """The target that a request names. Raises ObjectNotFoundException."""
        found = self.find(params)
        if found is None:
            names = params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"]
            raise faults.not_found("scalable target", *names)
        return found
