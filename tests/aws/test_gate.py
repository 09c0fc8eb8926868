"""The gate against the offline AWS in this process, on virtual time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.aws.gates import OWNER, REGION, Offline, offline
from tests.virtual_time import VirtualClock, run
from trunkline.aws.credentials import POD, RENEW_SECONDS, Identity
from trunkline.engine.bucket import Priority
from trunkline.engine.outcome import CallRefusedError, Outcome, PassEndedError
from trunkline.engine.resource import Filling, Placeholder, Ref
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.aws.faults import Fault

GROUP = {"logGroupName": "/aws/lambda/lookup"}


def on_virtual_time(test: Callable[[Offline], Awaitable[Any]], archives: tuple[Any, ...] = ()) -> Any:
    """Run a test with a gate of its own; every call must have ended by then."""
    clock = VirtualClock()

    async def main() -> Any:
        here = offline(clock, archives)
        try:
            return await test(here)
        finally:
            await here.gate.close()

    return run(main(), clock)


async def refusal(call: Awaitable[Any]) -> CallRefusedError:
    with pytest.raises(CallRefusedError) as caught:
        await call
    return caught.value


class TestAnswers:
    def test_an_answer_is_what_aws_answered_and_its_request_id(self) -> None:
        async def test(here: Offline) -> None:
            role = {"RoleName": "customers", "AssumeRolePolicyDocument": trust()}
            made = await here.caller().mutate("iam", "CreateRole", role)
            assert made.at("Role.RoleName") == "customers"
            assert "ResponseMetadata" not in made.body
            assert made.request_id

        on_virtual_time(test)

    def test_a_refusal_is_an_outcome_in_words(self) -> None:
        async def test(here: Offline) -> None:
            error = await refusal(here.caller().read("iam", "GetRole", {"RoleName": "nobody"}))
            assert error.absent
            assert error.refusal.outcome is Outcome.BLOCKED
            assert error.refusal.code == "NoSuchEntity"
            assert error.__context__ is None, "the SDK's exception must not hang on to ours"

        on_virtual_time(test)

    def test_a_change_is_never_made_by_a_read(self) -> None:
        async def test(here: Offline) -> None:
            with pytest.raises(ValueError, match="DeleteLogGroup is not a read"):
                await here.caller().read("logs", "DeleteLogGroup", GROUP)
            assert not here.told.calls

        on_virtual_time(test)

    def test_wrong_params_are_refused_before_any_call_and_without_their_values(self) -> None:
        async def test(here: Offline) -> None:
            error = await refusal(here.caller().mutate("logs", "CreateLogGroup", {"logGroupName": 4711}))
            assert error.refusal.outcome is Outcome.REJECTED
            assert "logGroupName" in error.refusal.message
            assert "4711" not in error.refusal.message
            assert not [call for call in here.cloud.calls.since(0) if call.operation == "CreateLogGroup"]

        on_virtual_time(test)


class TestLostAnswers:
    @pytest.mark.parametrize(
        ("kind", "made"),
        [
            pytest.param("drop_after", True, id="it took effect"),
            pytest.param("drop_before", False, id="it did not"),
            pytest.param("timeout_after", True, id="it took effect after the timeout"),
        ],
    )
    def test_a_lost_answer_is_reported_and_never_asked_for_again(self, kind: Any, made: bool) -> None:
        async def test(here: Offline) -> None:
            here.cloud.faults.add(Fault(kind, operation="CreateLogGroup", seconds=60.0))
            error = await refusal(here.caller().mutate("logs", "CreateLogGroup", GROUP))
            assert error.unknown_effect
            assert error.refusal.outcome is Outcome.RETRY
            calls = [call for call in here.cloud.calls.since(0) if call.operation == "CreateLogGroup"]
            assert len(calls) == 1, "a lost answer must not be repeated below the engine"
            listed = await here.caller().read("logs", "DescribeLogGroups", {})
            assert bool(listed.at("logGroups")) is made

        on_virtual_time(test)

    def test_a_read_whose_answer_is_lost_has_no_effect(self) -> None:
        async def test(here: Offline) -> None:
            here.cloud.faults.add(Fault("drop_after", operation="DescribeLogGroups"))
            error = await refusal(here.caller().read("logs", "DescribeLogGroups", {}))
            assert not error.unknown_effect

        on_virtual_time(test)


class TestThrottling:
    def test_a_throttled_call_is_made_again_behind_a_slower_bucket(self) -> None:
        async def test(here: Offline) -> float:
            here.cloud.faults.add(Fault("throttle", service="logs", operation="CreateLogGroup"))
            await here.caller().mutate("logs", "CreateLogGroup", GROUP)
            factors = {level.bucket.name: level.factor for level in here.budget.levels()}
            assert factors["logs.CreateLogGroup"] == 0.5
            assert here.told.names() == ["GetCallerIdentity", "CreateLogGroup ThrottlingException", "CreateLogGroup"]
            return asyncio.get_running_loop().time()

        on_virtual_time(test)

    def test_endless_throttling_is_given_back_to_the_engine(self) -> None:
        async def test(here: Offline) -> None:
            here.cloud.faults.add(Fault("throttle", service="logs", operation="CreateLogGroup", times=0))
            error = await refusal(here.caller().mutate("logs", "CreateLogGroup", GROUP))
            assert error.throttled
            assert not error.unknown_effect
            assert len(here.told.calls) == 1 + 3

        on_virtual_time(test)

    def test_a_full_quota_is_http_429_too_and_is_not_repeated(self) -> None:
        async def test(here: Offline) -> None:
            here.cloud.faults.add(
                Fault("error", service="logs", code="LimitExceededException", message="full", status=429, times=0)
            )
            error = await refusal(here.caller().mutate("logs", "CreateLogGroup", GROUP))
            assert error.refusal.outcome is Outcome.BLOCKED
            assert not error.throttled
            assert here.told.names().count("CreateLogGroup LimitExceededException") == 1

        on_virtual_time(test)

    def test_the_rate_that_aws_grants_is_never_exceeded(self) -> None:
        """Forty calls of one operation at once, against buckets as strict as AWS's."""

        async def test(here: Offline) -> None:
            async def create(number: int) -> None:
                await here.caller().mutate("logs", "CreateLogGroup", {"logGroupName": f"group-{number}"})

            await asyncio.gather(*(create(number) for number in range(40)))
            assert not [name for name in here.told.names() if "Throttling" in name]

        on_virtual_time(test)

    def test_connects_rate_is_used_to_the_full_without_a_throttle(self) -> None:
        """Twenty calls on a full bucket of 2 a second and 5 at once take at least 7.5 s; ours take hardly more."""

        async def test(here: Offline) -> float:
            await here.gate.account(POD, REGION, Priority.CHANGE, OWNER)
            await asyncio.sleep(10)
            start = here.clock.elapsed
            await asyncio.gather(*(here.caller().read("connect", "ListInstances", {}) for _ in range(20)))
            assert not [name for name in here.told.names() if "Throttling" in name]
            return here.clock.elapsed - start

        assert 7.5 <= on_virtual_time(test) <= 7.5 * 1.02


