"""The one line of an invocation: a JSON log line that is CloudWatch's metric record too. Pure.

Holds no number, no name, no token: metrics are numbers under names of ours, notes are short words, ids are shown only in
the form that AWS gives them, and of an error only its type. What does not look like that is withheld, whoever wrote it.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import re

from shared.failure import DefectError
from shared.typed import Any

NAMESPACE = "Trunkline"
DIMENSION = "Function"
MOST_METRICS = 90  # a directive may define a hundred
UNNAMED = "Unnamed"
WITHHELD = "withheld"

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
LONGEST = 32
_DIGITS = r"\d(?:[ ()./_-]*\d){4,}"
_HEXADECIMAL = b"0123456789abcdef"

_OWN = ("ColdStart", "Duration", "Failed")
MOST_REMEMBERED = 256  # there are a few
_directives: dict[tuple[str, ...], str] = {}  # by the names that were counted
_named_before: set[str] = set()


def withheld(text: str) -> str:
    """The text, with every run of five or more digits replaced, also one with the marks that people write in numbers."""
    return re.sub(_DIGITS, WITHHELD, text)


class Record:
    """What an invocation says of itself, until its line is written."""

    __slots__ = ("_counts", "_notes")

    def __init__(self) -> None:
        self._counts: dict[str, float] = {}
        self._notes: dict[str, str] = {}

    def count(self, name: str, n: float = 1) -> None:
        """Add to a metric; under the name Unnamed if the name is no word, or there are too many."""
        counts = self._counts
        if name not in counts and (len(counts) >= MOST_METRICS or not _named(name)):
            name = UNNAMED
        counts[name] = counts.get(name, 0) + n

    def note(self, name: str, value: str) -> None:
        """A word beside the metrics."""
        if _named(name) and len(self._notes) < MOST_METRICS:
            self._notes[name] = word(value)

    def failed(self, error: Exception) -> None:
        """The invocation raises: by what, and by which of AWS's codes."""
        self._counts["Failed"] = 1
        self._notes["Error"] = _identified(type(error).__name__)
        if isinstance(error, DefectError):
            self._notes["Code"] = _identified(error.code)

    def line(self, function: str, event: Any, context: Any, *, now: float, milliseconds: float, cold: bool) -> str:
        """The line, with its end. now: seconds since the epoch."""
        counts = {name: n for name, n in self._counts.items() if n - n == 0}  # neither infinite nor not-a-number
        names = tuple(counts)
        members = {
            **self._notes,
            "ContactId": _contact_id(event),
            "RequestId": uuid(getattr(context, "aws_request_id", None)),
            **counts,
            "ColdStart": 1 if cold else 0,
            "Duration": round(milliseconds, 3),
            "Failed": counts.get("Failed", 0),
            DIMENSION: function,
        }
        directive = _directives.get(names)
        if directive is None:
            directive = _directive(names)
            if len(_directives) < MOST_REMEMBERED:
                _directives[names] = directive
        return f'{{"_aws":{{"Timestamp":{int(now * 1000)},"CloudWatchMetrics":{directive}}},{_encode(members)[1:]}\n'


def word(value: object) -> str:
    """The value if it is a short word in small letters, without a number in it: "table", "not-found"."""
    if not isinstance(value, str):
        return WITHHELD if value else ""
    letters = value.replace("-", "")
    plain = len(value) <= LONGEST and letters.isalnum() and letters.isascii() and value.islower() and value[0].isalpha()
    return value if not value or (plain and (letters.isalpha() or withheld(value) == value)) else WITHHELD


def uuid(value: object) -> str | None:
    """An id in AWS's form; None for everything else."""
    if not isinstance(value, str) or len(value) != 36 or value[8:24:5] != "----":
        return None
    # Of all ways to look at each character the quickest: this is done twice for every caller.
    return value if value.isascii() and value.encode().translate(None, _HEXADECIMAL) == b"----" else None


def _identified(text: str) -> str:
    """A type of ours or a code of AWS's."""
    return text if len(text) <= 64 and text.isascii() and text.isidentifier() and withheld(text) == text else WITHHELD


def _named(name: object) -> bool:
    if not isinstance(name, str):
        return False
    if name in _named_before:
        return True
    named = 0 < len(name) <= LONGEST and name.isascii() and _joined(name)
    if named and len(_named_before) < MOST_REMEMBERED:
        _named_before.add(name)
    return named


def _joined(name: str) -> bool:
    """Words of letters, each but the first with a capital or after one of ".-", as code names things: persons, tokens
    and keys are spelled otherwise, or are longer.
    """
    return all(
        this.islower() or ((this.isupper() or this in ".-") and after.islower())
        for this, after in zip(name, name[1:] + ".", strict=True)
    )


def _contact_id(event: Any) -> str | None:
    """Of Connect's event, the contact's id: it names no person."""
    try:
        return uuid(event["Details"]["ContactData"]["ContactId"])
    except (KeyError, TypeError, IndexError):
        return None


def _directive(counted: tuple[str, ...]) -> str:
    """Which members are metrics, and under which namespace and dimension."""
    names = (*(name for name in counted if name not in _OWN), *_OWN)
    metrics = [{"Name": name, "Unit": "Milliseconds" if name == "Duration" else "Count"} for name in names]
    return _encode([{"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}])
