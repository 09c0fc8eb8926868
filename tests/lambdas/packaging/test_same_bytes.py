"""Two machines build the same bytes: else every new one of them would deploy every function of every center anew."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools.lambdas import SOURCES, TARGET
from tools.lambdas.digests import code_sha256, differences, digests

from tests.lambdas.packaging.conftest import Builder

CHECKOUT = SOURCES.parent
BUILD = """
import os, sys
os.umask(int(sys.argv[1], 8))
from tools.lambdas.__main__ import main
sys.exit(main(["--sources", sys.argv[2], "--target", sys.argv[3], "--write"]))
"""


def built_elsewhere(sources: Path, target: Path, *, umask: str, environment: dict[str, str]) -> dict[str, str]:
    """The digests that a process of its own writes beside `sources`."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, umask, str(sources), str(target)],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads((sources / "digests.json").read_text())["codeSha256"]
    return found


@pytest.mark.parametrize(
    ("umask", "environment"),
    [
        pytest.param("077", {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland"}, id="umask-and-zone"),
        pytest.param("000", {"PYTHONHASHSEED": "1", "LC_ALL": "C", "LANG": "C"}, id="locale", marks=pytest.mark.sweep),
        pytest.param(
            "022", {"PYTHONOPTIMIZE": "2", "PYTHONDONTWRITEBYTECODE": "1"}, id="python-options", marks=pytest.mark.sweep
        ),
        pytest.param(
            "022",
            {"PYTHONPYCACHEPREFIX": "/nonexistent", "SOURCE_DATE_EPOCH": "1"},
            id="build-variables",
            marks=pytest.mark.sweep,
        ),
    ],
)
def test_neither_place_nor_environment_shows(
    checkout: Path, built: Builder, tmp_path: Path, umask: str, environment: dict[str, str]
) -> None:
    here = {name: code_sha256(data) for name, data in built(checkout).items()}
    elsewhere = tmp_path / "eine andere Prüfung" / "λ"
    shutil.copytree(checkout, elsewhere, copy_function=shutil.copyfile)
    for number, path in enumerate(sorted(elsewhere.rglob("*.py"), reverse=True)):
        path.chmod(0o600 if number % 2 else 0o755)
        os.utime(path, (1_000_000_000 + number, 1_000_000_000 + number))
    assert built_elsewhere(elsewhere, tmp_path / "there", umask=umask, environment=environment) == here


def test_leftovers_do_not_show(checkout: Path, built: Builder) -> None:
    before = built(checkout)
    (checkout / "customer_lookup" / "__pycache__").mkdir()
    (checkout / "customer_lookup" / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"\0" * 64)
    (checkout / "shared" / "notes.txt").write_text("an editor was here")
    (checkout / "shared" / ".keys.py.swp").write_bytes(b"\0")
    assert built(checkout) == before


@pytest.mark.parametrize(
    ("importing", "changes"),
    [
        pytest.param("from shared.snapshot import Snapshot", True, id="from-module"),
        pytest.param("from shared import snapshot", True, id="from-package", marks=pytest.mark.sweep),
        pytest.param("import shared.snapshot", True, id="module", marks=pytest.mark.sweep),
        pytest.param("def late():\n    from shared import snapshot", True, id="inside-a-function"),
        pytest.param("from shared import between", True, id="through-another"),
        pytest.param("if TYPE_CHECKING:\n    from shared.snapshot import Snapshot", False, id="type-checkers-only"),
        pytest.param("from shared import keys", False, id="not-at-all"),
    ],
)
def test_only_functions_that_use_a_module_change_with_it(
    tmp_path: Path, built: Builder, importing: str, changes: bool
) -> None:
    """A function whose code has not changed is not deployed anew."""
    root = tmp_path / "lambdas"
    sources = {
        "one/app.py": f"TYPE_CHECKING = False\n{importing}\n",
        "shared/__init__.py": "",
        "shared/keys.py": "",
        "shared/between.py": "from shared.snapshot import Snapshot\n",
        "shared/snapshot.py": "class Snapshot: ...\n",
    }
    for name, text in sources.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    before = built(root)["one"]
    (root / "shared/snapshot.py").write_text("class Snapshot:\n    new = True\n")
    assert (built(root)["one"] != before) is changes


def test_every_function_changes_with_what_all_use(checkout: Path, built: Builder) -> None:
    before = built(checkout)
    with (checkout / "shared" / "invocation.py").open("a") as source:
        source.write("# changed\n")
    after = built(checkout)
    assert all(before[name] != after[name] for name in before)


def test_a_function_that_is_gone_leaves_no_zip(checkout: Path, built: Builder, tmp_path: Path) -> None:
    built(checkout)
    shutil.rmtree(checkout / "call_disposition")
    assert "call-disposition" not in built(checkout)
    assert not (tmp_path / "built" / "call-disposition.zip").exists()


def test_differences_name_the_function(tmp_path: Path) -> None:
    file = tmp_path / "digests.json"
    file.write_text(digests({"one": b"1", "two": b"2", "three": b"3"}))
    assert list(differences({"one": b"1", "two": b"2", "three": b"3"}, file)) == []
    said = list(differences({"one": b"1", "two": b"x", "four": b"4"}, file))
    assert [line.partition(":")[0] for line in said] == ["four", "three", "two"]


def test_zips_of_this_run_are_those_of_the_sources(built: Builder) -> None:
    assert {path.stem: path.read_bytes() for path in TARGET.glob("*.zip")} == built(SOURCES)