class TestGuard:
    def test_a_pass_that_has_ended_changes_nothing_but_may_read(self) -> None:
        async def ended() -> None:
            raise PassEndedError("a newer spec came")

        async def test(here: Offline) -> None:
            caller = here.caller(guard=ended)
            with pytest.raises(PassEndedError, match="newer spec"):
                await caller.mutate("logs", "CreateLogGroup", GROUP)
            assert (await caller.read("logs", "DescribeLogGroups", {})).at("logGroups") == []

        on_virtual_time(test)

    def test_a_change_ends_the_less_urgent_pass_of_its_object_and_no_other(self) -> None:
        async def test(here: Offline) -> None:
            here.budget.start()
            check, change = here.caller(priority=Priority.DRIFT), here.caller()
            waiting = asyncio.create_task(check.read("logs", "DescribeLogGroups", {}))
            await asyncio.sleep(0)
            here.gate.overtake("ContactCenter/elsewhere/other")
            await waiting
            waiting = asyncio.create_task(check.read("connect", "ListInstances", {}))
            await asyncio.sleep(0)
            here.gate.overtake(OWNER)
            for call in (waiting, check.read("logs", "DescribeLogGroups", {}), check.mutate("logs", "x", GROUP)):
                with pytest.raises(PassEndedError, match="goes first"):
                    await call
            await change.read("connect", "ListInstances", {})

        on_virtual_time(test)

    def test_the_guard_is_asked_when_the_token_is_there_not_before(self) -> None:
        asked: list[float] = []

        async def guard() -> None:
            asked.append(asyncio.get_running_loop().time())

        async def test(here: Offline) -> None:
            here.budget.start()
            caller = here.caller(guard=guard)
            await asyncio.gather(
                *(caller.mutate("logs", "CreateLogGroup", {"logGroupName": f"group-{n}"}) for n in range(3))
            )
            made = [call.at - here.clock.epoch for call in here.told.calls if call.mutating]
            assert asked == pytest.approx(made)
            assert asked[0] < asked[1] < asked[2]

        on_virtual_time(test)

    def test_a_token_whose_call_was_not_made_is_given_back(self) -> None:
        async def ended() -> None:
            raise PassEndedError("deleted")

        async def test(here: Offline) -> None:
            for _ in range(30):
                with pytest.raises(PassEndedError):
                    await here.caller(guard=ended).mutate("logs", "CreateLogGroup", GROUP)
            before = asyncio.get_running_loop().time()
            await here.caller().mutate("logs", "CreateLogGroup", GROUP)
            assert asyncio.get_running_loop().time() == before

        on_virtual_time(test)


