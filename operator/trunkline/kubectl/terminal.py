"""Where the output goes: how wide it is, whether it shows colors, which characters it has. And text that fits there."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

COLUMNS = 80
_LINES = "├─ └─ │…"
_PAINT = re.compile(r"(\x1b\[(?:[012]|3[123])(?:;(?:[12]|3[123]))*m)")  # what `paint` writes, and nothing else


class Color(Enum):
    """SGR parameters (ECMA-48)."""

    GREEN = "32"
    YELLOW = "33"
    RED = "31"
    BOLD = "1"
    FAINT = "2"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal, or what stands for one. columns: never less than 80."""

    columns: int = COLUMNS
    colors: bool = False
    lines: bool = True

    @classmethod
    def of(cls, out: TextIO, environ: Mapping[str, str]) -> Terminal:
        """The one behind a stream. No colors but on a terminal, and none where NO_COLOR holds anything (no-color.org)."""
        columns, tty = COLUMNS, out.isatty()
        if tty:
            try:
                columns = max(COLUMNS, os.get_terminal_size(out.fileno()).columns)
            except (OSError, ValueError):
                columns = COLUMNS
        colors = tty and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        return cls(columns, colors, _writes(out, _LINES))

    def paint(self, text: str, *colors: Color) -> str:
        """Colored where there are colors. Only for text whose width is not asked for any more."""
        if not self.colors or not colors or not text:
            return text
        return f"\x1b[{';'.join(color.value for color in colors)}m{text}\x1b[0m"

    def wrapped(self, text: str, indent: str, following: str | None = None) -> list[str]:
        """Text in lines that fit; a word that is longer than a line is broken."""
        return textwrap.wrap(
            plain(text),
            max(self.columns, len(indent) + 20),
            initial_indent=indent,
            subsequent_indent=indent if following is None else following,
            break_on_hyphens=False,
        )

    def clipped(self, text: str, width: int) -> str:
        """At most so wide, with a mark in the middle where something is missing: ids differ at their end."""
        text = plain(text)
        if len(text) <= width:
            return text
        mark = "…" if self.lines else "~"
        tail = (width - 1) // 2
        return text[: width - 1 - tail] + mark + (text[-tail:] if tail else "")

    def command(self, text: str, indent: str) -> list[str]:
        """A command as one line, or continued as a shell takes it."""
        lines, line = [], indent
        for word in re.findall(r"-n \S+|\S+", text):
            if line.strip() and len(line) + 1 + len(word) > self.columns - 2:
                lines.append(f"{line} \\")
                line = f"{indent}  {word}"
            else:
                line += word if not line.strip() else f" {word}"
        return [*lines, line]


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of a tree: lines, the first of which stands beside the branch, and what hangs on it. color: of its first line."""

    lines: Sequence[str]
    below: Sequence[Branch] = ()
    color: Color | None = None


def tree(branches: Sequence[Branch], terminal: Terminal, indent: str = "") -> Iterator[str]:
    """The lines of branches. Lines must fit already: each level takes three columns (`room`)."""
    if terminal.lines:
        fork, end, trunk = "├─ ", "└─ ", "│  "
    else:
        fork, end, trunk = "|- ", "`- ", "|  "
    for number, branch in enumerate(branches, start=1):
        last = number == len(branches)
        first, *others = branch.lines
        shown = terminal.paint(first, branch.color) if branch.color is not None else first
        yield f"{indent}{end if last else fork}{shown}".rstrip()
        following = indent + ("   " if last else trunk)
        inner = f"{following}{trunk}" if branch.below else f"{following}  "
        yield from (f"{inner}{line}".rstrip() for line in others)
        yield from tree(branch.below, terminal, following)


def room(terminal: Terminal, level: int) -> Terminal:
    """What is left of the width for lines of a branch at this level, from 1."""
    return Terminal(terminal.columns - 3 * (level + 1), terminal.colors, terminal.lines)


def table(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Columns aligned with two spaces between them; those of `right` to the right. The last one is not padded."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def plain(text: str) -> str:
    """One line without control characters: a message of a server must not move the cursor."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def harmless(line: str) -> str:
    """A line as it may be printed: with our own colors, and a space for each other control character. Whatever stands in an
    object or an answer, a reason or a name too, must not move the cursor, hide a line or set the window's title.
    """
    return "".join(
        part if _PAINT.fullmatch(part) else "".join(letter if letter.isprintable() else " " for letter in part)
        for part in _PAINT.split(line)
    )


class Harmless:
    """A stream whose text is `harmless`, for what is written by others than these commands. A sequence of colors has to be
    written at once.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Answers how many letters it was given."""
        self._out.write("\n".join(harmless(line) for line in text.split("\n")))
        return len(text)

    def flush(self) -> None:
        """Whatever is behind it."""
        self._out.flush()


def _writes(out: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(out, "encoding", None) or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
