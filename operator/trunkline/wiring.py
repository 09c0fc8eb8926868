"""Joins the edges with the core: sessions, gate, handlers, runtime. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from trunkline.aws.archives import Archive, archives_root, builtin_archives
from trunkline.aws.clients import Clients
from trunkline.aws.gate import Gate
from trunkline.aws.port import GatePort
from trunkline.aws.tenants import Tenants
from trunkline.blueprints.roles import RoleRules
from trunkline.capacity.cost.prices import shipped
from trunkline.engine.budget import Budget
from trunkline.engine.clock import Clock, SystemClock
from trunkline.handlers.cache import CacheLayerHandler
from trunkline.handlers.center import ContactCenterHandler
from trunkline.handlers.scaling import ScalingPolicyHandler
from trunkline.probes.pool import ProbePool
from trunkline.probes.prometheus import PrometheusClient
from trunkline.settings import Settings
from trunkline.telemetry.caches import CacheGauges
from trunkline.telemetry.calls import BudgetFigures, BudgetLevels, CallFigures
from trunkline.telemetry.objectives import ObjectiveFigures
from trunkline.telemetry.passes import PassFigures
from trunkline.telemetry.scaling import ScalingFigures
from trunkline.tenure.right import Tenure


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process has one of."""

    budget: Budget
    gate: Gate
    handler: ContactCenterHandler
    layers: CacheLayerHandler
    policies: ScalingPolicyHandler
    probe: ProbePool
    prometheus: PrometheusClient
    metrics: CollectorRegistry
    passes: PassFigures

    async def close(self) -> None:
        """Waits for the calls in flight, lets threads and connections go."""
        self.probe.close()
        self.prometheus.close()
        await self.gate.close()


def parts(
    settings: Settings,
    installation: str,
    clock: Clock | None = None,
    *,
    tenure: Tenure | None = None,
    metrics: CollectorRegistry | None = None,
) -> Parts:
    """The parts of a process, not started. Raises MissingArchiveError if the builtin functions are not built."""
    clock = clock or SystemClock()
    archives: dict[str, Archive] = dict(builtin_archives(settings.lambdas or archives_root()))
    probe, metrics = ProbePool(ca_file=settings.cache_ca), metrics or CollectorRegistry()
    budget = Budget(BudgetFigures(metrics))
    BudgetLevels(metrics, budget)
    gate = Gate(
        Clients(pool=settings.aws_threads),
        budget,
        clock=clock,
        archives=archives.values(),
        threads=settings.aws_threads,
        observer=CallFigures(metrics),
        bucket=settings.aws_limits.bucket,
        tenure=tenure,
    )
    port = GatePort(gate, installation, Tenants(settings.tenants), limits=settings.aws_limits)
    handler = ContactCenterHandler(
        port,
        clock,
        installation=installation,
        builtins={name: archive.sha256_base64 for name, archive in archives.items()},
        roles=RoleRules(settings.role_path, settings.permissions_boundary),
    )
    layers = CacheLayerHandler(port, clock, installation=installation, probe=probe, gauges=CacheGauges(metrics))
    prometheus = PrometheusClient(settings.prometheus_hosts)
    kept = ObjectiveFigures(metrics)
    policies = ScalingPolicyHandler(
        port, clock, installation=installation, prometheus=prometheus, prices=shipped(), figures=kept
    )
    figures = PassFigures(metrics, [ScalingFigures(metrics, clock), kept], clock.wall())
    return Parts(budget, gate, handler, layers, policies, probe, prometheus, metrics, figures)
