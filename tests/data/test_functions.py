"""The commands stand on the functions' own modules, wherever those are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Python with the packages of a folder before all others."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package as the wheel lays it out, with the functions' sources in it."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "operator" / "trunkline", tmp_path / "trunkline", ignore=ignore)
    shutil.copytree(ROOT / "lambdas", tmp_path / "trunkline" / "_lambdas", ignore=ignore)
    return tmp_path


def test_installed_they_are_found_in_the_package(installed: Path) -> None:
    done = run(installed, "from trunkline.data.functions import entities; print(entities.__file__)")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(installed / "trunkline" / "_lambdas"))


def test_without_them_it_is_said_what_to_do(installed: Path) -> None:
    shutil.rmtree(installed / "trunkline" / "_lambdas")

    done = run(installed, "from trunkline.cli import main; raise SystemExit(main(['data', 'check', '--table', 't']))")

    assert done.returncode == 2
    assert "reinstall trunkline" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_package_of_that_name_is_not_taken_for_them(installed: Path) -> None:
    (installed / "shared").mkdir()
    (installed / "shared" / "__init__.py").write_text("")

    done = run(installed, "import shared, trunkline.data.functions")

    assert "is not the functions' own" in done.stderr


def test_help_loads_none_of_it(installed: Path) -> None:
    done = run(installed, "import sys, trunkline.cli; print('shared' in sys.modules, 'botocore' in sys.modules)")

    assert done.stdout.split() == ["False", "False"], done.stderr
