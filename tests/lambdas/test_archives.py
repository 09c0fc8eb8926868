"""Archives of the builtin functions: the same bytes everywhere, and they run when unpacked."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.lambdas.events import call
from trunkline.aws.archives import MissingSourcesError, builtin_archives, sources_root
from trunkline.blueprints.builtins import BUILTINS

LAMBDAS = Path(__file__).resolve().parents[2] / "lambdas"
HASHES = """
import json, os, sys
from pathlib import Path
from trunkline.aws.archives import builtin_archives
os.umask(int(sys.argv[2], 8))
print(json.dumps({name: archive.sha256_base64 for name, archive in builtin_archives(Path(sys.argv[1])).items()}))
"""


def hashes(root: Path, *, umask: str = "022", seed: str = "0", zone: str = "UTC") -> dict[str, str]:
    run = subprocess.run(
        [sys.executable, "-c", HASHES, str(root), umask],
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, str] = json.loads(run.stdout)
    return result


def test_the_same_sources_make_the_same_bytes(tmp_path: Path) -> None:
    elsewhere = tmp_path / "another checkout"
    shutil.copytree(LAMBDAS, elsewhere, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile)
    for number, path in enumerate(sorted(elsewhere.rglob("*.py"), reverse=True)):
        path.chmod(0o600 if number % 2 else 0o755)
        os.utime(path, (1_000_000_000 + number, 1_000_000_000 + number))
    (elsewhere / "customer_lookup" / "__pycache__").mkdir()
    (elsewhere / "customer_lookup" / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"\0" * 64)
    (elsewhere / "shared" / "notes.txt").write_text("an editor was here")

    here = {name: archive.sha256_base64 for name, archive in builtin_archives(LAMBDAS).items()}
    assert hashes(elsewhere, umask="077", seed="4711", zone="Pacific/Auckland") == here
    assert hashes(LAMBDAS, umask="000", seed="1") == here


def test_another_source_makes_another_hash(tmp_path: Path) -> None:
    elsewhere = tmp_path / "lambdas"
    shutil.copytree(LAMBDAS, elsewhere)
    with (elsewhere / "customer_lookup" / "app.py").open("a") as source:
        source.write("# changed\n")

    here, there = builtin_archives(LAMBDAS), builtin_archives(elsewhere)
    changed = {name for name in here if here[name].sha256_base64 != there[name].sha256_base64}
    assert changed == {"customer-lookup"}, "a function is deployed anew only if its own or the shared sources changed"


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_the_hash_is_the_one_that_lambda_shows(name: str) -> None:
    archive = builtin_archives(LAMBDAS)[name]
    content = archive.read()

    assert archive.sha256_base64 == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert len(content) < 512 * 1024
    assert repr(content[:8]) not in repr(archive), "an archive is printed without its bytes"


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_an_archive_holds_its_function_and_what_is_shared(name: str) -> None:
    archive = builtin_archives(LAMBDAS)[name]
    with zipfile.ZipFile(io.BytesIO(archive.read())) as unpacked:
        members = unpacked.infolist()

    assert {Path(member.filename).parts[0] for member in members} == {BUILTINS[name].package, "shared"}
    assert [member.filename for member in members] == sorted(member.filename for member in members)
    for member in members:
        assert member.filename.endswith(".py")
        assert member.compress_type == zipfile.ZIP_STORED, "a compressed member depends on the version of zlib"
        assert member.external_attr >> 16 & 0o777 == 0o644, "Lambda's user must be able to read it"


RUN = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, name = sys.argv[2].rsplit(".", 1)  # as the runtime interface client does
answer = getattr(importlib.import_module(module), name)(json.loads(sys.argv[3]), None)
print(json.dumps({"answer": answer, "operator": "trunkline" in sys.modules}))
"""


@pytest.mark.parametrize(
    ("name", "event", "expected"),
    [
        pytest.param("customer-lookup", call("anonymous"), {"Found": "false", "Degraded": "false"}, id="customer-lookup"),
        pytest.param("call-routing", call(Queue_sales="arn:sales"), {"Queue": "sales", "QueueArn": "arn:sales"}, id="call-routing"),
    ],
)  # fmt: skip
def test_an_unpacked_function_runs_in_a_clean_process(
    name: str, event: object, expected: dict[str, str], tmp_path: Path
) -> None:
    archive = builtin_archives(LAMBDAS)[name]
    with zipfile.ZipFile(io.BytesIO(archive.read())) as packed:
        packed.extractall(tmp_path)

    run = subprocess.run(
        [sys.executable, "-I", "-c", RUN, str(tmp_path), archive.handler, json.dumps(event)],
        env={"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "TABLE": "acme-customers"},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr
    log, result = (json.loads(line) for line in run.stdout.splitlines())
    assert log["function"] == name
    assert result["answer"] | expected == result["answer"]
    assert not result["operator"], "a function imports nothing of the operator"


def test_every_folder_with_a_handler_is_a_builtin_and_the_other_way_round() -> None:
    folders = {path.parent.name for path in LAMBDAS.glob("*/app.py")}

    assert {function.package for function in BUILTINS.values()} == folders
    assert set(builtin_archives(LAMBDAS)) == set(BUILTINS)


def test_missing_sources_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingSourcesError, match=r"call-routing.*call_routing/app\.py is missing"):
        builtin_archives(tmp_path)


def test_a_checkout_brings_its_sources() -> None:
    assert sources_root() == LAMBDAS


def test_a_builtin_says_which_variables_are_missing() -> None:
    lookup = BUILTINS["customer-lookup"]

    assert [variable.name for variable in lookup.missing({})] == ["TABLE"]
    assert lookup.missing({"TABLE": "customers"}) == ()
