"""Which files `trunkline plan -f` takes where it is given a folder."""

from __future__ import annotations

from pathlib import Path

from trunkline import planning

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "high-volume"


def test_a_folder_is_taken_as_kubectl_takes_it(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.json", "notes.md", "d.yaml~"):
        (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    expanded = [path.name for path in planning._expanded([tmp_path, Path("-"), EXAMPLE / "20-contactcenter.yaml"])]
    assert expanded == ["a.yml", "b.yaml", "c.json", "-", "20-contactcenter.yaml"]
