"""Which node has a key: the specification's slots, and what redirections and CLUSTER SLOTS teach."""

from __future__ import annotations

from typing import Any

import pytest

from shared.resp import ReplyError
from shared.slots import Address, Redirection, SlotMap, redirection, slot_of

ASKED = Address("cache.example", 6379)
OTHER = Address("other.example", 6380)


@pytest.mark.parametrize(
    ("key", "slot"),
    [
        pytest.param(b"123456789", 0x31C3, id="the specification's own example"),
        pytest.param(b"foo", 12182, id="as CLUSTER KEYSLOT answers"),
        pytest.param(b"{user1000}.following", 3443, id="hash tag"),
        pytest.param(b"{user1000}.followers", 3443, id="same tag, same slot"),
        pytest.param(b"user1000", 3443, id="the tag alone"),
        pytest.param(b"foo{}{bar}", 8363, id="an empty tag is none"),
        pytest.param(b"foo{{bar}}zap", 4015, id="from the first { to the first }"),
        pytest.param(b"", 0, id="empty"),
    ],
)
def test_slots(key: bytes, slot: int) -> None:
    assert slot_of(key) == slot


@pytest.mark.parametrize(
    ("line", "target"),
    [
        pytest.param("MOVED 3999 other.example:6380", Redirection(3999, OTHER), id="host and port"),
        pytest.param("ASK 3999 other.example:6380", Redirection(3999, OTHER), id="ASK"),
        pytest.param("ERR MOVED 3999 other.example:6380", Redirection(3999, OTHER), id="serverless"),
        pytest.param("MOVED 1 :6380", Redirection(1, Address(ASKED.host, 6380)), id="no host: that which was asked"),
        pytest.param("MOVED 1 ?:6380", Redirection(1, Address(ASKED.host, 6380)), id="unknown host"),
        pytest.param("MOVED 1 2001:db8::1:6380", Redirection(1, Address("2001:db8::1", 6380)), id="IPv6"),
        pytest.param("MOVED 16384 h:1", None, id="no such slot"),
        pytest.param("MOVED x h:1", None, id="slot is no number"),
        pytest.param("MOVED 1 h", None, id="no port"),
        pytest.param("MOVED 1 h:0", None, id="port 0"),
        pytest.param("MOVED 1 h:65536", None, id="port too large"),
        pytest.param("MOVED", None, id="nothing"),
        pytest.param("MOVED \u00b2 h:1", None, id="a digit that is no number"),
        pytest.param(f"MOVED {'9' * 5000} h:1", None, id="a slot without end"),
        pytest.param("MOVED 1 h:\u00b2", None, id="a port that is no number"),
        pytest.param(f"MOVED 1 h:{'9' * 5000}", None, id="a port without end"),
    ],
)
def test_redirections(line: str, target: Redirection | None) -> None:
    assert redirection(ReplyError(line), ASKED) == target


def entry(first: int, last: int, host: bytes | None, port: int) -> list[Any]:
    """One entry of CLUSTER SLOTS, with a replica and the metadata of Redis 7."""
    return [first, last, [host, port, b"id", [b"ip", b"127.0.0.1"]], [b"replica.example", 7000, b"id2", []]]


def test_a_map_is_learned_whole_and_says_nothing_of_slots_that_nobody_serves() -> None:
    slots = SlotMap()
    assert not slots.known
    assert slots.learn([entry(8000, 16000, b"other.example", 6380), entry(0, 7000, b"", 6379)], ASKED)
    assert [slots.owner(slot) for slot in (0, 7000, 7001, 7999, 8000, 16000, 16001)] == [
        ASKED,
        ASKED,
        None,
        None,
        OTHER,
        OTHER,
        None,
    ]
    assert set(slots.owners()) == {ASKED, OTHER}


def test_a_redirection_outweighs_the_map_until_the_map_is_read_again() -> None:
    slots = SlotMap()
    slots.learn([entry(0, 16383, b"", 6379)], ASKED)
    slots.move(Redirection(5, OTHER))
    assert slots.owner(5) == OTHER
    assert slots.owner(6) == ASKED
    slots.learn([entry(0, 16383, None, 6379)], ASKED)
    assert slots.owner(5) == ASKED


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(ReplyError("ERR This instance has cluster support disabled"), id="no cluster"),
        pytest.param(ReplyError("NOPERM no permission"), id="not allowed"),
        pytest.param([], id="a cluster that is not made yet"),
        pytest.param([[0, 1]], id="no node"),
        pytest.param([[0, 1, [b"h"]]], id="no port"),
        pytest.param([b"x"], id="no range"),
        pytest.param(b"OK", id="another answer"),
        pytest.param([[0, 16383, [b"h", 99999]]], id="no such port"),
        pytest.param([[0, 16383, [b"h", -1]]], id="a port below all"),
        pytest.param([[0, 16384, [b"h", 1]]], id="no such slot"),
        pytest.param([[-1, 5, [b"h", 1]]], id="a slot below all"),
        pytest.param([[0, 16383, [b"h", 1]], [5, 5, [b"i", 1]]], id="a slot twice"),
    ],
)
def test_what_is_no_map_leaves_what_is_known(reply: Any) -> None:
    slots = SlotMap()
    slots.move(Redirection(5, OTHER))
    assert not slots.learn(reply, ASKED)
    assert slots.owner(5) == OTHER


def test_after_forgetting_nothing_is_known() -> None:
    slots = SlotMap()
    slots.learn([entry(0, 16383, b"", 6379)], ASKED)
    slots.move(Redirection(5, OTHER))
    slots.forget()
    assert not slots.known
    assert slots.owner(5) is None
