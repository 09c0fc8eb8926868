"""What stands around a cache of nodes: parameters by the family's defaults, twenty a call, and where its nodes stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.cases.cache_groups import NAME, PARAMETERS, SUBNETS
from tests.drivers.plans import check, context, entry, only, operations
from trunkline.drivers.cache_parameter_group import CacheParameterGroupDriver, CacheParameterGroupState
from trunkline.drivers.cache_subnet_group import CacheSubnetGroupDriver, CacheSubnetGroupState
from trunkline.engine.driver import UNREAD, Found
from trunkline.engine.plan import CannotPlanError, Plan

GROUP, PLACE = "cache-parameter-group/cache", "cache-subnet-group/cache"
MANY = tuple((f"parameter-{number:02}", "1") for number in range(45))
THERE = dict(PARAMETERS.parameters)


def plan(parameters: Any, wanted: tuple[tuple[str, str], ...] = PARAMETERS.parameters, family: str = "valkey8") -> Plan:
    found = Found(NAME, "arn", NAME, CacheParameterGroupState(NAME, family, parameters))
    desired = replace(PARAMETERS, parameters=wanted)
    made = CacheParameterGroupDriver().plan(desired, found, entry(GROUP, NAME), context(GROUP))
    check(made)
    return made


@pytest.mark.parametrize(
    "parameters",
    [pytest.param(THERE, id="as-wanted"), pytest.param(UNREAD, id="not-read-this-time-so-not-taken-for-none")],
)
def test_there_is_nothing_to_do(parameters: Any) -> None:
    assert plan(parameters).steps == ()


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        pytest.param({**THERE, "timeout": "5"}, {"timeout"}, id="differs"),
        pytest.param({}, set(THERE), id="missing"),
    ],
)
def test_only_what_differs_is_set(parameters: dict[str, str], names: set[str]) -> None:
    step = only(plan(parameters))
    assert step.operation == "ModifyCacheParameterGroup"
    assert {item["ParameterName"] for item in step.params["ParameterNameValues"]} == names


def test_what_the_spec_does_not_name_goes_back_to_the_familys_default() -> None:
    step = only(plan({**THERE, "tcp-keepalive": "60"}))
    assert step.operation == "ResetCacheParameterGroup"
    assert step.params["ParameterNameValues"] == [{"ParameterName": "tcp-keepalive"}]
    assert [(change.path, change.old) for change in step.changes] == [("parameters[tcp-keepalive]", "60")]


def test_of_many_parameters_each_is_set_once_twenty_a_call() -> None:
    steps = plan({}, MANY).steps
    sent = [[item["ParameterName"] for item in step.params["ParameterNameValues"]] for step in steps]
    assert [len(names) for names in sent] == [20, 20, 5]
    assert sorted(name for names in sent for name in names) == [name for name, _ in MANY]


def test_of_many_parameters_that_left_the_spec_each_is_reset_once_twenty_a_call() -> None:
    """The API reference has that limit at ModifyCacheParameterGroup, and says nothing at ResetCacheParameterGroup."""
    steps = plan({**THERE, **dict(MANY)}).steps
    assert {step.operation for step in steps} == {"ResetCacheParameterGroup"}
    sent = [[item["ParameterName"] for item in step.params["ParameterNameValues"]] for step in steps]
    assert all(len(names) <= 20 for names in sent)
    assert sorted(name for names in sent for name in names) == [name for name, _ in MANY]


def test_one_of_another_family_is_refused_with_the_way() -> None:
    with pytest.raises(CannotPlanError, match="of the family redis7, not valkey8"):
        plan(THERE, family="redis7")


def test_a_new_one_is_made_and_set_in_one_plan() -> None:
    made = CacheParameterGroupDriver().plan(PARAMETERS, None, None, context(GROUP))
    assert operations(made) == ["CreateCacheParameterGroup", "ModifyCacheParameterGroup"]


def test_subnets_are_sent_whole_since_those_left_out_would_go() -> None:
    state = CacheSubnetGroupState(NAME, SUBNETS.description, frozenset({"subnet-0a1b2c3d"}))
    made = CacheSubnetGroupDriver().plan(SUBNETS, Found(NAME, "arn", NAME, state), entry(PLACE, NAME), context(PLACE))
    assert only(made).params["SubnetIds"] == sorted(SUBNETS.subnet_ids)
