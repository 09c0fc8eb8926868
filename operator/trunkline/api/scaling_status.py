"""The status of a ScalingPolicy: written by the operator alone, by server-side apply. Also the record of what it made.

Figures are rounded so that they move only when a reader would say that they did: status is not a time series, Prometheus
has that. With every list full it has about 100 kB.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from trunkline.api.common import ATOMIC, TIMESTAMP, Model, entries, integer, list_map, required, text
from trunkline.api.status import Condition, InputStatus, PlanSummary, ResourceStatus, Summary

MAX_LINES = 128
MAX_RESOURCES = 256
MAX_DAYS = 14
MAX_POOLS = 32

_Text = Annotated[str, Field(max_length=1024)]
_Sentence = Annotated[str, Field(max_length=400)]
_Short = Annotated[str, Field(max_length=256)]
_Time = Annotated[str, text(64), TIMESTAMP]
_Day = Annotated[str, text(10, least=10)]
_Figure = Annotated[int, integer(0, 2**53)]


class SourceState(StrEnum):
    FRESH = "Fresh"
    FAILING = "Failing"
    FALLBACK = "Fallback"
    INACTIVE = "Inactive"


def _seen(description: str) -> Any:
    return Field(default=None, description=description)


class SourceStatus(Model):
    """One source of demand."""

    name: _Short = required("constant, forecast, or the name of a schedule or metric.")
    state: SourceState = required(
        "Fresh; Failing: its last number holds; Fallback: failed for so long that the fallback holds; Inactive: outside of its window."
    )
    concurrent_calls: _Figure | None = _seen("What it says, rounded.")
    message: _Sentence | None = _seen("Why it fails.")


class DemandStatus(Model):
    """Calls now and what will come."""

    calls_per_hour: _Figure | None = _seen("Calls that begin in an hour, now.")
    concurrent_calls: _Figure | None = _seen("Calls at the same time, now.")
    forecast_calls_per_hour: _Figure | None = _seen("Expected when a change of the slowest lever would take effect.")
    cover_calls_per_hour: _Figure | None = _seen("The quantile of it that is planned for.")
    peak_calls_per_hour: _Figure | None = _seen("Highest quantile of the next 48 hours.")
    peak_at: _Time | None = _seen("When that is.")
    history_days: _Figure | None = _seen("Days that the forecast has learnt from.")
    sources: Annotated[tuple[SourceStatus, ...], entries(64), ATOMIC] | None = _seen("Every source.")


class NextChange(Model):
    """The next change that is planned."""

    at: _Time = required("When.")
    value: _Figure = required("To what.")


class LeverStatus(Model):
    """One field of one lever."""

    name: _Short = required("Name of the lever.")
    field: _Short = required("The field, as in the spec.")
    current: _Figure | None = _seen("What AWS has.")
    desired: _Figure | None = _seen("What it should be now.")
    needed: _Figure | None = _seen("What calls need, if limits keep it from being desired.")
    limit: _Figure | None = _seen("The most that it may be: of the spec, of what is shared, or of AWS.")
    through: _Short | None = _seen("Who writes it: ApplicationAutoScaling or Claim.")
    reason: _Short | None = _seen("One word of CamelCase for what decides.")
    message: _Sentence | None = _seen("Why, with the numbers.")
    next_change: NextChange | None = _seen("The next change that is planned.")


class LayerStatus(Model):
    """What a layer under the calls needs, at the peak of the next 48 hours."""

    layer: _Short = required("Name of the layer.")
    resource: _Short | None = _seen("Which of several.")
    need: _Figure = required("What is needed.")
    have: _Figure | None = _seen("What there is.")
    limit: _Figure | None = _seen("The most that there may be.")
    unit: _Short | None = _seen("In what.")
    formula: _Sentence | None = _seen("How that comes about.")


class BreachStatus(Model):
    """When growth passes a limit that nobody can move at once."""

    limit: _Short = required("Which.")
    earliest: _Day | None = _seen("One chance in ten that it is before.")
    expected: _Day | None = _seen("As the trend goes.")
    latest: _Day | None = _seen("One chance in ten that it is later. Absent: perhaps never.")
    request_by: _Day | None = _seen("Ask for more by then.")
    message: _Sentence | None = _seen("What to ask for.")


class SharedStatus(Model):
    """A limit of the account that several policies need."""

    limit: _Short = required("Which.")
    wanted: _Figure = required("What this policy wants of it.")
    granted: _Figure = required("What it gets.")
    others: _Figure | None = _seen("What is used by what no policy knows.")
    shared_with: Annotated[tuple[_Short, ...], entries(32), ATOMIC] | None = Field(
        default=None, alias="with", description="The other policies."
    )
    message: _Sentence | None = _seen("Who was cut, and what to request.")


class StandingScore(Model):
    """How what stood there did on the same day."""

    short_calls_per_million: _Figure | None = _seen("Lookups that found nothing warm, of a million.")
    cost_percent_of_foresight: _Figure | None = _seen("Cost, of the least that serves the day.")


class ScoreStatus(Model):
    """How a day would have gone, or went."""

    date: _Day = required("The day, in spec.timeZone.")
    short_calls_per_million: _Figure | None = _seen("Lookups that found nothing warm, of a million.")
    cost_percent_of_foresight: _Figure | None = _seen("Cost, of the least that serves the day.")
    changes: _Figure | None = _seen("Changes of levers.")
    standing: StandingScore | None = _seen("What stood there, measured by the same calls.")


class CostStatus(Model):
    """US dollars, from the price file that is built in."""

    levers_usd_per_month: _Figure | None = Field(default=None, alias="leversUSDPerMonth", description="Levers.")
    low_usd_per_month: _Figure | None = Field(default=None, alias="lowUSDPerMonth", description="All services, low.")
    expected_usd_per_month: _Figure | None = Field(
        default=None, alias="expectedUSDPerMonth", description="All services, expected."
    )
    high_usd_per_month: _Figure | None = Field(default=None, alias="highUSDPerMonth", description="All services, high.")
    price_date: _Day | None = _seen("Date of the prices.")
    assumed: Annotated[tuple[_Sentence, ...], entries(8), ATOMIC] | None = _seen(
        "What was taken for functions of which the center does not say how large they are."
    )


class TierStatus(Model):
    """A tier that holds."""

    name: _Short = required("Name of the tier.")
    since: _Time | None = _seen("Since when.")
    tasks: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], entries(20), ATOMIC] | None = _seen(
        "What people have to do."
    )


class MeasuredSource(StrEnum):
    GIVEN = "Given"
    MEASURED = "Measured"
    DEFAULT = "Default"


class MeasuredStatus(Model):
    """A part of what a call is made of, and who said it."""

    field: _Short = required("Name in spec.workload.")
    value: Annotated[str, text(32)] = required("What is taken for it, in the unit of that field, to three digits.")
    source: MeasuredSource = required(
        "Given: the spec says it; Measured: AWS counted it; Default: neither, and message says why."
    )
    metrics: _Sentence | None = _seen("What it was measured by.")
    samples: _Figure | None = _seen("Contacts, calls, lookups, reads or items that it was measured on.")
    window_hours: _Figure | None = _seen("Of how many hours.")
    until: _Time | None = _seen("The end of these hours.")
    message: _Sentence | None = _seen("Why it is not measured, or not anew, or moves step by step.")


class PoolStatus(Model):
    """Queues whose agents answer each other's calls, by the routing profiles, in their busiest half hour of the next two days."""

    queues: Annotated[tuple[_Short, ...], entries(16), ATOMIC] = required(
        "The queues, the first of them; where spec.staffing names pools, these pools."
    )
    share_percent: Annotated[int, integer(0, 100)] | None = _seen("Of the calls that go to agents.")
    agents_pooled: _Figure = required("Agents on the phone, if everybody answers everything.")
    agents_separate: _Figure = required("Agents on the phone, if each queue has its own.")
    at: _Time | None = _seen("When that is.")
    message: _Sentence | None = _seen("How many queues there are more, and what their shares come from.")


