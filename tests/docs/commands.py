"""The commands of a page, one by one, as a shell would take them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from tools.site.links import pages
from tools.site.markdown import spoken

from tests.docs.pages import ROOT, Shown

PROGRAMS = ("trunkline", "trunkline-sandbox", "kubectl", "helm", "aws", "make", "curl", "git", "docker")
"""Whoever begins a line with one of these gives a command."""
_ENDS = frozenset({"|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1"})


@dataclass(frozen=True, slots=True)
class Command:
    """A complete command of one or more lines. place: `docs/install.md:30`."""

    page: str
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def commands(block: Shown) -> Iterator[Command]:
    """Those of a block of shell. Raises AssertionError where the block is no shell."""
    pending: list[str] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        pending.append(line)
        text = "\n".join(pending)
        if not text.strip():
            pending = []
        elif _complete(text):
            yield Command(block.page, number - len(pending) + 1, text)
            pending = []
    assert not pending, f"{block.place}: the shell does not take this: {pending}"


def mentioned() -> Iterator[Command]:
    """Commands with flags in running text."""
    for path in pages(ROOT):
        for line, text in spoken(path.read_text(encoding="utf-8")):
            if text.split(" ")[0] in PROGRAMS and " --" in text:
                yield Command(str(path.relative_to(ROOT)), line, text)


def _complete(text: str) -> bool:
    if text.endswith("\\"):
        return False
    if not re.search(r"['\"(<]|\b(for|if|while)\b", text):
        return True  # nothing that could be open
    return subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False).returncode == 0


def words(text: str) -> list[str]:
    """The words of the first program, without variables before it and what follows a pipe or redirection."""
    found: list[str] = []
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    for word in lexer:
        if word in _ENDS:
            break
        if found or not re.fullmatch(r"[A-Z_]+=.*", word, re.DOTALL):
            found.append(word)
    return found
