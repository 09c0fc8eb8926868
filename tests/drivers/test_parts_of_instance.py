"""What an instance holds without a life of its own: storage configs, origins, associated functions; and look-ups."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.drivers.plans import INSTANCE, SCOPE, Answers, context, entry, found, only, operations
from trunkline.drivers.associations import (
    ApprovedOriginDesired,
    ApprovedOriginDriver,
    LambdaAssociationDesired,
    LambdaAssociationDriver,
    LambdaAssociationState,
    function_name,
)
from trunkline.drivers.lookups import PROMPT, QUICK_CONNECT, SECURITY_PROFILE, VIEW, LookupDesired
from trunkline.drivers.storage_config import StorageConfigDesired, StorageConfigDriver, StorageConfigState
from trunkline.engine.driver import Wanted
from trunkline.engine.plan import CannotPlanError
from trunkline.engine.resource import Ref

STORAGE = StorageConfigDriver()
RECORDINGS = StorageConfigDesired("CALL_RECORDINGS", "S3", bucket="acme", prefix="calls", kms_key="arn:key")
EVENTS = StorageConfigDesired("AGENT_EVENTS", "KINESIS_STREAM", stream="arn:stream")
VIDEO = StorageConfigDesired("MEDIA_STREAMS", "KINESIS_VIDEO_STREAM", prefix="v", kms_key="arn:key", retention_hours=2)


def storage(desired, observed):
    key = f"storage-config/{RECORDINGS.resource_type}"
    return STORAGE.plan(desired, found(key, StorageConfigState(observed)), entry(key), context(key))


@pytest.mark.parametrize(
    ("desired", "member"),
    [
        pytest.param(RECORDINGS, "S3Config", id="bucket"),
        pytest.param(EVENTS, "KinesisStreamConfig", id="stream"),
        pytest.param(VIDEO, "KinesisVideoStreamConfig", id="video stream"),
        pytest.param(
            replace(EVENTS, storage_type="KINESIS_FIREHOSE", stream=Ref("delivery-stream/x", "arn")),
            "KinesisFirehoseConfig",
            id="delivery stream known after apply",
        ),
    ],
)
def test_storage_is_associated_in_the_form_of_its_type(desired, member):
    step = only(STORAGE.plan(desired, None, None, context("storage-config/x")))
    assert step.operation == "AssociateInstanceStorageConfig"
    assert set(step.params["StorageConfig"]) == {"StorageType", member}
    assert dict(step.provides) == {"id": "AssociationId"}
    assert STORAGE.plan(desired, None, None, context("storage-config/x")).steps == (step,), "the same token again"


def test_storage_changes_in_place_and_another_form_interrupts():
    step = only(storage(replace(RECORDINGS, prefix="other"), RECORDINGS))
    assert (step.operation, step.interrupts) == ("UpdateInstanceStorageConfig", None)
    records = replace(EVENTS, resource_type="CONTACT_TRACE_RECORDS")
    form = only(storage(replace(records, storage_type="KINESIS_FIREHOSE"), records))
    assert "another kind of place" in form.interrupts
    assert storage(RECORDINGS, RECORDINGS).settled


def test_a_video_stream_prefix_comes_back_with_the_alias_behind_it():
    assert storage(VIDEO, replace(VIDEO, prefix="v-connect-acme-contact-")).settled
    assert not storage(VIDEO, replace(VIDEO, prefix="vv-connect-acme-contact-")).settled


def test_storage_taken_away_stops_recording():
    step = only(storage(None, RECORDINGS))
    assert step.deletes
    assert "CALL_RECORDINGS are no longer stored" in step.interrupts


def test_storage_is_read_for_wanted_types_only():
    body = {"AssociationId": "a1", "StorageType": "S3", "S3Config": {"BucketName": "acme", "BucketPrefix": "calls"}}
    aws = Answers({"ListInstanceStorageConfigs": {"StorageConfigs": [body]}})
    wanted = [Wanted("storage-config/CALL_RECORDINGS", "CALL_RECORDINGS", desired=RECORDINGS)]
    (seen,) = asyncio.run(STORAGE.observe(aws, SCOPE, wanted, exact=False))
    assert (seen.id, seen.aws_name, seen.state.config.bucket) == ("a1", "CALL_RECORDINGS", "acme")
    assert len(aws.calls) == 1


ORIGIN = ApprovedOriginDriver()
CRM = "https://crm.acme.example"


def test_an_origin_is_listed_or_not():
    aws = Answers({"ListApprovedOrigins": [{"Origins": [CRM]}, {"Origins": ["https://b.example"]}]})
    seen = asyncio.run(ORIGIN.observe(aws, SCOPE, [], exact=False))
    assert [item.id for item in seen] == [CRM, "https://b.example"]
    key, desired = f"approved-origin/{CRM}", ApprovedOriginDesired(CRM)
    assert only(ORIGIN.plan(desired, None, None, context(key))).params == {"InstanceId": INSTANCE, "Origin": CRM}
    assert ORIGIN.plan(desired, seen[0], None, context(key)).settled
    assert operations(ORIGIN.plan(None, seen[0], None, context(key))) == ["DisassociateApprovedOrigin"]
    assert ORIGIN.plan(None, None, None, context(key)).settled


FUNCTIONS = LambdaAssociationDriver()
LOOKUP = "arn:aws:lambda:us-east-1:123456789012:function:acme-lookup:live"
ALIAS = Ref("function/lookup", "alias_arn")


def test_a_function_is_known_by_its_name_before_its_arn_is():
    assert function_name(LOOKUP) == "acme-lookup:live"
    aws = Answers({"ListLambdaFunctions": {"LambdaFunctions": [LOOKUP]}})
    (seen,) = asyncio.run(FUNCTIONS.observe(aws, SCOPE, [], exact=False))
    assert (seen.id, seen.aws_name, seen.arn) == ("acme-lookup:live", "acme-lookup:live", LOOKUP)
    here = context("lambda-association/lookup")
    for arn in (ALIAS, LOOKUP):
        assert FUNCTIONS.plan(LambdaAssociationDesired(arn), seen, None, here).settled
    step = only(FUNCTIONS.plan(LambdaAssociationDesired(ALIAS), None, None, here))
    assert (step.operation, step.params["FunctionArn"]) == ("AssociateLambdaFunction", ALIAS)


def test_a_function_of_the_same_name_elsewhere_takes_the_old_ones_place():
    here, elsewhere = context("lambda-association/lookup"), LOOKUP.replace("123456789012", "210987654321")
    observed = found("lambda-association/lookup", LambdaAssociationState(elsewhere), name="acme-lookup:live")
    moved = FUNCTIONS.plan(LambdaAssociationDesired(LOOKUP), observed, None, here)
    assert operations(moved) == ["AssociateLambdaFunction", "DisassociateLambdaFunction"]
    assert not any(step.deletes or step.creates for step in moved.steps)


@pytest.mark.parametrize(
    ("driver", "answer"),
    [
        pytest.param(PROMPT, {"PromptSummaryList": [{"Id": "p1", "Arn": "a", "Name": "x"}]}, id="prompt"),
        pytest.param(QUICK_CONNECT, {"QuickConnectSummaryList": [{"Id": "p1", "Arn": "a", "Name": "x"}]}, id="qc"),
        pytest.param(VIEW, {"ViewsSummaryList": [{"Id": "p1", "Arn": "a", "Name": "x"}]}, id="view"),
        pytest.param(
            SECURITY_PROFILE, {"SecurityProfileSummaryList": [{"Id": "p1", "Arn": "a", "Name": "x"}]}, id="profile"
        ),
    ],
)
def test_what_others_made_is_found_by_name(driver, answer):
    aws = Answers({driver.operation: answer})
    (seen,) = asyncio.run(driver.observe(aws, SCOPE, [], exact=False))
    assert (seen.id, seen.arn, seen.aws_name) == ("p1", "a", "x")
    here = context(f"{driver.kind}/x")
    assert driver.plan(LookupDesired("x"), seen, None, here).settled
    assert driver.plan(None, seen, None, here).settled, "never deleted"
    with pytest.raises(CannotPlanError, match=r"no .* named 'x' exists in the instance; make it"):
        driver.plan(LookupDesired("x"), None, None, here)
