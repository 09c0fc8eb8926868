"""Where keys come from, when they are renewed, and to whom nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared.credentials import ContainerCredentials, Credentials, epoch, fetcher, source
from shared.deadline import Deadline
from shared.failure import DefectError, UnavailableError
from shared.http1 import Answer
from shared.resolve import Resolver
from tests.lambdas.times import NOW, Clock
from tests.lambdas.wire.stub import Stub, answer

LOCAL = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/keys?x=1"}
ENDS = "2027-01-15T09:00:00Z"  # an hour after the clock's beginning


class Endpoint:
    """Answers what is next; the last answer again and again."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def __call__(self, uri: str, headers: Mapping[str, str], deadline: Deadline) -> Answer:
        self.asked.append((uri, headers))
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, Exception):
            raise said
        return Answer(200, {}, json.dumps(said).encode(), reusable=False) if isinstance(said, dict) else said


def keys(name: str, ends: str = ENDS) -> dict[str, str]:
    return {"AccessKeyId": name, "SecretAccessKey": "secret", "Token": "token", "Expiration": ends}


def container(
    endpoint: Endpoint, clock: Clock, environ: Mapping[str, str] = LOCAL, **more: Any
) -> ContainerCredentials:
    return ContainerCredentials(environ, endpoint, clock, **more)


