"""Everything that `/metrics` promises of policies, of real passes: it is there, its labels are bounded, and it goes."""

from __future__ import annotations

import asyncio

from tests.column.policies import LOOKUP_LEVER, calls, center, policy
from tests.column.test_scaling_forecast import FORECAST, LIVE, rate
from tests.column.world import Object, World
from tests.telemetry.test_operator import of as labels
from tests.telemetry.test_operator import read
from trunkline.engine.budget import Priority
from trunkline.handlers.port import Key, Reconciled
from trunkline.telemetry.calls import BudgetFigures, BudgetLevels, CallFigures
from trunkline.telemetry.exposition import exposition
from trunkline.telemetry.passes import PassFigures
from trunkline.telemetry.scaling import ScalingFigures

NAMED = {"namespace": "contact-centers", "name": "peak"}
YESTERDAY = {"date": "2026-09-20", "shortCallsPerMillion": 12, "costPercentOfForesight": 120, "changes": 30}
PROMISED = {
    "demand": ["trunkline_scaling_demand_calls_per_second", "trunkline_scaling_demand_concurrent_calls"],
    "forecast": ["trunkline_scaling_forecast_calls_per_second", "trunkline_scaling_forecast_peak_calls_per_second"],
    "forecast error": [
        "trunkline_scaling_forecast_error_calls_total",
        "trunkline_scaling_forecast_measured_calls_total",
    ],
    "capacity": [f"trunkline_scaling_lever_{name}" for name in ("current", "desired", "limit")],
    "capacity per layer": [f"trunkline_scaling_layer_{name}" for name in ("need", "have", "limit", "headroom_ratio")],
    "quota": ["trunkline_scaling_quota_used", "trunkline_scaling_quota_limit"],
    "time to breach": ["trunkline_scaling_limit_breach_seconds"],
    "short calls": [
        "trunkline_scaling_short_lookups_total",
        "trunkline_scaling_short_calls_total",
        "trunkline_scaling_short_calls_per_million",
    ],
    "cost": ["trunkline_scaling_cost_usd_per_month", "trunkline_scaling_cost_over_foresight_ratio"],
    "SLO": [
        "trunkline_scaling_lookups_total",
        "trunkline_scaling_calls_total",
        "trunkline_scaling_objective_ratio",
        "trunkline_scaling_error_budget_burn_ratio",
    ],
    "drift and states": ["trunkline_drift_repairs_total", "trunkline_resources", "trunkline_condition"],
}
OF_THE_OPERATOR = {
    "reconcile duration": "trunkline_reconcile_seconds_count",
    "queue depth": "trunkline_queue_objects",
    "AWS calls by operation and code": "trunkline_aws_calls_total",
    "bucket saturation": "trunkline_aws_budget_saturation_ratio",
}


def test_what_is_promised_is_exported_by_a_pass_and_goes_with_the_policy() -> None:
    world = World()
    made = world.make(center())
    queue = next(line["id"] for line in made.status["resources"] if line["kind"] == "queue")

    def growing(at: float) -> dict[str, float]:
        return {"CONTACTS_CREATED": rate(at) * 900 * 1.03 ** ((at - world.clock.epoch) / 604_800)}

    world.cloud.extra("connect", "history", queue=queue, channel="VOICE", values=growing)
    passes = PassFigures(world.registry, [ScalingFigures(world.registry, world.clock), world.kept])
    passes.queue(lambda: (0, 1, 0.0, 0.0))
    BudgetFigures(world.registry)
    BudgetLevels(world.registry, world.budget)
    answers = CallFigures(world.registry)
    few = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 1, "max": 10}}
    staffing = [{"name": "sales", "queues": ["sales"], "agents": 100}]
    both = {"metrics": [LIVE], "forecast": FORECAST}
    policies = [
        policy(demand=both, levers=[few], staffing=staffing),
        policy("other", demand={"metrics": [LIVE]}, levers=[]),
    ]
    for one in policies:
        one.status = {"score": [YESTERDAY]}

    async def hour() -> str:
        calls(world, 3000.0)
        for _ in range(8):
            await asyncio.sleep(300.0)
            for one in policies:
                passes.stated(one.key, await told(one))
        return await scraped()

    async def scraped() -> str:
        return exposition(world.registry)[1].decode()

    async def told(one: Object) -> Reconciled:
        since = len(world.made.calls)
        result = await world.once(world.objects.get(one.key) or world.add(one), Priority.DRIFT)
        passes.passed(one.key, Priority.DRIFT, 0.1, "Done")
        for call in world.made.calls[since:]:
            answers.called(call)
        return result

    text = world.run(hour())
    for item, names in PROMISED.items():
        for name in names:
            assert any(dict(series).get("name") == "peak" for series in read(text, name)), f"{item}: {name}"
    for item, name in OF_THE_OPERATOR.items():
        assert read(text, name), f"{item}: {name}"
    assert read(text, "trunkline_scaling_mode")[labels(**NAMED, mode="Auto")] == 1.0

    # 3,000 calls want 29 warm functions, and there are ten: of 50 lookups a second more than a third finds none.
    lookups = read(text, "trunkline_scaling_lookups_total")[labels(**NAMED, lever="lookup")]
    short = read(text, "trunkline_scaling_short_lookups_total")[labels(**NAMED, lever="lookup")]
    seconds = read(text, "trunkline_scaling_measured_seconds_total")[labels(**NAMED)]
    assert 2_100.0 <= seconds < 2_150.0, "seven steps of five minutes, and the time of the calls to AWS"
    assert round(lookups / seconds, 6) == 50.0
    assert 0.33 < short / lookups < 1.0
    assert read(text, "trunkline_scaling_error_budget_burn_ratio")[labels(**NAMED, of="lookups")] > 300.0
    assert read(text, "trunkline_scaling_quota_used")[labels(**NAMED, limit="concurrent-calls")] == 3000.0
    assert read(text, "trunkline_scaling_quota_limit")[labels(**NAMED, limit="concurrent-calls")] == 10.0
    horizons = {dict(series)["horizon"] for series in read(text, "trunkline_scaling_forecast_error_calls_total")}
    assert horizons == {"day_ahead", "intraday"}

    passes.gone(Key("ScalingPolicy", "contact-centers", "peak"))
    text = world.run(scraped())
    assert 'name="peak"' not in text
    assert 'name="other"' in text, "and others stay"
