"""IAM policy documents: who may do what. Identity policies, permissions boundaries, session and trust policies.

Source: IAM user guide, "Policy evaluation logic" and "JSON policy elements". A basic evaluator: Action, NotAction,
Resource, NotResource, Principal and the condition operators below. A condition that is not understood never holds, so
an Allow that leans on it allows nothing. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote

Document = Mapping[str, Any]
Conditions = Mapping[str, tuple[str, ...]]  # condition keys in lower case -> the call's values
Verdict = Literal["allow", "deny", "none"]


def load(text: str | Document) -> Document:
    """A policy document from JSON, also if it is percent-encoded as IAM hands it out. Raises ValueError."""
    if not isinstance(text, str):
        return text
    found = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    if not isinstance(found, dict):
        raise ValueError("a policy document is a JSON object")  # noqa: TRY004 - of the text, not of a caller's type
    return found


def statements(document: Document) -> list[Mapping[str, Any]]:
    """The statements; a single one may stand without a list."""
    found = document.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def evaluate(documents: Iterable[Document], action: str, resource: str, conditions: Conditions) -> Verdict:
    """What identity policies say: an explicit deny wins, then any allow."""
    verdict: Verdict = "none"
    for document in documents:
        for statement in statements(document):
            if not (_acts(statement, action) and _concerns(statement, resource) and _holds(statement, conditions)):
                continue
            if statement.get("Effect") == "Deny":
                return "deny"
            verdict = "allow"
    return verdict


def may_ever(documents: Iterable[Document], action: str) -> bool:
    """Whether some statement allows the action, on whatever resource and condition."""
    allowing = (item for document in documents for item in statements(document) if item.get("Effect") == "Allow")
    return any(_acts(statement, action) for statement in allowing)


def trusts(document: Document, action: str, principals: Mapping[str, tuple[str, ...]], conditions: Conditions) -> bool:
    """Whether a trust policy lets a caller act. `principals`: names of the caller by kind (AWS, Service, Federated)."""
    allowed = False
    for statement in statements(document):
        if not (_acts(statement, action) and _names(statement, principals) and _holds(statement, conditions)):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = True
    return allowed


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=4096)
def _glob(pattern: str, *, fold: bool) -> re.Pattern[str]:
    # Only `*` and `?` are wild in a policy; brackets are themselves.
    return re.compile(translate(pattern.replace("[", "[[]")), re.IGNORECASE if fold else 0)


def _like(pattern: str, value: str, *, fold: bool = False) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == value.lower() if fold else pattern == value
    return bool(_glob(pattern, fold=fold).match(value))


def _acts(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(_like(item, action, fold=True) for item in _several(statement["NotAction"]))
    return any(_like(item, action, fold=True) for item in _several(statement.get("Action", [])))


def _concerns(statement: Mapping[str, Any], resource: str) -> bool:
    if "NotResource" in statement:
        return not any(_like(item, resource) for item in _several(statement["NotResource"]))
    return any(_like(item, resource) for item in _several(statement.get("Resource", [])))


def _names(statement: Mapping[str, Any], principals: Mapping[str, tuple[str, ...]]) -> bool:
    given = statement.get("Principal")
    if given == "*":
        return True
    if not isinstance(given, dict):
        return False
    return any(
        item == "*" or item in principals.get(kind, ()) for kind, names in given.items() for item in _several(names)
    )


def _holds(statement: Mapping[str, Any], conditions: Conditions) -> bool:
    return all(
        _compare(operator, _several(wanted), conditions.get(key.lower()))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _compare(operator: str, wanted: list[Any], given: tuple[str, ...] | None) -> bool:
    quantifier, _, plain = operator.rpartition(":")
    if plain.endswith("IfExists"):
        if given is None:
            return True
        plain = plain.removesuffix("IfExists")
    texts = [str(item).lower() if isinstance(item, bool) else str(item) for item in wanted]
    if plain == "Null":
        return (given is None) == (texts[0].lower() == "true")
    negated = "Not" in plain
    plain = plain.replace("Not", "")
    if given is None:
        return negated or quantifier == "ForAllValues"
    matches = list(_matches(plain, texts, given))
    if quantifier == "ForAllValues":
        return all(found != negated for found in matches)
    return not any(matches) if negated else any(matches)


def _matches(operator: str, wanted: list[str], given: tuple[str, ...]) -> Iterator[bool]:
    for value in given:
        if operator in ("StringEquals", "NumericEquals"):
            yield value in wanted
        elif operator in ("StringEqualsIgnoreCase", "Bool"):
            yield value.lower() in (item.lower() for item in wanted)
        elif operator in ("StringLike", "ArnLike", "ArnEquals"):
            yield any(_like(item, value) for item in wanted)
        else:
            yield False
