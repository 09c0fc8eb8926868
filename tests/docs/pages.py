"""The pages that people read, and their fenced blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.site.links import pages
from tools.site.markdown import blocks

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Shown:
    """A block of a page. place: `docs/install.md:9`, the line of its first line of text."""

    page: str
    line: int
    info: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def shown(*infos: str) -> Iterator[Shown]:
    """The blocks of these languages, page after page."""
    for path in pages(ROOT):
        for block in blocks(path.read_text(encoding="utf-8")):
            if block.info in infos:
                yield Shown(str(path.relative_to(ROOT)), block.line, block.info, block.text)
