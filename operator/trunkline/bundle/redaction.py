"""Takes secrets out of objects, logs and texts before anybody else reads them. Pure.

Four ways, each for what the others cannot see: by place (values of variables, inline content, foreign annotations), by name
(keys that are named like a secret), by form (keys of AWS, JWTs, PEM, users of URLs, long strings of mixed letters), and by
value: what was left out in one place is left out wherever it stands, as base64 too. Too much may go, and the reader sees
where. Secrets of Kubernetes are never read at all.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.aws.scrub import without_credentials
from trunkline.bundle.encodings import PACKED, forms_of, unpacked
from trunkline.bundle.marks import (
    ASSIGNED,
    BEARER,
    HEX,
    IDENTIFIER,
    ISSUED,
    KEPT_ANNOTATIONS,
    KEPT_VARIABLES,
    LAST_APPLIED,
    NAMES,
    PEM,
    PHONE,
    REDIS,
    REFERENCES,
    SECRET_FLAG,
    SECRET_HEADER,
    SECRET_NAME,
    USER,
    USER_FLAG,
    WHERE,
    dense,
    is_user,
    plain,
)

LEFT_OUT = "<left out>"
_ONE_WORD = "<left\0out>"  # as long as patterns that take words are still to come
LOOKS = "<looks like a secret>"
SHORTEST = 6  # a shorter value would blank out innocent words
LONGEST_KNOWN = 4096
LONGER, MOST_QUOTED = 20, 1000  # inline content: texts of more characters, as block types have too; so many of them

_DROPPED = frozenset({"managedFields"})


@dataclass(slots=True)
class Redaction:
    """One bundle's. First `structure` of everything, which learns; then `final`, which knows it all."""

    known: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)  # texts of inline content
    names: set[str] = field(default_factory=set)  # of objects: no secrets, whatever a variable says
    counts: Counter[str] = field(default_factory=Counter)
    _forms: tuple[str, ...] | None = None

    def learn(self, value: object) -> None:
        """A value that was left out: it is to go everywhere."""
        text = str(value).strip()
        lines = [line.strip() for line in text.splitlines()]
        for one in {text, *lines}:
            if SHORTEST <= len(one) <= LONGEST_KNOWN and not plain(one) and one not in self.names:
                self.known.add(one)
                self._forms = None
        if text.startswith(("{", "[")):
            with contextlib.suppress(ValueError, RecursionError):
                self.structure(json.loads(text))  # for what is named like a secret in it

    def _learn_inline(self, value: Any) -> None:
        """Texts of flows, which a message may quote. Each is looked for in every line: so the short ones are not, nor what
        says a type, a place or an id.
        """
        for leaf in _leaves(value):
            text = leaf.strip()
            if text.startswith(("{", "[")):
                with contextlib.suppress(ValueError, RecursionError):
                    self._learn_inline(json.loads(text))
            elif (
                len(self.quoted) < MOST_QUOTED
                and LONGER < len(text) <= LONGEST_KNOWN
                and not IDENTIFIER.fullmatch(text)
                and text not in self.names
            ):
                self.quoted.add(text)
                self._forms = None

    # --- by place and by name

    def structure(self, value: Any) -> Any:
        """An object without what stands where secrets may, or is named like one."""
        if isinstance(value, Mapping):
            return {str(key): found for key, inner in value.items() for found in self._member(str(key), inner, value)}
        if isinstance(value, list | tuple):
            return [self.structure(inner) for inner in value]
        return value

    def _member(self, key: str, inner: Any, around: Mapping[str, Any]) -> Iterator[Any]:
        """The member's new value; nothing if it is dropped."""
        if key in _DROPPED:
            self.counts["dropped"] += 1
        elif key == "annotations" and isinstance(inner, Mapping):
            yield {str(name): found for name, text in inner.items() for found in self._annotation(str(name), text)}
        elif key in ("env", "environment") and isinstance(inner, list):
            yield [self._variable(item) for item in inner]
        elif key in ("env", "environment", "variables") and isinstance(inner, Mapping):
            yield {str(name): self._out(text, "variable") for name, text in inner.items()}
        elif key in ("args", "command") and isinstance(inner, list):
            yield self._arguments(inner)
        elif key == "value" and isinstance(inner, str) and SECRET_HEADER.search(str(around.get("name", ""))):
            yield self._out(inner, "named like a secret")
        elif key == "inline":
            yield f"<left out: {len(json.dumps(inner, default=str)):,} characters>" if inner else inner
            self.counts["inline content"] += 1
            self._learn_inline(inner)
        elif key in ("data", "stringData", "binaryData") and around.get("kind") in ("Secret", "ConfigMap"):
            yield LEFT_OUT
            self.counts["data"] += 1
        elif self._is_secret(key, inner):
            yield self._out(inner, "named like a secret")
        else:
            yield self.structure(inner)

    def _arguments(self, words: list[Any]) -> list[Any]:
        """Of a command: what follows a flag that is named like a secret."""
        flags = ["", *words]
        return [
            self._out(word, "named like a secret")
            if SECRET_FLAG.fullmatch(str(flag)) or (USER_FLAG.fullmatch(str(flag)) and is_user(word))
            else self.structure(word)
            for flag, word in zip(flags, words, strict=False)
        ]

    @staticmethod
    def _is_secret(key: str, inner: Any) -> bool:
        if not SECRET_NAME.search(key) or inner is None or isinstance(inner, bool):
            return False
        if isinstance(inner, list) and any(isinstance(item, str) for item in inner):
            return True
        if isinstance(inner, Mapping | list):
            return key not in REFERENCES
        return key not in NAMES

    def _annotation(self, name: str, text: Any) -> Iterator[Any]:
        if name == LAST_APPLIED:
            self.counts["dropped"] += 1
        elif name.startswith(KEPT_ANNOTATIONS) and not SECRET_NAME.search(name):
            yield text
        else:
            yield self._out(text, "annotation")

    def _variable(self, item: Any) -> Any:
        """A variable keeps its name, and where its value is from."""
        if not isinstance(item, Mapping) or "value" not in item:
            return self.structure(item)
        name = str(item.get("name", ""))
        if KEPT_VARIABLES.fullmatch(name) and not SECRET_NAME.search(name):
            return dict(item)
        return {**item, "value": self._out(item["value"], "variable")}

    def _out(self, value: Any, why: str) -> str:
        """Left out, and learned, all that is in it."""
        self.counts[why] += 1
        for text in _leaves(value):
            self.learn(text)
        return LEFT_OUT

    # --- by form and by value

    def final(self, value: Any) -> Any:
        """The same structure with every text clean, keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.final(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.final(inner) for inner in value]
        return value

    def log(self, text: str) -> str:
        """Lines of a log; those of JSON stay JSON."""
        whole = _each_pem(text)
        return "".join(self._line(line) for line in whole.splitlines(keepends=True))

    def _line(self, line: str) -> str:
        if line.lstrip().startswith("{"):
            try:
                value = json.loads(line)
            except ValueError:
                return self.text(line)
            return json.dumps(self.final(self.structure(value)), ensure_ascii=False) + "\n"
        return self.text(line)

    def text(self, text: str) -> str:
        """A text without secrets; what was taken out is marked."""
        if not text:
            return text
        clean = self._without_known(text)
        clean = ASSIGNED.sub(self._assigned, clean)  # first, as it knows where a quoted value ends
        clean = USER.sub(rf"\1\2{_ONE_WORD}", clean)
        clean = without_credentials(clean)
        clean = BEARER.sub(rf"\1\2{LEFT_OUT}", clean)
        clean = REDIS.sub(rf"\1\2{LEFT_OUT}", clean)
        clean = ISSUED.sub(LEFT_OUT, clean)
        clean = PHONE.sub("<phone number>", clean)
        clean = PACKED.sub(self._packed, clean).replace(_ONE_WORD, LEFT_OUT)
        if clean != text:
            self.counts["in texts"] += 1
        return clean

    def _without_known(self, text: str) -> str:
        if self._forms is None:
            found = {form for value in self.known for form in forms_of(value)}
            found |= {form for value in self.quoted for form in (value, json.dumps(value)[1:-1])}
            self._forms = tuple(sorted(found, key=len, reverse=True))
        for form in self._forms:
            if form in text:
                text = text.replace(form, LEFT_OUT)
        return text

    @staticmethod
    def _assigned(match: re.Match[str]) -> str:
        """`token=abc` goes; what says where a secret is (`secretArn: arn:…`, `secretKeyRef: …`, an ARN of one) stays."""
        name, between, quote_mark, quoted, opened, word = match.groups()
        value = quoted if quote_mark else word
        if value.startswith(("<", "arn:")) or WHERE.search(name):
            return match[0]
        return f"{name}{between}{quote_mark or opened}{_ONE_WORD}{quote_mark or ''}"

    def _packed(self, match: re.Match[str]) -> str:
        run = match[0]
        if HEX.fullmatch(run) or run in self.names:
            return run
        if any(self._dirty(inside) for inside in unpacked(run)):
            return LEFT_OUT
        return LOOKS if dense(run) else run

    def _dirty(self, inside: str) -> bool:
        """Whether what was packed holds a secret: anything that would be taken out of it."""
        forms = self._forms or ()
        if any(form in inside for form in forms) or without_credentials(inside) != inside:
            return True
        return any(pattern.search(inside) for pattern in (BEARER, REDIS, ASSIGNED))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield str(value)


def _each_pem(text: str) -> str:
    """Blocks of PEM go before lines are looked at one by one."""
    return PEM.sub("<PEM block>", text)
