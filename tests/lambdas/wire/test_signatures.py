"""Our signatures are botocore's, whatever is signed."""

from __future__ import annotations

import calendar
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws import endpoint
from shared.credentials import Credentials
from shared.sigv4 import Signer, query_string, quoted

REGION = "eu-west-1"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=40)
SEGMENT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=30)
KEY = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=20)
SECRET = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", min_size=40, max_size=40)


def theirs(request: AWSRequest, credentials: TheirCredentials, service: str) -> Any:
    SigV4Auth(credentials, service, REGION).add_auth(request)
    return request.headers


def at(stamp: str) -> float:
    return float(calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ")))


class TestJsonServices:
    @settings(max_examples=250, deadline=None)
    @given(
        service=st.sampled_from(["dynamodb", "kinesis", "secretsmanager"]),
        body=st.binary(max_size=300),
        target=st.sampled_from(
            ["DynamoDB_20120810.GetItem", "Kinesis_20131202.PutRecords", "secretsmanager.GetSecretValue"]
        ),
        key=KEY,
        secret=SECRET,
        token=st.one_of(st.just(""), SECRET),
    )
    def test_every_header_that_is_signed_is_signed_alike(
        self, service: str, body: bytes, target: str, key: str, secret: str, token: str
    ) -> None:
        host = endpoint(service, REGION).header
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
        request = AWSRequest("POST", f"https://{host}/", headers=dict(headers), data=body)
        expected = theirs(request, TheirCredentials(key, secret, token or None), service)
        ours = Signer(service, REGION).headers(
            method="POST",
            path="/",
            query="",
            headers={**headers, "host": host},
            body=body,
            credentials=Credentials(key, secret, token),
            now=at(expected["X-Amz-Date"]),
        )
        assert ours["authorization"] == expected["Authorization"]
        assert ours.get("x-amz-security-token") == expected.get("X-Amz-Security-Token")


class TestRest:
    @settings(max_examples=250, deadline=None)
    @given(
        segments=st.lists(SEGMENT.filter(lambda text: text not in (".", "..")), min_size=1, max_size=3),
        query=st.lists(
            st.tuples(st.text("abcXYZ-_", min_size=1, max_size=8), TEXT), max_size=3, unique_by=lambda p: p[0]
        ),
        body=st.binary(max_size=100),
        token=st.one_of(st.just(""), SECRET),
    )
    def test_paths_are_encoded_twice_and_queries_in_order(
        self, segments: list[str], query: list[tuple[str, str]], body: bytes, token: str
    ) -> None:
        host = endpoint("connect", REGION).header
        path = "/metrics/" + "/".join(quoted(segment) for segment in segments)
        sent = query_string(query)
        url = f"https://{host}{path}" + (f"?{sent}" if sent else "")
        request = AWSRequest("POST", url, headers={"content-type": "application/json"}, data=body)
        expected = theirs(request, TheirCredentials("AKID", "s3cr3t/+", token or None), "connect")
        ours = Signer("connect", REGION).headers(
            method="POST",
            path=path,
            query=sent,
            headers={"content-type": "application/json", "host": host},
            body=body,
            credentials=Credentials("AKID", "s3cr3t/+", token),
            now=at(expected["X-Amz-Date"]),
        )
        assert ours["authorization"] == expected["Authorization"]

    def test_an_arn_in_a_path(self) -> None:
        assert quoted("arn:aws:connect:x:1:instance/a") == "arn%3Aaws%3Aconnect%3Ax%3A1%3Ainstance%2Fa"


class TestKeyOfTheDay:
    def test_another_day_or_another_secret_is_another_key(self) -> None:
        signer = Signer("dynamodb", REGION)
        given: dict[str, Any] = {"method": "POST", "path": "/", "query": "", "headers": {"host": "x"}, "body": b""}
        first = signer.headers(**given, credentials=Credentials("A", "one"), now=0.0)["authorization"]
        assert signer.headers(**given, credentials=Credentials("A", "two"), now=0.0)["authorization"] != first
        assert signer.headers(**given, credentials=Credentials("A", "one"), now=86_400.0)["authorization"] != first
        assert signer.headers(**given, credentials=Credentials("A", "one"), now=0.0)["authorization"] == first


class TestEndpoints:
    @pytest.mark.parametrize(
        ("override", "header"),
        [
            ("", "dynamodb.eu-west-1.amazonaws.com"),
            ("http://127.0.0.1:8000", "127.0.0.1:8000"),
            ("https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com/", "vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com"),
        ],
    )
    def test_the_host_header_has_a_port_only_where_it_is_not_the_usual_one(self, override: str, header: str) -> None:
        assert endpoint("dynamodb", REGION, override).header == header

    def test_the_query_is_encoded_as_urls_are(self) -> None:
        pairs = [("fromDate", "2026-11-21"), ("a", "x y/z")]
        assert query_string(pairs) == urlencode(sorted(pairs), safe="").replace("+", "%20")