@dataclass(frozen=True)
class Zip:
    content: bytes

    @property
    def sha256_base64(self) -> str:
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()

    def read(self) -> bytes:
        return self.content


class TestPlaceholders:
    async def secret(self, name: str) -> str:
        return {"redis/token": "correct-horse-battery"}[name]

    def params(self, value: Any) -> dict[str, Any]:
        return {"logGroupName": "/x", "tags": {"deep": value}}

    def test_a_secret_is_filled_in_deep_inside_and_reaches_aws(self) -> None:
        async def test(here: Offline) -> None:
            caller = here.caller(secrets=self.secret)
            params = self.params(Placeholder(Filling.SECRET, "redis/token"))
            await caller.mutate("logs", "CreateLogGroup", params)
            arn = f"arn:aws:logs:{REGION}:{DEFAULT_ACCOUNT}:log-group:/x"
            tags = await caller.read("logs", "ListTagsForResource", {"resourceArn": arn})
            assert tags.at("tags.deep") == "correct-horse-battery"
            assert isinstance(params["tags"]["deep"], Placeholder), "the plan itself must stay printable"

        on_virtual_time(test)

    def test_an_archive_is_filled_in_by_its_hash(self) -> None:
        archive = Zip(b"PK-not-really")

        async def test(here: Offline) -> None:
            params = {
                "FunctionName": "lookup",
                "Code": {"ZipFile": Placeholder(Filling.ARCHIVE, archive.sha256_base64)},
                "Role": f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/none",
                "Runtime": "python3.13",
                "Handler": "app.handler",
            }
            error = await refusal(here.caller().mutate("lambda", "CreateFunction", params))
            assert error.refusal.code != "ParamValidationError", "botocore wants bytes there, and got them"
            assert "PK-not-really" not in str(error)

        on_virtual_time(test, (archive,))

    def test_a_secret_that_aws_repeats_is_cut_out(self, caplog: pytest.LogCaptureFixture) -> None:
        async def test(here: Offline) -> None:
            here.cloud.faults.add(
                Fault("error", service="logs", code="InvalidParameterException", message="bad correct-horse-battery", status=400)
            )  # fmt: skip
            params = self.params(Placeholder(Filling.SECRET, "redis/token"))
            error = await refusal(here.caller(secrets=self.secret).mutate("logs", "CreateLogGroup", params))
            assert error.refusal.message == "bad <secret>"

        with caplog.at_level(logging.DEBUG):
            on_virtual_time(test)
        assert "correct-horse-battery" not in caplog.text

    @pytest.mark.parametrize(
        ("placeholder", "outcome", "words"),
        [
            pytest.param(Placeholder(Filling.SECRET, "redis/none"), Outcome.REJECTED, "the Secret redis has no key none", id="no such key"),
            pytest.param(Placeholder(Filling.ARCHIVE, "abc="), Outcome.BLOCKED, "no archive with SHA-256 abc=", id="no such archive"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_filled_is_not_sent(self, placeholder: Placeholder, outcome: Outcome, words: str) -> None:
        async def test(here: Offline) -> None:
            call = here.caller(secrets=self.secret).mutate("logs", "CreateLogGroup", self.params(placeholder))
            error = await refusal(call)
            assert error.refusal.outcome is outcome
            assert words in error.refusal.message
            assert "CreateLogGroup" not in here.told.names()

        on_virtual_time(test)

    def test_an_open_reference_is_never_sent(self) -> None:
        async def test(here: Offline) -> None:
            with pytest.raises(ValueError, match="still open"):
                await here.caller().mutate("logs", "CreateLogGroup", self.params(Ref("queue/sales")))

        on_virtual_time(test)


class TestNotes:
    def test_each_change_is_logged_once_with_who_what_and_the_request_id(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def test(here: Offline) -> None:
            await here.caller().mutate("logs", "CreateLogGroup", {**GROUP, "tags": {"secret-plan": "x"}})
            await here.caller().read("logs", "DescribeLogGroups", {})
            await refusal(here.caller().mutate("logs", "CreateLogGroup", GROUP))

        with caplog.at_level(logging.INFO, logger="trunkline.aws.calls"):
            on_virtual_time(test)
        lines = [record for record in caplog.records if getattr(record, "event", "") == "aws.call"]
        assert [record.__dict__["aws_code"] for record in lines] == ["", "ResourceAlreadyExistsException"]
        assert all(record.__dict__["object"] == OWNER and record.__dict__["aws_request_id"] for record in lines)
        assert "secret-plan" not in json.dumps([record.__dict__ for record in lines], default=str)

    def test_every_call_is_told_with_its_outcome(self) -> None:
        async def test(here: Offline) -> None:
            await here.caller(priority=Priority.DRIFT).read("logs", "DescribeLogGroups", {})
            call = here.told.calls[-1]
            assert (call.service, call.operation, call.account, call.region) == (
                "logs", "DescribeLogGroups", DEFAULT_ACCOUNT, REGION,
            )  # fmt: skip
            assert not call.mutating
            assert call.at == here.clock.wall()

        on_virtual_time(test)


class TestShutdown:
    def test_nothing_starts_after_stop_whoever_waits_is_told(self) -> None:
        async def test(here: Offline) -> None:
            here.budget.start()
            caller = here.caller()
            await here.gate.account(POD, REGION, Priority.CHANGE, OWNER)
            waiting = [asyncio.create_task(caller.mutate("connect", "CreateQueue", {})) for _ in range(3)]
            await asyncio.sleep(0)
            here.gate.stop()
            results = await asyncio.gather(*waiting, return_exceptions=True)
            assert all(isinstance(result, PassEndedError) for result in results)
            with pytest.raises(PassEndedError):
                await caller.read("logs", "DescribeLogGroups", {})

        on_virtual_time(test)

    def test_a_call_in_flight_ends_and_is_told_although_its_pass_was_cancelled(self) -> None:
        async def test(here: Offline) -> None:
            await here.gate.account(POD, REGION, Priority.CHANGE, OWNER)
            here.budget.start()
            ready = asyncio.get_running_loop().time() + 10
            await asyncio.sleep(10)
            task = asyncio.create_task(here.caller().mutate("logs", "CreateLogGroup", GROUP))
            while not here.gate._calls:
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await here.gate.close()
            assert task.cancelled()
            assert asyncio.get_running_loop().time() == ready
            assert "CreateLogGroup" in here.told.names()

        on_virtual_time(test)


ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/center"


def trust(external_id: str | None = None) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def make_role(here: Offline, external_id: str | None = None) -> None:
    params = {"RoleName": "center", "AssumeRolePolicyDocument": trust(external_id)}
    await here.caller().mutate("iam", "CreateRole", params)
    await asyncio.sleep(60)


class TestRoles:
    def test_calls_are_signed_by_a_session_that_names_the_object(self) -> None:
        identity = Identity(ROLE, "acme-7", "contact-centers/acme")

        async def test(here: Offline) -> None:
            await make_role(here, "acme-7")
            account = await here.gate.account(identity, REGION, Priority.CHANGE, OWNER)
            assert account.id == DEFAULT_ACCOUNT
            assert account.arn.endswith("assumed-role/center/trunkline-contact-centers.acme")
            await here.caller(identity).read("logs", "DescribeLogGroups", {})
            assert here.told.calls[-1].role_arn == ROLE
            await here.caller().read("logs", "DescribeLogGroups", {})
            principals = [call.principal for call in here.cloud.calls.since(0) if call.operation == "DescribeLogGroups"]
            assert "assumed-role/center" in principals[0]
            assert "assumed-role" not in principals[1], "the pod's own calls are not signed by another object's session"

        on_virtual_time(test)

    def test_a_session_is_assumed_once_for_many_calls(self) -> None:
        async def test(here: Offline) -> None:
            await make_role(here)
            caller = here.caller(Identity(ROLE, "", "ns/a"))
            await asyncio.gather(*(caller.read("logs", "DescribeLogGroups", {}) for _ in range(20)))
            assert here.told.names().count("AssumeRole") == 1

        on_virtual_time(test)

    def test_a_session_is_renewed_before_it_ends(self) -> None:
        async def test(here: Offline) -> None:
            await make_role(here)
            caller = here.caller(Identity(ROLE, "", "ns/a"))
            for _ in range(5):
                await caller.read("logs", "DescribeLogGroups", {})
                await asyncio.sleep(3600 - RENEW_SECONDS + 1)
            assert here.told.names().count("AssumeRole") == 5
            assert not [call for call in here.told.calls if call.code]

        on_virtual_time(test)

    def test_a_session_that_aws_calls_expired_is_renewed_and_the_call_made_again(self) -> None:
        async def test(here: Offline) -> None:
            await make_role(here)
            caller = here.caller(Identity(ROLE, "", "ns/a"))
            await caller.read("logs", "DescribeLogGroups", {})
            here.cloud.faults.add(
                Fault("error", operation="DescribeLogGroups", code="ExpiredTokenException", status=403)
            )
            await caller.read("logs", "DescribeLogGroups", {})
            assert here.told.names()[-3:] == [
                "DescribeLogGroups ExpiredTokenException",
                "AssumeRole",
                "DescribeLogGroups",
            ]

        on_virtual_time(test)

    def test_credentials_that_stay_expired_are_given_back_to_the_engine(self) -> None:
        async def test(here: Offline) -> None:
            await make_role(here)
            fault = Fault("error", operation="DescribeLogGroups", code="ExpiredTokenException", status=403, times=0)
            here.cloud.faults.add(fault)
            error = await refusal(here.caller(Identity(ROLE, "", "ns/a")).read("logs", "DescribeLogGroups", {}))
            assert error.refusal.outcome is Outcome.RETRY
            assert here.told.names().count("DescribeLogGroups ExpiredTokenException") == 2

        on_virtual_time(test)

    @pytest.mark.parametrize(
        "identity",
        [
            pytest.param(Identity(ROLE, "wrong", "ns/a"), id="wrong external id"),
            pytest.param(Identity(ROLE, "", "ns/a"), id="no external id"),
            pytest.param(Identity(ROLE + "-none", "acme-7", "ns/a"), id="no such role"),
        ],
    )
    def test_a_role_that_may_not_be_assumed_is_blocked_with_what_to_do(self, identity: Identity) -> None:
        async def test(here: Offline) -> None:
            await make_role(here, "acme-7")
            error = await refusal(here.caller(identity).read("logs", "DescribeLogGroups", {}))
            assert error.refusal.outcome is Outcome.BLOCKED
            assert error.refusal.message.startswith(f"credentials.roleArn: {identity.role_arn} may not be assumed")
            assert "trust policy" in error.refusal.message
            assert "DescribeLogGroups" not in here.told.names()

        on_virtual_time(test)

    def test_while_sts_cannot_answer_a_valid_session_goes_on(self) -> None:
        async def test(here: Offline) -> None:
            await make_role(here)
            caller = here.caller(Identity(ROLE, "", "ns/a"))
            await caller.read("logs", "DescribeLogGroups", {})
            await asyncio.sleep(3600 - RENEW_SECONDS + 1)
            here.cloud.faults.add(Fault("drop_before", service="sts", operation="AssumeRole", times=0))
            await caller.read("logs", "DescribeLogGroups", {})
            await asyncio.sleep(RENEW_SECONDS)
            error = await refusal(caller.read("logs", "DescribeLogGroups", {}))
            assert error.refusal.operation == "AssumeRole"

        on_virtual_time(test)


class TestAccount:
    def test_credentials_of_another_account_call_nothing(self) -> None:
        async def test(here: Offline) -> None:
            caller = here.caller(account="999999999999")
            for call in (
                caller.read("logs", "DescribeLogGroups", {}),
                caller.mutate("logs", "CreateLogGroup", GROUP),
            ):
                error = await refusal(call)
                assert error.refusal.outcome is Outcome.BLOCKED
                assert f"lead to account {DEFAULT_ACCOUNT}" in error.refusal.message
            assert set(here.told.names()) == {"GetCallerIdentity"}

        on_virtual_time(test)

    def test_the_account_is_asked_for_once(self) -> None:
        async def test(here: Offline) -> None:
            async def one() -> str:
                return (await here.gate.account(POD, REGION, Priority.CHANGE, OWNER)).id

            assert set(await asyncio.gather(*(one() for _ in range(50)))) == {DEFAULT_ACCOUNT}
            await asyncio.sleep(3600)
            await one()
            assert here.told.names() == ["GetCallerIdentity"]

        on_virtual_time(test)


@pytest.mark.parametrize(
    ("object_name", "session_name"),
    [
        pytest.param("ns/acme", "trunkline-ns.acme", id="as it is"),
        pytest.param("ns/ac me:ü", "trunkline-ns.ac.me..", id="characters that STS does not take"),
    ],
)
def test_session_names(object_name: str, session_name: str) -> None:
    assert Identity(ROLE, "", object_name).session_name == session_name


def test_long_names_stay_apart() -> None:
    one, other = (Identity(ROLE, "", "n" * 60 + f"/{'c' * 40}-{letter}").session_name for letter in "ab")
    assert one != other
    assert len(one) == len(other) == 64
