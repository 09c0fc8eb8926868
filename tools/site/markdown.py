"""What of a Markdown page matters to others: its headings, its links, its fenced blocks. Reads text, no files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent> *)(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
_HEADING = re.compile(r"^(#{1,6}) +(?P<text>.+?)(?: +#+)?$")
_LINK = re.compile(r"(?P<before>!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()(?P<target>[^()\s]+)(?P<after>(?: \"[^\"]*\")?\))")
_CODE = re.compile(r"(?P<marks>`+)(?!`).+?(?<!`)(?P=marks)(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. line: of its first line of text, from 1. info: the word after the fence."""

    line: int
    info: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link or picture as it is written. line: from 1."""

    line: int
    target: str


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, without the indentation that they stand in."""
    fence = None
    info, indent, start, found = "", 0, 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        match = _FENCE.match(line)
        if fence is None and match:
            fence, info, indent = match["marks"], match["info"].strip(), len(match["indent"])
            start, found = number + 1, []
        elif fence is not None and match and match["marks"].startswith(fence) and not match["info"].strip():
            yield Block(start, info, "".join(f"{item}\n" for item in found))
            fence = None
        elif fence is not None:
            found.append(line[indent:] if line[:indent].isspace() else line)


def links(text: str) -> Iterator[Link]:
    """The links of a page, those in code left out."""
    for number, line in _prose(text):
        for match in _LINK.finditer(_CODE.sub(lambda code: " " * len(code[0]), line)):
            yield Link(number, match["target"])


def spoken(text: str) -> Iterator[tuple[int, str]]:
    """What stands in backquotes in running text, and its line."""
    for number, line in _prose(text):
        for match in _CODE.finditer(line):
            yield number, match[0].strip("`")


def anchors(text: str) -> set[str]:
    """What a link may name after `#`, as GitHub makes it of headings."""
    return {name for _, name in _headings(text)}


def identified(text: str) -> str:
    """The page with GitHub's anchors written at its headings, so that a site has the same ones."""
    lines = text.splitlines(keepends=True)
    for number, name in _headings(text):
        line = lines[number - 1].rstrip("\n")
        lines[number - 1] = f"{line} {{#{name}}}\n"
    return "".join(lines)


def _headings(text: str) -> Iterator[tuple[int, str]]:
    """Line and anchor (https://docs.github.com/en/get-started/writing-on-github: section links)."""
    found: set[str] = set()
    for line_number, line in _prose(text):
        if not (match := _HEADING.match(line)):
            continue
        slug = _slug(match["text"])
        name, number = slug, 0
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
        yield line_number, name


def relinked(text: str, to: dict[str, str]) -> str:
    """The page with other targets; those that `to` does not name stay."""
    lines = text.splitlines(keepends=True)
    for number, line in _prose(text):
        ends = lines[number - 1][len(line) :]
        lines[number - 1] = _replaced(line, to) + ends
    return "".join(lines)


def _replaced(line: str, to: dict[str, str]) -> str:
    hidden = _CODE.sub(lambda code: " " * len(code[0]), line)
    for match in reversed(list(_LINK.finditer(hidden))):
        start, end = match.span("target")
        line = line[:start] + to.get(line[start:end], line[start:end]) + line[end:]
    return line


def _prose(text: str) -> Iterator[tuple[int, str]]:
    fence = None
    for number, line in enumerate(text.splitlines(), 1):
        match = _FENCE.match(line)
        if fence is None and match:
            fence = match["marks"]
        elif fence is not None and match and match["marks"].startswith(fence) and not match["info"].strip():
            fence = None
        elif fence is None:
            yield number, line


def _slug(heading: str) -> str:
    shown = re.sub(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", shown.strip().lower()).replace(" ", "-")
