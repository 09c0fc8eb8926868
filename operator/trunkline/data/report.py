"""What `check` and `validate` say, as text for people. Pure; keys are masked here, and nothing else is quoted."""

from __future__ import annotations

from collections.abc import Sequence

from trunkline.api.counted import counted
from trunkline.data.checking import Tried
from trunkline.data.shown import text
from trunkline.data.validating import Findings


def columns(rows: Sequence[Sequence[str]]) -> str:
    """A table; its first row is the head. The last column is as wide as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append("  ".join((*cells, row[-1])).rstrip())
    return "\n".join(lines) + "\n"


def checked(table: str, tried: Sequence[Tried]) -> str:
    """The table of access patterns, and a sum below it."""
    head = ("pattern", "operation", "index", "items", "RCU", "ms", "result")
    rows = [head, *map(_row, tried)]
    failed = sum(1 for one in tried if one.failure)
    told = (
        f"{failed} of {counted(len(tried), 'access pattern')} {'fails' if failed == 1 else 'fail'}"
        if failed
        else _work(len(tried))
    )
    return f"{columns(rows)}{table}: {told}\n"


def _work(patterns: int) -> str:
    return "the access pattern works" if patterns == 1 else f"all {patterns} access patterns work"


def _row(one: Tried) -> tuple[str, ...]:
    pattern = one.pattern
    result = f"FAILED: {one.failure}" if one.failure else "ok"
    return (
        pattern.name,
        pattern.operation + (" (strong)" if pattern.consistent else ""),
        pattern.on_index or "-",
        str(one.items),
        "?" if one.units is None else f"{one.units:g}",
        f"{one.seconds * 1000:.1f}",
        f"{result} ({one.note})" if one.note else result,
    )


def validated(table: str, findings: Findings, percent: int, *, reveal: bool) -> str:
    """How much was read, what is wrong with it and where, and the largest partitions."""
    part = "" if percent >= 100 else f", a sample of {percent} % of the partitions"
    said = [
        f"{table}: {counted(findings.items, 'item')} in {counted(findings.partitions, 'partition')}, {counted(findings.bytes, 'byte')}{part}\n"
    ]
    for fault, count in sorted(findings.counts.items(), key=lambda counted: -counted[1]):
        said.append(f"{count:>8,}  {fault.value}\n")
        for pk, sk, detail in findings.examples[fault]:
            where = " / ".join(text(key, reveal=reveal) for key in (pk, sk) if key)
            said.append(f"          {where}{': ' + text(detail, reveal=reveal) if detail else ''}\n")
    if findings.largest:
        items, size, pk = max(findings.largest)
        said.append(
            f"largest partition: {text(pk, reveal=reveal)}, {counted(items, 'item')}, {counted(size, 'byte')}\n"
        )
    said.append(
        "nothing is wrong\n" if not findings.counts else f"{counted(sum(findings.counts.values()), 'finding')}\n"
    )
    return "".join(said)
