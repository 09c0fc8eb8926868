"""`trunkline capacity -f policy.yaml`: reads a manifest, plans a day, prints the tables, writes the drawing. Offline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import inf
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from trunkline.api.center import ContactCenter
from trunkline.api.manifest import Document, ManifestError
from trunkline.api.problem import nearest
from trunkline.api.scaling_policy import ScalingPolicy, ScalingPolicySpec
from trunkline.capacity.breach import Trend
from trunkline.capacity.center import Center, Target
from trunkline.capacity.cost.prices import shipped
from trunkline.capacity.day import Day, plan
from trunkline.capacity.headroom import Utilization
from trunkline.capacity.limits import DEFAULTS, Layer, Limit
from trunkline.capacity.workload import Traffic
from trunkline.handlers.scaling_center import SECONDS_OF_HOUR, center
from trunkline.handlers.scaling_counts import HistoryError, read_counts, weekly_trend
from trunkline.handlers.scaling_pools import QueuePool, Shared, pooled, profiles_of, queue_pools, shared, within
from trunkline.planner.arguments import TASKS
from trunkline.planner.backtest import Options, backtest
from trunkline.planner.backtest_rendering import backtest_as
from trunkline.planner.day_traffic import SLOT, DayTraffic, day_traffic
from trunkline.planner.drawing import Panel, draw
from trunkline.planner.history_file import DayAhead, day_ahead
from trunkline.planner.manifests import UsageError, center_of, documents_of, policy_of, text_of
from trunkline.planner.rendering import as_csv, as_json, layers_as_text, pools_as_text
from trunkline.planner.tables import Growth, layer_rows, pool_rows
from trunkline.planner.unmatched import warn

SLOT_SECONDS = SLOT.total_seconds()
TOLD = "what the command line says"


@dataclass(frozen=True, slots=True)
class _History:
    """What the file of --history says; nothing without one."""

    forecast: DayAhead | None = None
    trend: Trend | None = None

    @classmethod
    def read(cls, file: Path, spec: ScalingPolicySpec, planned: date) -> _History:
        zone = ZoneInfo(spec.time_zone)
        counts = read_counts(text_of(file), str(file), zone)
        return cls(day_ahead(counts, spec.demand, planned, zone), weekly_trend(counts, spec.demand, planned, zone))


@dataclass(frozen=True, slots=True)
class _Planned:
    """Which day it is, and its calls."""

    title: str
    traffic: DayTraffic
    shared: tuple[Shared, ...] = ()


def run_capacity(args: argparse.Namespace, out: TextIO | None = None, now: datetime | None = None) -> int:
    """0: planned; 1: something in the file or the flags is wrong; 2: there is no such task. now: which day today is, if the
    flags name none.
    """
    if args.task not in TASKS:
        sys.stderr.write(
            f"trunkline capacity: {args.task}: with -f write {' or '.join(TASKS)}, and a policy with --name\n"
        )
        return 2
    try:
        documents = documents_of(args.file)
        policy = policy_of(documents, args.file, args.name)
        if args.task == "backtest":
            (out or sys.stdout).write(_backtest(args, policy, documents))
            return 0
        there = center_of(documents, policy.spec)
        text, drawing = _planned(args, policy, there, now)
        warn("capacity", documents, policy.spec, there)
        if args.svg is not None:
            args.svg.write_text(drawing, encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"trunkline capacity: {error.filename}: {error.strerror}\n")
        return 1
    except (UsageError, ManifestError, HistoryError, ValueError) as error:
        sys.stderr.write(f"trunkline capacity: {error}\n")
        return 1
    (out or sys.stdout).write(text if text.endswith("\n") else f"{text}\n")
    return 0


def _backtest(args: argparse.Namespace, policy: ScalingPolicy, documents: Sequence[Document]) -> str:
    if args.history is None:
        raise UsageError("backtest: write --history FILE, a CSV of start and calls")
    spec, zone, prices = policy.spec, ZoneInfo(policy.spec.time_zone), shipped()
    counts = read_counts(text_of(args.history), str(args.history), zone)
    there = center_of(documents, spec)
    warn("capacity", documents, spec, there)
    region = there.spec.region if there is not None else prices.home_region
    options = Options(region, args.days, args.lever, args.standing, args.memory_mb, there)
    return backtest_as(args.output, policy.name, backtest(spec, counts, zone, prices, options), options)


def _planned(
    args: argparse.Namespace, policy: ScalingPolicy, there: ContactCenter | None, now: datetime | None
) -> tuple[str, str]:
    """What is printed, and what is drawn."""
    spec = policy.spec
    zone = ZoneInfo(spec.time_zone)
    planned = args.date or (now or datetime.now(zone)).astimezone(zone).date()
    profiles = profiles_of(there.spec.routing_profiles) if there is not None else {}
    of_queues = queue_pools(profiles) if spec.staffing is None else ()
    whole = _with_limits(_with_agents(pooled(center(spec), of_queues), args.agents), args.limit)
    known = _History.read(args.history, spec, planned) if args.history is not None else _History()
    traffic = _scaled(args, day_traffic(spec.demand, planned, zone, whole.workload, known.forecast), whole)
    # The evening before is taken to be like this one: calls at midnight did not all begin then.
    # What people state are callers; who hangs up and calls again is not in it yet, as it is in counted calls.
    day = plan(whole, traffic.traffic, SLOT_SECONDS, cyclic=True, redials=known.forecast is None)
    growth = spec.demand.forecast.growth_percent_per_year if spec.demand.forecast is not None else None
    title = f"{policy.name}, {planned:%A} {planned.isoformat()}, {spec.time_zone}"
    if known.forecast is not None and known.forecast.thin:
        title += f" ({known.forecast.thin})"
    text = _text(
        args,
        _Planned(title, traffic, (*within(whole, day, _several(of_queues)), *shared(whole, day, profiles))),
        day,
        whole,
        Growth(growth, planned, known.trend),
    )
    return text, _drawn(title, whole, traffic, day) if args.svg is not None else ""


def _several(of_queues: Sequence[QueuePool]) -> list[QueuePool]:
    return [one for one in of_queues if len(one.shares) > 1]


def _with_agents(whole: Center, given: list[tuple[str, int]]) -> Center:
    names = [pool.name for pool in whole.pools]
    for name, _ in given:
        if name not in names:
            close = nearest(name, names)
            raise UsageError(
                f"--agents {name}: no such pool; "
                + (f"did you mean {close}?" if close else f"there are {', '.join(names)}")
            )
    agents = dict(given)
    pools = tuple(replace(pool, agents=agents.get(pool.name, pool.agents)) for pool in whole.pools)
    return replace(whole, pools=pools)


def _with_limits(whole: Center, given: list[tuple[str, int]]) -> Center:
    limits = dict(whole.limits)
    for name, value in given:
        if name not in set(Layer):
            close = nearest(name, list(Layer))
            remedy = f"did you mean {close}?" if close else f"there are {', '.join(Layer)}"
            raise UsageError(f"--limit {name}: no such layer; {remedy}")
        layer = Layer(name)
        known = DEFAULTS.get(layer) or Limit(layer, value, "", TOLD, 0.0, adjustable=True)
        limits[Target(layer)] = known.at(float(value), TOLD)
    return replace(whole, limits=limits)


def _scaled(args: argparse.Namespace, traffic: DayTraffic, whole: Center) -> DayTraffic:
    if args.calls_per_hour is not None:
        return traffic.scaled_to(args.calls_per_hour / SECONDS_OF_HOUR)
    if args.concurrent_calls is not None:
        held = whole.workload.line_seconds
        if held <= 0.0:
            raise UsageError("--concurrent-calls: the policy's calls take no time; write talkSeconds")
        return traffic.scaled_to(args.concurrent_calls / held)
    if traffic.busiest > 0.0:
        return traffic
    unasked = f" ({', '.join(traffic.silent)} cannot be asked offline)" if traffic.silent else ""
    raise UsageError(f"no calls on that day{unasked}: say how many with --calls-per-hour, or another --date")


def _text(args: argparse.Namespace, about: _Planned, day: Day, whole: Center, growth: Growth) -> str:
    pools = list(pool_rows(day, about.traffic.starts)) if args.only != "layers" else None
    csv_of_pools = args.output == "csv" and args.only is None
    layers = (
        list(layer_rows(whole, day, about.traffic.starts, growth))
        if args.only != "pools" and not csv_of_pools
        else None
    )
    if args.output == "json":
        return as_json(pools, layers, _about(about, day))
    if args.output == "csv":
        return as_csv(pools if pools is not None else layers or [])
    notes = [f"not asked, since this is offline: {', '.join(about.traffic.silent)}"] if about.traffic.silent else []
    parts = [
        "\n".join([about.title, *notes]),
        *([pools_as_text(pools)] if pools is not None else []),
        *(
            [f"{about.traffic.starts[one.slot]:%H:%M}: {one.text()}" for one in about.shared]
            if pools is not None
            else []
        ),
        *([layers_as_text(layers)] if layers is not None else []),
    ]
    return "\n\n".join(parts)


def _about(about: _Planned, day: Day) -> Mapping[str, Any]:
    binding = day.binding
    return {
        "day": about.title,
        "slotSeconds": day.slot_seconds,
        "callsPerHour": [round(one.expected * SECONDS_OF_HOUR, 2) for one in about.traffic.traffic],
        "callsPerHourHigh": [round(one.high * SECONDS_OF_HOUR, 2) for one in about.traffic.traffic],
        "notAsked": list(about.traffic.silent),
        "sharedAgents": [
            {
                "pools": list(one.pools),
                "start": about.traffic.starts[one.slot].isoformat(),
                "agentsPooled": one.pooled,
                "agentsApart": one.separate,
                "agentsSimulated": one.simulated,
            }
            for one in about.shared
        ],
        "bindingLayer": None if binding is None else binding.standing.need.layer.value,
    }


def _drawn(title: str, whole: Center, traffic: DayTraffic, day: Day) -> str:
    calls = next(one for one in day.layers if one.standing.need.layer is Layer.CALLS)
    agents = next(one for one in day.layers if one.standing.need.layer is Layer.AGENTS)
    expected = _concurrent(whole, [Traffic(one.expected, one.expected) for one in traffic.traffic], day.redials)
    there = calls.standing.limit
    have = agents.standing.have
    panels = [
        Panel(
            "Concurrent calls",
            expected,
            [max(low, high) for low, high in zip(expected, calls.values, strict=True)],
            limit=None if there is None or there.value == inf else there.value,
        ),
        Panel(
            "Agents on the phone",
            agents.values,
            agents.values,
            None if have is None else [have] * len(agents.values),
            None if agents.standing.limit is None or have is not None else agents.standing.limit.value,
        ),
    ]
    return draw(title, traffic.starts, panels)


def _concurrent(whole: Center, traffic: list[Traffic], redials: bool) -> list[float]:
    """The calls that are expected at the same time, without headroom."""
    bare = replace(whole, uses=(), headrooms={Target(Layer.CALLS): Utilization(1.0)})
    layers = plan(bare, traffic, SLOT_SECONDS, cyclic=True, redials=redials).layers
    return list(next(one for one in layers if one.standing.need.layer is Layer.CALLS).values)
