"""Reading flows: what comes in goes out, and what is no flow is refused with the place and the way out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.contents import CORPUS, END, action, flow_of, json_of, text_of
from trunkline.flows import FlowError, Kind, parse, render

SAY = action("MessageParticipant", {"Text": "Hello"}, name="say")


@pytest.mark.parametrize("name", CORPUS)
def test_a_flow_goes_out_as_it_came_in(name: str) -> None:
    flow = parse(text_of(name))
    assert json.loads(render(flow.document)) == json.loads(text_of(name))
    assert [action.raw for action in flow.actions] == json.loads(text_of(name))["Actions"]


def test_text_and_structure_are_the_same_flow() -> None:
    assert parse(json_of(SAY)) == parse(flow_of(SAY))


def test_a_later_change_of_the_structure_does_not_reach_the_flow() -> None:
    content = flow_of(action("MessageParticipant", {"Text": "Hello"}, name="say"))
    flow = parse(content)
    content["Actions"][0]["Parameters"]["Text"] = "Changed"
    assert flow.actions[0].parameters["Text"] == "Hello"


def test_a_byte_order_mark_of_an_editor_is_no_error() -> None:
    assert parse("\ufeff" + json_of(SAY)).start == "say"


def test_the_parts_of_an_action_are_at_hand() -> None:
    menu = next(action for action in parse(text_of("welcome.json")).actions if action.identifier == "menu")
    assert menu.type == "GetParticipantInput"
    assert menu.parameters["StoreInput"] == "False"
    assert menu.next == "support"
    assert [(branch.operator, branch.operands, branch.target) for branch in menu.conditions] == [
        ("Equals", ("1",), "sales"),
        ("Equals", ("2",), "support"),
    ]
    assert [branch.error_type for branch in menu.errors] == [
        "InputTimeLimitExceeded",
        "NoMatchingCondition",
        "NoMatchingError",
    ]
    assert menu.at("Parameters.Text") == 'Actions[6](Identifier "menu").Parameters.Text'


def _next(target: Any) -> dict[str, Any]:
    return {**SAY, "Transitions": {"NextAction": target}}


REFUSED = [
    pytest.param("{", ["not JSON: Expecting property name", "line 1 column 2"], id="not JSON, with the position"),
    pytest.param("", ["not JSON", "line 1 column 1"], id="empty text"),
    pytest.param("[" * 100_000, ["not JSON: nested too deeply"], id="a bomb of brackets"),
    pytest.param('{"a": NaN}', ["not JSON: NaN is no JSON number"], id="NaN"),
    pytest.param('{"Actions": [], "Actions": []}', ['the key "Actions" stands twice'], id="one of two would be lost"),
    pytest.param('["Version"]', ["a flow is a JSON object, not a list"], id="a list"),
    pytest.param({"Version": object()}, ["not JSON: object is no JSON value"], id="no JSON value"),
    pytest.param(text_of("pre-2022-export.json"), ["modules: pre-2022 console export", "open", "save", "export it again"], id="pre-2022 export"),
    pytest.param({"ContactFlow": {"Content": "{}"}}, ["answer of a Describe call"], id="the whole answer of AWS"),
    pytest.param(flow_of(SAY, Version=None), ["Version", "is missing", "2019-10-30"], id="no version"),
    pytest.param(flow_of(SAY, Version="2020-01-01"), ["is '2020-01-01'"], id="another version"),
    pytest.param(flow_of(SAY, StartAction=None), ["StartAction is missing"], id="no StartAction"),
    pytest.param(flow_of(SAY, StartAction="said"), ['StartAction names "said"', '"say"'], id="StartAction names nothing"),
    pytest.param(flow_of(SAY, Actions=None), ["Actions is missing"], id="no actions"),
    pytest.param(flow_of(SAY, Actions=[]), ["at least one action"], id="empty actions"),
    pytest.param(flow_of(SAY, Actions=["say"]), ["Actions[0]: an action is an object, not text"], id="action is text"),
    pytest.param(flow_of({**SAY, "Identifier": ""}, StartAction="end"), ["Actions[0].Identifier: the Identifier is missing"], id="no Identifier"),
    pytest.param(flow_of({**SAY, "Identifier": "x" * 51}), ["51 characters, 50 is the most"], id="long Identifier"),
    pytest.param(flow_of(SAY, SAY), ['Actions[1](Identifier "say").Identifier: the Identifier is used 2 times'], id="duplicate Identifier"),
    pytest.param(flow_of({**SAY, "Type": None}), ['Actions[0](Identifier "say").Type: the Type is missing'], id="no Type"),
    pytest.param(flow_of({**SAY, "Parameters": []}), ["Parameters is an object, not a list"], id="Parameters is a list"),
    pytest.param(flow_of(_next("nowhere")), ["Invalid Action property value. Path: Actions[0].Transitions.NextAction", 'no action has the Identifier "nowhere"'], id="missing action"),
    pytest.param(flow_of(_next(7)), ["NextAction is not text"], id="NextAction is a number"),
    pytest.param(
        flow_of({**SAY, "Transitions": {"NextAction": "end", "Errors": [{"ErrorType": "NoMatchingError", "NextAction": "gone"}]}}),
        ["Path: Actions[0].Transitions.Errors[0].NextAction", '"gone"'],
        id="error branch to a missing action",
    ),
    pytest.param(
        flow_of({**SAY, "Transitions": {"Conditions": [{"NextAction": "end", "Condition": {"Operator": "Equals"}}]}}),
        ["Transitions.Conditions[0]: Operands is not a list"],
        id="condition without operands",
    ),
    pytest.param(flow_of({**SAY, "Transitions": {"Errors": {"NoMatchingError": "end"}}}), ["Errors is a list, not an object"], id="errors as a map"),
    pytest.param(flow_of({**SAY, "Parameters": {"Text": "\ud800"}}), ["half a surrogate pair"], id="text that cannot be sent"),
    pytest.param(flow_of({**SAY, "Parameters": {"Text": "x" * 256_000}}), ["256,000 at most"], id="too long"),
    pytest.param(flow_of(*({**SAY, "Identifier": f"say {i}"} for i in range(250))), ["251 actions, Amazon Connect takes 250 at most"], id="too many actions"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "told"), REFUSED)
def test_what_is_no_flow_is_refused(content: Any, told: list[str]) -> None:
    with pytest.raises(FlowError) as refused:
        parse(content)
    for words in told:
        assert words in str(refused.value)


def test_the_limits_themselves_are_allowed() -> None:
    actions = ({**SAY, "Identifier": f"say {i}".ljust(50, "x")} for i in range(249))
    assert len(parse(flow_of(*actions)).actions) == 250


def test_blanks_do_not_count_towards_the_length() -> None:
    content = json.dumps(flow_of(SAY), indent=4) + " " * 256_000
    assert parse(content).start == "say"


def test_everything_wrong_with_the_structure_is_told_at_once() -> None:
    content = flow_of(_next("nowhere"), {**SAY, "Identifier": "other", "Transitions": {"NextAction": "gone"}})
    with pytest.raises(FlowError) as refused:
        parse(content)
    assert [problem.action for problem in refused.value.problems] == ["say", "other"]


def test_a_module_is_called_a_module() -> None:
    with pytest.raises(FlowError, match="a module is a JSON object"):
        parse("[]", Kind.MODULE)


def test_a_flow_may_end_where_it_starts() -> None:
    assert parse({"Version": "2019-10-30", "StartAction": "end", "Actions": [END]}).start == "end"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(parameters=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), JSON, max_size=5))
def test_any_parameters_survive(parameters: dict[str, Any]) -> None:
    content = flow_of(action("TypeOfTomorrow", parameters))
    assert json.loads(render(parse(json.dumps(content)).document)) == content
