"""The doctor tells a policy of tenants that the chart wrote from one that a hand has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.rights.admission import tenants
from trunkline.doctor.tenants import of_policy

ROLE = "arn:aws:iam::123456789012:role/a"

Spec = dict[str, Any]


def spec() -> Spec:
    """As the chart has it, with one role."""
    value: Spec = tenants("x", {"a": [ROLE], "b": []})["spec"]
    return value


def test_the_chart_s_own_is_read() -> None:
    assert of_policy(spec()) == {"a": {ROLE}, "b": frozenset()}


def _always(of: Spec) -> None:
    of["validations"][0]["expression"] = "true || " + of["validations"][0]["expression"]


def _always_the_same(of: Spec) -> None:
    next(one for one in of["variables"] if one["name"] == "same")["expression"] = "true"


def _text_for_a_list(of: Spec) -> None:
    of["variables"][-1]["expression"] = '{"a": "own"}'


def _nameless(of: Spec) -> None:
    del of["variables"][-1]["name"]


def _one_list_of_two(of: Spec) -> None:
    of["variables"].append({"name": "tenants2", "expression": "{}"})


def _no_text(of: Spec) -> None:
    of["variables"][-1]["expression"] = None


@pytest.mark.parametrize(
    "change", [_always, _always_the_same, _text_for_a_list, _nameless, _one_list_of_two, _no_text, dict.clear]
)
def test_what_the_chart_never_wrote_is_not_called_its_own(change: Callable[[Spec], None]) -> None:
    """Its list may be right, and it may allow everything all the same."""
    changed = spec()
    change(changed)
    assert of_policy(changed) is None
