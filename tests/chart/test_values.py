"""What is generated of the charts: current, complete, and refused where a value is not described."""

from __future__ import annotations

import json
import tomllib

import pytest
import yaml
from tools.chart import ValuesError, differing, values
from tools.chart.schema import schema

from tests.chart.helm import CHART, CRDS_CHART, ROOT
from trunkline.aws.gate import LAST_SECONDS
from trunkline.runtime.config import LeaseConfig, RuntimeConfig
from trunkline.runtime.lease import RELEASES
from trunkline.runtime.operator import CANCELLED_SECONDS

VALUES = """
# How many.
# @schema {"minimum": 1}
replicas: 2
image:
  # Where it is, `a | b`.
  repository: here
# Whatever is wanted.
# @schema {"additionalProperties": {"type": "string"}}
labels:
  known: "yes"
"""


def test_what_is_committed_is_what_would_be_generated() -> None:
    assert differing(ROOT) == [], "run `make generate`"


def test_a_schema_takes_what_is_described_and_refuses_the_rest() -> None:
    made = json.loads(schema(values(VALUES), "title"))
    assert made["additionalProperties"] is False
    properties = made["properties"]
    assert properties["replicas"] == {"description": "How many.", "type": "integer", "minimum": 1}
    assert properties["image"]["additionalProperties"] is False
    assert properties["labels"]["additionalProperties"] == {"type": "string"}
    assert properties["labels"]["properties"] == {}, "an open mapping's defaults can be taken away"
    assert "global" in properties


def test_leaves_are_what_a_user_sets() -> None:
    found = {".".join(leaf.path): leaf.default for value in values(VALUES) for leaf in value.leaves()}
    assert found == {"replicas": 2, "image.repository": "here", "labels": {"known": "yes"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: 1\n", "values.yaml:1: a has no description", id="no description"),
        pytest.param(
            "# Said.\n# @schema {oops}\na: 1\n", "values.yaml:2: @schema is not followed by JSON", id="no JSON"
        ),
        pytest.param("[]", "is no mapping", id="no mapping"),
    ],
)
def test_a_value_that_is_not_described_is_named(text: str, message: str) -> None:
    with pytest.raises(ValuesError, match=message):
        values(text)


def test_versions_are_those_of_the_operator() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for chart in (CHART, CRDS_CHART):
        said = yaml.safe_load((chart / "Chart.yaml").read_text())
        assert said["appVersion"] == project, chart
    main = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert main["dependencies"][0]["version"] == yaml.safe_load((CRDS_CHART / "Chart.yaml").read_text())["version"]


def test_the_end_may_take_as_long_as_it_can_take() -> None:
    """Passes in flight, what is cancelled, the Lease, then the watch; calls to AWS meanwhile. After that the process must
    still come to its own end: who is killed has not closed what it serves.
    """
    config = RuntimeConfig()
    lease = RELEASES * 2 * LeaseConfig("here").retry  # each try writes and reads
    end = config.grace + CANCELLED_SECONDS + lease + config.grace / 4
    given = yaml.safe_load((CHART / "values.yaml").read_text())["terminationGracePeriodSeconds"]
    least = json.loads((CHART / "values.schema.json").read_text())["properties"]["terminationGracePeriodSeconds"][
        "minimum"
    ]
    assert given >= least > max(end, LAST_SECONDS) + 5.0
