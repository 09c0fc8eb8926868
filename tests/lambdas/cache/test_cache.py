"""What a function is told by its cache, whatever the cache does; on a clock of the tests' own."""

from __future__ import annotations

from collections import deque

import pytest

from shared.breaker import FAILURES, OPEN_SECONDS
from shared.cache import Cache, NoCache
from shared.cache_secret import CacheSecret
from shared.deadline import Deadline
from shared.node import IDLE_SECONDS
from shared.nodes import LEARN_SECONDS
from tests.lambdas.cache.world import OTHER, SEED, Clock, MemorySecrets, Server, cache_of, within

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
KEY, VALUE = "cust:v1:C1", b"cust:v1:C1 Ada"
AT_OTHER = "cust:v1:C3"  # a key whose slot is in the upper half
BUDGET = 0.08


@pytest.fixture
def server() -> Server:
    server = Server(Clock())
    server.kept[KEY.encode()] = VALUE
    server.kept[AT_OTHER.encode()] = VALUE
    return server


@pytest.fixture
def cluster(server: Server) -> Server:
    server.cluster = True
    assert (server.owner(KEY.encode()), server.owner(AT_OTHER.encode())) == (SEED, OTHER)
    return server


def get(cache: Cache, server: Server, key: str = KEY) -> tuple[bytes | None, str]:
    """What one lookup is told: the value and the reason."""
    value = cache.get(key, within(server, BUDGET))
    return value, cache.reason


def test_what_was_set_is_got_until_it_is_deleted(server: Server) -> None:
    cache = cache_of(server)
    assert cache.get("new", within(server)) is None
    assert cache.reason == ""
    assert cache.set("new", b"value", 300, within(server))
    assert get(cache, server, "new") == (b"value", "")
    assert cache.delete(["new", "never there"], within(server))
    assert get(cache, server, "new") == (None, "")
    assert len(server.wires) == 1, "all on one connection"


@pytest.mark.parametrize(
    ("behavior", "reason"),
    [
        pytest.param("late", "timeout", id="late"),
        pytest.param("drip", "timeout", id="dripping"),
        pytest.param("halt", "timeout", id="stops in the middle"),
        pytest.param("hang", "timeout", id="says nothing"),
        pytest.param("truncate", "timeout", id="says more than it sends"),
        pytest.param("break off", "connection", id="closes in the middle"),
        pytest.param("close", "connection", id="closes"),
        pytest.param("garbage", "protocol", id="no reply"),
        pytest.param("twice", "protocol", id="one reply too many"),
        pytest.param("not for us", "protocol", id="a reply to another command"),
        pytest.param("moved nowhere", "server", id="MOVED that leads nowhere"),
        pytest.param("LOADING", "server", id="LOADING"),
        pytest.param("OOM", "server", id="OOM"),
        pytest.param("CLUSTERDOWN", "server", id="CLUSTERDOWN"),
        pytest.param("TRYAGAIN", "server", id="TRYAGAIN"),
        pytest.param("READONLY", "server", id="READONLY, whatever the name leads to"),
        pytest.param("ERR", "server", id="max clients"),
        pytest.param("NOAUTH", "auth", id="NOAUTH, and no secret"),
        pytest.param("NOPERM", "auth", id="NOPERM"),
        pytest.param("moved", "server", id="redirected in a circle"),
    ],
)
@pytest.mark.parametrize(
    "warm", [pytest.param(True, id="on a connection in use"), pytest.param(False, id="on a new one")]
)
def test_a_cache_that_cannot_answer_is_a_miss_with_a_reason_and_the_next_caller_gets_its_own(
    server: Server, behavior: str, reason: str, warm: bool
) -> None:
    cache = cache_of(server)
    if warm:
        assert get(cache, server) == (VALUE, "")
    server.kept[b"next"] = b"next caller"
    started = server.clock.now
    server.plan = deque([behavior] * 12)
    assert get(cache, server) == (None, reason)
    assert server.clock.now - started <= BUDGET + 1e-6
    server.plan.clear()
    assert get(cache, server, "next") == (b"next caller", "")


