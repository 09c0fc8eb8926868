"""Routing profiles: facet by facet, ten queue configs a call, never an agent without a queue."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.drivers.plans import SCOPE, Answers, context, entry, found, only, operations, paths, words
from trunkline.drivers.routing_profile import RoutingProfileDriver
from trunkline.drivers.routing_profile_queues import QueueConfig
from trunkline.drivers.routing_profile_state import Media, RoutingProfileDesired, RoutingProfileState
from trunkline.engine.driver import UNREAD, Wanted
from trunkline.engine.resource import Ref

KEY = "routing-profile/agent"
DRIVER = RoutingProfileDriver()
MEDIA = (Media("VOICE", 1), Media("CHAT", 2))
DESIRED = RoutingProfileDesired("agent", "agent", "q1", MEDIA, (QueueConfig("q1", "VOICE"),))
STATE = RoutingProfileState(
    "agent", "agent", "q1", {"VOICE": 1, "CHAT": 2}, {}, None, {("q1", "VOICE"): (1, 0)}, frozenset()
)


def plan(desired, state, **remembered):
    return DRIVER.plan(desired, found(KEY, state), entry(KEY, **remembered), context(KEY))


def _configs(count: int) -> tuple[QueueConfig, ...]:
    return tuple(QueueConfig(f"q{index:02}", "VOICE", priority=1 + index % 9) for index in range(count))


@pytest.mark.parametrize(
    ("count", "calls"),
    [
        pytest.param(0, [], id="none"),
        pytest.param(10, [10], id="as many as one call takes"),
        pytest.param(11, [10, 1], id="one more"),
        pytest.param(35, [10, 10, 10, 5], id="tens"),
    ],
)
def test_queue_configs_beyond_ten_are_associated_after_the_create(count, calls):
    made = DRIVER.plan(replace(DESIRED, queues=_configs(count)), None, None, context(KEY))
    assert [len(step.params.get("QueueConfigs", ())) for step in made.steps if "QueueConfigs" in step.params] == calls
    assert operations(made) == ["CreateRoutingProfile", *["AssociateRoutingProfileQueues"] * max(0, len(calls) - 1)]
    sent = [
        config["QueueReference"]["QueueId"] for step in made.steps for config in step.params.get("QueueConfigs", ())
    ]
    assert sorted(sent) == sorted(config.queue for config in _configs(count)), "each queue exactly once"


def test_created_before_its_queues_have_ids():
    queue = Ref("queue/sales")
    desired = replace(DESIRED, default_outbound_queue=queue, queues=(QueueConfig(queue, "VOICE"),), media=None)
    made = DRIVER.plan(desired, None, None, context(KEY))
    step = only(made)
    assert step.params["QueueConfigs"][0]["QueueReference"] == {"QueueId": queue, "Channel": "VOICE"}
    assert step.params["MediaConcurrencies"] == [{"Channel": "VOICE", "Concurrency": 1}], "AWS demands some"
    assert words(made)["set"] == "queues"


def test_converged_needs_no_step():
    assert plan(DESIRED, STATE).settled
    assert plan(DESIRED, replace(STATE, queues=UNREAD, cross_channel=UNREAD)).settled
    assert plan(replace(DESIRED, queues=None, media=None), replace(STATE, queues={("x", "CHAT"): (1, 0)})).settled


@pytest.mark.parametrize(
    ("desired", "state", "operation", "path"),
    [
        pytest.param(
            replace(DESIRED, description="d"), STATE, "UpdateRoutingProfileName", "description", id="description"
        ),
        pytest.param(
            replace(DESIRED, media=(Media("VOICE", 1), Media("CHAT", 5))),
            STATE,
            "UpdateRoutingProfileConcurrency",
            "media",
            id="concurrency",
        ),
        pytest.param(
            replace(DESIRED, media=(Media("VOICE", 1), Media("CHAT", 2, "ROUTE_ANY_CHANNEL"))),
            STATE,
            "UpdateRoutingProfileConcurrency",
            "media",
            id="cross-channel behavior",
        ),
        pytest.param(
            replace(DESIRED, default_outbound_queue="q2"),
            STATE,
            "UpdateRoutingProfileDefaultOutboundQueue",
            "defaultOutboundQueue",
            id="outbound queue",
        ),
        pytest.param(
            replace(DESIRED, agent_availability_timer="TIME_SINCE_LAST_INBOUND"),
            STATE,
            "UpdateRoutingProfileAgentAvailabilityTimer",
            "agentAvailabilityTimer",
            id="timer",
        ),
        pytest.param(
            replace(DESIRED, queues=(QueueConfig("q1", "VOICE", 2, 30),)),
            STATE,
            "UpdateRoutingProfileQueues",
            "queues[q1 VOICE]",
            id="priority and delay",
        ),
        pytest.param(
            replace(DESIRED, queues=()), STATE, "DisassociateRoutingProfileQueues", "queues[q1 VOICE]", id="queue left"
        ),
        pytest.param(
            replace(DESIRED, manual_queues=(("q2", "CHAT"),)),
            STATE,
            "AssociateRoutingProfileQueues",
            "manualAssignmentQueues",
            id="manual assignment",
        ),
    ],
)
def test_drift_is_mended_by_one_call(desired, state, operation, path):
    step = only(plan(desired, state))
    assert step.operation == operation
    assert list(paths(step)) == [path]


def test_a_behavior_that_search_does_not_show_is_not_diffed_and_one_not_managed_is_kept():
    managed = replace(DESIRED, media=(Media("VOICE", 1), Media("CHAT", 2, "ROUTE_ANY_CHANNEL")))
    assert plan(managed, replace(STATE, cross_channel=UNREAD)).settled
    kept = replace(STATE, cross_channel={"CHAT": "ROUTE_ANY_CHANNEL"})
    step = only(plan(replace(DESIRED, media=(Media("VOICE", 1), Media("CHAT", 5))), kept))
    chat = step.params["MediaConcurrencies"][0]
    assert chat == {
        "Channel": "CHAT",
        "Concurrency": 5,
        "CrossChannelBehavior": {"BehaviorType": "ROUTE_ANY_CHANNEL"},
    }


def test_agents_are_never_without_a_queue_unless_there_is_no_room():
    exchanged = plan(replace(DESIRED, queues=(QueueConfig("q2", "VOICE"),)), STATE)
    assert operations(exchanged) == ["AssociateRoutingProfileQueues", "DisassociateRoutingProfileQueues"]
    full = replace(STATE, queues={(f"old{index}", "VOICE"): (1, 0) for index in range(50)})
    crowded = operations(plan(replace(DESIRED, queues=(QueueConfig("q2", "VOICE"),)), full))
    assert crowded == [*["DisassociateRoutingProfileQueues"] * 5, "AssociateRoutingProfileQueues"]


def test_the_queues_of_a_channel_go_before_the_channel():
    desired = replace(DESIRED, media=(Media("VOICE", 1),))
    state = replace(STATE, queues={("q1", "VOICE"): (1, 0), ("q1", "CHAT"): (1, 0)})
    assert operations(plan(desired, state)) == ["DisassociateRoutingProfileQueues", "UpdateRoutingProfileConcurrency"]


def test_a_timer_that_left_the_spec_goes_back_to_the_default():
    state = replace(STATE, agent_availability_timer="TIME_SINCE_LAST_INBOUND")
    step = only(plan(DESIRED, state, set="agentAvailabilityTimer"))
    assert step.params["AgentAvailabilityTimer"] == "TIME_SINCE_LAST_ACTIVITY"


def _body(**more: object) -> dict[str, object]:
    return {
        "RoutingProfileId": "r1",
        "RoutingProfileArn": "arn/r1",
        "Name": "agent",
        "Description": "agent",
        "DefaultOutboundQueueId": "q1",
        "MediaConcurrencies": [{"Channel": "VOICE", "Concurrency": 1}, {"Channel": "CHAT", "Concurrency": 2}],
        "AssociatedQueueIds": ["q1"],
        **more,
    }


QUEUES = {"RoutingProfileQueueConfigSummaryList": [{"QueueId": "q1", "Channel": "VOICE", "Priority": 1, "Delay": 0}]}


@pytest.mark.parametrize(
    ("desired", "deep", "reads"),
    [
        pytest.param(DESIRED, True, ["ListRoutingProfileQueues"], id="deep: queues"),
        pytest.param(DESIRED, False, [], id="not deep: the ids agree"),
        pytest.param(
            replace(DESIRED, queues=_configs(2)), False, ["ListRoutingProfileQueues"], id="not deep: the ids differ"
        ),
        pytest.param(
            replace(DESIRED, queues=(QueueConfig(Ref("queue/a"), "VOICE"), QueueConfig(Ref("queue/b"), "VOICE"))),
            False,
            ["ListRoutingProfileQueues"],
            id="not deep: their number differs",
        ),
        pytest.param(replace(DESIRED, queues=None), True, [], id="queues not managed"),
        pytest.param(
            replace(DESIRED, queues=None, agent_availability_timer="TIME_SINCE_LAST_INBOUND"),
            True,
            ["DescribeRoutingProfile"],
            id="the timer needs a Describe",
        ),
    ],
)
def test_parts_are_read_only_when_they_may_matter(desired, deep, reads):
    aws = Answers(
        {
            "SearchRoutingProfiles": {"RoutingProfiles": [_body()]},
            "ListRoutingProfileQueues": QUEUES,
            "DescribeRoutingProfile": {"RoutingProfile": _body(AgentAvailabilityTimer="TIME_SINCE_LAST_ACTIVITY")},
        }
    )
    wanted = [Wanted(KEY, "agent", id="r1", desired=desired, deep=deep)]
    asyncio.run(DRIVER.observe(aws, SCOPE, wanted, exact=False))
    assert aws.names == ["SearchRoutingProfiles", *reads]


def test_an_exact_read_knows_everything_that_is_managed():
    aws = Answers(
        {
            "DescribeRoutingProfile": {"RoutingProfile": _body(AgentAvailabilityTimer="TIME_SINCE_LAST_INBOUND")},
            "ListRoutingProfileQueues": QUEUES,
        }
    )
    (seen,) = asyncio.run(
        DRIVER.observe(aws, SCOPE, [Wanted(KEY, "agent", id="r1", desired=DESIRED, deep=False)], exact=True)
    )
    assert seen.state.queues == {("q1", "VOICE"): (1, 0)}
    assert seen.state.agent_availability_timer == "TIME_SINCE_LAST_INBOUND"
