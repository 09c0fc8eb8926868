"""Reads manifests as kubectl does: YAML with the scalars of sigs.k8s.io/yaml, several documents, lists of objects.

kubectl reads YAML with a fork of go-yaml v2 and hands on JSON. Unquoted `yes`, `on`, `y` and their opposites are booleans,
`0x1f` and `010` are numbers, `18:00` and `2026-12-25` are text; PyYAML's own rules would make the last two 1080 and a date.
Two equal keys are refused, where kubectl's strict decoding does the same. Text in, values out: folders are listed, no files are opened here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
_NULL = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"^[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_INFINITE = re.compile(r"^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$")
_TAG = "tag:yaml.org,2002:"
_PLAIN = f"{_TAG}plain"
_DEFAULT_TAGS = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq", yaml.MappingNode: "map"}
_MERGE_KEY = "<<"
MAX_VALUES = 1_000_000
MANIFESTS = ("*.yaml", "*.yml", "*.json")
"""Values of one document with its aliases expanded: a few lines of aliases can stand for any amount of memory."""


class ManifestError(Exception):
    """A manifest that cannot be read; the message begins with source, line and column."""


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a manifest. source: the name of the file; line: where it begins, from 1."""

    body: Mapping[str, Any]
    source: str
    line: int

    @property
    def kind(self) -> str:
        return str(self.body.get("kind", ""))

    @property
    def name(self) -> str:
        metadata = self.body.get("metadata")
        return str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""


class _Loader(yaml.SafeLoader):
    """Composes nodes only; what a plain scalar means is decided in `_scalar`."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:  # noqa: ARG002  # PyYAML's signature
        if kind is yaml.ScalarNode and implicit[0]:
            return _PLAIN
        return f"{_TAG}{_DEFAULT_TAGS[kind]}"


def read(text: str, source: str = "<text>") -> tuple[Document, ...]:
    """All objects of a manifest, those inside a `List` too; empty documents are passed over. Raises ManifestError."""
    return tuple(_read(text, source))


def _read(text: str, source: str) -> Iterator[Document]:
    nodes = iter(yaml.compose_all(text, Loader=_Loader))
    while True:
        try:
            node = next(nodes, None)
        except yaml.YAMLError as error:
            raise ManifestError(_reason(error, source)) from None
        if node is None:
            return
        value = _Reader(source).value(node)
        if value is not None:
            yield from _objects(value, node, source)


def _objects(value: Any, node: yaml.Node, source: str) -> Iterator[Document]:
    line = node.start_mark.line + 1
    if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str) or "apiVersion" not in value:
        raise ManifestError(f"{source}:{line}: not a Kubernetes object: write apiVersion and kind")
    items = value.get("items")
    if value["kind"].endswith("List") and isinstance(items, list):
        nodes = _items(node)
        for item, item_node in zip(items, nodes, strict=True):
            yield from _objects(item, item_node, source)
    else:
        yield Document(value, source, line)


def _items(node: yaml.Node) -> list[yaml.Node]:
    return next(inner.value for key, inner in node.value if key.value == "items")


def _reason(error: yaml.YAMLError, source: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
    return f"{place}: {getattr(error, 'problem', None) or error}"


class _Reader:
    """Turns the nodes of one document into values. The same node is read once, however many aliases name it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._known: dict[yaml.Node, tuple[Any, int]] = {}
        self._open: set[yaml.Node] = set()

    def value(self, node: yaml.Node) -> Any:
        return self._sized(node)[0]

    def _sized(self, node: yaml.Node) -> tuple[Any, int]:
        """A node's value, and how many values it is with aliases expanded."""
        if node in self._known:
            return self._known[node]
        if node in self._open:
            raise self._error(node, "an alias stands inside of what it names")
        self._open.add(node)
        read = self._read(node)
        if read[1] > MAX_VALUES:
            raise self._error(node, f"with its aliases expanded this is more than {MAX_VALUES} values")
        self._open.discard(node)
        self._known[node] = read
        return read

    def _read(self, node: yaml.Node) -> tuple[Any, int]:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1
        if node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
            raise self._error(node, f"the tag {node.tag} is not supported: write plain YAML")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        parts = [self._sized(item) for item in node.value]
        return [value for value, _ in parts], 1 + sum(size for _, size in parts)

    def _mapping(self, node: yaml.MappingNode) -> tuple[dict[str, Any], int]:
        """In the order of the keys: a merge takes the place of what stands before it, as in go-yaml."""
        result: dict[str, Any] = {}
        seen: set[str] = set()
        size = 1
        for key_node, value_node in node.value:
            value, more = self._sized(value_node)
            size += more
            if key_node.tag == _PLAIN and key_node.value == _MERGE_KEY:
                result.update(self._merge(value, value_node))
                continue
            key = self._key(key_node)
            if key in seen:
                raise self._error(key_node, f"the key {key!r} stands here twice: write it once")
            seen.add(key)
            result[key] = value
        return result, size

    def _merge(self, value: Any, node: yaml.Node) -> dict[str, Any]:
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise self._error(node, "<< merges mappings only")
        merged: dict[str, Any] = {}
        for source in sources:
            merged = {**source, **merged}
        return merged

    def _key(self, node: yaml.Node) -> str:
        """Keys are text in JSON: what YAML reads as something else is written as JSON writes it."""
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "a key is text")
        value = self._scalar(node)
        if value is None:
            raise self._error(node, "a key is missing")
        return value if isinstance(value, str) else json.dumps(value)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        tag, text = node.tag, str(node.value)
        if tag == f"{_TAG}str":
            return text
        if tag == _PLAIN:
            return self._plain(node, text)
        kinds: dict[str, type | tuple[type, ...]] = {
            "int": int,
            "float": (int, float),
            "bool": bool,
            "null": type(None),
        }
        value = self._plain(node, text)
        wanted = kinds.get(tag.removeprefix(_TAG))
        if wanted is None or not isinstance(value, wanted):
            raise self._error(node, f"the tag {tag} is not supported: write plain YAML")
        return value

    def _plain(self, node: yaml.ScalarNode, text: str) -> Any:
        if text in _NULL:
            return None
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        if _INFINITE.match(text):
            raise self._error(node, f"{text} is no value of JSON: quote it if text is meant")
        digits = text.replace("_", "") if text[0] in "+-0123456789" else text
        if _INTEGER.match(digits):
            return _integer(digits)
        if _FLOAT.match(digits):
            number = float(digits)
            if math.isinf(number):
                raise self._error(node, f"{text} is too large a number")
            return int(number) if number.is_integer() and abs(number) < 2**63 else number  # as Go writes it in JSON
        return text

    def _error(self, node: yaml.Node, message: str) -> ManifestError:
        mark = node.start_mark
        return ManifestError(f"{self._source}:{mark.line + 1}:{mark.column + 1}: {message}")


def _integer(digits: str) -> int | float:
    """As Go's ParseInt with base 0: a leading 0 is octal. What does not fit into 64 bits becomes a float."""
    sign, bare = (-1, digits[1:]) if digits[0] == "-" else (1, digits.removeprefix("+"))
    octal = len(bare) > 1 and bare[0] == "0" and bare[1].isdigit()
    number = sign * int(bare, 8 if octal else 0)
    return number if -(2**63) <= number < 2**64 else float(number)


def expanded(files: Iterable[Path]) -> Iterator[Path]:
    """Folders as their manifests, in the order in which kubectl reads them."""
    for file in files:
        if file.is_dir():
            yield from sorted(found for pattern in MANIFESTS for found in file.glob(pattern))
        else:
            yield file
