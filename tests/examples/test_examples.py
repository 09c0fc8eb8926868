"""Every example is taken as it is written: by the parser, by a real API server, and its flows by Amazon Connect's rules."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.examples.manifests import CENTERS, EXAMPLES, by_name, center, contents, documents
from trunkline import flows
from trunkline.api.parse import parse_center
from trunkline.api.scaling_parse import parse_scaling_policy
from trunkline.handlers.scaling_levers import moved
from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_action_type import MODULE
from trunkline_sandbox.aws.connect.flow_language import problems
from trunkline_sandbox.aws.connect.flow_module_contract import Contract, read_contract
from trunkline_sandbox.cluster import Cluster, KubectlError

MODULE_NAMES = set(contents(EXAMPLES / "high-volume", "flowModules"))
FOLDERS = [pytest.param(path.parent, id=path.parent.name) for path in CENTERS]
CRDS = EXAMPLES.parent / "crds"


def test_the_examples_are_found() -> None:
    assert {path.parent.name for path in CENTERS} == {"high-volume", "minimal", "existing-instance"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_parser_finds_nothing_wrong(folder: Path) -> None:
    parsed = parse_center(center(folder), report_unknown=True)

    assert not parsed.problems
    assert parsed.center is not None


def test_the_policy_of_the_examples_names_what_its_center_has() -> None:
    (written,) = documents(EXAMPLES / "scaling")
    parsed = parse_scaling_policy(written, report_unknown=True)
    assert not parsed.problems
    assert parsed.policy is not None
    of = parse_center(center(EXAMPLES / "high-volume")).center
    assert of is not None
    fields = moved(parsed.policy.spec, of)
    assert [field.problem for field in fields] == [""] * 3


def test_an_api_server_takes_the_policy(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("apply", "--server-side", "-f", str(CRDS))
    served(cluster, "scalingpolicies")
    (written,) = documents(EXAMPLES / "scaling")
    written["metadata"]["namespace"] = namespace
    applied = cluster.kubectl("create", "-f", "-", "-o", "json", "--validate=strict", input=json.dumps(written))
    assert missing(written["spec"], json.loads(applied)["spec"]) == []


def missing(written: Any, served: Any, path: str = "") -> list[str]:
    """What was written and is not served."""
    if isinstance(written, dict) and isinstance(served, dict):
        return [
            lost
            for key, value in written.items()
            for lost in (missing(value, served[key], f"{path}.{key}") if key in served else [f"{path}.{key}"])
        ]
    if isinstance(written, list) and isinstance(served, list) and len(written) == len(served):
        return [
            lost
            for index, (one, other) in enumerate(zip(written, served, strict=True))
            for lost in missing(one, other, f"{path}[{index}]")
        ]
    return [] if written == served else [path]


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_api_server_takes_it_and_keeps_every_field(folder: Path, cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("apply", "--server-side", "-f", str(CRDS))
    for plural in ("contactcenters", "cachelayers"):
        served(cluster, plural)
    objects = [document for document in documents(folder) if document["kind"] != "Namespace"]
    for document in objects:
        document["metadata"]["namespace"] = namespace
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})

    def applied() -> Any:
        cluster.kubectl("apply", "--server-side", "-f", "-", input=manifest)
        name = center(folder)["metadata"]["name"]
        return json.loads(cluster.kubectl("get", "contactcenter", name, "-n", namespace, "-o", "json"))

    first = applied()
    assert missing(center(folder)["spec"], first["spec"]) == []
    # The API server itself writes a new custom resource once more at the first repetition, with the same content.
    second, third = applied(), applied()
    assert first["metadata"]["generation"] == third["metadata"]["generation"], "the same file is no new generation"
    assert second["metadata"]["resourceVersion"] == third["metadata"]["resourceVersion"]


def served(cluster: Cluster, plural: str) -> None:
    """Returns once the API server serves the kind: `kubectl wait` fails on a CRD that has no conditions at all yet."""
    for _ in range(100):
        with contextlib.suppress(KubectlError):
            cluster.kubectl("wait", "--for=condition=Established", f"crd/{plural}.trunkline.dev", "--timeout=30s")
            return
    raise AssertionError(f"{plural} are not served")


INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/12345678-1234-1234-1234-123456789012"
ID = "12345678-1234-1234-1234-1234567890ab"
ARNS = {
    "queue": f"{INSTANCE}/queue/{ID}",
    "hours": f"{INSTANCE}/operating-hours/{ID}",
    "flow": f"{INSTANCE}/contact-flow/{ID}",
    "module": f"{INSTANCE}/flow-module/{ID}",
    "function": "arn:aws:lambda:us-east-1:123456789012:function:acme-function:live",
}


class Instance:
    """An instance that has whatever a flow names; its modules declare no contract."""

    def exists(self, kind: Kind, value: str) -> bool:
        del kind
        return value in ARNS.values()

    def invokable(self, function_arn: str) -> bool:
        return function_arn == ARNS["function"]

    def contract(self, module: str) -> Contract | None:
        del module
        return read_contract(None)


def linked(flow: dict[str, Any]) -> str:
    """The flow with an ARN in place of each reference."""
    return re.sub(r"trunkline:([a-z-]+)/[A-Za-z0-9._-]+", lambda found: ARNS[found[1]], json.dumps(flow))


FOLDERS_WITH_FLOWS = (EXAMPLES / "high-volume", EXAMPLES / "minimal")
FLOWS = [
    pytest.param(flow, next(e.get("type", MODULE) for e in center(folder)["spec"][section] if e["name"] == name), id=f"{folder.name}-{name}")
    for folder in FOLDERS_WITH_FLOWS
    for section in ("flows", "flowModules")
    for name, flow in contents(folder, section).items()
]  # fmt: skip


@pytest.mark.parametrize(("flow", "flow_type"), FLOWS)
def test_the_service_would_publish_it(flow: dict[str, Any], flow_type: str) -> None:
    own = read_contract(None) if flow_type == MODULE else None

    assert problems(linked(flow), flow_type, Instance(), own) == []


@pytest.mark.parametrize(("flow", "flow_type"), FLOWS)
def test_the_operator_has_no_doubts_about_it(flow: dict[str, Any], flow_type: str) -> None:
    is_module = flow_type == MODULE
    read = flows.parse(flow, flows.Kind.MODULE if is_module else flows.Kind.FLOW)

    found = flows.lint(
        read,
        flows.MODULE if is_module else flow_type,
        own=flows.contract(None) if is_module else None,
        contracts={name: flows.contract(None) for name in MODULE_NAMES},
    )

    assert [str(problem) for problem in found] == [], "warnings count: an example has none"


@pytest.mark.parametrize("folder", FOLDERS_WITH_FLOWS, ids=lambda folder: folder.name)
def test_its_flows_name_what_the_center_has(folder: Path) -> None:
    spec = center(folder)["spec"]
    names = {
        kind: set(by_name(spec.get(section, [])))
        for kind, section in {
            "queue": "queues",
            "hours": "hoursOfOperation",
            "function": "functions",
            "flow": "flows",
            "module": "flowModules",
        }.items()
    }
    modules = {name: flows.parse(c, flows.Kind.MODULE) for name, c in contents(folder, "flowModules").items()}
    read = [*modules.values(), *(flows.parse(content) for content in contents(folder, "flows").values())]

    assert [str(problem) for flow in read for problem in flows.check_references(flow, names)] == []
    assert flows.module_cycles(modules) == ()