class TestEnvironment:
    def test_what_it_says_now_counts_for_lambda_replaces_it(self) -> None:
        environ = {"AWS_ACCESS_KEY_ID": "one", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
        found = source(environ, Endpoint())
        assert found.get(Clock().deadline()).access_key == "one"
        environ["AWS_ACCESS_KEY_ID"] = "two"
        assert found.get(Clock().deadline()).access_key == "two"

    def test_keys_go_before_an_endpoint(self) -> None:
        environ = {"AWS_ACCESS_KEY_ID": "one", "AWS_SECRET_ACCESS_KEY": "s", **LOCAL}
        assert source(environ, Endpoint(keys("container"))).get(Clock().deadline()).access_key == "one"

    def test_none_at_all_is_said(self) -> None:
        with pytest.raises(DefectError, match="NoCredentials"):
            source({}, Endpoint())

    def test_are_never_shown(self) -> None:
        assert "secret" not in repr(Credentials("id", "secret", "token"))


class TestContainer:
    def test_are_asked_for_once_while_they_are_good(self) -> None:
        clock, endpoint = Clock(), Endpoint(keys("one"))
        found = container(endpoint, clock)
        for _ in range(3):
            assert found.get(clock.deadline()).access_key == "one"
        assert len(endpoint.asked) == 1

    def test_are_renewed_well_before_they_end(self) -> None:
        clock, endpoint = Clock(), Endpoint(keys("one"), keys("two", "2027-01-15T10:00:00Z"))
        found = container(endpoint, clock)
        found.get(clock.deadline())
        clock.now = epoch(ENDS) - 299
        assert found.get(clock.deadline()).access_key == "two"

    def test_that_cannot_be_renewed_serve_as_long_as_they_are_good_and_no_longer(self) -> None:
        clock, endpoint = Clock(), Endpoint(keys("one"), UnavailableError("connection"))
        found = container(endpoint, clock)
        found.get(clock.deadline())
        clock.now = epoch(ENDS) - 60
        assert found.get(clock.deadline()).access_key == "one"
        assert found.get(clock.deadline()).access_key == "one"
        assert len(endpoint.asked) == 2, "each call asked again"
        clock.now = epoch(ENDS) + 1
        with pytest.raises(UnavailableError):
            found.get(clock.deadline())

    def test_that_aws_calls_expired_are_not_used_again(self) -> None:
        clock, endpoint = Clock(), Endpoint(keys("one"), keys("two"))
        found = container(endpoint, clock)
        found.get(clock.deadline())
        found.expired()
        assert found.get(clock.deadline()).access_key == "two"

    @pytest.mark.parametrize(
        ("environ", "sent"),
        [
            ({**LOCAL, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "abc"}, {"authorization": "abc"}),
            ({**LOCAL, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token"}, {"authorization": "from /token"}),
            (
                {
                    **LOCAL,
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "abc",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
                },
                {"authorization": "from /token"},
            ),
            (LOCAL, {}),
        ],
    )
    def test_the_token_is_sent_as_the_file_has_it_each_time(
        self, environ: Mapping[str, str], sent: Mapping[str, str]
    ) -> None:
        clock, endpoint = Clock(), Endpoint(keys("one"))
        container(endpoint, clock, environ, read=lambda path: f"from {path}\n").get(clock.deadline())
        assert endpoint.asked == [(LOCAL["AWS_CONTAINER_CREDENTIALS_FULL_URI"], sent)]

    @pytest.mark.parametrize(
        ("uri", "allowed"),
        [
            ("http://127.0.0.1:9001/x", True),
            ("http://localhost/x", True),
            ("http://[::1]:80/x", True),
            ("http://169.254.170.23/v1/credentials", True),
            ("https://keys.example.com/x", True),
            ("http://keys.example.com/x", False),
            ("http://169.254.169.254/latest", False),
            ("http://127.0.0.1.example.com/x", False),
            ("http://127.0.0.1@example.com/x", False),
        ],
    )
    def test_plain_http_is_for_this_machine_and_awss_own_addresses(self, uri: str, allowed: bool) -> None:
        clock, endpoint = Clock(), Endpoint(keys("one"))
        found = container(endpoint, clock, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri})
        if allowed:
            assert found.get(clock.deadline()).access_key == "one"
        else:
            with pytest.raises(DefectError, match="CredentialsEndpointNotAllowed"):
                found.get(clock.deadline())
            assert not endpoint.asked

    def test_the_relative_form_is_the_container_agents(self) -> None:
        clock, endpoint = Clock(), Endpoint(keys("one"))
        container(endpoint, clock, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/abc"}).get(clock.deadline())
        assert endpoint.asked[0][0] == "http://169.254.170.2/v2/abc"

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            (Answer(500, {}, b"", reusable=False), UnavailableError),
            (Answer(429, {}, b"", reusable=False), UnavailableError),
            (Answer(403, {}, b"", reusable=False), DefectError),
            (Answer(200, {}, b"{}", reusable=False), UnavailableError),
            (Answer(200, {}, b"<html>", reusable=False), UnavailableError),
        ],
    )
    def test_an_answer_without_keys(self, said: Answer, error: type[Exception]) -> None:
        with pytest.raises(error):
            container(Endpoint(said), Clock()).get(Clock().deadline())

    def test_over_a_real_socket(self) -> None:
        with Stub(answer(keys("real"), then="close")) as stub:
            environ = {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{stub.port}/keys?a=b",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "abc",
            }
            found = source(environ, fetcher(Resolver(), lambda: None), lambda: NOW)
            assert found.get(Deadline.after(5.0)).access_key == "real"
            assert stub.requests[0].startswith(b"GET /keys?a=b HTTP/1.1\r\n")
            assert b"authorization: abc\r\n" in stub.requests[0]


class TestWhatTheEndpointSays:
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(keys("a", "2027-01-15"), id="a-day-and-no-time"),
            pytest.param(keys("a", "2027-01-15T09:00:00"), id="no-zone"),
            pytest.param({**keys("a"), "AccessKeyId": None}, id="key-that-is-null"),
            pytest.param({**keys("a"), "SecretAccessKey": 7}, id="secret-that-is-a-number"),
            pytest.param({**keys("a"), "Token": ["t"]}, id="token-that-is-a-list"),
            pytest.param({**keys("a"), "AccessKeyId": "a\r\nx-injected: 1"}, id="key-with-a-header-behind-it"),
            pytest.param(Answer(200, {}, b"[" * 200_000, reusable=False), id="too-deep-to-be-read"),
        ],
    )
    def test_is_an_outage_if_it_is_no_key(self, said: Any) -> None:
        clock = Clock()
        with pytest.raises(UnavailableError, match="corrupt"):
            container(Endpoint(said), clock).get(clock.deadline())