@pytest.mark.parametrize(
    "behavior",
    [
        pytest.param("slow", id="slow, but in time"),
        pytest.param("READONLY", id="READONLY: reconnected by name"),
        pytest.param("close", id="closed while idle"),
        pytest.param("moved, serverless", id="redirected once"),
        pytest.param("ask", id="ASK"),
    ],
)
def test_what_can_be_helped_is_no_miss(server: Server, behavior: str) -> None:
    cache = cache_of(server)
    get(cache, server)
    server.plan = deque([behavior])
    server.cluster = behavior in ("moved, serverless", "ask")
    assert get(cache, server) == (VALUE, "")


def test_readonly_resolves_the_name_anew(server: Server) -> None:
    cache = cache_of(server)
    server.plan = deque(["READONLY"])
    assert cache.set("k", b"v", 300, within(server))
    assert server.forgotten == [SEED.host]
    assert server.wires[0].closed
    assert len(server.wires) == 2


def test_a_connection_that_was_closed_while_idle_is_no_failure(server: Server) -> None:
    cache = cache_of(server)
    for _ in range(FAILURES * 3):
        server.plan = deque(["answer and close"])
        assert get(cache, server) == (VALUE, "")
    assert len(server.wires) == FAILURES * 3


def test_a_connection_that_was_idle_for_long_is_not_trusted(server: Server) -> None:
    cache = cache_of(server)
    get(cache, server)
    server.clock.now += IDLE_SECONDS - 1
    get(cache, server)
    assert len(server.wires) == 1
    server.clock.now += IDLE_SECONDS + 1
    assert get(cache, server) == (VALUE, "")
    assert (len(server.wires), server.wires[0].closed) == (2, True)


def test_no_time_left_is_a_miss_and_not_the_fault_of_the_cache(server: Server) -> None:
    cache = cache_of(server)
    for _ in range(FAILURES + 1):
        assert cache.get(KEY, within(server, 0.0)) is None
        assert cache.reason == "timeout"
    assert get(cache, server) == (VALUE, "")


# --- the breaker ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behavior", ["hang", "garbage", "break off", "ERR"])
def test_after_five_failures_the_cache_is_left_alone_and_found_again(server: Server, behavior: str) -> None:
    cache = cache_of(server)
    get(cache, server)
    server.plan = deque([behavior] * 100)
    for _ in range(FAILURES):
        get(cache, server)
    asked = len(server.asked)
    assert get(cache, server) == (None, "open")
    assert not cache.set("k", b"v", 300, within(server))
    assert cache.reason == "open"
    assert len(server.asked) == asked, "asked while it was to be left alone"
    server.plan.clear()
    server.clock.now += OPEN_SECONDS
    assert get(cache, server) == (VALUE, "")


@pytest.mark.parametrize("behavior", ["LOADING", "OOM", "CLUSTERDOWN", "READONLY", "NOPERM"])
def test_a_cache_that_says_at_once_what_is_wrong_goes_on_being_asked(server: Server, behavior: str) -> None:
    cache = cache_of(server)
    server.plan = deque([behavior] * 40)
    for _ in range(FAILURES * 2):
        assert get(cache, server)[0] is None
    server.plan.clear()
    assert get(cache, server) == (VALUE, "")


@pytest.mark.parametrize(("dial", "reason"), [("refuse", "connection"), ("hang", "timeout")])
def test_a_cache_that_cannot_be_reached_opens_it_too(server: Server, dial: str, reason: str) -> None:
    cache = cache_of(server)
    server.dials = deque([dial] * FAILURES)
    assert [get(cache, server) for _ in range(FAILURES + 1)] == [(None, reason)] * FAILURES + [(None, "open")]


def test_four_failures_and_an_answer_do_not_add_up(server: Server) -> None:
    cache = cache_of(server)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            server.plan = deque(["hang"])
            assert get(cache, server) == (None, "timeout")
        assert get(cache, server) == (VALUE, "")


def test_a_reply_to_no_command_of_ours_ends_the_connection(server: Server) -> None:
    cache = cache_of(server)
    server.plan = deque(["not for us"])
    assert get(cache, server) == (None, "protocol")
    assert all(wire.closed for wire in server.wires)


