"""A change of a flow as a person reads it: per action, by path, short."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.contents import action, flow_of, text_of
from trunkline.engine.plan import Change
from trunkline.flows import diff

SAY = action("MessageParticipant", {"Text": "Hello"}, name="say")
LONG = "All our agents are busy at the moment. Please stay on the line, we will be with you "

CHANGES = [
    pytest.param(
        flow_of(SAY),
        flow_of({**SAY, "Parameters": {"Text": "Good day"}}),
        [Change("Actions[say].Parameters.Text", "Hello", "Good day")],
        id="a parameter",
    ),
    pytest.param(
        flow_of(SAY),
        flow_of({**SAY, "Parameters": {"PromptId": "beep"}}),
        [Change("Actions[say].Parameters.Text", "Hello", None), Change("Actions[say].Parameters.PromptId", None, "beep")],
        id="one parameter for another",
    ),
    pytest.param(
        flow_of(SAY),
        flow_of(SAY, action("Loop", {"LoopCount": "2"}, errors=(), name="again")),
        [Change("Actions[again]", None, 'Loop {"LoopCount": "2"}')],
        id="an action more",
    ),
    pytest.param(
        flow_of(SAY, action("Loop", errors=(), name="again")),
        flow_of(SAY),
        [Change("Actions[again]", "Loop", None)],
        id="an action less",
    ),
    pytest.param(flow_of(SAY), flow_of(SAY, StartAction="end"), [Change("StartAction", "say", "end")], id="the start"),
    pytest.param(
        flow_of(SAY),
        flow_of({**SAY, "Type": "TypeOfTomorrow"}),
        [Change("Actions[say].Type", "MessageParticipant", "TypeOfTomorrow")],
        id="the type",
    ),
    pytest.param(
        flow_of(SAY),
        flow_of({**SAY, "Transitions": {"NextAction": "say", "Errors": [{"ErrorType": "NoMatchingError", "NextAction": "say"}]}}),
        [
            Change("Actions[say].Transitions.NextAction", "end", "say"),
            Change("Actions[say].Transitions.Errors[NoMatchingError]", "end", "say"),
        ],
        id="where it goes next",
    ),
    pytest.param(
        flow_of(action("GetParticipantInput", errors=(), conditions=(("Equals", "1"),))),
        flow_of(action("GetParticipantInput", errors=(), conditions=(("Equals", "1"), ("Equals", "2")))),
        [Change("Actions[act].Transitions.Conditions[Equals 2]", None, "end")],
        id="a key more in a menu",
    ),
    pytest.param(
        flow_of(action("Compare", errors=(), conditions=(("Equals", "a"), ("TextContains", "b")))),
        flow_of(action("Compare", errors=(), conditions=(("TextContains", "b"), ("Equals", "a")))),
        [Change("Actions[act].Transitions.Conditions", "Equals a, TextContains b", "TextContains b, Equals a")],
        id="the order of conditions",
    ),
    pytest.param(
        flow_of({**SAY, "Parameters": {"n": 5}}),
        flow_of({**SAY, "Parameters": {"n": "5"}}),
        [Change("Actions[say].Parameters.n", "5", '"5"')],
        id="a number that becomes text",
    ),
    pytest.param(
        flow_of(action("Loop", {"Messages": [{"Text": "a"}, {"Text": "b"}]})),
        flow_of(action("Loop", {"Messages": [{"Text": "a"}, {"Text": "c"}]})),
        [Change("Actions[act].Parameters.Messages[1].Text", "b", "c")],
        id="one item of a list",
    ),
    pytest.param("no flow", flow_of(SAY), 1, id="what was there is no flow"),
    pytest.param('{"Actions": "none"}', flow_of(SAY), 5, id="what was there is hardly one"),
    pytest.param(flow_of(SAY, SAY), flow_of(SAY), [Change("Actions[say #2]", 'MessageParticipant {"Text": "Hello"}', None)], id="an Identifier used twice"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "changes"), CHANGES)
def test_changes_are_shown_per_action(old: Any, new: Any, changes: list[Change] | int) -> None:
    if isinstance(changes, int):
        assert len(diff(old, new)) == changes
    else:
        assert list(diff(old, new)) == changes


def test_long_texts_are_cut_to_where_they_differ() -> None:
    old, new = LONG * 10 + "soon.", LONG * 10 + "in a minute."
    (change,) = diff(flow_of({**SAY, "Parameters": {"Text": old}}), flow_of({**SAY, "Parameters": {"Text": new}}))
    assert change == Change(
        "Actions[say].Parameters.Text", "…we will be with you soon.", "…we will be with you in a minute."
    )


def test_no_change_is_ever_a_blob() -> None:
    for change in diff(text_of("welcome.json"), text_of("queue.json")):
        assert max(len(change.old or ""), len(change.new or "")) <= 82, change.path
