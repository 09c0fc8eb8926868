"""Numbers of things in messages for people: one of them in the singular. Pure."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 resource`, `2 resources`, `1,204 items`. many: the plural, where it is not the singular and an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def are(number: int) -> str:
    """The verb behind so many: `is` or `are`."""
    return "is" if number == 1 else "are"
