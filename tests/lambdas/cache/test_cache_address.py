"""The address of a cache as it is configured."""

from __future__ import annotations

import pytest

from shared.cache_address import CacheAddress, parse
from shared.slots import Address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("rediss://c.example:6380", CacheAddress(Address("c.example", 6380), True, False), id="TLS"),
        pytest.param("redis://c.example:6380", CacheAddress(Address("c.example", 6380), False, False), id="plain"),
        pytest.param("rediss://c.example", CacheAddress(Address("c.example", 6379), True, False), id="default port"),
        pytest.param("rediss://c:1?cluster=true", CacheAddress(Address("c", 1), True, True), id="cluster"),
        pytest.param("rediss://c:1/?cluster=true", CacheAddress(Address("c", 1), True, True), id="slash"),
        pytest.param("rediss://c:1?cluster=false", CacheAddress(Address("c", 1), True, False), id="no cluster"),
        pytest.param("redis://[::1]:7000", CacheAddress(Address("::1", 7000), False, False), id="IPv6"),
        pytest.param("redis://[::1]", CacheAddress(Address("::1", 6379), False, False), id="IPv6, default port"),
        pytest.param(" rediss://c:1\n", CacheAddress(Address("c", 1), True, False), id="pasted with spaces"),
    ],
)
def test_addresses(url: str, expected: CacheAddress) -> None:
    assert parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("c.example:6379", id="no scheme"),
        pytest.param("http://c.example:6379", id="another scheme"),
        pytest.param("rediss://", id="no host"),
        pytest.param("rediss://:6379", id="no host but a port"),
        pytest.param("rediss://c:port", id="port is no number"),
        pytest.param("rediss://c:0", id="port 0"),
        pytest.param("rediss://c:65536", id="port too large"),
        pytest.param("rediss://c:²", id="digits that are none"),
        pytest.param("rediss://user:secret@c:6379", id="login belongs in the secret"),
        pytest.param("rediss://c:6379/1", id="database"),
        pytest.param("rediss://c:6379?cluster=yes", id="flag that is neither true nor false"),
        pytest.param("rediss://c:6379?clutser=true", id="misspelled flag must not pass as no cluster"),
        pytest.param("redis://[::1]x", id="after the bracket"),
    ],
)
def test_what_is_none(url: str) -> None:
    assert parse(url) is None
