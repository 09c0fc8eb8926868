"""Items as people may see them: what could name a caller is masked unless it is asked for. Pure.

Masked is the rule and shown the exception, because nobody knows which attribute somebody adds next: keys, kinds, short
words of ours and plain numbers are shown; text that could be a name, an address or a telephone number is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from trunkline.data.functions import Item, entities, keys

MASK = "•••"
_SHOWN = frozenset(
    {keys.CUSTOMER_ID, keys.PK, keys.SK, entities.TYPE, "Tier", "Language", "Channel", "ContactId", "Version"}
)
_TIME = re.compile(r"20\d\d-[01]\d-[0-3]\d(T[\d:.]{4,15}(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_WORD = re.compile(r"[a-z][a-z-]{0,29}", re.ASCII)
_NUMBER = re.compile(r"\+?\d(?:[ ()./-]*\d){6,}")
_LONG = 7  # digits from which a plain number could be a telephone number
# A customer's id, AWS's ids, and the number of a version, which begins with zeros as no telephone number does.
_IDS = re.compile(r"C\d{1,31}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|00\d{10}", re.ASCII)


def value(attribute: Mapping[str, Any]) -> Any:
    """A value as Python has it: numbers stay text, as DynamoDB writes them."""
    ((kind, content),) = attribute.items()
    if kind == "M":
        return {name: value(inner) for name, inner in content.items()}
    if kind == "L":
        return [value(inner) for inner in content]
    return None if kind == "NULL" else content


def shown(item: Item, *, reveal: bool) -> str:
    """An item on one line, keys and Type first."""
    first = [name for name in (keys.CUSTOMER_ID, keys.PK, keys.SK, entities.TYPE) if name in item]
    rest = sorted(set(item) - set(first))
    return "  ".join(f"{name}={_attribute(name, item[name], reveal)}" for name in (*first, *rest))


def text(written: str, *, reveal: bool) -> str:
    """A key in a message: ids and times are shown, whatever else looks like a telephone number is not."""
    return written if reveal else "#".join(map(_part, written.split("#")))


def _part(written: str) -> str:
    return written if _IDS.fullmatch(written) or _TIME.fullmatch(written) else _NUMBER.sub(MASK, written)


def _attribute(name: str, attribute: Mapping[str, Any], reveal: bool) -> str:
    plain = value(attribute)
    if reveal:
        return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, default=str)
    if name in _SHOWN and isinstance(plain, str):
        return text(plain, reveal=False)
    if isinstance(plain, bool) or plain is None:
        return json.dumps(plain)
    if "N" in attribute and (name == entities.EXPIRES_AT or sum(map(str.isdigit, str(plain))) < _LONG):
        return str(plain)
    if isinstance(plain, str) and (_TIME.fullmatch(plain) or _WORD.fullmatch(plain)):
        return plain
    return MASK
