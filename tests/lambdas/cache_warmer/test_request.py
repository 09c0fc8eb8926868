"""What the warmer is asked: what it accepts, what it refuses and with which words; cursors come back as they went."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache_warmer.request import CacheNamed, Request, RequestError, cursor_of, parse
from shared import keys

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        pytest.param({}, Request(None, 100, 1800, None), id="all defaults"),
        pytest.param({"cursor": None, "cache": None}, Request(None, 100, 1800, None), id="nulls"),
        pytest.param({"cursor": "", "limit": 500, "ttlSeconds": 600}, Request(None, 500, 600, None), id="numbers"),
        pytest.param(
            {"cache": {"url": "rediss://c:1", "secretArn": ARN}},
            Request(None, 100, 1800, CacheNamed("rediss://c:1", ARN)),
            id="another cache",
        ),
        pytest.param(
            {"cache": {"url": "rediss://c:1", "secretArn": None}},
            Request(None, 100, 1800, CacheNamed("rediss://c:1", "")),
            id="another cache, without a secret",
        ),
    ],
)
def test_requests(event: Any, request_: Request) -> None:
    assert parse(event) == request_


@pytest.mark.parametrize(
    ("event", "field"),
    [
        pytest.param(None, "event", id="no event"),
        pytest.param([], "event", id="a list"),
        pytest.param({"limit": 0}, "limit", id="no items"),
        pytest.param({"limit": 1001}, "limit", id="too many items"),
        pytest.param({"limit": "100"}, "limit", id="text"),
        pytest.param({"limit": True}, "limit", id="truth"),
        pytest.param({"ttlSeconds": 1}, "ttlSeconds", id="gone before it is read"),
        pytest.param({"ttlSeconds": 1.5}, "ttlSeconds", id="fraction"),
        pytest.param({"cursor": 7}, "cursor", id="number"),
        pytest.param({"cursor": "not base64!"}, "cursor", id="not base64"),
        pytest.param({"cursor": "ä"}, "cursor", id="not ASCII"),
        pytest.param({"cursor": urlsafe_b64encode(b"[" * 150_000).decode()}, "cursor", id="too deep"),
        pytest.param({"cursor": "e30="}, "cursor", id="an object in it"),
        pytest.param({"cursor": "WyJDMSIsMV0="}, "cursor", id="a number in it"),
        pytest.param({"cache": "rediss://c:1"}, "cache.url", id="text"),
        pytest.param({"cache": {}}, "cache.url", id="no address"),
        pytest.param({"cache": {"url": "rediss://c:1", "secretArn": 1}}, "cache.secretArn", id="ARN is no text"),
    ],
)
def test_what_is_refused_is_named(event: Any, field: str) -> None:
    with pytest.raises(RequestError, match=field):
        parse(event)


@given(customer_id=st.text(min_size=1), sort_key=st.text(min_size=1))
def test_a_cursor_comes_back_as_it_went(customer_id: str, sort_key: str) -> None:
    key = {keys.CUSTOMER_ID: {"S": customer_id}, keys.SK: {"S": sort_key}}
    cursor = cursor_of(key)
    assert parse({"cursor": cursor}).start == key
    assert cursor.isascii()


def test_the_end_has_no_cursor() -> None:
    assert cursor_of(None) == ""
