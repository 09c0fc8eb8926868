"""Which files `trunkline plan -f` takes where it is given a folder."""

from __future__ import annotations

from pathlib import Path

from trunkline.api.manifest import expanded

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "high-volume"


def test_a_folder_is_taken_as_kubectl_takes_it(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.json", "notes.md", "d.yaml~"):
        (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    names = [path.name for path in expanded([tmp_path, Path("-"), EXAMPLE / "20-contactcenter.yaml"])]
    assert names == ["a.yml", "b.yaml", "c.json", "-", "20-contactcenter.yaml"]
