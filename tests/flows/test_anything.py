"""Whatever stands in a flow: it is refused by name or gone through, and nothing ever falls over.

A flow that crashed the linter would take the rest of its center with it.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.flows.contents import END, NAMES, flow_of
from trunkline.flows import (
    MODULE,
    Contract,
    FlowError,
    canonical,
    check_references,
    contract,
    diff,
    lint,
    module_cycles,
    parse,
    same,
)
from trunkline.flows.action_type import ALL_FLOW_TYPES
from trunkline.flows.actions import ACTION_TYPES, REFUSED_TYPES

TEXTS = st.sampled_from(["", " ", "True", "1", "$.External", "trunkline:queue/sales", "trunkline:", "${cdref:", "x"])
LEAVES = st.none() | st.booleans() | st.integers(-2, 10) | st.floats(-2, 2) | TEXTS | st.text(max_size=4)
KEYS = st.sampled_from(
    sorted(
        {name for known in ACTION_TYPES.values() for name in (*(known.parameters or ()), *known.required)}
        | {"PhoneNumberValidation", "CustomValidation", "DisableCancelKey", "Value", "Id", "ResponseType", "x"}
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
PARAMETERS = st.dictionaries(KEYS, VALUES, max_size=6)
TYPES = st.sampled_from(sorted({*ACTION_TYPES, *REFUSED_TYPES, "TypeOfTomorrow"}))
FLOW_TYPES = st.sampled_from([*sorted(ALL_FLOW_TYPES), MODULE, "FLOW_TYPE_OF_TOMORROW"])
CONDITIONS = st.lists(
    st.builds(
        lambda operator, operands: {"NextAction": "end", "Condition": {"Operator": operator, "Operands": operands}},
        st.sampled_from(["Equals", "NumberGreaterThan", "And", ""]),
        st.lists(VALUES, max_size=2),
    ),
    max_size=3,
)
ERRORS = st.lists(
    st.builds(
        lambda error: {"NextAction": "act", "ErrorType": error},
        st.sampled_from(["NoMatchingError", "NoMatchingCondition", "InputTimeLimitExceeded", "x"]),
    ),
    max_size=3,
)
CONTRACTS = st.sampled_from([Contract(), Contract({"x": {"type": "string"}}, {"x": {"type": 1}}, frozenset({"x"}))])


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """A flow that is sound in structure, and in nothing else."""
    transitions = {"Errors": draw(ERRORS), "Conditions": draw(CONDITIONS)}
    if draw(st.booleans()):
        transitions |= {"NextAction": "end"}
    action = {
        "Identifier": "act",
        "Type": draw(TYPES),
        "Parameters": draw(PARAMETERS),
        "Transitions": transitions,
    }
    return flow_of(action, Settings=draw(VALUES), Metadata=draw(VALUES))


@given(content=contents(), flow_type=FLOW_TYPES, known=CONTRACTS)
def test_any_sound_structure_can_be_checked(content: dict[str, Any], flow_type: str, known: Contract) -> None:
    flow = parse(json.dumps(content))
    for problem in (*lint(flow, flow_type, own=known, contracts={"sales": known}), *check_references(flow, NAMES)):
        assert problem.message
        assert str(problem)
    assert module_cycles({"a": flow}) == ()


@given(content=contents(), part=st.sampled_from(["Parameters", "Transitions", "Type", "Identifier"]), value=VALUES)
def test_any_structure_is_read_or_refused(content: dict[str, Any], part: str, value: Any) -> None:
    content["Actions"][0][part] = value
    try:
        flow = parse(json.dumps(content))
    except FlowError as error:
        assert error.problems  # noqa: PT017  # a refusal is as good as a flow, an empty one is not
    else:
        assert flow.document == content


@given(one=VALUES | contents(), other=VALUES | contents())
def test_anything_can_be_compared(one: Any, other: Any) -> None:
    old, new = json.dumps(one), json.dumps({"Version": other, "Actions": other, "StartAction": one})
    assert same(old, new) == (canonical(old) == canonical(new)) == (diff(old, new) == ())


@given(settings=st.none() | st.dictionaries(st.sampled_from(["input", "resultData", "transitions"]), VALUES))
def test_any_settings_are_a_contract(settings: dict[str, Any] | None) -> None:
    flow = parse(flow_of(END | {"Identifier": "act", "Type": "EndFlowModuleExecution", "Parameters": {"Result": "x"}}))
    lint(flow, MODULE, own=contract(settings))
