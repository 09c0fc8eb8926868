"""How each service spells what the framework answers for it: throttled, invalid, denied, unknown key, broken.

Sources: "Common Errors" of each API reference and the exceptions of the service models.
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline_sandbox.aws.models import known_services, protocol

Spelling = tuple[str, int]  # error code, HTTP status


@dataclass(frozen=True, slots=True)
class Dialect:
    """Error codes with their HTTP status. `invalid` breaks a constraint, `malformed` has the wrong form or misses."""

    throttled: Spelling
    invalid: Spelling
    malformed: Spelling
    denied: Spelling = ("AccessDeniedException", 403)
    unknown_key: Spelling = ("UnrecognizedClientException", 403)
    expired: Spelling = ("ExpiredTokenException", 403)
    unsigned: Spelling = ("MissingAuthenticationTokenException", 403)
    broken: Spelling = ("InternalServerException", 500)
    # What DynamoDB and Lambda answer for a missing member is that of a broken constraint.
    missing_is_malformed: bool = False


_REST = Dialect(("ThrottlingException", 429), ("ValidationException", 400), ("SerializationException", 400))
_JSON = Dialect(
    ("ThrottlingException", 400),
    ("ValidationException", 400),
    ("SerializationException", 400),
    ("AccessDeniedException", 400),
    ("UnrecognizedClientException", 400),
    ("ExpiredTokenException", 400),
    ("MissingAuthenticationTokenException", 400),
    ("InternalServerError", 500),
)
_QUERY = Dialect(
    ("Throttling", 400),
    ("ValidationError", 400),
    ("ValidationError", 400),
    ("AccessDenied", 403),
    ("InvalidClientTokenId", 403),
    ("ExpiredToken", 403),
    ("MissingAuthenticationToken", 403),
    ("InternalFailure", 500),
)
_XML = Dialect(
    ("SlowDown", 503),
    ("InvalidRequest", 400),
    ("MalformedXML", 400),
    ("AccessDenied", 403),
    ("InvalidAccessKeyId", 403),
    ("ExpiredToken", 400),
    ("AccessDenied", 403),
    ("InternalError", 500),
)
_EC2 = Dialect(
    ("RequestLimitExceeded", 503),
    ("InvalidParameterValue", 400),
    ("MissingParameter", 400),
    ("UnauthorizedOperation", 403),
    ("AuthFailure", 401),
    ("RequestExpired", 400),
    ("MissingAuthenticationToken", 403),
    ("InternalError", 500),
)
_BY_PROTOCOL = {"rest-json": _REST, "json": _JSON, "query": _QUERY, "rest-xml": _XML, "ec2": _EC2}
_BY_SERVICE = {
    "connect": Dialect(
        ("ThrottlingException", 429),
        ("InvalidParameterException", 400),
        ("InvalidRequestException", 400),
        broken=("InternalServiceException", 500),
        missing_is_malformed=True,
    ),
    "lambda": Dialect(
        ("TooManyRequestsException", 429),
        ("ValidationException", 400),
        ("InvalidRequestContentException", 400),
        broken=("ServiceException", 500),
    ),
    "logs": Dialect(
        ("ThrottlingException", 400),
        ("InvalidParameterException", 400),
        ("SerializationException", 400),
        ("AccessDeniedException", 400),
        ("UnrecognizedClientException", 400),
        ("ExpiredTokenException", 400),
        ("MissingAuthenticationTokenException", 400),
        ("ServiceUnavailableException", 500),
    ),
    "application-autoscaling": Dialect(
        ("ThrottlingException", 400),
        ("ValidationException", 400),
        ("ValidationException", 400),
        ("AccessDeniedException", 400),
        ("UnrecognizedClientException", 400),
        ("ExpiredTokenException", 400),
        ("MissingAuthenticationTokenException", 400),
        ("InternalServiceException", 500),
    ),
    "secretsmanager": Dialect(
        ("ThrottlingException", 400),
        ("ValidationException", 400),
        ("SerializationException", 400),
        ("AccessDeniedException", 400),
        ("UnrecognizedClientException", 400),
        ("ExpiredTokenException", 400),
        ("MissingAuthenticationTokenException", 400),
        ("InternalServiceError", 500),
    ),
    "resourcegroupstaggingapi": Dialect(
        ("ThrottledException", 400),
        ("InvalidParameterException", 400),
        ("SerializationException", 400),
        ("AccessDeniedException", 400),
        ("UnrecognizedClientException", 400),
        ("ExpiredTokenException", 400),
        ("MissingAuthenticationTokenException", 400),
        ("InternalServiceException", 500),
    ),
    "iam": Dialect(
        ("Throttling", 400),
        ("ValidationError", 400),
        ("ValidationError", 400),
        ("AccessDenied", 403),
        ("InvalidClientTokenId", 403),
        ("ExpiredToken", 403),
        ("MissingAuthenticationToken", 403),
        ("ServiceFailure", 500),
    ),
}


def dialect(service: str) -> Dialect:
    """The spelling of a service, by its own table or by its protocol."""
    if service in _BY_SERVICE:
        return _BY_SERVICE[service]
    return _BY_PROTOCOL.get(protocol(service), _REST) if service in known_services() else _REST
