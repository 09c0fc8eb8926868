"""`trunkline plan` as somebody types it: which files it takes, what it prints, what its exit code says.

AWS is not reached: a plan that cannot ask AWS says so, and what is wrong with the files is said before.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from trunkline import planning
from trunkline.planning import plan_files
from trunkline.settings import Settings

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "high-volume"


def test_a_folder_is_taken_as_kubectl_takes_it(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.json", "notes.md", "d.yaml~"):
        (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    expanded = [path.name for path in planning._expanded([tmp_path, Path("-"), EXAMPLE / "20-contactcenter.yaml"])]
    assert expanded == ["a.yml", "b.yaml", "c.json", "-", "20-contactcenter.yaml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "no ContactCenter in", id="no center"),
        pytest.param("a: [\n", "center.yaml", id="not YAML"),
    ],
)
def test_files_without_a_plan_are_an_error(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "center.yaml"
    file.write_text(text)
    assert plan_files([tmp_path], Settings(), "text", io.StringIO()) == 1
    assert said in capsys.readouterr().err


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan_files([tmp_path / "none.yaml"], Settings(), "text", io.StringIO()) == 1
    assert "none.yaml" in capsys.readouterr().err
