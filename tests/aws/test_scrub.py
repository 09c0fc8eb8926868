"""Secrets in what AWS and the SDK say."""

from __future__ import annotations

import pytest

from trunkline.aws.scrub import MOST_CHARACTERS, scrub


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        pytest.param(
            "You are not authorized. Encoded authorization failure message: abcDEF123-_==",
            "abcDEF123",
            "You are not authorized",
            id="encoded authorization message",
        ),
        pytest.param(
            "GET https://b.s3.amazonaws.com/k?X-Amz-Signature=deadbeef&X-Amz-Expires=60 failed",
            "deadbeef",
            "X-Amz-Expires=60 failed",
            id="signed URL",
        ),
        pytest.param(
            "https://b.s3.amazonaws.com/k?X-Amz-Security-Token=FwoGZXIvYXdz&x=1", "FwoGZXIvYXdz", "x=1", id="token"
        ),
        pytest.param("The key AKIAIOSFODNN7EXAMPLE is unknown", "AKIAIOSFODNN7EXAMPLE", "is unknown", id="access key"),
        pytest.param(
            "The request signature we calculated does not match. The Canonical String for this request should have been"
            "\n'POST\n/\nx-amz-security-token:IQoJb3Jp'",
            "IQoJb3Jp",
            "does not match",
            id="canonical request",
        ),
        pytest.param(
            "Invalid type for parameter Environment.Variables.KEY, value: 12345678, type: <class 'int'>, valid types: str",
            "12345678",
            "parameter Environment.Variables.KEY",
            id="value echoed by the SDK",
        ),
        pytest.param(
            "1 validation error detected: Value 'hunter22' at 'authToken' failed to satisfy constraint",
            "hunter22",
            "at 'authToken' failed",
            id="value echoed by AWS",
        ),
        pytest.param(
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY----- is no certificate",
            "MHcCAQEE",
            "is no certificate",
            id="PEM block",
        ),
        pytest.param("got eyJhbGciOiJSUzI1.eyJzdWIiOiJ4.c2lnbmF0dXJl!", "eyJzdWIiOiJ4", "got", id="JWT"),
        pytest.param("rediss://me:pa55@cache:6379/0 closed", "pa55", "cache:6379/0 closed", id="user of a URL"),
        pytest.param("SecretAccessKey=wJalrXUtnFEMI", "wJalrXUtnFEMI", "SecretAccessKey", id="secret key"),
    ],
)
def test_what_looks_like_a_secret_goes(text: str, gone: str, left: str) -> None:
    clean = scrub(text)
    assert gone not in clean
    assert left in clean


def test_a_filled_in_value_goes_wherever_it_stands() -> None:
    assert scrub("Value s3cr3t-pa55 at 'x': s3cr3t-pa55!", ["s3cr3t-pa55"]) == "Value <secret> at 'x': <secret>!"


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert scrub("abcdefgh", ["abcd", "abcdefgh"]) == "<secret>"


def test_a_usual_message_stays_as_it_is() -> None:
    text = (
        "User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: secretsmanager:DescribeSecret on "
        "resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:acme-cache-a1b2c3"
    )
    assert scrub(text) == text


def test_one_line_of_bounded_length() -> None:
    clean = scrub("a\nb " + "x" * 5000)
    assert clean.startswith("a b x")
    assert len(clean) == MOST_CHARACTERS
