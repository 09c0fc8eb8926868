"""The ScalingPolicy kind: what the parser refuses and says, and what a real API server does of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.api.bad_policies import FULL, REFUSED, Bad
from tests.api.conftest import ROOT
from tests.api.test_crd import fields
from trunkline.api.crd import scaling_policy
from trunkline.api.manifest import read
from trunkline.api.scaling_parse import ParsedPolicy, parse_scaling_policy
from trunkline.api.scaling_policy import ScalingPolicy
from trunkline_sandbox.cluster import Cluster, KubectlError

CRD = ROOT / "crds" / "trunkline.dev_scalingpolicies.yaml"
SCHEMA = scaling_policy()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
SPEC = list(fields(SCHEMA["properties"]["spec"], "spec"))
ALL = [*SPEC, *fields(SCHEMA["properties"]["status"], "status")]
SMALL = """
apiVersion: trunkline.dev/v1alpha1
kind: ScalingPolicy
metadata: {name: small}
spec: {targetRef: {name: acme}, demand: {constant: {concurrentCalls: 10}}}
"""


def parsed(text: str) -> ParsedPolicy:
    (document,) = read(text)
    return parse_scaling_policy(document.body, report_unknown=True)


def test_the_full_policy_is_whole() -> None:
    found = parsed(FULL)
    assert found.problems == ()
    assert found.policy is not None


@pytest.mark.parametrize("bad", REFUSED)
def test_bad_input_is_refused_with_its_path_and_remedy(bad: Bad) -> None:
    found = parsed(bad.text)
    assert found.policy is None
    said = [str(problem) for problem in found.problems if problem.path == bad.path]
    assert any(bad.says in text for text in said), [str(problem) for problem in found.problems]


def test_a_misspelt_field_names_the_nearest() -> None:
    problems = parsed(FULL.replace("coverPercent", "coverPercents")).problems
    assert any("did you mean coverPercent?" in str(problem) for problem in problems)


def test_every_field_is_bounded_and_says_what_its_absence_means() -> None:
    silent = [
        path
        for path, schema, required in SPEC
        if not required
        and not any(words in schema.get("description", "") for words in ("Not managed", "Absent: ", "Default: "))
    ]
    unbounded = [
        path
        for path, schema, _ in ALL
        if (schema.get("type") == "string" and "maxLength" not in schema and "enum" not in schema)
        or (schema.get("type") == "array" and "maxItems" not in schema)
        or (schema.get("type") == "integer" and "maximum" not in schema)
    ]
    wrong = [
        path for path, schema, _ in SPEC if ("default" in schema) != ("Default: " in schema.get("description", ""))
    ]
    assert (silent, unbounded, wrong) == ([], [], [])


def test_no_default_is_inside_of_an_atomic_list() -> None:
    """Argo CD would show it as a difference for ever."""

    def defaults(schema: Mapping[str, Any], path: str, *, atomic: bool) -> Iterator[str]:
        atomic = atomic or schema.get("x-kubernetes-list-type") == "atomic"
        if atomic and "default" in schema:
            yield path
        for name, inner in schema.get("properties", {}).items():
            yield from defaults(inner, f"{path}.{name}", atomic=atomic)
        if "items" in schema:
            yield from defaults(schema["items"], f"{path}[]", atomic=atomic)

    assert list(defaults(SCHEMA, "", atomic=False)) == []


def test_the_example_holds_every_field_but_the_other_forms() -> None:
    """Or a new field would be tested by nobody."""
    written = read(FULL)[0].body["spec"]

    def paths(schema: Mapping[str, Any], values: list[Any], path: str) -> Iterator[str]:
        """Fields of which none of the values at a path has one."""
        for name, inner in schema.get("properties", {}).items():
            found = [value[name] for value in values if isinstance(value, Mapping) and name in value]
            if not found:
                yield f"{path}.{name}"
            flat = [one for value in found for one in (value if isinstance(value, list) else [value])]
            if found:
                yield from paths(inner.get("items", inner), flat, f"{path}.{name}")

    other_forms = {"spec.demand.forecast.history.configMapKeyRef", "spec.demand.forecast.history.prometheus"}
    amounts = {
        "spec.demand.constant.callsPerHour",
        "spec.demand.schedules.concurrentCalls",
        "spec.demand.metrics.fallback.callsPerHour",
        "spec.demand.forecast.fallback.concurrentCalls",
        "spec.tiers.above.callsPerHour",
    }
    assert set(paths(SCHEMA["properties"]["spec"], [written], "spec")) == other_forms | amounts


# At a real API server


@pytest.fixture(scope="module")
def policies(cluster: Cluster) -> Cluster:
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", CRD)
    for attempt in range(20):
        try:
            cluster.kubectl("wait", "--for=condition=Established", f"crd/{ScalingPolicy.plural}.trunkline.dev")
            break
        except KubectlError:  # kubectl does not wait for a list of conditions that is still null
            if attempt == 19:
                raise
    return cluster


@pytest.fixture(scope="module")
def acme(policies: Cluster) -> Iterator[str]:
    namespace = policies.create_namespace("policies")
    policies.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=FULL)
    yield namespace
    policies.delete_namespace(namespace)


def shown(server: Cluster, namespace: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.kubectl("get", "sp", name, "-n", namespace, "-o", "json"))
    return found


@pytest.mark.cluster
@pytest.mark.parametrize("bad", [case for case in REFUSED if case.values[0].server is not None])
def test_bad_input_is_refused_at_admission(policies: Cluster, bad: Bad) -> None:
    with pytest.raises(KubectlError) as refused:
        policies.kubectl("create", "--dry-run=server", "-f", "-", input=bad.text)
    assert (bad.server or bad.says) in str(refused.value)


@pytest.mark.cluster
def test_the_target_cannot_change(policies: Cluster, acme: str) -> None:
    changed = FULL.replace("{kind: ContactCenter, name: acme}", "{kind: ContactCenter, name: other}")
    with pytest.raises(KubectlError, match="the target cannot change: make a second ScalingPolicy"):
        policies.kubectl("apply", "--server-side", "--dry-run=server", "-n", acme, "-f", "-", input=changed)


@pytest.mark.cluster
def test_a_policy_of_the_largest_size_is_let_in(policies: Cluster, namespace: str) -> None:
    """A rule that is too dear for the API server fails at run time, not when the CRD is made."""
    long = "x" * 120
    levers = "".join(
        f"    - {{name: {long}{index}, table: {long}{index}, index: {long}, readCapacityUnits: {{min: 1, max: 2}}, writeCapacityUnits: {{min: 1, max: 2}}}}\n"
        for index in range(64)
    )
    tiers = "".join(
        f"    - {{name: t{index}, above: {{concurrentCalls: 1}}, actions: [{', '.join(f'{{lever: {long}{n}, min: 1}}' for n in range(20))}]}}\n"
        for index in range(10)
    )
    full = FULL[: FULL.index("  levers:")] + "  levers:\n" + levers + "  tiers:\n" + tiers
    policies.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=full)
    assert len(shown(policies, namespace, "acme")["spec"]["levers"]) == 64


@pytest.mark.cluster
def test_defaults_recommend_and_touch_nothing(policies: Cluster, namespace: str) -> None:
    policies.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=SMALL)
    found = shown(policies, namespace, "small")
    assert found["spec"] == {
        "targetRef": {"kind": "ContactCenter", "name": "acme"},
        "mode": "Recommend",
        "paused": False,
        "deletionPolicy": "Retain",
        "adoptionPolicy": "Refuse",
        "resyncSeconds": 60,
        "priority": 0,
        "timeZone": "UTC",
        "demand": {"constant": {"concurrentCalls": 10}},
        "shrinkagePercent": 30,
        "requestQuotaIncreases": False,
    }
    assert found["status"] == {"observedGeneration": -1}


@pytest.mark.cluster
def test_file_and_server_read_the_same(policies: Cluster, acme: str) -> None:
    of_server = parse_scaling_policy(shown(policies, acme, "acme")).policy
    of_file = parsed(FULL).policy
    assert of_server is not None
    assert of_file is not None
    assert of_server.spec == of_file.spec


@pytest.mark.cluster
def test_it_is_found_by_its_target(policies: Cluster, acme: str) -> None:
    found = policies.kubectl("get", "sp", "-n", acme, "--field-selector", "spec.targetRef.name=acme", "-o", "name")
    assert found.split() == ["scalingpolicy.trunkline.dev/acme"]
