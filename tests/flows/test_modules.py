"""Modules that call modules: a circle is refused with the way round, anything else is not."""

from __future__ import annotations

import pytest

from tests.flows.contents import action, module_of
from trunkline.flows import Contract, Flow, Kind, contract, module_cycles, parse


def _calls(*names: str) -> Flow:
    calls = [
        action("InvokeFlowModule", {"FlowModuleId": f"trunkline:module/{name}"}, name=f"call {name}") for name in names
    ]
    return parse(module_of(*(calls or [action("MessageParticipant", {"Text": "Hello"})])), Kind.MODULE)


CYCLES = [
    pytest.param({"a": _calls(), "b": _calls("a")}, (), id="a chain"),
    pytest.param({"a": _calls("c"), "b": _calls("c"), "c": _calls()}, (), id="two that share one"),
    pytest.param({"a": _calls("a")}, (("a", "a"),), id="itself"),
    pytest.param({"a": _calls("b"), "b": _calls("a")}, (("a", "b", "a"),), id="two"),
    pytest.param({"a": _calls("b"), "b": _calls("c"), "c": _calls("a")}, (("a", "b", "c", "a"),), id="three"),
    pytest.param({"entry": _calls("a"), "a": _calls("b"), "b": _calls("a")}, (("a", "b", "a"),), id="who only calls one is not in it"),
    pytest.param({"a": _calls("b", "c"), "b": _calls("c"), "c": _calls("a")}, (("a", "c", "a"), ("b", "c", "a", "b")), id="each module of overlapping circles is named"),
    pytest.param({"a": _calls("b"), "b": _calls("a"), "c": _calls("d"), "d": _calls("c")}, (("a", "b", "a"), ("c", "d", "c")), id="two circles"),
    pytest.param({"a": _calls("unknown")}, (), id="a module that is not there"),
]  # fmt: skip


@pytest.mark.parametrize(("modules", "cycles"), CYCLES)
def test_circles_are_told_with_the_way_round(modules: dict[str, Flow], cycles: tuple[tuple[str, ...], ...]) -> None:
    assert module_cycles(modules) == cycles


def test_a_long_chain_is_no_circle() -> None:
    modules = {f"m{i}": _calls(f"m{i + 1}") for i in range(2_000)} | {"m2000": _calls()}
    assert module_cycles(modules) == ()


def test_a_contract_is_read_from_the_settings_of_the_module() -> None:
    settings = {
        "input": {"schema": {"type": "object", "properties": {"phone": {"type": "string"}}}},
        "resultData": {"schema": {"type": "object", "properties": {"tier": {"type": "string"}}}},
        "transitions": {"results": [{"name": "known", "description": ""}]},
    }
    assert contract(settings) == Contract(
        {"phone": {"type": "string"}}, {"tier": {"type": "string"}}, frozenset({"known"})
    )


@pytest.mark.parametrize("settings", [None, {}, {"input": None, "transitions": {"results": None}}])
def test_no_settings_are_no_contract(settings: dict[str, object] | None) -> None:
    assert contract(settings) == Contract()
