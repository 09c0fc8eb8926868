"""`trunkline-sandbox`: dispatch to commands that are imported only when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trunkline_sandbox.cli import Command, main

GOOD = """
def add_arguments(parser):
    parser.add_argument("--times", type=int, default=1)

def run(args):
    print("ran", args.times)
    return 7
"""


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Command, ...]:
    (tmp_path / "good_command.py").write_text(GOOD)
    (tmp_path / "needy_command.py").write_text("import a_package_that_is_not_there\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return (
        Command("good", "good_command", "works"),
        Command("absent", "trunkline_sandbox.absent.command", "is in no file"),
        Command("needy", "needy_command", "lacks a package"),
    )


def test_a_command_gets_its_arguments_and_gives_the_exit_code(
    commands: tuple[Command, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["good", "--times", "3"], commands) == 7
    assert capsys.readouterr().out == "ran 3\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param("absent", "has no `absent` command", id="the command itself is missing"),
        pytest.param(
            "needy",
            "needs a_package_that_is_not_there, which is not installed: pip install 'trunkline[sandbox]'",
            id="something that it imports is missing",
        ),
    ],
)
def test_a_command_that_cannot_be_imported_says_what_is_missing(
    commands: tuple[Command, ...], capsys: pytest.CaptureFixture[str], command: str, message: str
) -> None:
    assert main([command], commands) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [pytest.param([], id="nothing"), pytest.param(["claster"], id="a typing error")])
def test_without_a_command_the_commands_are_named(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_help_lists_all_commands_and_imports_none_of_them() -> None:
    code = (
        "import sys; from trunkline_sandbox.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print([name for name in sys.modules if 'command' in name or 'moto' in name or 'crypto' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in ("demo", "aws", "cluster", "kubectl"):
        assert f"    {command} " in done.stdout
    assert done.stdout.endswith("[]\n")
