"""The figures of one process: `make bench` writes what it says, and what is counted reaches its aim. Nothing by the clock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.__main__ import BENCHMARKS, main, wanted
from benchmarks.figure import AIMS, Figure, percentile, table

IN_PROCESS = ("observe", "create", "converge", "steady", "lambda.zip_mb")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What build/bench.json would hold, by name."""
    path: Path = tmp_path_factory.mktemp("bench") / "build" / "bench.json"
    assert main([*IN_PROCESS, "--output", str(path)]) == 0
    return {item["name"]: item for item in json.loads(path.read_text())}


def test_json_has_one_shape(bench: dict[str, dict[str, object]]) -> None:
    for item in bench.values():
        assert list(item) == ["name", "value", "unit", "baseline", "ratio"]
        assert isinstance(item["value"], int | float)
        assert isinstance(item["unit"], str)
        assert item["baseline"] is None or isinstance(item["baseline"], int | float)
        assert (item["ratio"] is None) is (not item["baseline"])


@pytest.mark.parametrize("name", [name for name in AIMS if name.startswith(IN_PROCESS)])
def test_aim_is_reached(bench: dict[str, dict[str, object]], name: str) -> None:
    value = bench[name]["value"]
    assert isinstance(value, int | float)
    assert value <= AIMS[name] + 1e-9, bench[name]


def test_baselines_are_measured_and_worse(bench: dict[str, dict[str, object]]) -> None:
    """A baseline that costs nothing was not really run."""
    for name in ("observe.calls", "observe.calls_without_content", "converge.throttles"):
        assert isinstance(ratio := bench[name]["ratio"], int | float), bench[name]
        assert ratio < 1, bench[name]


def test_flow_content_that_search_hides_is_read_once(bench: dict[str, dict[str, object]]) -> None:
    assert bench["observe.calls_without_content_first"]["value"] == 12 + 20  # a Describe a flow
    assert bench["observe.calls_without_content"]["value"] == 12


def test_unknown_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--output", str(tmp_path / "bench.json")]) == 2
    assert "no figure is called speed" in capsys.readouterr().err
    assert not (tmp_path / "bench.json").exists()


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        pytest.param("observe.calls_first", ("observe",), id="a figure"),
        pytest.param("objects_1000", ("objects_1000", "apply_to_first_call", "edit_to_first_call"), id="a group"),
        pytest.param("lambda.burst_10000.errors", ("lambda.burst_10000",), id="a figure of one of several"),
        pytest.param("nothing", (), id="none"),
    ],
)
def test_only_the_benchmark_of_a_name_runs(name: str, groups: tuple[str, ...]) -> None:
    assert [each for each in BENCHMARKS if wanted([name], each)] == ([groups] if groups else [])


def test_lambdas_are_all_figures_of_functions() -> None:
    """Each figure with an aim has a benchmark, and one word runs them all."""
    named = {name for name in AIMS if name.startswith("lambda.")}
    groups = [each for each in BENCHMARKS if wanted(["lambdas"], each)]
    assert all(any(name.startswith(group) for (group,) in groups) for name in named)
    assert len(groups) == 5


def test_table_says_which_aims_are_missed() -> None:
    shown = table([Figure("observe.calls", 13, "calls", 62), Figure("create.polls", 30, "calls")])
    assert "MISSED" in shown.splitlines()[1]
    assert "MISSED" not in shown.splitlines()[2]


@pytest.mark.parametrize(
    ("value", "met"),
    [
        pytest.param(97.9, False, id="below"),
        pytest.param(98.6, True, id="between"),
        pytest.param(99.9, False, id="above"),
    ],
)
def test_an_aim_may_be_missed_on_either_side(value: float, met: bool) -> None:
    """Who covers all half hours has asked for too much."""
    figure = Figure("forecast.coverage_percent", value, "%")
    assert figure.met is met
    assert "98 to 99.8" in table([figure])


@pytest.mark.parametrize(
    ("percent", "expected"),
    [pytest.param(50, 50, id="median"), pytest.param(99, 99, id="p99"), pytest.param(100, 100, id="most")],
)
def test_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    assert percentile(range(100, 0, -1), percent) == expected
