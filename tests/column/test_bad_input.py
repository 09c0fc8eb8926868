"""What users get wrong: refused early, with field and remedy in a condition, and the rest of the center goes on.

Each case adds one wrong entry to a sound center. What then exists in AWS has to be, line by line, what the sound center
alone would have made: nothing was called for the wrong entry, nothing is missing of the others.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from tests.column.centers import (
    CUSTOMERS,
    LOOKUP,
    Value,
    calls,
    content,
    flow,
    hours,
    module,
    profile,
    queue,
    says,
    small_spec,
)
from tests.column.elsewhere import Neighbor
from tests.column.picture import picture
from tests.column.world import REGION, Object, World
from trunkline.engine.budget import Priority

LONGEST = 256_000
MOST_ACTIONS = 250


@dataclass(frozen=True)
class Bad:
    """entries: what is added, by section. maps: ConfigMaps. says: what the Ready condition has to say, all of it."""

    says: tuple[str, ...]
    entries: dict[str, list[Value]]
    maps: dict[str, dict[str, str]]


def case(id_: str, *says_: str, maps: dict[str, dict[str, str]] | None = None, **entries: list[Value]) -> Any:
    return pytest.param(Bad(says_, entries, maps or {}), id=id_)


def from_map(name: str, text: str) -> dict[str, Any]:
    """A flow whose content is a ConfigMap key, and the ConfigMap."""
    reference = {"configMapKeyRef": {"name": "flows", "key": f"{name}.json"}}
    return {
        "flows": [{"name": name, "type": "CONTACT_FLOW", "content": reference}],
        "maps": {"flows": {f"{name}.json": text}},
    }


def bad_flow(value: Value) -> list[Value]:
    return [{"name": "bad", "type": "CONTACT_FLOW", "content": {"inline": value}}]


def without_start() -> Value:
    value = content(says("hello", "Hello."))
    del value["StartAction"]
    return value


def long_flow(actions: int) -> Value:
    steps = [says(f"step-{number}", "Hello.", f"step-{number + 1}") for number in range(actions - 1)]
    steps[-1]["Transitions"]["NextAction"] = "end"
    return content(*steps)


PRE_2022 = {
    "modules": [{"id": "a", "type": "PlayPrompt", "branches": [], "parameters": [], "metadata": {}}],
    "version": "1",
    "type": "contactFlow",
    "start": "a",
}
SPLIT = {"days": ["MONDAY"], "start": "09:00", "end": "12:00"}
NO_BRANCH = {**calls("ask", "queue", "sales"), "Transitions": {"NextAction": "end"}}

CASES = [
    case(
        "profile-names-no-queue",
        "spec.routingProfiles[name=bad]",
        "sals",
        "did you mean sales?",
        routingProfiles=[profile("bad", "sals")],
    ),
    case(
        "flow-names-no-queue",
        "spec.flows[name=bad]",
        "Actions[0]",
        'no queue is called "sals"; did you mean "sales"?',
        flows=[flow("bad", calls("choose", "queue", "sals"))],
    ),
    case(
        "overlapping-hours",
        "spec.hoursOfOperation[name=bad]",
        "MONDAY",
        "overlap",
        hoursOfOperation=[{**hours("bad"), "hours": [SPLIT, {**SPLIT, "start": "11:00", "end": "13:00"}]}],
    ),
    case(
        "unknown-time-zone",
        "spec.hoursOfOperation[name=bad].timeZone",
        "Europe/Berlni",
        "Europe/Berlin",
        hoursOfOperation=[{**hours("bad"), "timeZone": "Europe/Berlni"}],
    ),
    case(
        "flow-is-not-json", "spec.flows[name=bad]", "not JSON", "line 1", **from_map("bad", '{"Version": "2019-10-30",')
    ),
    case(
        "flow-without-start-action",
        "spec.flows[name=bad]",
        "StartAction",
        flows=bad_flow(without_start()),
    ),
    case(
        "flow-names-a-missing-action",
        "spec.flows[name=bad]",
        "nowhere",
        "hello",
        flows=bad_flow(content(says("hello", "Hello.", "nowhere"))),
    ),
    case(
        "pre-2022-export",
        "spec.flows[name=bad]",
        "2022",
        "modules",
        **from_map("bad", json.dumps(PRE_2022)),
    ),
    case(
        "missing-error-branch",
        "spec.flows[name=bad]",
        "NoMatchingError",
        "ask",
        flows=bad_flow(content(NO_BRANCH)),
    ),
    case(
        "more-than-250-actions",
        "spec.flows[name=bad]",
        "250",
        flows=bad_flow(long_flow(MOST_ACTIONS + 1)),
    ),
    case(
        "more-than-256000-characters",
        "spec.flows[name=bad]",
        "256,000",
        **from_map("bad", json.dumps(content(*(says(f"say-{n}", "x" * 1300, "end") for n in range(200))))),
    ),
    case(
        "modules-in-a-circle",
        "spec.flowModules[name=one]",
        "spec.flowModules[name=two]",
        "circle",
        "take one call out",
        flowModules=[module("one", calls("go", "module", "two")), module("two", calls("go", "module", "one"))],
    ),
    case(
        "config-map-is-missing",
        "spec.flows[name=bad]",
        "ConfigMap nowhere not found",
        flows=[
            {
                "name": "bad",
                "type": "CONTACT_FLOW",
                "content": {"configMapKeyRef": {"name": "nowhere", "key": "bad.json"}},
            }
        ],
    ),
    case(
        "function-with-too-much-memory",
        "spec.functions[name=bad].memoryMiB",
        "10240",
        functions=[{**LOOKUP, "name": "bad", "memoryMiB": 10_241}],
    ),
    case(
        "function-that-runs-too-long",
        "spec.functions[name=bad].timeoutSeconds",
        "900",
        functions=[{**LOOKUP, "name": "bad", "timeoutSeconds": 901}],
    ),
    case(
        "function-with-too-large-an-environment",
        "spec.functions[name=bad].environment",
        "4",
        functions=[
            {**LOOKUP, "name": "bad", "environment": [*LOOKUP["environment"], {"name": "BRAND", "value": "x" * 4096}]}
        ],
    ),
    case(
        "builtin-function-without-what-it-needs",
        "spec.functions[name=bad]",
        "TABLE",
        functions=[{**LOOKUP, "name": "bad", "environment": []}],
    ),
    case(
        "table-whose-index-has-a-bad-key",
        "spec.tables[name=bad]",
        "indexes",
        tables=[{**CUSTOMERS, "name": "bad", "indexes": [{**CUSTOMERS["indexes"][0], "partitionKeys": []}]}],
    ),
]


@cache
def sound() -> tuple[str, ...]:
    """What the sound center alone makes."""
    world = World()
    center = world.make(Object("small", small_spec()))
    assert center.ready, center.condition("Ready")
    return tuple(picture(world))


def with_entries(spec: Value, entries: dict[str, list[Value]]) -> Value:
    added = {section: [*spec.get(section, []), *copy.deepcopy(items)] for section, items in entries.items()}
    return {**spec, **added}


@pytest.mark.parametrize("bad", CASES)
def test_it_is_refused_by_field_and_the_rest_goes_on(bad: Bad) -> None:
    expected = sound()
    world = World()
    center = world.make(Object("small", with_entries(small_spec(), bad.entries), config_maps=bad.maps))
    ready, stalled = center.condition("Ready"), center.condition("Stalled")
    assert ready["status"] == "False"
    for text in bad.says:
        assert text in ready["message"], ready["message"]
    assert (stalled["status"], stalled["reason"]) == ("True", "Invalid")
    assert picture(world) == list(expected)
    mark, writes = world.cloud.calls.number, center.status_writes
    world.clock.advance(600.0)
    world.run(world.settle(center))
    assert world.mutating(mark) == [], "nothing is tried again until something changes"
    assert center.status_writes == writes
    center.spec = small_spec()
    center.edit()
    world.run(world.settle(center))
    assert center.ready, "it is well once the entry is gone"
    assert picture(world) == list(expected)


@pytest.mark.parametrize(
    ("entries", "says_"),
    [
        pytest.param(
            {"queues": [queue("bad", awsName="sales")]},
            ("spec.queues[name=bad].awsName", "sales"),
            id="two queues of one name in AWS",
        ),
        pytest.param(
            {"queues": [queue("sales", maxContacts=99)]},
            ("spec.queues[name=sales]", "another entry has this name"),
            id="one handle",
        ),
        pytest.param(
            {"hoursOfOperation": [hours("office", start="10:00")]},
            ("spec.hoursOfOperation[name=office]", "another entry has this name"),
            id="one handle of hours that queues stand on",
        ),
        pytest.param(
            {"tables": [CUSTOMERS]},
            ("spec.tables[name=customers]", "another entry has this name"),
            id="one handle of a table",
        ),
    ],
)
def test_of_two_entries_of_one_name_neither_counts_and_what_is_there_stays(
    entries: dict[str, list[Value]], says_: tuple[str, ...]
) -> None:
    world = World()
    center = world.make(Object("small", small_spec()))
    before, mark = picture(world), world.cloud.calls.number
    center.edit(**with_entries(center.spec, entries))
    world.run(world.settle(center))
    for text in says_:
        assert text in center.condition("Ready")["message"]
    assert world.mutating(mark) == []
    assert picture(world) == before
    center.edit(**with_entries(center.spec, {"hoursOfOperation": [hours("later")]}))
    world.run(world.settle(center))
    assert center.resource("hours", "later")["state"] == "Ready", "the rest goes on"


def test_the_51st_queue_is_told_of_the_quota_and_all_else_is_made() -> None:
    world = World()
    names = [f"queue-{number:02}" for number in range(1, 51)]  # AWS's own BasicQueue is the other one
    spec = {**small_spec(), "queues": [queue("sales"), queue("support"), *(queue(name) for name in names[2:])]}
    center = world.make(Object("small", spec))
    blocked = [item for item in center.status["resources"] if item["state"] != "Ready"]
    assert [item["kind"] for item in blocked] == ["queue"]
    ready = center.condition("Ready")
    assert (ready["status"], ready["reason"]) == ("False", "Blocked")
    for text in (f"queue/{blocked[0]['name']}", "Queues per instance", "50"):
        assert text in ready["message"]
    assert center.status["summary"]["ready"] == center.status["summary"]["resources"] - 1
    tries = world.calls().count("CreateQueue")
    world.clock.advance(60.0)
    world.run(world.once(center, Priority.PROGRESS))
    assert world.calls().count("CreateQueue") == tries, "a full quota is not asked every minute"
    world.cloud.switches = replace(world.cloud.switches, connect_quotas={"Queues per instance": 60})
    center.annotations["trunkline.dev/reconcile"] = "now"
    world.run(world.settle(center))
    assert center.ready, center.condition("Ready")


@pytest.mark.parametrize("region", [REGION, "eu-central-1"], ids=["no such instance", "in another region"])
def test_an_instance_that_is_not_there_is_named_and_nothing_is_made(region: str) -> None:
    world = World()
    neighbor = Neighbor(world)
    neighbor.instance()
    id_ = neighbor.instance_id if region != REGION else "12345678-90ab-4def-9234-567890abcdef"
    spec = {**small_spec(), "region": region, "instance": {"id": id_}}
    mark = world.cloud.calls.number
    center = world.make(Object("small", spec))
    ready = center.condition("Ready")
    assert (ready["status"], ready["reason"]) == ("False", "Blocked")
    for text in ("spec.instance", id_, "correct the id or the region"):
        assert text in ready["message"]
    assert [name for name in world.mutating(mark) if name in CONNECT_WRITES] == []
    assert center.resource("table", "customers")["state"] == "Ready", "what needs no instance is made"


CONNECT_WRITES = frozenset({"CreateInstance", "CreateHoursOfOperation", "CreateQueue", "CreateContactFlow"})


def test_a_role_that_may_not_be_assumed_is_named_and_nothing_is_called() -> None:
    world = World()
    role = "arn:aws:iam::123456789012:role/nobody"
    center = world.make(Object("small", {**small_spec(), "credentials": {"roleArn": role}}))
    ready = center.condition("Ready")
    assert ready["status"] == "False"
    for text in (role, "trust"):
        assert text in ready["message"]
    assert set(world.calls()) == {"AssumeRole"}
    tries = world.calls().count("AssumeRole")
    assert tries <= 3
    assert not center.finalizer


def test_a_table_whose_key_changes_is_refused_and_the_rest_goes_on() -> None:
    world = World()
    center = world.make(Object("small", small_spec()))
    before, mark = picture(world), world.cloud.calls.number
    other = {**CUSTOMERS, "partitionKey": {"name": "AccountId", "type": "String"}}
    center.edit(tables=[other], queues=[queue("sales", maxContacts=11), queue("support")])
    world.run(world.settle(center))
    assert world.mutating(mark) == ["UpdateQueueMaxContacts"]
    for text in ("spec.tables[name=customers]", "partitionKey", "CustomerId", "another name"):
        assert text in center.condition("Ready")["message"]
    assert [line for line in picture(world) if "MaxContacts" not in line] == [
        line for line in before if "MaxContacts" not in line
    ]


def test_more_reserved_concurrency_than_the_account_has_is_refused_by_aws_and_the_rest_goes_on() -> None:
    world = World()
    functions = [{**LOOKUP, "reservedConcurrency": 950}]
    center = world.make(Object("small", {**small_spec(), "functions": functions}))
    ready = center.condition("Ready")
    assert ready["status"] == "False"
    for text in ("function/lookup", "PutFunctionConcurrency", "UnreservedConcurrentExecution"):
        assert text in ready["message"]
    waiting = {(item["kind"], item["name"]) for item in center.status["resources"] if item["state"] != "Ready"}
    assert waiting <= {("function", "lookup")}, waiting
    asked = world.calls().count("PutFunctionConcurrency")
    world.clock.advance(60.0)
    world.run(world.once(center, Priority.PROGRESS))
    assert world.calls().count("PutFunctionConcurrency") == asked, "what cannot work is not asked every minute"


def test_an_alias_that_somebody_else_has_is_told_and_what_needs_no_instance_is_made() -> None:
    world = World()
    world.cloud.credentials.register("AKIAELSEWHERE", "999999999999")
    Neighbor(world).instance("small-center")
    center = world.make(Object("small", small_spec()))
    assert "small-center" in center.condition("Ready")["message"]
    assert center.resource("table", "customers")["state"] == "Ready"


def test_a_spec_of_which_nothing_can_be_read_touches_nothing() -> None:
    world = World()
    center = world.make(Object("small", {"region": "us-east-1"}))
    assert world.calls() == []
    for text in ("spec.instance", "alias"):
        assert text in center.condition("Ready")["message"]
    assert center.condition("Stalled")["status"] == "True"
