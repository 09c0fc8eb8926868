"""Filling a cache page by page: what is in it afterwards, and where the next page begins when something went wrong."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from cache_warmer.app import PAGE_SECONDS, Answer, CacheWarmer, build
from cache_warmer.page import STEP_ITEMS, Profiles
from cache_warmer.request import CacheNamed, RequestError
from shared import keys
from shared.cache import Cache, NoCache
from shared.cache_secret import CacheSecret
from shared.cached_customer import FOUND, decode
from shared.caller import hashed
from shared.credentials import Credentials
from shared.deadline import Deadline, DeadlineExceededError
from shared.entities import Customer, profile
from shared.failure import DefectError, UnavailableError
from shared.invocation import Invocation, MissingVariableError
from shared.record import Record
from shared.session import Session
from tests.lambdas.cache.world import Clock, MemorySecrets, Server, cache_of

TABLE = "customers"
HASH_KEY = bytes(range(32))
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
SHARED_NUMBER = "+12065550000"
TTL = 1000


class Found(NamedTuple):
    """A page as `shared.dynamodb` gives it."""

    items: Sequence[Mapping[str, Any]]
    next: Mapping[str, Any] | None


class MemoryTable:
    """The two reads of the customers table, over items in the order of a scan. Each takes `seconds`; a read may raise."""

    def __init__(self, clock: Clock, items: list[Any]) -> None:
        self.items = items
        self.clock = clock
        self.seconds = 0.0
        self.errors: deque[Exception | None] = deque()

    def scan(self, table: str, deadline: Deadline, *, limit: int, start: Any, values: Any, **said: Any) -> Found:
        assert (table, said["filter"], values) == (TABLE, "SK = :sk", {":sk": {"S": "PROFILE"}})
        self._read(deadline)
        names = [(item["CustomerId"]["S"], item["SK"]["S"]) for item in self.items]
        begin = names.index((start["CustomerId"]["S"], start["SK"]["S"])) + 1 if start else 0
        end = begin + limit
        found = [item for item in self.items[begin:end] if item["SK"] == {"S": "PROFILE"}]
        last = self.items[end - 1] if end < len(self.items) else None
        return Found(found, last)

    def query(self, table: str, deadline: Deadline, *, values: Any, index: str, limit: int, **_: Any) -> Found:
        assert (table, index) == (TABLE, keys.NUMBER_INDEX)
        self._read(deadline)
        return Found([item for item in self.items if item.get("PhoneNumber") == values[":number"]][:limit], None)

    def _read(self, deadline: Deadline) -> None:
        error = self.errors.popleft() if self.errors else None
        if error is not None:
            raise error
        if deadline.remaining() < self.seconds:
            raise DeadlineExceededError
        self.clock.now += self.seconds


def customers(count: int) -> list[Any]:
    """Customers with what else the table holds of them. Every tenth has the number of all tenths, every seventh none."""
    items: list[Any] = []
    for n in range(count):
        number = SHARED_NUMBER if n % 10 == 0 else "" if n % 7 == 0 else number_of(n)
        items.append({**keys.contact(f"C{n}", f"contact-{n}"), "ContactId": {"S": f"contact-{n}"}})
        items.append(profile(Customer(f"C{n}", f"Name {n}", "Gold", "en-GB"), number))
    return items


def number_of(n: int) -> str:
    return f"+1206555{n:04d}"


class World:
    """The warmer over a table and a cache in memory."""

    def __init__(self, items: list[Any], hash_key: bytes | None = HASH_KEY) -> None:
        self.clock = Clock()
        self.table = MemoryTable(self.clock, items)
        self.server = Server(self.clock)
        text = json.dumps({"hashKey": hash_key.hex()} if hash_key else {})
        self.secret = CacheSecret(ARN, lambda: MemorySecrets({ARN: text}), self.clock)
        self.cache: Cache | NoCache = cache_of(self.server, self.secret)
        self.opened: list[CacheNamed] = []
        self.others: dict[str, Cache | NoCache] = {}
        self.jitters = deque([0.0, 0.25, 0.5, 0.75, 0.9999])
        self.warmer = CacheWarmer(Profiles(self.table, TABLE, self.jitter), self.cache, self.open)  # type: ignore[arg-type]

    def jitter(self) -> float:
        self.jitters.rotate()
        return self.jitters[0]

    def open(self, named: CacheNamed) -> Cache | NoCache:
        self.opened.append(named)
        return self.others[named.url]

    def invoke(self, seconds: float = 30.0, **event: Any) -> Answer:
        invocation = Invocation(Deadline.after(seconds, self.clock), Record())
        answer = self.warmer.answer({"ttlSeconds": TTL, **event}, invocation)
        assert all(isinstance(value, str) for value in answer.values())
        assert "+1206" not in json.dumps(answer), "a cursor goes where people look"
        return answer

    def walk(self, **event: Any) -> list[Answer]:
        """Every page, until the end."""
        answers = [self.invoke(**event)]
        while answers[-1]["done"] == "false":
            assert len(answers) < 100, "does not end"
            answers.append(self.invoke(cursor=answers[-1]["cursor"], **event))
        return answers


def whole(server: Server, count: int) -> None:
    """Everybody of `customers(count)` is in the cache as a lookup would have it there."""
    expected = {keys.cached_customer(f"C{n}"): n for n in range(count)}
    numbers = [n for n in range(count) if n % 10 and n % 7]
    expected |= {keys.cached_number(hashed(number_of(n), HASH_KEY)): n for n in numbers}
    assert {key.decode() for key in server.kept} == set(expected)
    for key, n in expected.items():
        match = decode(key, server.kept[key.encode()])
        assert match is not None
        assert (match.found, match.customer) == (FOUND, Customer(f"C{n}", f"Name {n}", "Gold", "en-GB"))


def test_every_customer_is_there_afterwards_under_id_and_under_a_number_that_is_its_own() -> None:
    world = World(customers(130))
    answers = world.walk(limit=100)
    whole(world.server, 130)
    assert sum(int(answer["items"]) for answer in answers) == 130
    assert sum(int(answer["written"]) for answer in answers) == len(world.server.kept)
    assert answers[-1] == {**answers[-1], "cursor": "", "done": "true", "reason": ""}
    assert keys.cached_number(hashed(SHARED_NUMBER, HASH_KEY)).encode() not in world.server.kept


def test_a_page_is_bounded_and_can_be_repeated() -> None:
    world = World(customers(130))
    first = world.invoke(limit=60)
    assert (first["items"], first["done"]) == ("30", "false")
    kept = dict(world.server.kept)
    assert world.invoke(limit=60) == first
    assert world.server.kept == kept


def test_times_to_live_are_spread_by_a_tenth_either_way() -> None:
    world = World(customers(60))
    world.walk(limit=1000)
    seconds = set(world.server.seconds.values())
    assert min(seconds) == TTL * 0.9
    assert TTL * 1.09 < max(seconds) <= TTL * 1.1
    assert len(seconds) == len(world.jitters)


def test_two_customers_on_one_number_are_found_out_on_different_pages() -> None:
    ada, bob = Customer("C1", "Ada"), Customer("C2", "Bob")
    world = World([profile(ada, SHARED_NUMBER), profile(bob, SHARED_NUMBER)])
    world.walk(limit=1)
    assert set(world.server.kept) == {b"cust:v1:C1", b"cust:v1:C2"}


def test_what_nobody_can_ask_for_is_not_written() -> None:
    world = World([profile(Customer("lower-case", "Ada"), "+12065550001"), profile(Customer("C2", "Bob"), "anonymous")])
    world.walk()
    assert set(world.server.kept) == {b"cust:v1:C2"}


def test_without_a_hash_key_nothing_is_written_under_numbers() -> None:
    world = World(customers(20), hash_key=None)
    world.walk()
    assert set(world.server.kept) == {f"cust:v1:C{n}".encode() for n in range(20)}


def test_an_empty_table_is_done() -> None:
    assert World([]).invoke() == {"cursor": "", "items": "0", "written": "0", "done": "true", "reason": ""}


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        pytest.param(["OOM"], "server", id="full"),
        pytest.param(["answer"] * 7 + ["hang"], "timeout", id="hangs in the middle of a write"),
        pytest.param(["answer"] * 100 + ["OOM"], "server", id="full on a later step"),
    ],
)
def test_a_cursor_moves_only_past_what_the_cache_keeps(plan: list[str], reason: str) -> None:
    world = World(customers(130))
    world.server.plan = deque(plan)
    failed = world.invoke(limit=400)
    assert (failed["reason"], failed["done"]) == (reason, "false")
    world.server.plan.clear()
    world.clock.now += 10
    while failed["done"] == "false":
        failed = world.invoke(cursor=failed["cursor"], limit=400)
    whole(world.server, 130)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(UnavailableError("throttle"), "throttle", id="throttled"),
        pytest.param(DeadlineExceededError(), "timeout", id="hangs"),
    ],
)
@pytest.mark.parametrize("reads", [0, 5, 40])
def test_a_table_that_cannot_answer_ends_the_page_with_a_cursor(error: Exception, reason: str, reads: int) -> None:
    world = World(customers(130))
    world.table.errors = deque([None] * reads + [error])
    failed = world.invoke(limit=400)
    assert (failed["reason"], failed["done"]) == (reason, "false")
    while failed["done"] == "false":
        failed = world.invoke(cursor=failed["cursor"], limit=400)
    whole(world.server, 130)


def test_a_table_that_can_never_answer_is_raised() -> None:
    world = World(customers(3))
    world.table.errors = deque([DefectError("ResourceNotFoundException")])
    with pytest.raises(DefectError):
        world.invoke()


def test_it_stops_before_its_own_end_with_a_cursor() -> None:
    world = World(customers(500))
    world.table.seconds = 0.02  # a step asks for two dozen numbers
    started = world.clock.now
    answer = world.invoke(seconds=3.0, limit=1000)
    assert world.clock.now - started < 3.0
    assert (answer["reason"], answer["done"]) == ("timeout", "false")
    assert int(answer["items"]) >= STEP_ITEMS, "most of the time was used"
    assert int(answer["items"]) == sum(1 for key in world.server.kept if key.startswith(b"cust:"))


def test_a_page_ends_while_somebody_waits_for_it_however_long_the_function_may_take() -> None:
    world = World(customers(1000))
    world.table.seconds = 0.02
    started = world.clock.now
    answer = world.invoke(seconds=900.0, limit=1000)
    assert PAGE_SECONDS / 2 <= world.clock.now - started <= PAGE_SECONDS
    assert answer["cursor"] != ""


def test_a_cache_that_hangs_does_not_use_up_the_invocation() -> None:
    world = World(customers(20))
    world.server.plan = deque(["hang"] * 10)
    started = world.clock.now
    assert world.invoke(seconds=60)["reason"] == "timeout"
    assert world.clock.now - started <= 2


def test_a_cache_that_is_not_switched_to_yet_is_filled_instead_of_its_own() -> None:
    world = World(customers(20))
    other = Server(world.clock)
    world.others["rediss://new:6379"] = cache_of(other, world.secret)
    named = {"url": "rediss://new:6379", "secretArn": ARN}
    world.walk(cache=named, limit=10)
    whole(other, 20)
    assert not world.server.kept
    assert world.opened == [CacheNamed("rediss://new:6379", ARN)], "kept open from page to page"
    world.walk()
    whole(world.server, 20)


def test_the_cache_before_is_let_go_of_when_another_is_named() -> None:
    world = World(customers(5))
    servers = {url: Server(world.clock) for url in ("rediss://one", "rediss://two")}
    world.others = {url: cache_of(server) for url, server in servers.items()}
    for url in servers:
        world.walk(cache={"url": url})
    assert all(wire.closed for wire in servers["rediss://one"].wires)
    assert not all(wire.closed for wire in servers["rediss://two"].wires)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param({}, "the environment variable CACHE", id="its own"),
        pytest.param({"cache": {"url": "new:6379"}}, "cache.url", id="the named one"),
    ],
)
def test_without_a_cache_to_fill_it_says_what_to_set(event: dict[str, Any], words: str) -> None:
    world = World(customers(5))
    warmer = CacheWarmer(Profiles(world.table, TABLE, world.jitter), NoCache(), lambda named: NoCache("address"))  # type: ignore[arg-type]
    with pytest.raises(RequestError, match=words):
        warmer.answer(event, Invocation(Deadline.after(1, world.clock), Record()))


def test_what_the_deployment_lacks_is_named_by_the_first_invocation() -> None:
    with pytest.raises(MissingVariableError, match="TABLE"):
        build(
            {"AWS_REGION": "eu-central-1"},
            Session({"AWS_REGION": "eu-central-1"}, credentials=NoCredentials()),
            NoCache(),
        )


class NoCredentials:
    """Nothing is asked of AWS here."""

    def get(self, deadline: Deadline) -> Credentials:
        raise AssertionError("asked for credentials")

    def expired(self) -> None:
        raise AssertionError("asked for credentials")


def test_a_named_cache_is_opened_as_the_environment_would_name_it() -> None:
    session = Session({"AWS_REGION": "eu-central-1"}, credentials=NoCredentials())
    warmer = build({"TABLE": TABLE}, session, NoCache())
    invocation = Invocation(Deadline.after(0), Record())
    with pytest.raises(RequestError, match=r"cache\.url"):
        warmer.answer({"cache": {"url": "new-cache:6379"}}, invocation)
    answer = warmer.answer({"cache": {"url": "rediss://127.0.0.1:1", "secretArn": ""}}, invocation)
    assert (answer["reason"], answer["cursor"], answer["done"]) == ("timeout", "", "false")
