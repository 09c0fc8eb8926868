"""What the parser says of bad input, and what it leaves of the center."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.api import bad_centers
from tests.api.bad_centers import Bad
from tests.api.conftest import FULL
from trunkline.api.manifest import read
from trunkline.api.parse import parse_center
from trunkline.api.policies import DeletionPolicy, Management


def body(text: str = FULL) -> dict[str, Any]:
    (document,) = read(text)
    return copy.deepcopy(dict(document.body))


def test_every_field_is_understood() -> None:
    parsed = parse_center(body(), report_unknown=True)
    assert parsed.problems == ()
    assert parsed.broken == ()
    assert parsed.center is not None
    assert parsed.center.spec.queues[0].hours == "business"


@pytest.mark.parametrize("bad", bad_centers.ALL)
def test_a_problem_names_the_culprit_and_the_rest_goes_on(bad: Bad) -> None:
    parsed = parse_center(body(bad.text))
    shown = "\n".join(map(str, parsed.problems))
    assert any(problem.path == bad.path and bad.says in str(problem) for problem in parsed.problems), shown
    if bad.broken is None:
        assert parsed.center is None, "a center whose instance or region is wrong cannot be built"
        return
    assert parsed.center is not None, f"one bad entry holds up the rest:\n{shown}"
    section, name = bad.broken
    assert bad.broken in {(entry.section, entry.name) for entry in parsed.broken}
    assert name not in {entry.name for entry in parsed.center.spec.section(section)}
    of_others = [problem for problem in parsed.problems if not problem.path.startswith(f"spec.{section}[name={name}]")]
    assert not of_others or bad in {case.values[0] for case in bad_centers.DOUBLES}, f"others are blamed:\n{shown}"


@pytest.mark.parametrize("bad", bad_centers.UNKNOWN)
def test_unknown_fields_are_reported_for_files_and_break_nothing(bad: Bad) -> None:
    parsed = parse_center(body(bad.text), report_unknown=True)
    assert any(problem.path == bad.path and bad.says in str(problem) for problem in parsed.problems), parsed.problems
    assert parsed.center is not None
    of_a_served_object = parse_center(body(bad.text))
    assert bad.path not in {problem.path for problem in of_a_served_object.problems}


def test_a_reference_to_a_broken_entry_is_no_second_problem() -> None:
    parsed = parse_center(body(FULL.replace("timeZone: America/New_York", "timeZone: Nowhere/Land")))
    assert [problem.path for problem in parsed.problems] == ["spec.hoursOfOperation[name=business].timeZone"]


def test_all_problems_are_said_at_once() -> None:
    text = FULL.replace("timeZone: America/New_York", "timeZone: Nowhere/Land").replace(
        "timeoutSeconds: 3", "timeoutSeconds: 0"
    )
    assert len(parse_center(body(text)).problems) == 2


@pytest.mark.parametrize(
    ("center", "path"),
    [
        pytest.param({}, "spec", id="nothing"),
        pytest.param({"spec": None}, "spec", id="null"),
        pytest.param({"spec": ["region"]}, "spec", id="a-list"),
        pytest.param({"metadata": "x", "spec": {}}, "spec.region", id="metadata-is-text"),
        pytest.param(
            {"metadata": {"name": "a"}, "spec": {"region": "us-east-1", "instance": 5}},
            "spec.instance",
            id="instance-is-a-number",
        ),
        pytest.param(
            {"metadata": {"name": "a"}, "spec": {"region": {"a": []}}}, "spec.region", id="region-is-a-mapping"
        ),
        pytest.param(
            {"metadata": {"name": "a"}, "spec": {"queues": [None, 5, {}, {"name": ["x"]}]}},
            "spec.queues[0]",
            id="entries-of-no-form",
        ),
    ],
)
def test_nothing_that_comes_raises(center: dict[str, Any], path: str) -> None:
    parsed = parse_center(center)
    assert parsed.center is None
    assert path in {problem.path for problem in parsed.problems}


def test_a_section_that_is_no_list_is_unreadable_so_nothing_of_it_is_swept() -> None:
    center = body()
    center["spec"]["tables"] = {"customers": {}}
    parsed = parse_center(center)
    assert parsed.unreadable == {"tables"}
    assert parsed.center is None


def test_more_entries_than_the_server_takes() -> None:
    center = body()
    center["spec"]["tables"] = [{"name": f"t{i}", "external": {}} for i in range(101)] + center["spec"]["tables"]
    assert any(
        problem.path == "spec.tables" and "at most 100" in str(problem) for problem in parse_center(center).problems
    )


def test_external_entries_need_nothing_but_a_name() -> None:
    center = body()
    sections = ("hoursOfOperation", "queues", "routingProfiles", "flows", "flowModules", "functions", "tables")
    for section in sections:
        center["spec"][section] = [{"name": "theirs", "external": {}}]
    parsed = parse_center(center)
    assert parsed.problems == ()
    assert parsed.center is not None
    assert all(parsed.center.spec.section(section)[0].name == "theirs" for section in sections)


def test_a_long_value_is_not_repeated_as_it_may_be_a_secret() -> None:
    secret = "s3cr3t" * 1000
    problems = parse_center(
        body(FULL.replace("{name: BRAND, value: acme}", f"{{name: BRAND, value: {secret}}}"))
    ).problems
    assert problems
    assert all("s3cr3t" not in str(problem) for problem in problems)


class TestDefaults:
    """What an object means that never met an API server: `trunkline plan -f`."""

    center = parse_center(
        {
            "metadata": {"name": "a"},
            "spec": {"region": "us-east-1", "instance": {"id": "12345678-1234-1234-1234-123456789012"}, "queues": []},
        }
    ).center

    def test_policies_are_the_careful_ones(self) -> None:
        assert self.center is not None
        spec = self.center.spec
        assert spec.deletion_policy is DeletionPolicy.RETAIN
        assert (spec.adoption_policy, spec.confirm, spec.paused, spec.termination_protection) == (
            "Refuse",
            "Destructive",
            False,
            False,
        )
        assert spec.resync_seconds == 600

    def test_an_existing_instance_has_nothing_that_was_not_written(self) -> None:
        assert self.center is not None
        instance = self.center.spec.instance
        assert (instance.attributes, instance.storage, instance.approved_origins) == (None, None, None)

    def test_an_absent_section_is_told_from_an_empty_one(self) -> None:
        assert self.center is not None
        assert self.center.spec.given("queues")
        assert not self.center.spec.given("flows")


def test_management_of_a_section_goes_before_the_default() -> None:
    center = parse_center(body()).center
    assert center is not None
    management = center.spec.management
    assert management.of("routingProfiles") is Management.EXCLUSIVE
    assert management.of("flows") is Management.OBSERVE
    assert management.of("queues") is Management.LISTED


def test_names_in_the_account_carry_the_centers() -> None:
    center = parse_center(body()).center
    assert center is not None
    names = {
        entry.name: entry.effective_aws_name(center.name)
        for section in ("queues", "functions", "tables")
        for entry in center.spec.section(section)
    }
    assert names["sales"] == "Sales"
    assert names["support"] == "support"
    assert names["customer-lookup"] == "acme-customer-lookup"
    assert names["legacy"] == "legacy_lookup"
    assert names["sessions"] == "acme-sessions"
