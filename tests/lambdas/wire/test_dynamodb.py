"""Items and batches: against AWS's own engine, and against one that does what that engine seldom does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shared.aws import RefusedError
from shared.backoff import Backoff
from shared.deadline import Deadline
from shared.dynamodb import DynamoDB
from shared.failure import (
    ConditionFailedError,
    DefectError,
    PartialBatchError,
    TransactionCanceledError,
    UnavailableError,
)
from shared.session import Session
from tests.lambdas.times import Clock
from tests.parts.dynamodb import DynamoDBServer


def item(number: int, **more: Any) -> dict[str, dict[str, Any]]:
    return {"PK": {"S": f"P{number}"}, "SK": {"S": "A"}, **more}


def key(number: int) -> dict[str, dict[str, Any]]:
    return item(number)


TABLE = "table"
Reply = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class Scripted:
    """Answers each call with the next reply; the last one again and again."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self.replies = list(replies)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def call_json(self, target: str, params: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        deadline.require()
        operation = target.rpartition(".")[2]
        self.calls.append((operation, params))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply(operation, params)


def table(*replies: Reply | Exception) -> tuple[DynamoDB, Scripted, Clock]:
    clock, client = Clock(), Scripted(*replies)
    return DynamoDB(client, Backoff(lambda: 1.0, clock.wait)), client, clock


