"""docs/cli.md: every command and flag of `trunkline`, from the parser itself.

Not argparse's own help: its form differs between versions of Python and widths of the terminal.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from trunkline.cli import parser

PATH = "docs/cli.md"
_HEADER = """# Command line

Every command and flag of `trunkline`, written by `make generate` from the parser; `--help` after a command says the same.
"""


def generated() -> Mapping[str, str]:
    """The page by its path in the repository."""
    lines = [_HEADER]
    for names, command, said in _commands(parser(), ()):
        lines += _section(names, command, said)
    return {PATH: "\n".join(lines)}


def _commands(
    found: argparse.ArgumentParser, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser, str]]:
    for action in found._actions:  # noqa: SLF001  # argparse has no other way to look at a parser
        if not isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            continue
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
        for name, command in action.choices.items():
            if name not in helps:
                continue  # not meant to be typed
            below = tuple(_commands(command, (*names, name)))
            if not below:
                yield (*names, name), command, helps[name]
            yield from below


def _section(names: tuple[str, ...], command: argparse.ArgumentParser, said: str) -> list[str]:
    lines = [f"## trunkline {' '.join(names)}", "", _sentence(command.description or said), ""]
    rows = [row for action in command._actions if (row := _row(action))]  # noqa: SLF001
    if rows:
        lines += ["| argument | meaning |", "|---|---|", *rows, ""]
    return lines


def _row(action: argparse.Action) -> str:
    if action.help == argparse.SUPPRESS or isinstance(action, argparse._HelpAction):  # noqa: SLF001
        return ""
    name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    value = _value(action) if action.option_strings else ""
    said = (action.help or "") % {"default": action.default, "prog": "trunkline"}
    must = " Must be given." if action.required and action.option_strings else ""
    return f"| `{name}{value}` | {_escaped(_sentence(said))}{must} |"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, str):
        return f" {action.metavar}"
    if action.choices is not None:
        return f" {{{','.join(str(choice) for choice in action.choices)}}}"
    return f" {action.dest.upper()}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    ended = text if not text or text.endswith(".") else f"{text}."
    return ended[:1].upper() + ended[1:]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
