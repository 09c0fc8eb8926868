"""A wanted scalable target of Application Auto Scaling, in plain values. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

LAMBDA, DYNAMODB, ELASTICACHE = "lambda", "dynamodb", "elasticache"


@dataclass(frozen=True, slots=True)
class Tracking:
    """A target tracking policy: what AWS does by itself while nobody tells it more.

    metric: a predefined one. value: in the metric's own unit, so 0.7 of a function and 70.0 of a table. Cooldowns in
    seconds.
    """

    metric: str
    value: float
    scale_out_cooldown: int = 0
    scale_in_cooldown: int = 0
    disable_scale_in: bool = False


@dataclass(frozen=True, slots=True)
class Scheduled:
    """From `at` on (seconds since the epoch, whole) the least capacity is `minimum`."""

    at: int
    minimum: int


@dataclass(frozen=True, slots=True)
class ScalableTargetDesired:
    """A field that AWS scales between a minimum and a maximum.

    resource: as Application Auto Scaling names it, "table/customers". dimension: "dynamodb:table:ReadCapacityUnits".
    scheduled: in the order of their time, at most one in each quarter of an hour of the next 48 hours. standing: the
    capacity that there is, None if unknown: registering brings it below the maximum at once. tracking: None leaves AWS
    without a policy of ours. keeps: of the minimums that AWS has for the time to come none is lowered or taken away.
    """

    resource: str
    dimension: str
    minimum: int
    maximum: int
    tracking: Tracking | None = None
    scheduled: tuple[Scheduled, ...] = ()
    standing: int | None = None
    keeps: bool = False

    @property
    def namespace(self) -> str:
        return self.dimension.partition(":")[0]

    @property
    def id(self) -> str:
        """What tells it from all others of an account and region."""
        return target_id(self.resource, self.dimension)


def target_id(resource: str, dimension: str) -> str:
    """Application Auto Scaling knows a target by two names; the record knows it by one."""
    return f"{dimension}|{resource}"
