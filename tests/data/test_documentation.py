"""docs/data.md says of tables and access patterns what the code says."""

from __future__ import annotations

from pathlib import Path

from trunkline.data.functions import ENTITIES, PATTERNS, entities

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "data.md"


def rows(head: str) -> list[tuple[str, ...]]:
    """The table below this head."""
    lines = DOCUMENT.read_text().splitlines()
    start = lines.index(head) + 2
    end = next(n for n in range(start, len(lines) + 1) if n == len(lines) or not lines[n].startswith("|"))
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[start:end]]


def test_every_kind_of_item_is_documented() -> None:
    written = []
    for entity in ENTITIES:
        must_have = ", ".join((*entity.required, *([entities.EXPIRES_AT] if entity.expires else [])))
        sk = f"`{entity.sk}…`" if entity.sk_follows else f"`{entity.sk}`"
        written.append((entity.type, entity.table, f"`{entity.pk}…`", sk, must_have))

    assert rows("| Type | table | partition key | sort key | must have |") == written


def test_every_access_pattern_is_documented() -> None:
    assert rows("| access pattern | table | operation | index |") == [
        (one.name, one.table, f"{one.operation}, strong" if one.consistent else one.operation, one.on_index)
        for one in PATTERNS
    ]
