"""Tables: one change at a time in the right order, nobody else's capacity, and nothing that AWS would refuse for now."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.drivers.plans import (
    NOW,
    SCOPE,
    Answers,
    check,
    context,
    entry,
    found,
    only,
    operations,
    paths,
    refused,
    words,
)
from trunkline.drivers.table import (
    Billing,
    GlobalIndex,
    Key,
    LocalIndex,
    PointInTimeRecovery,
    Projection,
    TableDesired,
    TableDriver,
    TableState,
    Units,
)
from trunkline.drivers.table_desired import READ, WRITE
from trunkline.drivers.table_state import IndexState, Throughput, TimeToLive
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Wanted
from trunkline.engine.plan import CannotPlanError, Plan

KEY, NAME = "table/customers", "acme-customers"
DRIVER = TableDriver()
PHONE = GlobalIndex("ByPhone", (Key("Phone", "S"),), Projection("INCLUDE", frozenset({"Tier"})))
TIER = GlobalIndex("ByTier", (Key("Tier", "S"),), Projection("KEYS_ONLY"), sort_keys=(Key("Since", "N"),))
BILLING = Billing("PROVISIONED", Units(1000, 500))
DESIRED = TableDesired(NAME, Key("Id", "S"), Key("SK", "S"), indexes=(PHONE,), billing=BILLING)
THROUGHPUT = Throughput(1000, 500)
STATE = TableState(
    NAME,
    Key("Id", "S"),
    Key("SK", "S"),
    throughput=THROUGHPUT,
    indexes=(IndexState(PHONE, throughput=THROUGHPUT, warm=Units(12_000, 4_000)),),
    warm=Units(12_000, 4_000),
    time_to_live=TimeToLive(),
    recovery=PointInTimeRecovery(enabled=False),
)
ON_DEMAND = replace(
    STATE,
    billing_mode="PAY_PER_REQUEST",
    throughput=Throughput(),
    indexes=(IndexState(PHONE), IndexState(TIER)),
)


def plan(desired: TableDesired, state: TableState, now: float = NOW, **remembered: str) -> Plan:
    made = DRIVER.plan(desired, found(KEY, state, id_=NAME), entry(KEY, NAME, **remembered), context(KEY, now=now))
    check(made)
    return made


def update(made: Plan, number: int = 0) -> dict[str, Any]:
    """The params of one UpdateTable, without the name of the table."""
    steps = [step for step in made.steps if step.operation == "UpdateTable"]
    params = dict(steps[number].params)
    assert params.pop("TableName") == NAME
    return params


# --- creating


def test_created_with_all_that_create_takes() -> None:
    desired = replace(
        DESIRED,
        local_indexes=(LocalIndex("ByName", Key("Name", "S"), Projection("ALL")),),
        kms_key_arn="arn:aws:kms:us-east-1:123456789012:key/k",
        point_in_time_recovery=PointInTimeRecovery(enabled=True),
        stream="NEW_IMAGE",
        ttl_attribute="Expires",
        deletion_protection=True,
        capacity_owned=frozenset({("", READ)}),
    )
    made = DRIVER.plan(desired, None, None, context(KEY, tags={"team": "blue"}))
    assert operations(made) == ["CreateTable", "UpdateContinuousBackups", "UpdateTimeToLive"]
    create = made.steps[0]
    assert create.settles, "nothing else is taken before the table is ACTIVE"
    assert create.params["ProvisionedThroughput"] == {READ: 1000, WRITE: 500}, "an owner's minimum is not known here"
    (index,) = create.params["GlobalSecondaryIndexes"]
    assert index["ProvisionedThroughput"] == {READ: 1000, WRITE: 500}, "an index below its table throttles its writes"
    assert [item["AttributeName"] for item in create.params["AttributeDefinitions"]] == ["Id", "Name", "Phone", "SK"]
    assert {"Key": OWNER_TAG, "Value": SCOPE.owner} in create.params["Tags"]
    assert create.params["SSESpecification"]["KMSMasterKeyId"].endswith("key/k")


def test_a_new_table_of_which_nobody_says_more_is_billed_per_request() -> None:
    step = only(DRIVER.plan(TableDesired(NAME, Key("Id", "S"), indexes=(PHONE,)), None, None, context(KEY)))
    assert step.params["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in step.params
    assert "ProvisionedThroughput" not in step.params["GlobalSecondaryIndexes"][0]
    assert words(DRIVER.plan(TableDesired(NAME, Key("Id", "S")), None, None, context(KEY))) == {}


# --- nothing to do


@pytest.mark.parametrize(
    ("desired", "state"),
    [
        pytest.param(DESIRED, STATE, id="as wanted"),
        pytest.param(
            replace(DESIRED, warm_throughput=Units(10_000, 1_000), billing=None),
            STATE,
            id="AWS raised the warm throughput by itself",
        ),
        pytest.param(
            TableDesired(NAME, Key("Id", "S"), Key("SK", "S")),
            replace(STATE, stream="NEW_IMAGE", table_class="STANDARD_INFREQUENT_ACCESS", deletion_protection=True),
            id="nothing is managed, nothing is touched",
        ),
        pytest.param(
            replace(DESIRED, ttl_attribute="Expires"),
            replace(STATE, time_to_live=TimeToLive("Expires", changing=True)),
            id="time to live is being turned on",
        ),
        pytest.param(
            replace(DESIRED, kms_key_arn="arn:aws:kms:us-east-1:123456789012:alias/acme"),
            replace(STATE, kms_key_arn="arn:aws:kms:us-east-1:123456789012:key/k"),
            id="AWS answers the key that an alias means",
        ),
    ],
)
def test_converged_needs_no_step(desired: TableDesired, state: TableState) -> None:
    made = plan(desired, state)
    assert made.settled, [(step.operation, step.changes) for step in made.steps]
    assert not made.reports


def test_what_was_not_read_is_neither_compared_nor_sent() -> None:
    shallow = TableState(NAME, Key("Id", "S"), Key("SK", "S"), throughput=THROUGHPUT, indexes=STATE.indexes)
    desired = replace(DESIRED, ttl_attribute="Expires", point_in_time_recovery=PointInTimeRecovery(enabled=True))
    kept = "billing.mode,billing.readCapacityUnits,billing.writeCapacityUnits"
    kept += ",pointInTimeRecovery.enabled,ttlAttribute"
    item = replace(found(KEY, shallow, id_=NAME), tags=None)
    made = DRIVER.plan(desired, item, entry(KEY, NAME, set=kept), context(KEY))
    assert made.settled
    assert not made.remembers, "the record keeps what was set before"


# --- one change


@pytest.mark.parametrize(
    ("desired", "state", "params"),
    [
        pytest.param(
            replace(DESIRED, billing=Billing("PROVISIONED", Units(1200, 500))),
            STATE,
            {"ProvisionedThroughput": {READ: 1200, WRITE: 500}},
            id="capacity",
        ),
        pytest.param(
            replace(DESIRED, indexes=(replace(PHONE, capacity=Units(1100, 500)),)),
            STATE,
            {
                "GlobalSecondaryIndexUpdates": [
                    {"Update": {"IndexName": "ByPhone", "ProvisionedThroughput": {READ: 1100, WRITE: 500}}}
                ]
            },
            id="capacity of an index; AWS refuses the table's if that does not change",
        ),
        pytest.param(
            replace(DESIRED, billing=Billing("PAY_PER_REQUEST")),
            STATE,
            {"BillingMode": "PAY_PER_REQUEST"},
            id="to on-demand",
        ),
        pytest.param(
            replace(DESIRED, indexes=(replace(PHONE, capacity=Units(70, 80)),)),
            ON_DEMAND,
            {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "ByTier"}}]},
            id="an index goes before anything else",
        ),
        pytest.param(
            replace(DESIRED, indexes=None),
            ON_DEMAND,
            {
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {READ: 1000, WRITE: 500},
                "GlobalSecondaryIndexUpdates": [
                    {"Update": {"IndexName": "ByPhone", "ProvisionedThroughput": {READ: 1000, WRITE: 500}}},
                    {"Update": {"IndexName": "ByTier", "ProvisionedThroughput": {READ: 1000, WRITE: 500}}},
                ],
            },
            id="from on-demand: every index at once, whoever made it",
        ),
        pytest.param(
            replace(DESIRED, billing=Billing("PAY_PER_REQUEST", max_read_request_units=50), indexes=None),
            replace(ON_DEMAND, max_write_request_units=9),
            {"OnDemandThroughput": {"MaxReadRequestUnits": 50}},
            id="a limit of on-demand; the other one is not managed",
        ),
        pytest.param(
            replace(DESIRED, warm_throughput=Units(13_000, 1)),
            STATE,
            {"WarmThroughput": {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000}},
            id="warm throughput is raised and never lowered",
        ),
        pytest.param(
            replace(DESIRED, indexes=(replace(PHONE, warm_throughput=Units(13_000, 4_000)),)),
            STATE,
            {
                "GlobalSecondaryIndexUpdates": [
                    {
                        "Update": {
                            "IndexName": "ByPhone",
                            "WarmThroughput": {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000},
                        }
                    }
                ]
            },
            id="warm throughput of an index",
        ),
        pytest.param(
            replace(DESIRED, indexes=(PHONE, TIER)),
            STATE,
            {
                "AttributeDefinitions": [
                    {"AttributeName": "Since", "AttributeType": "N"},
                    {"AttributeName": "Tier", "AttributeType": "S"},
                ],
                "GlobalSecondaryIndexUpdates": [
                    {
                        "Create": {
                            "IndexName": "ByTier",
                            "KeySchema": [
                                {"AttributeName": "Tier", "KeyType": "HASH"},
                                {"AttributeName": "Since", "KeyType": "RANGE"},
                            ],
                            "Projection": {"ProjectionType": "KEYS_ONLY"},
                            "ProvisionedThroughput": {READ: 1000, WRITE: 500},
                        }
                    }
                ],
            },
            id="a new index",
        ),
        pytest.param(replace(DESIRED, table_class="STANDARD"), replace(STATE, table_class="STANDARD_INFREQUENT_ACCESS"),
                     {"TableClass": "STANDARD"}, id="class"),
        pytest.param(
            replace(DESIRED, deletion_protection=True), STATE, {"DeletionProtectionEnabled": True}, id="protection"
        ),
        pytest.param(
            replace(DESIRED, stream="KEYS_ONLY"),
            STATE,
            {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}},
            id="stream",
        ),
    ],
)  # fmt: skip
def test_the_first_change(desired: TableDesired, state: TableState, params: dict[str, Any]) -> None:
    made = plan(desired, state)
    assert update(made) == params
    assert made.steps[0].settles, "UPDATING takes no further change"


def test_indexes_go_first_and_come_last() -> None:
    desired = replace(DESIRED, indexes=(TIER,), billing=Billing("PROVISIONED", Units(2000, 500)), stream="NEW_IMAGE")
    made = plan(desired, STATE)
    said = [sorted(set(step.params) - {"TableName"}) for step in made.steps]
    assert said == [
        ["GlobalSecondaryIndexUpdates"],
        ["StreamSpecification"],
        ["ProvisionedThroughput"],
        ["AttributeDefinitions", "GlobalSecondaryIndexUpdates"],
    ]
    assert "queries of it fail" in (made.steps[0].interrupts or "")
    assert [step.interrupts for step in made.steps[1:]] == [None, None, None]


# --- half-way


@pytest.mark.parametrize(
    ("state", "blocks"),
    [
        pytest.param(replace(STATE, status="CREATING"), True, id="being made"),
        pytest.param(replace(STATE, status="UPDATING"), False, id="being changed: who reads it need not wait"),
        pytest.param(replace(STATE, status="DELETING"), True, id="on its way out; the name is free afterwards"),
        pytest.param(replace(STATE, warm_changing=True), False, id="being warmed"),
        pytest.param(
            replace(STATE, indexes=(replace(STATE.indexes[0], status="UPDATING"),)), False, id="an index is changed"
        ),
    ],
)
def test_a_busy_table_is_left_alone(state: TableState, blocks: bool) -> None:
    made = plan(replace(DESIRED, stream="NEW_IMAGE"), state)
    assert not made.steps
    assert made.waiting is not None
    assert made.waiting.blocks is blocks
    assert made.waiting.check_after > 0


def test_while_an_index_is_built_the_rest_goes_on() -> None:
    building = replace(STATE, indexes=(*STATE.indexes, IndexState(TIER, status="CREATING", backfilling=True)))
    third = GlobalIndex("ByName", (Key("Name", "S"),), Projection("ALL"))
    made = plan(replace(DESIRED, indexes=(PHONE, TIER, third), deletion_protection=True), building)
    assert update(made) == {"DeletionProtectionEnabled": True}
    assert len(made.steps) == 1, "one index at a time"
    assert made.waiting is not None
    assert "ByTier is being built" in made.waiting.reason
    assert not made.waiting.blocks
    other = plan(replace(DESIRED, indexes=(PHONE, TIER), billing=Billing("PAY_PER_REQUEST")), building)
    assert not other.steps, "the billing mode changes all indexes, this one too"


@pytest.mark.parametrize(
    ("backfilling", "steps"),
    [
        pytest.param(True, 1, id="given up while it is being filled"),
        pytest.param(False, 0, id="not while it is being allocated: AWS refuses that"),
    ],
)
def test_an_index_that_is_no_longer_wanted_while_it_is_built(backfilling: bool, steps: int) -> None:
    building = replace(STATE, indexes=(*STATE.indexes, IndexState(TIER, status="CREATING", backfilling=backfilling)))
    made = plan(DESIRED, building)
    assert len(made.steps) == steps
    assert all(step.interrupts is None for step in made.steps), "nobody queries it yet"
    assert made.waiting is not None


def test_an_index_that_is_being_dropped_is_not_dropped_again_and_its_name_is_not_free() -> None:
    going = replace(STATE, indexes=(replace(STATE.indexes[0], status="DELETING"),))
    assert not plan(replace(DESIRED, indexes=()), going).steps
    assert not plan(DESIRED, going).steps
    assert plan(DESIRED, going).waiting is not None


def test_a_table_without_its_encryption_key_says_so() -> None:
    with pytest.raises(CannotPlanError, match="encryption key"):
        plan(DESIRED, replace(STATE, status="INACCESSIBLE_ENCRYPTION_CREDENTIALS"))


# --- owners of capacity


def test_what_an_autoscaler_owns_is_neither_compared_nor_sent() -> None:
    scaled = replace(STATE, throughput=Throughput(3000, 500))
    owned = frozenset({("", READ)})
    assert plan(replace(DESIRED, capacity_owned=owned), scaled).settled
    made = plan(replace(DESIRED, billing=Billing("PROVISIONED", Units(1000, 600)), capacity_owned=owned), scaled)
    assert update(made) == {"ProvisionedThroughput": {READ: 3000, WRITE: 600}}, "the foreign one goes back as it is"
    assert set(paths(made.steps[0])) == {"billing.writeCapacityUnits"}


def test_a_new_index_of_a_scaled_table_is_not_smaller_than_it() -> None:
    scaled = replace(STATE, throughput=Throughput(3000, 500))
    owned = frozenset({("", READ)})
    made = plan(replace(DESIRED, indexes=(PHONE, TIER), capacity_owned=owned), scaled)
    (create,) = update(made)["GlobalSecondaryIndexUpdates"]
    assert create["Create"]["ProvisionedThroughput"] == {READ: 3000, WRITE: 500}


def test_capacity_of_an_index_has_owners_of_its_own() -> None:
    scaled = replace(STATE, indexes=(replace(STATE.indexes[0], throughput=Throughput(5000, 900)),))
    wanted = replace(DESIRED, indexes=(replace(PHONE, capacity=Units(1000, 500)),))
    both = frozenset({("ByPhone", READ), ("ByPhone", WRITE)})
    assert plan(replace(wanted, capacity_owned=both), scaled).settled
    made = plan(replace(wanted, capacity_owned=frozenset({("ByPhone", READ)})), scaled)
    (change,) = update(made)["GlobalSecondaryIndexUpdates"]
    assert change["Update"]["ProvisionedThroughput"] == {READ: 5000, WRITE: 500}


# --- decreases

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
LATE = datetime(2026, 11, 20, 23, 50, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("decreases", "ago", "now", "waits"),
    [
        pytest.param(3, 60.0, NOON, 0.0, id="the fourth of the day needs no pause"),
        pytest.param(4, 600.0, NOON, 3000.0, id="a fifth an hour after the last"),
        pytest.param(4, 3600.0, NOON, 0.0, id="an hour is over"),
        pytest.param(4, 600.0, LATE, 600.0, id="a new day counts anew"),
    ],
)
def test_a_decrease_waits_for_its_turn(decreases: int, ago: float, now: float, waits: float) -> None:
    state = replace(STATE, throughput=Throughput(1000, 500, decreases, now - ago))
    made = plan(replace(DESIRED, billing=Billing("PROVISIONED", Units(800, 500))), state, now=now)
    if waits:
        assert not made.steps, "AWS would refuse it"
        assert made.waiting is not None
        assert made.waiting.check_after == pytest.approx(waits)
        assert not made.waiting.blocks
    else:
        assert update(made) == {"ProvisionedThroughput": {READ: 800, WRITE: 500}}


def test_an_increase_does_not_wait_with_the_decrease_beside_it() -> None:
    state = replace(STATE, throughput=Throughput(1000, 500, 4, NOON - 60))
    made = plan(replace(DESIRED, billing=Billing("PROVISIONED", Units(800, 700))), state, now=NOON)
    assert update(made) == {"ProvisionedThroughput": {READ: 1000, WRITE: 700}}
    assert set(paths(made.steps[0])) == {"billing.writeCapacityUnits"}
    assert made.waiting is not None


# --- what cannot change


@pytest.mark.parametrize(
    ("desired", "says"),
    [
        pytest.param(replace(DESIRED, partition_key=Key("Id", "N")), r"partitionKey .* add a table under another name", id="type of the key"),
        pytest.param(replace(DESIRED, sort_key=None), r"sortKey of a table cannot change from SK \(S\) to none", id="sort key"),
        pytest.param(replace(DESIRED, indexes=(replace(PHONE, partition_keys=(Key("Mobile", "S"),)),)), "partition keys of the index ByPhone .* add an index under another name", id="key of an index"),
        pytest.param(replace(DESIRED, indexes=(replace(PHONE, sort_keys=(Key("SK", "S"),)),)), "sort keys of the index ByPhone", id="sort key of an index"),
        pytest.param(replace(DESIRED, indexes=(replace(PHONE, projection=Projection("ALL")),)), "projection of the index ByPhone", id="projection"),
        pytest.param(replace(DESIRED, local_indexes=(LocalIndex("L", Key("N", "S"), Projection("ALL")),)), "local indexes", id="local index"),
        pytest.param(replace(DESIRED, kms_key_arn="arn:aws:kms:us-east-1:123456789012:key/k"), "encryption", id="encryption"),
    ],
)  # fmt: skip
def test_what_cannot_change_names_the_way(desired: TableDesired, says: str) -> None:
    with pytest.raises(CannotPlanError, match=says):
        plan(desired, STATE)


def test_local_indexes_that_the_spec_does_not_mention_are_reported() -> None:
    made = plan(DESIRED, replace(STATE, local_indexes=(LocalIndex("L", Key("N", "S"), Projection("ALL")),)))
    assert made.settled
    assert [change.path for change in made.reports] == ["localIndexes"]


# --- streams, time to live, backups


def test_another_view_ends_the_stream_and_begins_another() -> None:
    made = plan(replace(DESIRED, stream="NEW_IMAGE"), replace(STATE, stream="KEYS_ONLY"))
    assert update(made, 0) == {"StreamSpecification": {"StreamEnabled": False}}
    assert update(made, 1)["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert all("readers" in (step.interrupts or "") for step in made.steps), "the second must not go without the first"
    halfway = only(plan(replace(DESIRED, stream="NEW_IMAGE"), STATE))
    assert halfway.interrupts is None, "no stream, no readers"


def test_time_to_live_moves_to_another_attribute_in_an_hour() -> None:
    desired = replace(DESIRED, ttl_attribute="Until")
    on = replace(STATE, time_to_live=TimeToLive("Expires"))
    made = plan(desired, on)
    assert only(made).params["TimeToLiveSpecification"] == {"Enabled": False, "AttributeName": "Expires"}
    assert words(made)["ttl"] == str(int(NOW))
    assert made.waiting is not None
    off = STATE
    waits = plan(desired, off, now=NOW + 600, ttl=str(int(NOW)))
    assert not waits.steps, "AWS takes one change an hour"
    assert waits.waiting is not None
    assert waits.waiting.check_after == pytest.approx(3000)
    then = plan(desired, off, now=NOW + 3600, ttl=str(int(NOW)))
    assert only(then).params["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "Until"}


def test_time_to_live_that_is_being_turned_off_is_waited_for() -> None:
    made = plan(replace(DESIRED, ttl_attribute="Until"), replace(STATE, time_to_live=TimeToLive("", changing=True)))
    assert not made.steps
    assert made.waiting is not None


def test_an_old_change_of_time_to_live_is_forgotten() -> None:
    kept = "billing.mode,billing.readCapacityUnits,billing.writeCapacityUnits"
    assert plan(DESIRED, STATE, now=NOW + 7200, ttl=str(int(NOW)), set=kept).remembers == (("ttl", ""),)


@pytest.mark.parametrize(
    ("wanted", "observed", "specification", "loses"),
    [
        pytest.param(
            PointInTimeRecovery(True, 7),
            PointInTimeRecovery(False),
            {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
            False,
            id="on",
        ),
        pytest.param(
            PointInTimeRecovery(True, 35),
            PointInTimeRecovery(True, 7),
            {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
            False,
            id="longer",
        ),
        pytest.param(
            PointInTimeRecovery(True, 7),
            PointInTimeRecovery(True, 35),
            {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
            True,
            id="shorter loses the days before",
        ),
        pytest.param(
            PointInTimeRecovery(False),
            PointInTimeRecovery(True, 35),
            {"PointInTimeRecoveryEnabled": False},
            True,
            id="off loses all of it",
        ),
    ],
)
def test_backups(
    wanted: PointInTimeRecovery, observed: PointInTimeRecovery, specification: dict[str, Any], loses: bool
) -> None:
    step = only(plan(replace(DESIRED, point_in_time_recovery=wanted), replace(STATE, recovery=observed)))
    assert step.operation == "UpdateContinuousBackups"
    assert step.params["PointInTimeRecoverySpecification"] == specification
    assert bool(step.interrupts) is loses


# --- what left the spec


def test_what_left_the_spec_goes_back_to_the_default() -> None:
    state = replace(
        STATE,
        stream="NEW_IMAGE",
        table_class="STANDARD_INFREQUENT_ACCESS",
        deletion_protection=True,
        time_to_live=TimeToLive("Expires"),
        recovery=PointInTimeRecovery(enabled=True, recovery_period_in_days=7),
    )
    before = "stream,tableClass,deletionProtection,ttlAttribute,pointInTimeRecovery.enabled"
    made = plan(DESIRED, state, set=before)
    assert operations(made) == ["UpdateContinuousBackups", *["UpdateTable"] * 3, "UpdateTimeToLive"]
    assert update(made, 0) == {"StreamSpecification": {"StreamEnabled": False}}
    assert update(made, 1) == {"TableClass": "STANDARD"}
    assert update(made, 2) == {"DeletionProtectionEnabled": False}
    assert plan(DESIRED, state).settled, "what somebody else set stays"


def test_a_limit_that_left_the_spec_is_taken_away() -> None:
    made = plan(
        replace(DESIRED, billing=Billing("PAY_PER_REQUEST"), indexes=None),
        replace(ON_DEMAND, max_read_request_units=50),
        set="billing.maxReadRequestUnits",
    )
    assert update(made) == {"OnDemandThroughput": {"MaxReadRequestUnits": -1}}


def test_billing_that_left_the_spec_stays_and_says_so_once() -> None:
    made = plan(replace(DESIRED, billing=None), STATE, set="billing.mode,billing.readCapacityUnits")
    assert made.settled
    assert {change.path for change in made.reports} == {"billing.mode", "billing.readCapacityUnits"}
    assert words(made) == {"set": ""}


# --- deleting


def test_a_protected_table_is_deleted_in_two_steps() -> None:
    made = DRIVER.plan(None, found(KEY, replace(STATE, deletion_protection=True), id_=NAME), entry(KEY), context(KEY))
    assert operations(made) == ["UpdateTable", "DeleteTable"]
    assert made.steps[0].settles
    assert not made.steps[0].deletes
    assert "all it holds" in (made.steps[1].interrupts or "")


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING"])
def test_a_delete_waits_for_a_busy_table(status: str) -> None:
    made = DRIVER.plan(None, found(KEY, replace(STATE, status=status), id_=NAME), entry(KEY), context(KEY))
    assert not made.steps
    assert made.waiting is not None, "until it is seen to be gone"


def test_the_absent_need_no_delete() -> None:
    assert DRIVER.plan(None, None, entry(KEY), context(KEY)).settled


# --- observing

BODY: dict[str, Any] = {
    "TableName": NAME,
    "TableArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/{NAME}",
    "TableStatus": "ACTIVE",
    "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
    "LatestStreamArn": "arn:stream",
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2, "NumberOfDecreasesToday": 4,
                              "LastDecreaseDateTime": datetime(2026, 11, 20, 11, 0, tzinfo=UTC)},
}  # fmt: skip
ANSWERS = {
    "DescribeTable": {"Table": BODY},
    "DescribeTimeToLive": {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "Expires"}},
    "DescribeContinuousBackups": {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 7},
        }
    },
    "ListTagsOfResource": [{"Tags": [{"Key": OWNER_TAG, "Value": "x"}]}, {"Tags": [{"Key": ENTRY_TAG, "Value": KEY}]}],
}
TINY = TableDesired(NAME, Key("Id", "S"))


def observe(aws: Answers, *wanted: Wanted, exact: bool = False) -> Any:
    items = asyncio.run(DRIVER.observe(aws, SCOPE, wanted, exact=exact))
    assert len(items) <= 1
    return items[0] if items else None


def test_read_deeply() -> None:
    aws = Answers(ANSWERS)
    item = observe(aws, Wanted(KEY, NAME, id=NAME, desired=TINY))
    assert (item.id, item.arn, item.attributes) == (NAME, BODY["TableArn"], {"stream_arn": "arn:stream"})
    assert item.tags == {OWNER_TAG: "x", ENTRY_TAG: KEY}
    assert item.state.time_to_live == TimeToLive("Expires")
    assert item.state.recovery == PointInTimeRecovery(enabled=True, recovery_period_in_days=7)
    assert item.state.throughput == Throughput(1, 2, 4, NOON - 3600)


def test_read_between_deep_reads_by_one_call() -> None:
    aws = Answers(ANSWERS)
    item = observe(aws, Wanted(KEY, NAME, id=NAME, desired=TINY, deep=False))
    assert aws.names == ["DescribeTable"]
    assert item.tags is None


def test_whose_it_is_that_nobody_recorded_is_always_read() -> None:
    """Without its tags a table of others would be taken as nobody's."""
    item = observe(Answers(ANSWERS), Wanted(KEY, NAME, desired=TINY, deep=False))
    assert item.tags == {OWNER_TAG: "x", ENTRY_TAG: KEY}


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        pytest.param(Wanted(KEY, "crm", arn=BODY["TableArn"]), BODY["TableArn"], id="by ARN"),
        pytest.param(Wanted(KEY, NAME), NAME, id="by name"),
    ],
)
def test_one_that_others_made_is_only_described(wanted: Wanted, asked: str) -> None:
    aws = Answers(ANSWERS)
    item = observe(aws, wanted, exact=True)
    assert aws.calls == [("DescribeTable", {"TableName": asked})]
    assert (item.id, item.arn, item.tags) == (NAME, BODY["TableArn"], None)


def test_absent_is_absent_and_a_refusal_is_told() -> None:
    gone = refused("DescribeTable", "ResourceNotFoundException", absent=True)
    assert observe(Answers({"DescribeTable": gone}), Wanted(KEY, NAME, desired=TINY)) is None
    late = {**ANSWERS, "DescribeTimeToLive": refused("DescribeTimeToLive", "ResourceNotFoundException", absent=True)}
    assert observe(Answers(late), Wanted(KEY, NAME, desired=TINY)) is None, "deleted between two reads"
    denied = refused("DescribeTable", "AccessDeniedException")
    with pytest.raises(type(denied)):
        observe(Answers({"DescribeTable": denied}), Wanted(KEY, NAME, desired=TINY))
