"""The status of a CacheLayer: written by the operator alone, by server-side apply. Also the record of what it made.

Figures are those of the last probe, rounded, and move only when a reader would say that they did; Prometheus has them
exactly.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from trunkline.api.common import ATOMIC, Flag, Model, entries, integer, list_map, required, text
from trunkline.api.status import ClaimStatus, Condition, InputStatus, PlanSummary, ResourceStatus, Summary

_Text = Annotated[str, Field(max_length=2048)]
_Short = Annotated[str, Field(max_length=256)]
_Figure = Annotated[int, integer(0, 2**53)]
_Percent = Annotated[int, integer(0, 100)]
MAX_RESOURCES = 64


class ProbeSource(StrEnum):
    REDIS = "Redis"
    CLOUDWATCH = "CloudWatch"
    NONE = "None"


def _seen(description: str) -> Any:
    return Field(default=None, description=description)


class ProbeStatus(Model):
    """Who said how the cache is."""

    source: ProbeSource = required("Redis: asked itself. CloudWatch: it is out of reach. None: nobody could be asked.")
    message: _Text | None = _seen("Why the cache was not asked itself.")


class WarmedStatus(Model):
    """How far the filling came."""

    endpoint: _Short | None = _seen("The endpoint that is filled: host:port.")
    state: _Short | None = _seen("Running, Done, or Failed: then the cache was taken into use as it is.")
    items: _Figure | None = _seen("Items that were read.")
    of: _Figure | None = _seen("Items in the table, about.")
    cursor: _Text | None = _seen("Where to go on.")
    started_at: Annotated[str, text(64)] | None = _seen("When it began.")


class PublicationStatus(Model):
    """An object of the namespace that was written."""

    kind: _Short = required("ConfigMap or Secret.")
    name: _Short = required("Its name.")


class CacheLayerStatus(Model):
    """What the operator last saw and did."""

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
        "Ready, Reconciling, Stalled, ConfirmationRequired, Healthy, Warmed and Published."
    )
    endpoint: _Short | None = _seen("Host name, as AWS shows it.")
    port: Annotated[int, integer(0, 65_535)] | None = _seen("Port.")
    tls: Flag | None = _seen("Whether it speaks TLS.")
    cluster: Flag | None = _seen("Whether clients follow slots.")
    url: _Text | None = _seen("What functions are given: rediss://host:port?cluster=true, without a password.")
    secret_arn: _Text | None = _seen(
        "The secret that functions are given: how to sign in, and the key that hashes callers."
    )
    kms_key_arn: _Text | None = _seen("Key of that secret, if it is not AWS's own.")
    probe: ProbeStatus | None = _seen("Who said how the cache is.")
    hit_ratio_percent: _Percent | None = _seen("Lookups that found something, since the last probe.")
    memory_used_percent: _Percent | None = _seen("Memory in use, of the fullest node.")
    evictions_per_minute: _Figure | None = _seen("Items thrown out for want of memory.")
    connections: _Figure | None = _seen("Connections of clients.")
    ops_per_second: _Figure | None = _seen("Commands.")
    warmed: WarmedStatus | None = _seen("How far the filling came.")
    published: Annotated[tuple[PublicationStatus, ...], entries(8), ATOMIC] | None = _seen(
        "Objects of the namespace that were written."
    )
    summary: Summary | None = _seen("Numbers of resources.")
    last_plan: PlanSummary | None = _seen("The last plan.")
    account: Annotated[str, text(12, pattern="^[0-9]{12}$")] | None = _seen("AWS account that the resources are in.")
    resync: Annotated[int, integer(0, 31_536_000)] | None = _seen(
        "Seconds between two checks, as the account's call budget allows."
    )
    inputs: Annotated[tuple[InputStatus, ...], entries(16), ATOMIC] | None = _seen(
        "Contents of ConfigMaps that were applied."
    )
    claims: Annotated[tuple[ClaimStatus, ...], entries(8), ATOMIC] | None = _seen("Fields that ScalingPolicies own.")
    resources: Annotated[tuple[ResourceStatus, ...], entries(MAX_RESOURCES), ATOMIC] | None = _seen(
        "Every resource; also the record of what was made or adopted."
    )
