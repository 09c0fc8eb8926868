"""Lambda's Python takes the bytecode as it is: reading source is most of a cold start, and happens in every one."""

from __future__ import annotations

import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from tools.lambdas import TARGET, built_names
from tools.lambdas.build import SOURCES

# Imports the handler as the runtime client does. Compiling a source of ours raises: it has to come from its bytecode.
IMPORT = """
import importlib, sys
from importlib.machinery import SourceFileLoader

root, module = sys.argv[1:]
compile_source = SourceFileLoader.source_to_code

def source_to_code(self, data, path, *rest, **options):
    if str(path).startswith(root):
        raise SystemExit(f"compiled {path}")
    return compile_source(self, data, path, *rest, **options)

SourceFileLoader.source_to_code = source_to_code
sys.path.insert(0, root)
importlib.import_module(module)
assert callable(sys.modules[module].handler)
print(*sorted(name for name in sys.modules if name.startswith("trunkline")))
"""


def imported(python: Path, root: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-I", "-B", "-c", IMPORT, str(root), f"{built_names(SOURCES)[name]}.app"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", sorted(built_names(SOURCES)))
def test_importing_compiles_nothing(lambda_python: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(TARGET / f"{name}.zip") as archive:
        archive.extractall(tmp_path)
    done = imported(lambda_python, tmp_path, name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", "a function imports nothing of the operator"


def test_without_bytecode_the_check_above_would_fail(lambda_python: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(TARGET / "customer-lookup.zip") as archive:
        archive.extractall(tmp_path, [name for name in archive.namelist() if not name.endswith(".pyc")])
    done = imported(lambda_python, tmp_path, "customer-lookup")
    assert done.stderr.startswith("compiled "), done.stderr


def test_bytecode_is_not_compared_with_a_source_that_a_zip_makes_newer(lambda_python: Path, tmp_path: Path) -> None:
    """Unchecked hashes (PEP 552): the flags say 0b01 after the magic number."""
    with zipfile.ZipFile(TARGET / "customer-lookup.zip") as archive:
        data = archive.read("customer_lookup/__pycache__/app.cpython-313.pyc")
        archive.extractall(tmp_path)
    assert int.from_bytes(data[4:8], "little") == 0b01
    assert b"/var/task/customer_lookup/app.py" in data, "where Lambda puts it, not the folder that it was built in"
    for path in tmp_path.rglob("*.py"):
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        path.write_bytes(path.read_bytes() + b"\n# unpacked later\n")
    assert imported(lambda_python, tmp_path, "customer-lookup").returncode == 0