def nothing_left(operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    asked = params["RequestItems"]["t"]
    return {"Responses": {"t": asked["Keys"]}} if operation == "BatchGetItem" else {}


def all_but(done: int) -> Reply:
    def reply(operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        asked = params["RequestItems"]["t"]
        if operation == "BatchGetItem":
            keys = asked["Keys"]
            return {"Responses": {"t": keys[:done]}, "UnprocessedKeys": {"t": {"Keys": keys[done:]}}}
        return {"UnprocessedItems": {"t": asked[done:]} if asked[done:] else {}}

    return reply


class TestBatches:
    def test_are_cut_to_what_aws_takes_and_keys_are_asked_for_once(self) -> None:
        dynamodb, client, clock = table(nothing_left)
        found = dynamodb.batch_get("t", [key(number % 250) for number in range(500)], clock.deadline())
        assert len(found) == 250
        assert [len(call[1]["RequestItems"]["t"]["Keys"]) for call in client.calls] == [100, 100, 50]

    def test_writes_are_cut_to_25(self) -> None:
        dynamodb, client, clock = table(nothing_left)
        dynamodb.batch_write("t", [item(number) for number in range(40)], [key(99)], clock.deadline())
        assert [len(call[1]["RequestItems"]["t"]) for call in client.calls] == [25, 16]

    def test_what_aws_leaves_is_asked_for_again_after_a_pause(self) -> None:
        dynamodb, _, clock = table(all_but(40), nothing_left)
        assert len(dynamodb.batch_get("t", [key(number) for number in range(100)], clock.deadline())) == 100
        assert clock.waited == [pytest.approx(0.025)]

    def test_pauses_grow_while_nothing_gets_better(self) -> None:
        dynamodb, _, clock = table(all_but(0), all_but(0), all_but(0), nothing_left)
        dynamodb.batch_write("t", [item(1)], [], clock.deadline())
        assert clock.waited == [pytest.approx(0.025), pytest.approx(0.05), pytest.approx(0.1)]

    def test_what_is_left_at_the_deadline_is_told(self) -> None:
        dynamodb, _, clock = table(all_but(10), all_but(0))
        with pytest.raises(PartialBatchError) as raised:
            dynamodb.batch_write("t", [item(number) for number in range(25)], [], clock.deadline(0.5))
        assert [left["PutRequest"]["Item"] for left in raised.value.leftovers] == [
            item(number) for number in range(10, 25)
        ]
        assert raised.value.reason == "throttle"

    def test_a_throttled_batch_is_sent_again_whole(self) -> None:
        dynamodb, client, clock = table(UnavailableError("throttle"), nothing_left)
        dynamodb.batch_write("t", [item(1), item(2)], [], clock.deadline())
        assert client.calls[0] == client.calls[1]

    def test_a_batch_that_is_wrong_is_a_defect_at_once(self) -> None:
        dynamodb, client, clock = table(RefusedError("ValidationException", 400, {}))
        with pytest.raises(DefectError, match="ValidationException"):
            dynamodb.batch_write("t", [item(1)], [], clock.deadline())
        assert len(client.calls) == 1

    def test_nothing_asks_nobody(self) -> None:
        dynamodb, client, clock = table(nothing_left)
        assert dynamodb.batch_get("t", [], clock.deadline()) == []
        dynamodb.batch_write("t", [], [], clock.deadline())
        assert not client.calls


class TestRefusals:
    def test_a_condition_says_what_is_there(self) -> None:
        dynamodb, _, clock = table(RefusedError("ConditionalCheckFailedException", 400, {"Item": item(1)}))
        with pytest.raises(ConditionFailedError) as raised:
            dynamodb.put_item("t", item(1), clock.deadline(), condition="attribute_not_exists(PK)")
        assert raised.value.item == item(1)

    @pytest.mark.parametrize(
        ("reasons", "error"),
        [
            (["None", "ConditionalCheckFailed"], TransactionCanceledError),
            (["TransactionConflict", "None"], UnavailableError),
            (["ThrottlingError"], UnavailableError),
            (["ProvisionedThroughputExceeded"], UnavailableError),
            (["TransactionConflict", "ConditionalCheckFailed"], TransactionCanceledError),
        ],
    )
    def test_a_transaction_that_met_another_may_be_tried_again(
        self, reasons: list[str], error: type[Exception]
    ) -> None:
        body = {"CancellationReasons": [{"Code": reason} for reason in reasons]}
        dynamodb, _, clock = table(RefusedError("TransactionCanceledException", 400, body))
        with pytest.raises(error):
            dynamodb.transact_write([], clock.deadline())


@pytest.fixture
def engine(dynamodb_local: DynamoDBServer) -> DynamoDB:
    account = dynamodb_local.account()
    account.client().create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
        BillingMode="PAY_PER_REQUEST",
    )
    return Session(account.environment).dynamodb()


def soon() -> Deadline:
    return Deadline.after(20.0)


class TestEngine:
    """DynamoDB Local: AWS's own code, with AWS's own refusals."""

    def test_reads_what_was_written(self, engine: DynamoDB) -> None:
        engine.put_item(TABLE, item(1, Name={"S": "Zoë"}), soon())
        assert engine.get_item(TABLE, key(1), soon(), consistent=True) == item(1, Name={"S": "Zoë"})
        assert engine.get_item(TABLE, key(1), soon(), projection="#n", names={"#n": "Name"}) == {"Name": {"S": "Zoë"}}
        assert engine.get_item(TABLE, key(2), soon()) is None

    def test_pages_of_a_query_and_of_a_scan(self, engine: DynamoDB) -> None:
        rows = [{"PK": {"S": "P"}, "SK": {"S": str(number)}} for number in range(7)]
        engine.batch_write(TABLE, rows, [], soon())
        first = engine.query(TABLE, soon(), condition="PK = :p", values={":p": {"S": "P"}}, limit=4)
        second = engine.query(TABLE, soon(), condition="PK = :p", values={":p": {"S": "P"}}, limit=4, start=first.next)
        assert [*first.items, *second.items] == rows
        assert second.next is None
        assert len(engine.scan(TABLE, soon(), limit=3).items) == 3
        newest = engine.query(TABLE, soon(), condition="PK = :p", values={":p": {"S": "P"}}, limit=1, forward=False)
        assert newest.items == [rows[-1]]

    def test_a_condition_that_fails_shows_the_item_there(self, engine: DynamoDB) -> None:
        engine.put_item(TABLE, item(1, N={"N": "1"}), soon())
        with pytest.raises(ConditionFailedError) as raised:
            engine.put_item(TABLE, item(1), soon(), condition="attribute_not_exists(PK)")
        assert raised.value.item == item(1, N={"N": "1"})

    def test_updates_and_deletes(self, engine: DynamoDB) -> None:
        after = engine.update_item(
            TABLE, key(1), soon(), update="ADD N :n", values={":n": {"N": "2"}}, returns="ALL_NEW"
        )
        assert after["N"] == {"N": "2"}
        engine.delete_item(TABLE, key(1), soon(), condition="N = :n", values={":n": {"N": "2"}})
        assert engine.get_item(TABLE, key(1), soon()) is None

    def test_a_transaction_is_all_or_nothing_and_says_what_was_at_fault(self, engine: DynamoDB) -> None:
        engine.put_item(TABLE, item(1), soon())
        puts = [
            {"Put": {"TableName": TABLE, "Item": item(number), "ConditionExpression": "attribute_not_exists(PK)"}}
            for number in (2, 1)
        ]
        with pytest.raises(TransactionCanceledError) as raised:
            engine.transact_write(puts, soon())
        assert raised.value.reasons == ("None", "ConditionalCheckFailed")
        assert engine.get_item(TABLE, key(2), soon()) is None

    def test_50_items_of_390_kb_come_in_more_than_one_answer_and_all_come(self, engine: DynamoDB) -> None:
        large = [item(number, Data={"S": "x" * 390_000}) for number in range(50)]
        engine.batch_write(TABLE, large, [], soon())
        found = engine.batch_get(TABLE, [key(number) for number in range(50)], soon())
        assert sorted(one["PK"]["S"] for one in found) == sorted(one["PK"]["S"] for one in large)

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param(lambda db: db.get_item(TABLE, {"PK": {"S": "P1"}}, soon()), id="half-a-key"),
            pytest.param(lambda db: db.get_item("nowhere", key(1), soon()), id="no-such-table"),
            pytest.param(lambda db: db.put_item(TABLE, {"PK": {"S": ""}}, soon()), id="an-empty-key"),
        ],
    )
    def test_what_can_never_work_is_a_defect(self, engine: DynamoDB, wrong: Callable[[DynamoDB], Any]) -> None:
        with pytest.raises(DefectError):
            wrong(engine)
