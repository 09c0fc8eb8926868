"""Comparing flows: what a caller cannot hear is no difference, and everything else is."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.contents import CORPUS, action, flow_of, text_of
from trunkline.flows import canonical, diff, same

SAY = action("MessageParticipant", {"Text": "Hello"}, name="say")


def _with(**parameters: Any) -> dict[str, Any]:
    return flow_of(action("TypeOfTomorrow", parameters))


SAME = [
    pytest.param(json.dumps(flow_of(SAY)), json.dumps(flow_of(SAY), indent=4), id="whitespace"),
    pytest.param(json.dumps(flow_of(SAY)), flow_of(SAY), id="text and structure"),
    pytest.param('{"Version":"1","StartAction":"a"}', '{"StartAction":"a","Version":"1"}', id="order of keys"),
    pytest.param('{"n":1}', '{"n":1.0}', id="number form"),
    pytest.param('{"n":100}', '{"n":1e2}', id="exponent"),
    pytest.param(_with(n=1), _with(n=1.0), id="number form in a structure"),
    pytest.param(flow_of(SAY), flow_of(SAY, Metadata={"ActionMetadata": {"say": {"position": {"x": 1}}}}), id="layout"),
    pytest.param(flow_of(SAY), flow_of(SAY, Actions=[*reversed(flow_of(SAY)["Actions"])]), id="order of actions"),
    pytest.param(flow_of(action("A", errors=("B", "C"))), flow_of(action("A", errors=("C", "B"))), id="order of error branches"),
    pytest.param(
        flow_of({"Identifier": "x", "Type": "T"}),
        flow_of({"Identifier": "x", "Type": "T", "Parameters": {}, "Transitions": {"Errors": [], "Conditions": []}}),
        id="absent and empty",
    ),
    pytest.param(flow_of(SAY), "\ufeff" + json.dumps(flow_of(SAY)), id="byte order mark"),
]  # fmt: skip
DIFFERENT = [
    pytest.param(_with(n=1), _with(n="1"), id="number and text"),
    pytest.param(_with(n=1), _with(n=True), id="number and true"),
    pytest.param(_with(n=0), _with(n=False), id="number and false"),
    pytest.param(_with(n=None), _with(), id="null and absent"),
    pytest.param(_with(n=[1, 2]), _with(n=[2, 1]), id="order of a list"),
    pytest.param(_with(Text="a "), _with(Text="a"), id="a blank that is spoken"),
    pytest.param(_with(Text="é"), _with(Text="e\u0301"), id="two ways to write a letter"),
    pytest.param(
        flow_of(action("Compare", conditions=(("Equals", "1"), ("TextContains", "1")))),
        flow_of(action("Compare", conditions=(("TextContains", "1"), ("Equals", "1")))),
        id="order of conditions: the first that holds decides",
    ),
    pytest.param(flow_of(SAY), flow_of(SAY, StartAction="end"), id="another start"),
    pytest.param(flow_of(SAY), "no JSON", id="no JSON"),
    pytest.param("[1]", "[2]", id="no flows"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_to_a_caller(one: Any, other: Any) -> None:
    assert same(one, other)
    assert canonical(one) == canonical(other)
    assert diff(one, other) == ()


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_not_the_same_to_a_caller(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert diff(one, other)


@pytest.mark.parametrize("name", CORPUS)
def test_canonical_form_is_a_fixed_point(name: str) -> None:
    assert canonical(canonical(text_of(name))) == canonical(text_of(name))


def test_canonical_form_can_be_hashed_whatever_is_in_it() -> None:
    assert canonical('{"Text": "\\ud800"}').encode()


def _shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        keys = order.sample(sorted(value), len(value))
        return {key: _shuffled(value[key], order) for key in keys}
    return [_shuffled(inner, order) for inner in value] if isinstance(value, list) else value


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(CORPUS)))
def test_a_flow_written_anew_is_the_same(seed: int, name: str) -> None:
    order = random.Random(seed)
    value = json.loads(text_of(name))
    anew = _shuffled(value, order)
    order.shuffle(anew["Actions"])
    anew["Metadata"] = {"entryPointPosition": {"x": order.random(), "y": 1}}
    assert same(text_of(name), json.dumps(anew, indent=order.choice([None, 1, 2])))
    assert diff(text_of(name), anew) == ()


LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text(max_size=3)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every leaf of a flow that is not layout."""
    if isinstance(value, dict) and value:
        return [place for key, inner in value.items() if key != "Metadata" for place in _places(inner, (*path, key))]
    if isinstance(value, list) and value:
        return [place for index, inner in enumerate(value) for place in _places(inner, (*path, index))]
    return [path]


@given(data=st.data(), name=st.sampled_from(sorted(CORPUS)))
def test_any_edit_is_either_the_same_or_shown(data: st.DataObject, name: str) -> None:
    """Whatever leaf is changed to whatever value: the diff is empty exactly if nothing counts."""
    old = json.loads(text_of(name))
    new = copy.deepcopy(old)
    *way, last = data.draw(st.sampled_from(_places(old)))
    holder = new
    for step in way:
        holder = holder[step]
    holder[last] = data.draw(LEAVES)
    changes = diff(old, new)
    assert (changes == ()) == same(old, new)
    assert all(change.old != change.new for change in changes)
