"""Puts bytes and secrets in the place of placeholders, right before a call is made.

What comes out of here goes to the SDK and nowhere else; the secrets among it are named to the caller so that they can
be cut out of whatever AWS answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.aws.cache_secret import cache_secret, parts
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal
from trunkline.engine.resource import Filling, Join, Json, Placeholder, Ref

Archives = Callable[[str], bytes]  # by base64 SHA-256; KeyError if there is none
Secrets = Callable[[str], Awaitable[str]]  # by "<name>/<key>" of the object's namespace; KeyError if there is none


Current = Callable[[str], Awaitable[str | None]]  # the value of a secret of AWS, by name; None if it is not there


@dataclass(frozen=True, slots=True)
class Fillers:
    """Where what is filled in comes from."""

    archives: Archives | None = None
    secrets: Secrets | None = None
    current: Current | None = None


async def fill(
    service: str, operation: str, params: Mapping[str, Any], fillers: Fillers
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Params as they are sent, and the secrets among them.

    Raises CallRefusedError if a placeholder cannot be filled, ValueError if a reference is still open.
    """
    found = dict.fromkeys(_placeholders(params))
    if not found:
        return params, ()
    values: dict[Placeholder, str | bytes] = {}
    for placeholder in found:
        try:
            if placeholder.filling is Filling.ARCHIVE and fillers.archives is not None:
                values[placeholder] = fillers.archives(placeholder.name)
            elif placeholder.filling is Filling.SECRET and fillers.secrets is not None:
                values[placeholder] = await fillers.secrets(placeholder.name)
            elif placeholder.filling is Filling.CACHE_SECRET and fillers.current is not None:
                values[placeholder] = await cache_secret(placeholder.name, fillers.secrets, fillers.current)
        except LookupError:
            pass
        if placeholder not in values:
            raise _unfilled(service, operation, placeholder)
    return _filled(params, values), tuple(_secrets_in(values))


_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


def _secrets_in(values: Mapping[Placeholder, str | bytes]) -> Iterator[str]:
    for placeholder, value in values.items():
        if isinstance(value, str):
            yield value
            if placeholder.filling is Filling.CACHE_SECRET:
                yield from parts(value)


def _placeholders(value: Any) -> Iterator[Placeholder]:
    if type(value) in _PLAIN:
        return
    if isinstance(value, Placeholder):
        yield value
    elif isinstance(value, Ref | Join | Json):
        raise ValueError(  # noqa: TRY004  # the type is right, the time is not
            f"{value} is still open: a step must not be sent before its references are known"
        )
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _placeholders(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _placeholders(item)


def _filled(value: Any, values: Mapping[Placeholder, str | bytes]) -> Any:
    if isinstance(value, Placeholder):
        return values[value]
    if isinstance(value, Mapping):
        return {key: _filled(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, values) for item in value]
    return value


def _unfilled(service: str, operation: str, placeholder: Placeholder) -> CallRefusedError:
    if placeholder.filling is not Filling.ARCHIVE:
        name, _, key = placeholder.name.partition("/")
        message = f"the Secret {name} has no key {key}, or does not exist: create it in the object's namespace"
        return CallRefusedError(Refusal(Outcome.REJECTED, service, operation, "SecretNotFound", message))
    message = f"this operator has no archive with SHA-256 {placeholder.name}: another version of it planned this call"
    return CallRefusedError(Refusal(Outcome.BLOCKED, service, operation, "ArchiveNotFound", message))
