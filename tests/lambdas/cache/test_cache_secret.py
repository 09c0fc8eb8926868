"""The secret of a cache: what is read from it, how often, and that nobody is shown it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.cache_secret import FIRST_SECONDS, REREAD_SECONDS, CacheSecret, Login
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import DefectError, UnavailableError
from tests.lambdas.cache.world import Clock, MemorySecrets

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
USER_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache-user"
HASH_KEY = "0123456789abcdef" * 4


class World:
    """A secret, where it is read, and the time."""

    def __init__(self, **texts: Any) -> None:
        self.clock = Clock()
        self.secrets = MemorySecrets({ARN: json.dumps(texts)})
        self.secret = CacheSecret(ARN, lambda: self.secrets, self.clock)

    def deadline(self, seconds: float = 0.08) -> Deadline:
        return Deadline.after(seconds, self.clock)


@pytest.mark.parametrize(
    ("texts", "login", "hash_key"),
    [
        pytest.param({"password": "t"}, Login("", "t"), None, id="a token alone"),
        pytest.param({"password": "t", "username": None}, Login("", "t"), None, id="null is as good as missing"),
        pytest.param({"password": "p", "username": "app"}, Login("app", "p"), None, id="a user"),
        pytest.param({"hashKey": HASH_KEY}, None, bytes.fromhex(HASH_KEY), id="no login is needed"),
        pytest.param({"hashKey": HASH_KEY, "password": ""}, None, bytes.fromhex(HASH_KEY), id="empty password"),
    ],
)
def test_what_a_secret_says(texts: dict[str, Any], login: Login | None, hash_key: bytes | None) -> None:
    world = World(**texts)
    assert world.secret.load(world.deadline())
    assert (world.secret.login, world.secret.hash_key) == (login, hash_key)


def test_a_user_that_aws_rotates_stands_in_a_secret_of_its_own() -> None:
    world = World(hashKey=HASH_KEY, userSecretArn=USER_ARN, password="not this one")
    world.secrets.texts[USER_ARN] = json.dumps({"username": "app", "password": "rotated", "user_arn": "arn:aws:..."})
    assert world.secret.load(world.deadline())
    assert world.secret.login == Login("app", "rotated")
    assert world.secret.hash_key == bytes.fromhex(HASH_KEY), "the user's secret has none"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a token and no JSON", id="no JSON"),
        pytest.param('["token"]', id="no object"),
        pytest.param('{"password": 1}', id="password is no text"),
        pytest.param('{"hashKey": "0f"}', id="short hash key"),
        pytest.param('{"hashKey": "' + "g" * 64 + '"}', id="hash key is not hexadecimal"),
        pytest.param('{"userSecretArn": {}}', id="ARN is no text"),
        pytest.param('{"password": "half \\ud83d"}', id="password that cannot be sent"),
        pytest.param("[" * 100_000, id="too deep"),
    ],
)
def test_a_malformed_secret_is_as_good_as_none(text: str) -> None:
    world = World()
    world.secrets.texts[ARN] = text
    assert not world.secret.load(world.deadline())
    assert (world.secret.login, world.secret.hash_key) == (None, None)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(UnavailableError("throttle"), id="not just now"),
        pytest.param(DefectError("AccessDeniedException"), id="never"),
        pytest.param(DeadlineExceededError(), id="too late"),
    ],
)
def test_a_secret_that_cannot_be_read_fails_nothing_and_is_tried_again_later(error: Exception) -> None:
    world = World(password="t")
    world.secrets.error = error
    for _ in range(20):
        assert not world.secret.load(world.deadline())
    assert len(world.secrets.read) == 1
    world.secrets.error = None
    world.clock.now += FIRST_SECONDS
    assert world.secret.load(world.deadline())


def test_without_time_nothing_is_tried_so_that_the_next_caller_may() -> None:
    world = World(password="t")
    assert not world.secret.load(world.deadline(0.0))
    assert world.secret.load(world.deadline())


def test_it_is_read_again_once_per_30_seconds_and_says_whether_the_login_changed() -> None:
    world = World(password="first")
    world.secret.load(world.deadline())
    world.secrets.texts[ARN] = '{"password": "second"}'
    assert not world.secret.reread(world.deadline()), "read a moment ago"
    world.clock.now += REREAD_SECONDS
    assert world.secret.reread(world.deadline())
    world.clock.now += REREAD_SECONDS
    assert not world.secret.reread(world.deadline()), "read, and the same"
    assert len(world.secrets.read) == 3


def test_what_is_known_is_kept_while_the_secret_cannot_be_read() -> None:
    world = World(password="t", hashKey=HASH_KEY)
    world.secret.load(world.deadline())
    world.secrets.error = UnavailableError("timeout")
    world.clock.now += REREAD_SECONDS
    assert not world.secret.reread(world.deadline())
    assert world.secret.login == Login("", "t")
    assert world.secret.hash_key is not None


def test_nobody_is_shown_it() -> None:
    world = World(password="hunter2", username="app", hashKey=HASH_KEY)
    world.secret.load(world.deadline())
    shown = repr(world.secret) + repr(world.secret.login) + str(world.secret.login)
    assert "hunter2" not in shown
    assert "app" not in repr(world.secret.login)