class Place(Model):
    """Where the target is: a deletion must not need it any more."""

    region: _Short = required("AWS region.")
    role_arn: Annotated[str, Field(max_length=2048)] | None = _seen("Role of the target's credentials.")
    external_id: Annotated[str, Field(max_length=1224)] | None = _seen("Their external id.")


class ScalingPolicyStatus(Model):
    """What the operator last saw, decided and did."""

    observed_generation: Annotated[int, integer(-1, 2**53)] = Field(
        default=-1, description="Generation that was last taken up; -1 before the first time."
    )
    applied_generation: Annotated[int, integer(-1, 2**53)] | None = _seen(
        "Generation that was last worked through in AWS: what leaves the spec with a later one is removed."
    )
    last_handled_reconcile: _Short | None = _seen(
        "The annotation trunkline.dev/reconcile as the last check that went to its end found it."
    )
    conditions: Annotated[tuple[Condition, ...], entries(32), list_map("type")] | None = _seen(
        "Ready, Reconciling, Stalled, AbleToScale, ScalingActive, ScalingLimited, QuotaLimited, CapacityAtRisk and BudgetExceeded."
    )
    demand: DemandStatus | None = _seen("Calls now and what will come.")
    levers: Annotated[tuple[LeverStatus, ...], entries(MAX_LINES), ATOMIC] | None = _seen("Every field of every lever.")
    layers: Annotated[tuple[LayerStatus, ...], entries(32), ATOMIC] | None = _seen("The layers that come first.")
    binding_layer: _Short | None = _seen("The layer that growth reaches first.")
    breaches: Annotated[tuple[BreachStatus, ...], entries(16), ATOMIC] | None = _seen(
        "When growth passes what cannot be moved."
    )
    shared: Annotated[tuple[SharedStatus, ...], entries(8), ATOMIC] | None = _seen("Limits that several policies need.")
    tiers: Annotated[tuple[TierStatus, ...], entries(10), ATOMIC] | None = _seen("Tiers that hold.")
    measured: Annotated[tuple[MeasuredStatus, ...], entries(16), ATOMIC] | None = _seen(
        "What a call is made of: what the spec gives, what is measured, what is taken by default."
    )
    pools: Annotated[tuple[PoolStatus, ...], entries(MAX_POOLS), ATOMIC] | None = _seen(
        "Queues that share agents, with the agents that they need together and apart."
    )
    warnings: Annotated[tuple[_Text, ...], entries(16), ATOMIC] | None = _seen(
        "What of the spec does not fit together."
    )
    score: Annotated[tuple[ScoreStatus, ...], entries(MAX_DAYS), ATOMIC] | None = _seen("The last days, newest first.")
    cost: CostStatus | None = _seen("US dollars.")
    place: Place | None = _seen("Where the target is.")
    summary: Summary | None = _seen("Numbers of resources.")
    last_plan: PlanSummary | None = _seen("The last plan.")
    account: Annotated[str, text(12, pattern="^[0-9]{12}$")] | None = _seen("AWS account that the resources are in.")
    resync: Annotated[int, integer(0, 31_536_000)] | None = _seen("Seconds between two decisions.")
    inputs: Annotated[tuple[InputStatus, ...], entries(16), ATOMIC] | None = _seen(
        "Contents of ConfigMaps that were applied."
    )
    resources: Annotated[tuple[ResourceStatus, ...], entries(MAX_RESOURCES), ATOMIC] | None = _seen(
        "Every resource; also the record of what was made or adopted."
    )
