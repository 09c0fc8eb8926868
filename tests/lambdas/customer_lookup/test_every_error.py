"""Every error that DynamoDB can give for a lookup, by its model, through the whole client: which is an outage that a
caller must not notice, and which says that the deployment is wrong.
"""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from customer_lookup.app import build
from shared.cache import NoCache
from shared.deadline import Deadline
from shared.failure import DefectError
from shared.invocation import Invocation
from shared.record import Record
from shared.session import Session
from tests.lambdas.events import call
from tests.lambdas.wire.stub import KEYS, Say, Stub, answer, refused

MODEL = botocore.session.get_session().get_service_model("dynamodb")
MODELED = sorted({shape.name for name in ("GetItem", "Query") for shape in MODEL.operation_model(name).error_shapes})
OUTAGES = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html, and those of every service:
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
COMMON = [
    *[
        pytest.param(code, 400, False, id=code)
        for code in (
            "AccessDeniedException",
            "IncompleteSignatureException",
            "InvalidSignatureException",
            "MissingAuthenticationTokenException",
            "NeverSeenException",
            "OptInRequired",
            "SerializationException",
            "UnrecognizedClientException",
            "ValidationException",
        )
    ],
    pytest.param("ItemCollectionSizeLimitExceededException", 400, False, id="ItemCollectionSizeLimitExceededException"),
    *[
        pytest.param(code, status, True, id=f"{code}-{status}")
        for code, status in (
            ("InternalFailure", 500),
            ("InternalServerError", 500),
            ("NeverSeenException", 500),
            ("ServiceUnavailable", 503),
            ("ThrottlingException", 400),
            ("RequestTimeout", 400),
            ("NeverSeenException", 429),
        )
    ],
]


def asked(*said: Say) -> tuple[dict[str, str] | None, str, dict[str, Any]]:
    """The answer to a call, or none and the code that was raised; and what was counted."""
    record = Record()
    with Stub(*said) as stub:
        environ = {
            **KEYS,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{stub.port}",
            "TABLE": "customers",
        }
        function = build(environ, Session(environ, jitter=lambda: 0.0), NoCache())
        try:
            found = function.answer(call(), Invocation(Deadline.after(5.0), record))
        except DefectError as error:
            return None, error.code, {}
    counted: dict[str, Any] = {name: n for name, n in record._counts.items() if n}
    return dict(found), "", counted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "status", "outage"),
    [*[pytest.param(code, 400, code in OUTAGES, id=f"modeled-{code}") for code in MODELED], *COMMON],
)
def test_is_an_outage_or_is_raised(code: str, status: int, outage: bool) -> None:
    found, raised, counted = asked(refused(code, status), refused(code, status))
    if not outage:
        assert (found, raised) == (None, code), "whoever is wrong about the deployment must hear so"
        return
    assert found is not None
    assert (found["Found"], found["Degraded"], found["Source"]) == ("false", "true", "none")
    assert counted["Degraded"] == 1
    assert sum(n for name, n in counted.items() if name.startswith("Table.")) == 1


def test_keys_that_expired_are_no_outage_if_there_are_others() -> None:
    found, raised, _ = asked(refused("ExpiredTokenException"), answer({"Items": [], "Count": 0}))
    assert (found or {})["Degraded"] == "false", raised


def test_no_new_error_is_without_a_verdict() -> None:
    """A newer model of DynamoDB's may know more; whoever updates it decides what they are."""
    assert set(MODELED) == {*OUTAGES, "ResourceNotFoundException"}
