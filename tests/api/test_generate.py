"""What is generated is what is committed, and `--verify` says where it is not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import ROOT
from trunkline.api.generate import differing, main, produced, write
from trunkline.api.reference import generated


def test_what_is_committed_is_what_the_models_say() -> None:
    assert list(differing(produced(), ROOT)) == [], "run `make generate`"


@pytest.mark.sweep  # `make verify` compares what this process would write with what another wrote
def test_two_processes_write_the_same_bytes() -> None:
    program = "from trunkline.api.generate import produced; import hashlib; print(hashlib.sha256(repr(produced()).encode()).hexdigest())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_verify_names_what_differs_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path)]) == 0
    assert main(["--verify", "--root", str(tmp_path)]) == 0
    changed = tmp_path / "crds" / "trunkline.dev_contactcenters.yaml"
    before = changed.read_text()
    changed.write_text(before.replace("shortNames", "shortName", 1))
    (tmp_path / "docs" / "api-reference.md").unlink()
    assert main(["--verify", "--root", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "crds/trunkline.dev_contactcenters.yaml: not what the models say" in said
    assert "docs/api-reference.md: not what the models say" in said
    assert "helm/" not in said
    assert changed.read_text() != before


def test_the_reference_is_written_in_sentences() -> None:
    """A rule's message is written to stand behind a field's path, not between two sentences."""
    rows = [row for row in generated()["docs/api-reference.md"].splitlines() if re.match(r"\| `\w+`.* \| .* \| ", row)]
    assert len(rows) > 200
    for row in rows:
        meaning = row.rsplit(" | ", 1)[1].removesuffix(" |")
        assert meaning.endswith("."), row
        assert not re.search(r"[a-z]\. [a-z]+ ", meaning), row
    alias = next(row for row in rows if row.startswith("| `alias`"))
    assert "Absent: id or centerRef is written. Example: `acme-production`." in alias, "it says Cannot change already"


def test_two_producers_cannot_write_one_file() -> None:
    with pytest.raises(ValueError, match=r"crds/trunkline\.dev_contactcenters\.yaml"):
        produced(["trunkline.api.crd", "trunkline.api.crd"])


def test_files_are_written_where_there_is_no_folder_yet(tmp_path: Path) -> None:
    write({"a/b/c.txt": "x"}, tmp_path)
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "x"