# --- the login --------------------------------------------------------------------------------------------------------


def secret_of(server: Server, **texts: str) -> tuple[CacheSecret, MemorySecrets]:
    secrets = MemorySecrets({ARN: texts.get("text", '{"password": "first"}')})
    return CacheSecret(ARN, lambda: secrets, server.clock), secrets


def test_a_rotation_costs_no_lookup(server: Server) -> None:
    server.password = b"first"
    secret, secrets = secret_of(server)
    cache = cache_of(server, secret)
    assert get(cache, server) == (VALUE, "")
    server.password = b"second"
    secrets.texts[ARN] = '{"password": "second"}'
    server.clock.now += 60
    assert get(cache, server) == (VALUE, ""), "what is connected stays connected"
    server.plan = deque(["close"])
    assert get(cache, server) == (VALUE, ""), "the new connection is refused the old token and reads the secret"
    assert len(secrets.read) == 2


@pytest.mark.parametrize("refusal", ["WRONGPASS", "NOAUTH"])
def test_a_login_that_stays_refused_rereads_the_secret_once_per_30_seconds(server: Server, refusal: str) -> None:
    server.password = b"nobody knows"
    secret, secrets = secret_of(server, text='{"password": "wrong"}' if refusal == "WRONGPASS" else "{}")
    cache = cache_of(server, secret)
    for _ in range(120):
        assert get(cache, server)[0] is None
        server.clock.now += 1
    assert 4 <= len(secrets.read) <= 5
    server.password = b"known"
    secrets.texts[ARN] = '{"password": "known"}'
    server.clock.now += 31
    assert get(cache, server) == (VALUE, "")


def test_a_login_that_is_refused_is_a_miss_for_reason_auth(server: Server) -> None:
    server.password = b"nobody knows"
    secret, _ = secret_of(server)
    assert get(cache_of(server, secret), server) == (None, "auth")


def test_a_server_that_asks_for_a_login_since_is_given_it(server: Server) -> None:
    secret, secrets = secret_of(server, text="{}")
    cache = cache_of(server, secret)
    assert get(cache, server) == (VALUE, "")
    server.password = b"first"
    secrets.texts[ARN] = '{"password": "first"}'
    server.clock.now += 31
    assert get(cache, server) == (VALUE, "")


def test_all_commands_of_a_pipeline_are_asked_again_after_one_login(server: Server) -> None:
    secret, secrets = secret_of(server, text="{}")
    cache = cache_of(server, secret)
    get(cache, server)
    server.password = b"first"
    secrets.texts[ARN] = '{"password": "first"}'
    server.clock.now += 31
    assert cache.set_many([(f"k{n}", b"v", 300) for n in range(10)], within(server)) == 10
    assert len(secrets.read) == 2


# --- the cluster ------------------------------------------------------------------------------------------------------


def test_the_map_is_learned_with_the_first_command_and_each_node_is_asked_directly(cluster: Server) -> None:
    cache = cache_of(cluster)
    assert get(cache, cluster) == (VALUE, "")
    cluster.asked.clear()
    assert get(cache, cluster, AT_OTHER) == (VALUE, "")
    assert cluster.asked == [(OTHER, b"GET")]


def test_redirections_are_followed_though_nobody_said_that_it_is_a_cluster(cluster: Server) -> None:
    cluster.cluster = False
    cache = cache_of(cluster)
    cluster.cluster = True
    assert get(cache, cluster, AT_OTHER) == (VALUE, "")
    cluster.asked.clear()
    assert get(cache, cluster, AT_OTHER) == (VALUE, "")
    assert cluster.asked == [(OTHER, b"GET")]


def test_the_map_is_read_once_while_slots_move(cluster: Server) -> None:
    cache = cache_of(cluster)
    get(cache, cluster)
    cluster.clock.now += LEARN_SECONDS
    cluster.asked.clear()
    for _ in range(5):
        cluster.plan = deque(["moved", "moved"])
        assert get(cache, cluster) == (VALUE, "")
    assert [word for _, word in cluster.asked].count(b"CLUSTER") == 1


