"""Every example is taken as it is written: by the parser, by a real API server, and its flows by Amazon Connect's rules."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.examples.manifests import CENTERS, EXAMPLES, center, contents, documents
from trunkline.api.parse import parse_center
from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_action_type import MODULE
from trunkline_sandbox.aws.connect.flow_language import problems
from trunkline_sandbox.aws.connect.flow_module_contract import Contract, read_contract
from trunkline_sandbox.cluster import Cluster

FOLDERS = [pytest.param(path.parent, id=path.parent.name) for path in CENTERS]
CRD = EXAMPLES.parent / "crds" / "trunkline.dev_contactcenters.yaml"


def test_the_examples_are_found() -> None:
    assert {path.parent.name for path in CENTERS} == {"high-volume", "minimal", "existing-instance"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_parser_finds_nothing_wrong(folder: Path) -> None:
    parsed = parse_center(center(folder), report_unknown=True)

    assert not parsed.problems
    assert parsed.center is not None


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
    cluster.kubectl("apply", "--server-side", "-f", str(CRD))
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", str(CRD))
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


FLOWS = [
    pytest.param(flow, next(e.get("type", MODULE) for e in center(folder)["spec"][section] if e["name"] == name), id=f"{folder.name}-{name}")
    for folder in (EXAMPLES / "high-volume", EXAMPLES / "minimal")
    for section in ("flows", "flowModules")
    for name, flow in contents(folder, section).items()
]  # fmt: skip


@pytest.mark.parametrize(("flow", "flow_type"), FLOWS)
def test_the_service_would_publish_it(flow: dict[str, Any], flow_type: str) -> None:
    own = read_contract(None) if flow_type == MODULE else None

    assert problems(linked(flow), flow_type, Instance(), own) == []
