"""The ScalingPolicy kind: the calls that come, what a call is made of, and what is moved for it.

It has no region and no credentials of its own: they are its target's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from trunkline.api.common import (
    SET,
    Flag,
    Handle,
    Model,
    ObjectName,
    Rule,
    absent,
    default,
    entries,
    example,
    integer,
    list_map,
    required,
    text,
)
from trunkline.api.managed import NAME_RULE, Metadata
from trunkline.api.policies import AdoptionPolicy, DeletionPolicy
from trunkline.api.scaling_behavior import Behavior, Tiers
from trunkline.api.scaling_demand import Demand
from trunkline.api.scaling_levers import Levers
from trunkline.api.scaling_status import ScalingPolicyStatus

MAX_POOLS = 100

_Seconds = Annotated[int, integer(0, 86_400)]
_Percent = Annotated[int, integer(0, 100)]
TimeZone = Annotated[str, text(64, pattern="^[A-Za-z][A-Za-z0-9_+/-]*$"), example("America/New_York")]


class TargetKind(StrEnum):
    CONTACT_CENTER = "ContactCenter"


class Mode(StrEnum):
    RECOMMEND = "Recommend"
    AUTO = "Auto"


class OnExceeded(StrEnum):
    WARN = "Warn"
    CAP = "Cap"


class TargetReference(Model):
    """The object whose calls these are, in the same namespace."""

    kind: TargetKind = default(TargetKind.CONTACT_CENTER, "Its kind.")
    name: ObjectName = required("Its name, in the same namespace.")


class Chats(Model):
    """Chats beside the calls: an agent holds several at once."""

    per_hundred_calls: Annotated[int, integer(0, 100_000)] = required("Chats for every hundred calls of the pool.")
    seconds: Annotated[int, integer(1, 86_400)] = default(600, "How long a chat takes.")
    per_agent: Annotated[int, integer(1, 10)] = default(2, "Chats that an agent holds at once.")


class Handling(Model):
    """What a call costs those who answer it."""

    talk_seconds: _Seconds | None = absent("Seconds of talk.", "measured, or 300")
    after_contact_seconds: _Seconds | None = absent("Seconds of work after the call.", "measured, or 0")
    patience_seconds: Annotated[int, integer(1, 86_400)] | None = absent(
        "Mean seconds until a waiting caller hangs up.", "measured, or 120"
    )
    redial_percent: _Percent | None = absent("Of those who hang up, those who call again at once.", "0")
    callback_percent: _Percent | None = absent(
        "Of callers who would wait, those who are called back: they leave the quota and stay work.", "0"
    )


class Workload(Handling):
    """What a call is made of. What is absent and measurable is measured, and status says so."""

    self_service_seconds: _Seconds | None = absent("Seconds in menus and bots.", "measured, or 0")
    contained_percent: _Percent | None = absent("Of all calls, those that need nobody.", "measured, or 0")
    lookups_per_call: Annotated[int, integer(0, 1_000)] | None = absent("Calls of functions.", "measured, or 1")
    lookup_milliseconds: Annotated[int, integer(1, 900_000)] | None = absent(
        "How long such a call takes.", "measured, or 300"
    )
    item_bytes: Annotated[int, integer(1, 409_600)] | None = absent("Size of what is read.", "measured, or 1024")
    cache_hit_percent: _Percent | None = absent("Of reads, those that a cache answers.", "measured, or 0")
    reads_per_lookup: Annotated[int, integer(0, 1_000)] | None = absent("Items that a lookup reads.", "measured, or 1")
    writes_per_call: Annotated[int, integer(0, 1_000)] | None = absent("Items that a call writes.", "measured, or 0")


class PoolStaffing(Handling):
    """Queues that the same agents answer; what it does not say is as in workload."""

    name: Handle = required("Name of the pool.")
    queues: Annotated[tuple[Handle, ...], entries(500, least=1), SET] = required(
        "Its queues, which are planned as one pool. What pools have in common by routing profiles is told in status."
    )
    share_percent: _Percent | None = absent("Share of the calls that go to agents.", "an equal part of what is left")
    agents: Annotated[int, integer(0, 100_000)] | None = absent(
        "Agents on the phone.", "as the center shows, or unknown"
    )
    chats: Chats | None = absent("Chats that the same agents answer.", "none")


class Objectives(Model):
    """What callers and agents are promised; whichever asks for most decides."""

    service_level_percent: Annotated[int, integer(1, 99)] | None = absent(
        "Of all callers, those answered in answerSeconds.", "80, if neither of the other two is written"
    )
    answer_seconds: Annotated[int, integer(0, 3_600)] = default(20, "How soon that is.")
    max_occupancy_percent: Annotated[int, integer(10, 100)] | None = absent("How busy agents may be.", "85")
    max_abandoned_percent: Annotated[int, integer(1, 100)] | None = absent("Of all callers, those who hang up.", "5")
    lookup_p99_milliseconds: Annotated[int, integer(1, 60_000)] | None = absent(
        "How long one of a hundred lookups may take.", "nothing is promised"
    )


class Budget(Model):
    """What the levers may cost."""

    monthly_usd: Annotated[int, integer(1, 1_000_000_000)] = Field(
        alias="monthlyUSD", description="US dollars a month."
    )
    on_exceeded: OnExceeded = default(
        OnExceeded.WARN, "Warn says so. Cap also limits what the forecast adds, never what live calls need."
    )


def _shares(spec: ScalingPolicySpec) -> bool:
    return sum(pool.share_percent or 0 for pool in spec.staffing or ()) <= 100


class ScalingPolicySpec(Model):
    """How capacity follows calls."""

    rules = (
        Rule(
            "self.targetRef == oldSelf.targetRef",
            "the target cannot change: make a second ScalingPolicy, and delete this one",
            ".targetRef",
        ),
        Rule(
            "!has(self.staffing) || self.staffing.map(p, has(p.sharePercent) ? p.sharePercent : 0).sum() <= 100",
            "the shares of the pools are more than 100 percent together",
            ".staffing",
            holds=_shares,
        ),
        Rule(
            "!has(self.tiers) || [(has(self.levers) ? self.levers : []).transformMapEntry(i, l, {l.name: true})].all(m, self.tiers.all(t, t.actions.all(a, !has(a.lever) || a.lever in m)))",
            "a tier names a lever that is not there: write the name of one of levers",
            ".tiers",
        ),
        Rule(
            "self.mode != 'Auto' || (has(self.levers) && size(self.levers) > 0)",
            "Auto moves levers, and there is none: write levers, or mode: Recommend",
            ".mode",
            holds=lambda spec: spec.mode is not Mode.AUTO or bool(spec.levers),
        ),
    )

    target_ref: TargetReference = required("The object whose calls these are. Cannot change.")
    mode: Mode = default(Mode.RECOMMEND, "Recommend moves nothing and scores itself in status; Auto moves levers.")
    paused: Flag = default(False, "Moves nothing, still observes and reports. AWS goes on with what it was told.")
    deletion_policy: DeletionPolicy = default(
        DeletionPolicy.RETAIN,
        "What becomes of scalable targets, policies and scheduled actions when the object is deleted: Retain leaves them at work, Delete removes them. Capacity stays where it is in both.",
    )
    adoption_policy: AdoptionPolicy = default(
        AdoptionPolicy.REFUSE,
        "What becomes of a scalable target that others made: Refuse reports it and leaves the lever alone, Adopt takes it over.",
    )
    resync_seconds: Annotated[int, integer(30, 3_600)] = default(60, "Seconds between two decisions.")
    priority: Annotated[int, integer(-1_000, 1_000)] = default(
        0, "Of policies that share a limit of the account: the higher first."
    )
    time_zone: TimeZone = default("UTC", "Time zone of the IANA database, of schedules, events and the daily profile.")
    demand: Demand = required("The calls that come.")
    workload: Workload | None = absent("What a call is made of.", "as measured, else the defaults of its fields")
    staffing: Annotated[tuple[PoolStaffing, ...], entries(MAX_POOLS), list_map("name")] | None = absent(
        "Who answers.", "a pool for the queues that routing profiles connect"
    )
    shrinkage_percent: Annotated[int, integer(0, 90)] = default(
        30, "Of paid time, what agents are not on the phone for: breaks, training, illness."
    )
    objectives: Objectives | None = absent(
        "What callers and agents are promised.", "80 percent in 20 seconds, 85 percent busy, 5 percent hang up"
    )
    levers: Levers | None = absent("What is moved.", "nothing; needs and dates are reported")
    tiers: Tiers | None = absent("What is different above a size.", "nothing")
    behavior: Behavior | None = absent("How fast levers move.", "up at once, down after 900 seconds of less")
    budget: Budget | None = absent("What the levers may cost.", "no limit")
    request_quota_increases: Flag = default(
        False,
        "In mode Auto asks AWS for more concurrent calls when the quota is about to be reached, once a day at most. Status says when to ask in any case.",
    )


class ScalingPolicy(Model):
    """Capacity before the calls come: what every layer under a call needs, and what is moved in time."""

    kind: ClassVar[str] = "ScalingPolicy"
    plural: ClassVar[str] = "scalingpolicies"
    rules = (NAME_RULE,)

    metadata: Metadata = Field(default_factory=Metadata)
    spec: ScalingPolicySpec = required("The wanted state.")
    status: ScalingPolicyStatus = Field(default_factory=ScalingPolicyStatus, description="The observed state.")

    @property
    def name(self) -> str:
        return self.metadata.name
