"""Reads what the SDK raises into `CallRefusedError`, by the table in `errors.py`.

Messages are scrubbed here, so nothing past this module holds a secret. Pure: looks at exceptions, makes no call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore import exceptions as sdk

from trunkline.aws.errors import Mark, classify
from trunkline.aws.scrub import scrub
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal

RETRY, BLOCKED, REJECTED = Outcome.RETRY, Outcome.BLOCKED, Outcome.REJECTED
NONE, UNKNOWN = Mark.NONE, Mark.UNKNOWN_EFFECT

# What the SDK itself raises; the first class that fits decides. A connection that was never made carried nothing.
_SDK: tuple[tuple[type[Exception], Outcome, Mark], ...] = (
    (sdk.ParamValidationError, REJECTED, NONE),
    (sdk.NoCredentialsError, BLOCKED, NONE),
    (sdk.PartialCredentialsError, BLOCKED, NONE),
    (sdk.CredentialRetrievalError, RETRY, NONE),
    (sdk.MetadataRetrievalError, RETRY, NONE),
    (sdk.InvalidRegionError, REJECTED, NONE),
    (sdk.NoRegionError, REJECTED, NONE),
    (sdk.ConnectTimeoutError, RETRY, NONE),
    (sdk.EndpointConnectionError, RETRY, NONE),
    (sdk.ProxyConnectionError, RETRY, NONE),
    (sdk.HTTPClientError, RETRY, UNKNOWN),  # read timeout, connection closed, reset
    (sdk.IncompleteReadError, RETRY, UNKNOWN),
    (OSError, RETRY, UNKNOWN),
)


def refused(
    error: Exception, service: str, operation: str, *, mutating: bool, secrets: Iterable[str] = ()
) -> tuple[CallRefusedError, bool]:
    """What a failed call means, and whether it failed because the credentials have expired.

    secrets: values that the gate filled in, cut out of the message. An exception that is neither AWS's answer nor of the
    network means that the answer could not be read: blocked, and of a mutating call the effect is not known.
    """
    if isinstance(error, sdk.ClientError):
        answer: Mapping[str, Any] = error.response
        code = str(answer.get("Error", {}).get("Code", "") or "Unknown")
        message = str(answer.get("Error", {}).get("Message", "") or answer.get("Message", ""))
        metadata = answer.get("ResponseMetadata", {})
        outcome, marks = classify(service, operation, code, message, int(metadata.get("HTTPStatusCode", 0)))
        request_id = str(metadata.get("RequestId", ""))
        message = "; ".join(filter(None, [message, *_details(answer)]))
    else:
        code, message, request_id = type(error).__name__, str(error), ""
        fitting = ((outcome, marks) for kind, outcome, marks in _SDK if isinstance(error, kind))
        outcome, marks = next(fitting, (BLOCKED, UNKNOWN))
    return (
        CallRefusedError(
            Refusal(outcome, service, operation, code, scrub(message, secrets), request_id),
            absent=Mark.ABSENT in marks,
            duplicate=Mark.DUPLICATE in marks,
            in_use=Mark.IN_USE in marks,
            throttled=Mark.THROTTLED in marks,
            unknown_effect=mutating and UNKNOWN in marks,
            maybe_young=Mark.MAYBE_YOUNG in marks,
        ),
        Mark.EXPIRED in marks,
    )


def _details(answer: Mapping[str, Any]) -> Iterator[str]:
    """What Connect says outside the message: problems of a flow, reasons of a request, what holds a resource."""
    problems = answer.get("problems") or answer.get("Problems") or ()
    yield from (str(problem.get("message", "")) for problem in problems if isinstance(problem, dict))
    reason = answer.get("Reason")
    if isinstance(reason, dict):
        yield " ".join(f"{name}: {value}" for name, value in reason.items())
    held_by = [str(answer[name]) for name in ("ResourceType", "ResourceId") if isinstance(answer.get(name), str)]
    if held_by:
        yield "held by " + " ".join(held_by)
