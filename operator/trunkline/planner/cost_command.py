"""`trunkline cost -f policy.yaml`: reads manifests, prices a month of the policy's calls, prints the breakdown. Offline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from trunkline.api.cache import CacheLayer
from trunkline.api.cache_parse import parse_cache_layer
from trunkline.api.center import ContactCenter
from trunkline.api.manifest import Document, ManifestError
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.cost.prices import PriceList, parse, shipped
from trunkline.handlers.scaling_center import workload
from trunkline.handlers.scaling_counts import DAY, HistoryError, read_counts
from trunkline.planner.cost import cost
from trunkline.planner.cost_month import Month, month
from trunkline.planner.cost_rendering import cost_as
from trunkline.planner.cost_usage import Billed
from trunkline.planner.manifests import UsageError, center_of, documents_of, policy_of, refused, text_of
from trunkline.planner.unmatched import warn


def run_cost(args: argparse.Namespace, out: TextIO | None = None, now: datetime | None = None) -> int:
    """0: priced; 1: something in the files or the flags is wrong. now: for the age of prices, and which day today is."""
    try:
        text = _priced(args, now)
    except (UsageError, ManifestError, HistoryError, ValueError) as error:
        sys.stderr.write(f"trunkline cost: {error}\n")
        return 1
    (out or sys.stdout).write(text)
    return 0


def _priced(args: argparse.Namespace, now: datetime | None) -> str:
    documents = documents_of(args.file)
    policy = policy_of(documents, args.file, args.name)
    spec, prices = policy.spec, _prices(args)
    center = center_of(documents, spec)
    warn("cost", documents, spec, center)
    zone = ZoneInfo(spec.time_zone)
    today = (now or datetime.now(zone)).astimezone(zone).date()
    billed = Billed(
        spec,
        _month(args, spec, today, zone),
        center,
        _cache(documents, spec, center),
        args.plan,
        args.number,
        args.numbers,
        args.memory_mb,
    )
    region = args.region or (center.spec.region if center is not None else prices.home_region)
    return cost_as(args.output, policy.name, cost(prices, region, billed, today), lines=args.lines)


def _prices(args: argparse.Namespace) -> PriceList:
    if args.prices is None:
        return shipped()
    try:
        return parse(text_of(args.prices))
    except ValueError as error:
        raise UsageError(f"--prices {args.prices}: {error}") from None


def _month(args: argparse.Namespace, spec: ScalingPolicySpec, today: date, zone: ZoneInfo) -> Month:
    counts = None
    if args.history is not None:
        counts = read_counts(text_of(args.history), str(args.history), zone)
        today = max(start for start, _ in counts).astimezone(zone).date() + DAY
    found = month(spec.demand, workload(spec.workload), counts, args.date or today, zone)
    if args.calls_per_month is not None:
        return found.with_calls(args.calls_per_month)
    if args.calls_per_hour is not None:
        return found.with_busiest(args.calls_per_hour)
    if found.expected > 0.0:
        return found
    unasked = f" ({', '.join(found.silent)} cannot be asked offline)" if found.silent else ""
    raise UsageError(
        f"no calls in the four weeks from {found.first}{unasked}: say how many with --calls-per-month, or give --history"
    )


def _cache(documents: Sequence[Document], spec: ScalingPolicySpec, center: ContactCenter | None) -> CacheLayer | None:
    """The cache that the center names, else the one that a lever moves, if it is in the files."""
    named = center.spec.cache_ref if center is not None else None
    refs = [named, *(lever.cache_ref for lever in spec.levers or ())]
    names = [str(ref.name) for ref in refs if ref is not None]
    for document in documents:
        if document.kind == CacheLayer.kind and document.name in names[:1]:
            parsed = parse_cache_layer(document.body, report_unknown=True)
            if parsed.layer is None:
                raise UsageError(refused(document, parsed.problems))
            return parsed.layer
    return None
