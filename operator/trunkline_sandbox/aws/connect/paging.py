"""Pages of List and Search answers.

A token names the last item that was handed out, so a page starts behind it whatever was created or deleted meanwhile.
It belongs to one operation with one set of parameters; any other use is refused.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import TypeVar

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Call, Seen, fingerprint

Item = TypeVar("Item")

# List operations answer 100 items if MaxResults is absent (API reference), fewer where their maximum is lower.
DEFAULT_RESULTS = 100


def page(
    call: Call, items: Iterable[Item], key: Callable[[Item], int | str], maximum: int
) -> tuple[list[Item], dict[str, str]]:
    """The asked page of `items`, and `{"NextToken": …}` if there is more.

    `key` must be unique; items come in its order. `maximum` is the operation's largest MaxResults.
    Raises InvalidParameterException for a token that is none, and for MaxResults above the maximum.
    """
    size = int(call.params.get("MaxResults") or min(DEFAULT_RESULTS, maximum))
    if size > maximum:
        raise faults.invalid_parameter(f"MaxResults must be at most {maximum}.")
    ordered = sorted(items, key=key)
    token = call.params.get("NextToken")
    if token:
        last = _read(call, str(token))
        ordered = [item for item in ordered if _behind(key(item), last)]
    shown = ordered[:size]
    if len(ordered) <= size:
        return shown, {}
    return shown, {"NextToken": _write(call, key(shown[-1]))}


def page_seen(call: Call, items: Iterable[Seen], maximum: int) -> tuple[list[Seen], dict[str, str]]:
    """The asked page of resources, in the order of their creation."""
    return page(call, items, lambda seen: seen.entity.sequence, maximum)


def _behind(value: int | str, last: int | str) -> bool:
    if isinstance(value, int) and isinstance(last, int):
        return value > last
    return str(value) > str(last)


def _asked(call: Call) -> str:
    return fingerprint({n: v for n, v in call.params.items() if n not in {"NextToken", "MaxResults"}})[:16]


def _write(call: Call, last: int | str) -> str:
    return urlsafe_b64encode(json.dumps([call.operation, _asked(call), last]).encode()).decode()


def _read(call: Call, token: str) -> int | str:
    try:
        operation, asked, last = json.loads(urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise faults.invalid_parameter("NextToken is not valid.") from None
    if (operation, asked) != (call.operation, _asked(call)) or not isinstance(last, int | str):
        raise faults.invalid_parameter("NextToken is not valid for this request.")
    return last
