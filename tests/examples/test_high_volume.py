"""The high-volume example: its figures, and that its flows say something to every caller."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from call_routing.app import CANDIDATE, parse_rules
from tests.examples.manifests import EXAMPLES, by_name, center, contents, documents, strings, targets
from trunkline.blueprints.builtins import BUILTINS

FOLDER = EXAMPLES / "high-volume"
SPEC = center(FOLDER)["spec"]
FLOWS = contents(FOLDER, "flows")
MODULES = contents(FOLDER, "flowModules")
ALL = {**FLOWS, **MODULES}
SPOKEN = sorted(set(FLOWS) - {"customer-follow-up"})  # that one runs for a task: nobody listens
NAMES = {
    "queue": set(by_name(SPEC["queues"])),
    "hours": set(by_name(SPEC["hoursOfOperation"])),
    "function": set(by_name(SPEC["functions"])),
    "flow": set(FLOWS),
    "module": set(MODULES),
}
REFERENCE = re.compile(r"trunkline:([a-z-]+)/([A-Za-z0-9._-]+)")


def actions(flow: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {action["Identifier"]: action for action in flow["Actions"]}


def reachable(flow: Mapping[str, Any], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        identifier = waiting.pop()
        if identifier not in found:
            found.add(identifier)
            waiting += [target for _, target in targets(actions(flow)[identifier])]
    return found


def test_it_is_the_center_that_was_asked_for() -> None:
    queues, functions, tables = by_name(SPEC["queues"]), by_name(SPEC["functions"]), by_name(SPEC["tables"])
    table = tables["customers"]

    assert {entry["awsName"]: entry.get("maxContacts") for entry in queues.values()} == {
        "Sales": 100,
        "Support": 150,
        "Escalation": None,
        "VIP": None,
    }
    assert set(by_name(SPEC["routingProfiles"])) == {"sales-agent", "support-agent", "supervisor"}
    assert set(by_name(SPEC["hoursOfOperation"])) == {"business", "holiday", "extended"}
    assert {entry["awsName"] for entry in SPEC["flows"]} == {
        "SalesInbound",
        "SupportInbound",
        "AfterHours",
        "CustomerFollowUp",
        "Survey",
        "AgentTransfer",
        "QueueTransfer",
    }
    assert {entry["awsName"] for entry in SPEC["flowModules"]} == {"Authentication", "Voicemail", "Callback"}
    assert {name: (f["memoryMiB"], f["timeoutSeconds"]) for name, f in functions.items()} == {
        "customer-lookup": (1024, 3),
        "call-routing": (512, 2),
        "realtime-metrics": (256, 60),
        "cache-warmer": (256, 10),
        "call-disposition": (256, 3),
        "config-fetcher": (256, 3),
    }
    assert set(tables) == {"customers", "operations"}
    assert [index["name"] for index in table["indexes"]] == ["PhoneNumberIndex"]
    assert table["billing"] == {"mode": "PROVISIONED", "readCapacityUnits": 1000, "writeCapacityUnits": 500}


def test_what_it_reserves_fits_a_new_account() -> None:
    assert sum(function.get("reservedConcurrency", 0) for function in SPEC["functions"]) <= 900


def test_an_index_can_take_every_write_of_its_table() -> None:
    for table in SPEC["tables"]:
        for index in table.get("indexes", ()):
            assert index["capacity"]["writeCapacityUnits"] >= table["billing"]["writeCapacityUnits"]


def test_builtin_functions_get_what_they_expect() -> None:
    for function in SPEC["functions"]:
        builtin = BUILTINS[function["code"]["builtin"]]
        variables = by_name(function["environment"])
        assert builtin.missing(variables) == ()
        assert set(variables) <= {variable.name for variable in builtin.variables}


def test_kubectl_applies_the_namespace_first_and_a_flow_edit_is_seen_at_once() -> None:
    found = list(documents(FOLDER))

    assert [document["kind"] for document in found] == [
        "Namespace",
        "ConfigMap",
        "ConfigMap",
        "CacheLayer",
        "ContactCenter",
    ]
    for document in found[1:]:
        assert document["metadata"]["namespace"] == found[0]["metadata"]["name"]
    for config_map in found[1:3]:
        assert config_map["metadata"]["labels"] == {"trunkline.dev/watch": "Enabled"}


def test_every_key_of_the_config_maps_is_a_flow_of_the_center() -> None:
    keys = {
        (document["metadata"]["name"], key)
        for document in documents(FOLDER)
        if document["kind"] == "ConfigMap"
        for key in document["data"]
    }
    used = [
        (entry["content"]["configMapKeyRef"]["name"], entry["content"]["configMapKeyRef"]["key"])
        for entry in SPEC["flows"] + SPEC["flowModules"]
    ]
    assert sorted(used) == sorted(keys)


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_flow_names_what_the_center_has(name: str) -> None:
    for text in strings(ALL[name]):
        for kind, referred in REFERENCE.findall(text):
            assert referred in NAMES.get(kind, set()), f"{text} in {name}"
        assert "arn:" not in text, "an ARN ties the flow to one instance"
        assert ("trunkline:" in text) == bool(REFERENCE.search(text)), text


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_action_is_reached_and_leads_somewhere(name: str) -> None:
    flow = ALL[name]
    identifiers = [action["Identifier"] for action in flow["Actions"]]

    assert len(set(identifiers)) == len(identifiers)
    assert reachable(flow, flow["StartAction"]) == set(identifiers)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", identifier) for identifier in identifiers), "words, not ids"


@pytest.mark.parametrize("name", SPOKEN)
def test_nobody_is_hung_up_on_without_a_word(name: str) -> None:
    flow = ALL[name]
    for identifier, action in actions(flow).items():
        for branch, target in targets(action):
            if actions(flow)[target]["Type"] != "DisconnectParticipant":
                continue
            # A call that was queued never comes back here: its NextAction is there because the language demands one.
            queued = action["Type"] == "TransferContactToQueue" and branch == "next"
            assert action["Type"] == "MessageParticipant" or queued, f"{identifier} hangs up on {branch}"


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_function_that_fails_loses_no_caller(name: str) -> None:
    flow = ALL[name]
    for identifier, action in actions(flow).items():
        if action["Type"] != "InvokeLambdaFunction":
            continue
        (failed,) = (target for branch, target in targets(action) if branch == "NoMatchingError")
        after = {actions(flow)[step]["Type"] for step in reachable(flow, failed)}
        assert after & {"TransferContactToQueue", "EndFlowModuleExecution"}, f"{identifier} drops callers when it fails"


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_flow_waits_longer_than_its_function_runs(name: str) -> None:
    functions = by_name(SPEC["functions"])
    for action in ALL[name]["Actions"]:
        if action["Type"] == "InvokeLambdaFunction":
            parameters = action["Parameters"]
            function = functions[parameters["LambdaFunctionARN"].removeprefix("trunkline:function/")]
            assert function["timeoutSeconds"] < int(parameters["InvocationTimeLimitSeconds"]) <= 8


def test_flows_pass_the_queues_that_the_rules_know() -> None:
    variables = by_name(by_name(SPEC["functions"])["call-routing"]["environment"])
    wanted = {queue for rule in parse_rules(variables["RULES"]["value"]).rules for queue in rule.queues}
    passed = {
        key.removeprefix(CANDIDATE): value
        for flow in FLOWS.values()
        for action in flow["Actions"]
        for key, value in action["Parameters"].get("LambdaInvocationAttributes", {}).items()
        if key.startswith(CANDIDATE)
    }

    assert wanted <= set(passed)
    assert all(value == f"trunkline:queue/{queue}" for queue, value in passed.items())


def test_flows_call_each_other_in_a_circle() -> None:
    """The example shows that mutual flows deploy; without one it would stop showing that."""
    called = {
        name: {found for kind, found in REFERENCE.findall(json.dumps(flow)) if kind == "flow"}
        for name, flow in FLOWS.items()
    }
    assert "after-hours" in called["support-inbound"]
    assert "support-inbound" in called["after-hours"]
