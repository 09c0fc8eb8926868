r"""The regular expressions of AWS's models, for Python.

They are Java's: `\p{L}`, ASCII `\w` and `\d`, full match. Some are published with every backslash doubled or inside
slashes (a slip of AWS's documentation build, plain from `\\P{C}` or `/^...$/`); they are read as they are meant.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
import warnings

_DOUBLED = re.compile(r"\\\\(?=[pPsSdDwW+.])")
_ASCII_CLASS = {"w": "a-zA-Z0-9_", "d": "0-9", "s": r" \t\n\x0b\f\r"}
_NEGATED_CLASS = {
    "W": r"\x00-/:-@\[-\^`{-\U0010ffff",
    "D": r"\x00-/:-\U0010ffff",
    "S": r"\x00-\x08\x0e-\x1f!-\U0010ffff",
}


@functools.cache
def _ranges() -> dict[str, list[tuple[int, int]]]:
    """Code point ranges by the first letter of their Unicode general category."""
    found: dict[str, list[tuple[int, int]]] = {}
    start, letter = 0, unicodedata.category("\x00")[0]
    for point in range(1, sys.maxunicode + 2):
        here = unicodedata.category(chr(point))[0] if point <= sys.maxunicode else ""
        if here != letter:
            found.setdefault(letter, []).append((start, point - 1))
            start, letter = point, here
    return found


@functools.cache
def _property(name: str, *, negated: bool) -> str:
    """A Unicode property as the inside of a character class."""
    if name == "Print":
        return " -~" if not negated else r"\x00-\x1f\x7f-\U0010ffff"
    letters = [letter for letter in _ranges() if (letter == name[0]) != negated]
    ranges = sorted(pair for letter in letters for pair in _ranges()[letter])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


def _translate(pattern: str) -> str:
    parts: list[str] = []
    inside = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\" and position + 1 < len(pattern):
            text, position = _escape(pattern, position, inside=inside)
            parts.append(text)
            # `[\w-_]`: to Java the hyphen after a class is itself, to Python a bad range.
            if inside and pattern[position : position + 1] == "-" and pattern[position + 1 : position + 2] != "]":
                parts.append("\\-")
                position += 1
            continue
        if char == "[" and not inside:
            inside = True
        elif char == "]":
            inside = False
        parts.append(char)
        position += 1
    return "".join(parts)


def _escape(pattern: str, position: int, *, inside: bool) -> tuple[str, int]:
    """One escape at `position`: its translation, and where to go on."""
    kind = pattern[position + 1]
    if kind in "pP" and pattern[position + 2 : position + 3] == "{":
        end = pattern.index("}", position)
        content = _property(pattern[position + 3 : end], negated=kind == "P")
        return (content if inside else f"[{content}]"), end + 1
    content = _ASCII_CLASS.get(kind) or _NEGATED_CLASS.get(kind) or ""
    if content:
        return (content if inside else f"[{content}]"), position + 2
    return pattern[position : position + 2], position + 2


@functools.cache
def compiled(pattern: str) -> re.Pattern[str] | None:
    """A model's pattern, to be used with `fullmatch`. None if nothing can be made of it."""
    text = _DOUBLED.sub(r"\\", pattern)
    if text.startswith("/^") and text.endswith("$/"):
        text = text[1:-1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(_translate(text), re.DOTALL)
    except (re.error, ValueError):
        return None
