"""The operator's own figures, as Prometheus reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from trunkline.engine.budget import Bucket, Budget, Priority
from trunkline.handlers.port import Key, Note, NoteType, Reconciled
from trunkline.telemetry.calls import MOST_CODES, BudgetFigures, BudgetLevels, CallFigures
from trunkline.telemetry.exposition import exposition
from trunkline.telemetry.passes import PassFigures

ACME = Key("ContactCenter", "contact-centers", "acme")
OTHER = Key("ContactCenter", "contact-centers", "other")
NAMED = {"kind": "ContactCenter", "namespace": "contact-centers", "name": "acme"}


@dataclass(frozen=True)
class Call:
    service: str = "connect"
    operation: str = "CreateQueue"
    code: str = ""
    seconds: float = 0.2


def read(scraped: CollectorRegistry | str, name: str) -> dict[frozenset[tuple[str, str]], float]:
    """The samples of this name by their labels."""
    text = scraped if isinstance(scraped, str) else exposition(scraped)[1].decode()
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return {frozenset(sample.labels.items()): sample.value for sample in samples}


def of(**labels: str) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())


def result(*states: str, ready: str = "True", drift: int = 0, **more: Any) -> Reconciled:
    status: Mapping[str, Any] = {
        "resources": [{"kind": "queue", "name": str(number), "state": state} for number, state in enumerate(states)],
        "conditions": [{"type": "Ready", "status": ready, "reason": "Converged" if ready == "True" else "Blocked"}],
    }
    notes = tuple(Note(NoteType.NORMAL, "DriftRepaired", "put back") for _ in range(drift))
    return Reconciled(status=status, resync=600.0, notes=notes, **more)


def test_calls_are_counted_by_operation_and_answer() -> None:
    registry = CollectorRegistry()
    figures = CallFigures(registry)
    for code in ("", "", "ThrottlingException"):
        figures.called(Call(code=code))
    seen = read(registry, "trunkline_aws_calls_total")
    assert seen[of(service="connect", operation="CreateQueue", code="")] == 2
    assert seen[of(service="connect", operation="CreateQueue", code="ThrottlingException")] == 1
    assert read(registry, "trunkline_aws_call_seconds_count") == {of(service="connect"): 3}


def test_codes_without_end_do_not_fill_the_memory() -> None:
    registry = CollectorRegistry()
    figures = CallFigures(registry)
    for number in range(MOST_CODES + 50):
        figures.called(Call(code=f"Code{number}"))
    seen = read(registry, "trunkline_aws_calls_total")
    assert len(seen) == MOST_CODES + 1
    assert seen[of(service="connect", operation="CreateQueue", code="other")] == 50


def test_of_a_bucket_the_fullest_account_is_shown_and_who_waits() -> None:
    async def scraped() -> str:
        registry = CollectorRegistry()
        budget = Budget(BudgetFigures(registry))
        BudgetLevels(registry, budget)
        budget.start()
        one, two = (Bucket(account, "us-east-1", "connect:CreateQueue", 0.001, 5.0) for account in ("1", "2"))
        budget.give_back(one, 5.0)
        budget.give_back(two, 5.0)
        for _ in range(5):
            await budget.take(two, Priority.CHANGE, "acme")
        waiting = asyncio.ensure_future(budget.take(two, Priority.DRIFT, "acme"))
        await asyncio.sleep(0)
        budget.throttled(one, asyncio.get_running_loop().time())
        text = exposition(registry)[1].decode()
        waiting.cancel()
        return text

    text = asyncio.run(scraped())
    bucket = "connect:CreateQueue"
    assert round(read(text, "trunkline_aws_budget_saturation_ratio")[of(bucket=bucket)], 2) == 1.0
    assert read(text, "trunkline_aws_budget_waiting")[of(bucket=bucket, priority="drift")] == 1
    assert read(text, "trunkline_aws_budget_rate_ratio")[of(bucket=bucket)] < 1
    assert read(text, "trunkline_aws_throttles_total")[of(bucket=bucket)] == 1


def test_resources_and_conditions_follow_the_last_status() -> None:
    registry = CollectorRegistry()
    figures = PassFigures(registry)
    figures.stated(ACME, result("Ready", "Ready", "Blocked", ready="False"))
    assert read(registry, "trunkline_resources") == {of(**NAMED, state="Ready"): 2, of(**NAMED, state="Blocked"): 1}
    (unready,) = read(registry, "trunkline_not_ready")
    assert dict(unready) == {**NAMED, "reason": "Blocked"}
    figures.stated(ACME, result("Ready", "Ready", "Ready"))
    assert read(registry, "trunkline_resources") == {of(**NAMED, state="Ready"): 3}
    assert read(registry, "trunkline_condition") == {of(**NAMED, type="Ready", status="True"): 1}
    assert read(registry, "trunkline_not_ready") == {}


def test_repaired_drift_is_counted_and_a_pass_without_a_status_changes_nothing() -> None:
    registry = CollectorRegistry()
    figures = PassFigures(registry)
    figures.stated(ACME, result("Ready", drift=1))
    figures.stated(ACME, Reconciled(status=None, resync=600.0))
    figures.stated(ACME, result("Ready", drift=1))
    assert read(registry, "trunkline_drift_repairs_total") == {of(**NAMED): 2}
    assert read(registry, "trunkline_resources") == {of(**NAMED, state="Ready"): 1}


def test_the_series_of_an_object_that_is_gone_go_and_others_stay() -> None:
    registry = CollectorRegistry()
    figures = PassFigures(registry)
    for key in (ACME, OTHER):
        figures.stated(key, result("Ready", drift=1))
    figures.gone(ACME)
    figures.gone(ACME)
    for name in ("trunkline_resources", "trunkline_condition", "trunkline_drift_repairs_total"):
        assert {dict(labels)["name"] for labels in read(registry, name)} == {"other"}, name
    assert read(registry, "trunkline_objects") == {of(kind="ContactCenter"): 1}


def test_passes_and_the_queue_behind_them() -> None:
    registry = CollectorRegistry()
    figures = PassFigures(registry)
    figures.queue(lambda: (7, 2, 31.5, 4000.0))
    figures.passed(ACME, Priority.CHANGE, 0.3, "Done")
    figures.passed(ACME, Priority.DRIFT, 0.1, "Failed")
    assert read(registry, "trunkline_queue_objects") == {of(state="waiting"): 7, of(state="running"): 2}
    assert read(registry, "trunkline_queue_longest_wait_seconds") == {of(): 31.5}
    assert read(registry, "trunkline_pass_longest_seconds") == {of(): 4000.0}
    assert read(registry, "trunkline_reconciles_total") == {
        of(kind="ContactCenter", cause="change", outcome="Done"): 1,
        of(kind="ContactCenter", cause="drift", outcome="Failed"): 1,
    }
    assert read(registry, "trunkline_reconcile_seconds_sum")[of(kind="ContactCenter", cause="change")] == 0.3


def test_a_restart_can_be_seen() -> None:
    """Between two scrapes a process may end and start: nothing else that is shown tells."""
    registry = CollectorRegistry()
    PassFigures(registry, started=1_000.5)
    assert read(registry, "trunkline_start_time_seconds") == {of(): 1_000.5}
