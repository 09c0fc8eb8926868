"""Rules of call routing: what an operator may write, and what a wrong one is told."""

from __future__ import annotations

import json

import pytest

from call_routing.rules import Brand, Capacity, InvalidRulesError, Rule, Rules, When, parse_rules

ALL = {
    "brand": {"parameter": "Brand", "queues": {"Acme": ["sales", "vip"], "Zenith": ["zenith"]}},
    "vip": {"when": {"IsVIP": "true"}, "queues": ["vip"]},
    "rules": [
        {"when": {"Topic": ["returns", "repair"]}, "queue": "support", "reason": "topic"},
        {"queues": ["sales", "backup"]},
    ],
    "weights": {"sales": 3, "backup": 1},
    "capacity": {"sales": {"maxContactsInQueue": 40, "maxOldestContactAge": 600, "minAgentsStaffed": 1}, "backup": {}},
    "overflow": {"sales": ["backup"], "backup": ["sales"]},
}


def test_reads_every_part() -> None:
    assert parse_rules(json.dumps(ALL)) == Rules(
        rules=(
            Rule(When((("Topic", frozenset({"returns", "repair"})),)), ("support",), "topic"),
            Rule(When(), ("sales", "backup"), "sales"),
        ),
        weights={"sales": 3, "backup": 1},
        capacity={"sales": Capacity(40, 600, 1), "backup": Capacity()},
        overflow={"sales": ("backup",), "backup": ("sales",)},
        vip=Rule(When((("IsVIP", frozenset({"true"})),)), ("vip",), "vip"),
        brand=Brand("Brand", {"Acme": frozenset({"sales", "vip"}), "Zenith": frozenset({"zenith"})}),
    )


@pytest.mark.parametrize("text", ["{}", "[]"])
def test_every_part_may_be_missing(text: str) -> None:
    assert parse_rules(text) == Rules()


def test_a_list_alone_is_its_rules() -> None:
    assert parse_rules(json.dumps(ALL["rules"])).rules == parse_rules(json.dumps({"rules": ALL["rules"]})).rules


def test_queues_of_rules_are_kept_for_their_calls_unless_they_weigh() -> None:
    assert parse_rules(json.dumps(ALL)).kept() == {"vip", "support"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("[{", "RULES is not JSON", id="not JSON"),
        pytest.param('"vip"', "RULES is not an object", id="neither object nor list"),
        pytest.param('{"rulez": []}', r"RULES\.rulez is not known here", id="a part misspelt would be silently missing"),
        pytest.param('{"rules": {"queue": "vip"}}', r"RULES\.rules is not a list", id="rules"),
        pytest.param('[{"when": {}}]', r"RULES\[0\] names no queue", id="no queue"),
        pytest.param('[{"queue": "a", "queues": ["b"]}]', r"RULES\[0\] names no queue, or twice", id="two ways at once"),
        pytest.param('[{"queue": ""}]', r"RULES\[0\]\.queue is not a name", id="a queue without a name"),
        pytest.param('[{"queues": []}]', r"RULES\[0\]\.queues is not a list of names", id="no queues"),
        pytest.param('[{"queues": ["a", 1]}]', r"RULES\[0\]\.queues\[1\] is not a name", id="a queue that is a number"),
        pytest.param('[{"queue": "vip"}, {"queue": "vip", "when": []}]', r"RULES\[1\]\.when is not an object", id="when"),
        pytest.param('[{"queue": "vip", "when": {"IsVIP": true}}]', r"RULES\[0\]\.when\.IsVIP is neither", id="a boolean: flows pass strings"),
        pytest.param('[{"queue": "vip", "when": {"IsVIP": []}}]', r"RULES\[0\]\.when\.IsVIP is neither", id="no value"),
        pytest.param('[{"queue": "vip", "reason": 1}]', r"RULES\[0\]\.reason is not a string", id="reason"),
        pytest.param('[{"queue": "vip", "priority": 1}]', r"RULES\[0\]\.priority is not known here", id="a member that nobody reads"),
        pytest.param('{"weights": {"sales": -1}}', r"RULES\.weights\.sales is not a whole number", id="a negative weight"),
        pytest.param('{"weights": {"sales": 0.5}}', r"RULES\.weights\.sales is not a whole number", id="half a weight"),
        pytest.param('{"weights": {"sales": true}}', r"RULES\.weights\.sales is not a whole number", id="true is no 1"),
        pytest.param('{"weights": ["sales"]}', r"RULES\.weights is not an object", id="weights"),
        pytest.param('{"capacity": {"sales": 40}}', r"RULES\.capacity\.sales is not an object", id="a bare capacity"),
        pytest.param('{"capacity": {"sales": {"maxWait": 4}}}', r"RULES\.capacity\.sales\.maxWait is not known here", id="a limit that nobody knows"),
        pytest.param('{"capacity": {"sales": {"minAgentsStaffed": "1"}}}', r"RULES\.capacity\.sales\.minAgentsStaffed is not a whole", id="a limit as text"),
        pytest.param('{"overflow": {"sales": "backup"}}', r"RULES\.overflow\.sales is not a list", id="overflow"),
        pytest.param('{"overflow": {"sales": ["backup", "sales"]}}', r"RULES\.overflow\.sales leads back to itself", id="overflow into itself"),
        pytest.param('{"vip": {"when": {"IsVIP": "true"}}}', r"RULES\.vip\.queues is not a list", id="VIP without queues"),
        pytest.param('{"vip": ["vip"]}', r"RULES\.vip is not an object", id="vip"),
        pytest.param('{"brand": {"queues": {"Acme": "sales"}}}', r"RULES\.brand\.queues\.Acme is not a list", id="brand"),
        pytest.param('{"brand": {"parameter": 1, "queues": {}}}', r"RULES\.brand\.parameter is not a name", id="brand's parameter"),
        pytest.param("[" + '{"queue": "a"},' * 1000 + '{"queue": "a"}]', "RULES has more than", id="more rules than anybody reads"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_named(text: str, says: str) -> None:
    with pytest.raises(InvalidRulesError, match=says):
        parse_rules(text)


def test_messages_name_the_configuration_that_is_wrong() -> None:
    with pytest.raises(InvalidRulesError, match=r"routing\.rules\[0\] names no queue"):
        parse_rules('{"rules": [{}]}', "routing")
