"""How fast a ScalingPolicy moves its levers, and what changes above a tier. Models; pure.

The words of `behavior` are those of
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.common import (
    ATOMIC,
    Handle,
    Model,
    Rule,
    absent,
    default,
    entries,
    example,
    integer,
    list_map,
    only_one_of,
    required,
    text,
)
from trunkline.api.scaling_demand import Amount

MAX_TIERS = 10
MAX_UNITS = 10_000_000


class TierAction(Model):
    """What a tier asks for: more of a lever, or something that a person does."""

    rules = (
        only_one_of("lever", "task"),
        Rule(
            "has(self.lever) == has(self.min)",
            "write lever and min together",
            ".min",
            holds=lambda action: (action.lever is None) == (action.min is None),
        ),
    )

    lever: Handle | None = absent("A lever.", "task is written")
    min: Annotated[int, integer(1, MAX_UNITS)] | None = absent(
        "The least that it is while the tier holds; of a table for reads and for writes.", "task is written"
    )
    task: Annotated[str, text(500), example("Ask for a higher quota of concurrent calls")] | None = absent(
        "What is to be done by people; status lists it while the tier holds.", "lever is written"
    )


class Tier(Model):
    """What is different above a size."""

    name: Handle = required("Name of the tier.")
    above: Amount = required("It begins when demand is above this.")
    until_percent: Annotated[int, integer(10, 100)] = default(
        90, "It ends when demand is below this share of where it began."
    )
    actions: Annotated[tuple[TierAction, ...], entries(20, least=1), ATOMIC] = required("What it asks for.")


class SelectPolicy(StrEnum):
    MAX = "Max"
    MIN = "Min"
    DISABLED = "Disabled"


class ScalingPolicyType(StrEnum):
    UNITS = "Units"
    PERCENT = "Percent"


class BehaviorPolicy(Model):
    """How much may change in a while."""

    type: ScalingPolicyType = required("Units, as HPA's Pods, or Percent of what there is.")
    value: Annotated[int, integer(1, MAX_UNITS)] = required("How many.")
    period_seconds: Annotated[int, integer(1, 86_400)] = required("In how many seconds.")


class ScalingRules(Model):
    """How fast one direction goes."""

    stabilization_window_seconds: Annotated[int, integer(0, 86_400)] | None = absent(
        "What was wanted in this time is looked back on: scaling up takes the least of it, scaling down the most.",
        "0 for scaleUp, 900 for scaleDown",
    )
    select_policy: SelectPolicy | None = absent(
        "Max takes the policy that allows most, Min the one that allows least, Disabled none.", "Max"
    )
    policies: Annotated[tuple[BehaviorPolicy, ...], entries(10), ATOMIC] | None = absent(
        "How much may change in a while.", "AWS's own limits only"
    )
    tolerance_percent: Annotated[int, integer(0, 100)] | None = absent(
        "A change smaller than this share of what there is is not made.", "0 for scaleUp, 10 for scaleDown"
    )


class Behavior(Model):
    """How fast levers move, in the words and the meaning of HorizontalPodAutoscaler."""

    scale_up: ScalingRules | None = absent("Upwards.", "at once")
    scale_down: ScalingRules | None = absent("Downwards.", "after 900 seconds of less")


Tiers = Annotated[tuple[Tier, ...], entries(MAX_TIERS), list_map("name")]