def test_ask_is_followed_with_asking_and_teaches_nothing(cluster: Server) -> None:
    cache = cache_of(cluster)
    get(cache, cluster)
    cluster.asked.clear()
    cluster.plan = deque(["ask"])
    assert get(cache, cluster) == (VALUE, "")
    assert get(cache, cluster) == (VALUE, "")
    assert cluster.asked == [(SEED, b"GET"), (OTHER, b"ASKING"), (OTHER, b"GET"), (SEED, b"GET")]


def test_a_batch_is_split_by_node_and_each_part_goes_in_one_write(cluster: Server) -> None:
    cache = cache_of(cluster)
    cache.warm(within(cluster))
    cluster.asked.clear()
    entries = [(f"cust:v1:C{n}", b"v%d" % n, 300) for n in range(60)]
    assert cache.set_many(entries, within(cluster)) == 60
    assert {word for _, word in cluster.asked} == {b"SET"}, "nothing was redirected"
    assert {cluster.kept[key.encode()] for key, _, _ in entries} == {value for _, value, _ in entries}
    assert len(cluster.wires) == 2
    assert cache.delete([key for key, _, _ in entries], within(cluster))
    assert not any(key.encode() in cluster.kept for key, _, _ in entries)


def test_a_node_that_is_gone_is_asked_for_at_the_address_of_the_cache(cluster: Server) -> None:
    cache = cache_of(cluster)
    get(cache, cluster, AT_OTHER)
    for wire in cluster.wires:
        if wire.address == OTHER:
            wire.arrive(b"")
    cluster.dials = deque(["refuse"])
    assert get(cache, cluster, AT_OTHER) == (VALUE, ""), "its successor is known to the others"


def test_a_part_of_a_batch_that_fails_does_not_take_the_rest_with_it(cluster: Server) -> None:
    cache = cache_of(cluster)
    cache.warm(within(cluster))
    cluster.plan = deque(["OOM", "answer", "answer"])
    entries = [("cust:v1:C1", b"v", 300), ("cust:v1:C1x", b"v", 300), (AT_OTHER, b"v", 300)]
    assert cache.set_many(entries, within(cluster)) == 2
    assert cache.reason == "server"


# --- around it --------------------------------------------------------------------------------------------------------


class NoSession:
    """A session that nothing may be asked of."""


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        pytest.param({}, "", id="no cache is meant"),
        pytest.param({"CACHE": ""}, "", id="empty"),
        pytest.param({"CACHE": "cache.example:6379"}, "address", id="not an address: INIT must not fail for it"),
    ],
)
def test_without_a_cache_everything_misses(environ: dict[str, str], reason: str) -> None:
    clock = Clock()
    cache = Cache.from_environment(environ, NoSession(), clock=clock, jitter=lambda: 0.5)  # type: ignore[arg-type]
    assert isinstance(cache, NoCache)
    deadline = Deadline.after(1, clock)
    cache.warm(deadline)
    assert cache.get(KEY, deadline) is None
    assert cache.reason == reason
    assert cache.hash_key is None
    assert cache.load_hash_key(deadline) is None
    assert not cache.set(KEY, b"v", 300, deadline)
    assert cache.set_many([(KEY, b"v", 300)], deadline) == 0
    assert cache.delete([KEY], deadline)


def test_warming_up_says_what_is_wrong_and_raises_nothing(server: Server) -> None:
    cache = cache_of(server)
    server.dials = deque(["refuse"])
    cache.warm(within(server))
    assert cache.reason == "connection"
    cache.warm(within(server))
    assert cache.reason == ""
    get(cache, server)
    assert len(server.wires) == 1


def test_after_a_snapshot_everything_is_new(server: Server) -> None:
    server.password = b"first"
    secret, secrets = secret_of(server, text='{"password": "first", "hashKey": "' + "0f" * 32 + '"}')
    cache = cache_of(server, secret)
    get(cache, server)
    before = cache.hash_key
    cache.reset()
    assert (before, cache.hash_key) == (b"\x0f" * 32, None)
    assert server.wires[0].closed
    secrets.texts[ARN] = '{"password": "second"}'
    server.password = b"second"
    assert get(cache, server) == (VALUE, "")
