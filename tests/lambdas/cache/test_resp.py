"""The protocol: what is taken off a stream is what was written to it, however it was cut, and nothing else passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.resp import MAX_BULK, MAX_LINE, ProtocolError, Reader, ReplyError, command, get_command


def written(reply: Any) -> bytes:
    """A reply as a server writes it."""
    match reply:
        case None:
            return b"$-1\r\n"
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(reply), reply)
        case int():
            return b":%d\r\n" % reply
        case list():
            return b"*%d\r\n" % len(reply) + b"".join(written(item) for item in reply)
    raise AssertionError(reply)


replies = st.recursive(
    st.none() | st.binary(max_size=40) | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(sent=st.lists(replies, min_size=1, max_size=6), cuts=st.lists(st.integers(1, 7), min_size=1))
def test_replies_are_taken_whole_and_in_order_however_the_stream_was_cut(sent: list[Any], cuts: list[int]) -> None:
    stream = b"".join(map(written, sent))
    reader = Reader()
    taken = []
    turn = 0
    while stream:
        size = cuts[turn % len(cuts)]
        piece, stream = stream[:size], stream[size:]
        turn += 1
        reader.feed(piece)
        while reader.take():
            taken.append(reader.reply)
    assert taken == sent
    assert not reader.rest()


@given(reply=replies)
def test_a_reply_that_lacks_its_end_is_not_taken(reply: Any) -> None:
    stream = written(reply)
    reader = Reader()
    reader.feed(stream[:-1])
    assert not reader.take()
    assert reader.rest()


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"hello\r\n", id="no kind"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", id="another protocol"),
        pytest.param(b"\x15\x03\x03\x00\x02\x02\x50", id="TLS alert, and no line end in sight"),
        pytest.param(b"$5\r\nhello!\r\n", id="value longer than it says"),
        pytest.param(b"$x\r\n", id="length is no number"),
        pytest.param(b"$-2\r\n", id="length below none"),
        pytest.param(b"$ 5\r\nhello\r\n", id="length with a space"),
        pytest.param(b"$\r\n", id="no length"),
        pytest.param(b"$%d\r\n" % (MAX_BULK + 1), id="value larger than any of ours"),
        pytest.param(b"*99999999\r\n", id="array larger than any of ours"),
        pytest.param(b"*1\r\n" * 20 + b":1\r\n", id="arrays in arrays"),
        pytest.param(b":1.5\r\n", id="integer is none"),
        pytest.param(b":" + b"9" * 30 + b"\r\n", id="integer beyond 64 bits"),
        pytest.param(b"+" + b"x" * MAX_LINE + b"\r\n", id="line without end"),
        pytest.param(b"%1\r\n+a\r\n:1\r\n", id="RESP3, which was not asked for"),
    ],
)
def test_what_is_no_reply_is_an_error_that_does_not_quote_it(stream: bytes) -> None:
    reader = Reader()
    reader.feed(stream)
    with pytest.raises(ProtocolError) as raised:
        reader.take()
    assert stream[:6].decode("latin-1") not in str(raised.value)


def test_a_long_value_is_parsed_once_and_not_with_every_piece() -> None:
    value = b"v" * 100_000
    reader = Reader()
    stream = written(value)
    reader.feed(stream[:20])
    assert not reader.take()
    assert reader.missing == len(stream) - 20


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        pytest.param("MOVED 3999 10.0.0.2:6381", "MOVED", ("3999", "10.0.0.2:6381"), id="MOVED"),
        pytest.param("ERR MOVED 3999 host:6379", "MOVED", ("3999", "host:6379"), id="MOVED of ElastiCache serverless"),
        pytest.param("ERR ASK 1 host:6379", "ASK", ("1", "host:6379"), id="ASK behind ERR"),
        pytest.param("ERR unknown command", "ERR", ("unknown", "command"), id="plain error"),
        pytest.param("ERR", "ERR", (), id="code alone"),
        pytest.param("", "ERR", (), id="empty"),
        pytest.param("+12065550100 is no code", "ERR", ("is", "no", "code"), id="first word is no code"),
    ],
)
def test_the_code_of_an_error(line: str, code: str, words: tuple[str, ...]) -> None:
    error = ReplyError(line)
    assert (error.code, error.words) == (code, words)
    assert repr(error) == f"ReplyError({code})", "what a server quotes must not be shown"


@given(key=st.binary(max_size=30), value=st.binary(max_size=300))
def test_commands_hold_any_bytes(key: bytes, value: bytes) -> None:
    reader = Reader()
    reader.feed(command(b"SET", key, value) + get_command(key))
    assert reader.take()
    assert reader.reply == [b"SET", key, value]
    assert reader.take()
    assert reader.reply == [b"GET", key]
