"""KIND/NAME, or a name alone, as users write objects on the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trunkline.api.names import GROUP, KINDS, KindName
from trunkline.kubectl.failure import Exit, Failure

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that is asked for. kinds: those it may be of, the likelier first."""

    kinds: tuple[KindName, ...]
    name: str


def kind_of(text: str) -> KindName | None:
    """The kind by any of its names, as kubectl takes them: kind, plural, short, with the group or without."""
    word = text.lower()
    for kind in KINDS:
        if word in {name + group for name in (kind.singular, kind.plural, kind.short) for group in ("", f".{GROUP}")}:
            return kind
    return None


def reference(text: str, among: tuple[KindName, ...] = KINDS) -> Reference:
    """What was written. among: the kinds that the command knows. Raises Failure (USAGE)."""
    word, slash, name = text.rpartition("/")
    if not _NAME.fullmatch(name):
        raise Failure(f"{text!r} names no object: write KIND/NAME or NAME, as in cc/acme", Exit.USAGE)
    if not slash:
        return Reference(among, name)
    kind = kind_of(word)
    if kind is None:
        raise Failure(f"there is no kind {word!r}: write {_listed(KINDS)}", Exit.USAGE)
    if kind not in among:
        raise Failure(f"this is of {_listed(among)}, not of a {kind.kind}", Exit.USAGE)
    return Reference((kind,), name)


def namespace_of(text: str) -> str:
    """A namespace as it was written. Raises Failure (USAGE)."""
    if not _NAMESPACE.fullmatch(text):
        raise Failure(f"-n {text!r} is no name of a namespace: small letters, digits and -", Exit.USAGE)
    return text


def _listed(kinds: tuple[KindName, ...]) -> str:
    names = [f"{kind.singular} ({kind.short})" for kind in kinds]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
