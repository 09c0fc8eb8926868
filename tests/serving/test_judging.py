"""What the webhook refuses and warns of, from the object alone."""

from __future__ import annotations

import asyncio
import copy
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.column.centers import flow, queue, says, small_center, small_spec
from tests.column.world import Object, World, example
from trunkline.handlers.resources import read_record
from trunkline.serving.admission import LARGEST, MOST_WAITING, VERSION, Reviews, Verdict, judge
from trunkline.serving.http import Request
from trunkline.serving.outlook import LONGEST

Value = dict[str, Any]


def body(spec: Value, *, kind: str = "ContactCenter", name: str = "small", **more: Any) -> Value:
    metadata = {"name": name, "namespace": "sales", "generation": 2}
    return {"apiVersion": "trunkline.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec, **more}


def review(new: Value, old: Value | None = None, **more: Any) -> Value:
    kind = {"group": "trunkline.dev", "version": "v1alpha1", "kind": new["kind"]}
    operation = "CREATE" if old is None else "UPDATE"
    return {"uid": "1", "kind": kind, "operation": operation, "object": new, "oldObject": old, **more}


def edited(edit: Callable[[Value], Any], spec: Value | None = None) -> Value:
    spec = copy.deepcopy(spec or small_spec())
    edit(spec)
    return spec


def recorded(spec: Value) -> Value:
    """A status as a pass writes it: one resource of each entry, functions with what belongs to them."""
    items = [
        ("queue", "queues"),
        ("hours", "hoursOfOperation"),
        ("routing-profile", "routingProfiles"),
        ("flow", "flows"),
        ("module", "flowModules"),
        *((kind, "functions") for kind in ("function", "role", "log-group", "function-permission")),
        ("table", "tables"),
    ]
    resources = [
        {"kind": kind, "section": section, "name": entry["name"], "id": f"{kind}-{entry['name']}", "state": "Ready"}
        for kind, section in items
        for entry in spec.get(section, ())
    ]
    resources += [
        {"kind": "storage-config", "section": "storage", "name": item["type"], "id": item["type"], "state": "Ready"}
        for item in spec["instance"].get("storage", ())
    ]
    for item in resources:
        if item["section"] in ("functions", "tables"):
            item["awsName"] = f"small-{item['name']}"
    return {"observedGeneration": 1, "appliedGeneration": 1, "account": "123456789012", "resources": resources}


def warned(edit: Callable[[Value], Any], spec: Value | None = None, **status: Any) -> tuple[str, ...]:
    before = copy.deepcopy(spec or small_spec())
    found = judge(review(body(edited(edit, before)), body(before, status={**recorded(before), **status})))
    assert found.refusals == ()
    assert all(len(warning) <= LONGEST for warning in found.warnings)
    return found.warnings


def bad_flow() -> Value:
    return {
        "name": "broken",
        "type": "CONTACT_FLOW",
        "content": {
            "inline": {
                "Version": "2019-10-30",
                "StartAction": "a",
                "Actions": [{"Identifier": "a", "Type": "MessageParticipant", "Parameters": {}, "Transitions": {}}],
            }
        },
    }


ELSEWHERE = [{"name": "TABLE", "value": "somebody-elses"}]
LAYER: Value = {
    "region": "us-east-1",
    "engine": "valkey",
    "nodes": {"type": "cache.t4g.small"},
    "network": {"subnetGroup": "caches"},
}
POLICY: Value = {
    "targetRef": {"kind": "ContactCenter", "name": "small"},
    "timeZone": "Europe/Atlantis",
    "demand": {"constant": {"concurrentCalls": 10}},
    "workload": {"talkSeconds": 300},
}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        pytest.param(
            body(edited(lambda spec: spec["queues"][0].update(hours="offce"))),
            "spec.queues[name=sales].hours: ",
            id="a name that nothing has",
        ),
        pytest.param(
            body(edited(lambda spec: spec["flows"].append(bad_flow()))),
            "spec.flows[name=broken]: Actions[0]",
            id="a flow that Connect would refuse",
        ),
        pytest.param(
            body(edited(lambda spec: spec["flows"].append(flow("lost", says("a", "Hello.", "nowhere"))))),
            "spec.flows[name=lost]: ",
            id="a flow that leads nowhere",
        ),
        pytest.param(
            body({**LAYER, "parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}]}, kind="CacheLayer"),
            "write engineVersion",
            id="parameters of no version",
        ),
        pytest.param(body(POLICY, kind="ScalingPolicy"), "spec.timeZone: ", id="a time zone that is none"),
    ],
)
def test_what_the_pass_would_refuse_is_refused_in_its_words(new: Value, said: str) -> None:
    found = judge(review(new))
    assert any(said in refusal for refusal in found.refusals), found
    assert found.warnings == ()


def test_what_cannot_be_known_from_the_object_is_let_in() -> None:
    """Examples of every kind, and a center whose flows and modules are in ConfigMaps."""
    elsewhere = {"configMapKeyRef": {"name": "flows", "key": "inbound"}}

    def from_config_maps(spec: Value) -> None:
        for entry in (*spec["flows"], *spec["flowModules"]):
            entry["content"] = elsewhere

    assert judge(review(body(edited(from_config_maps)))) == Verdict()
    assert judge(review(body(small_spec()))) == Verdict()
    assert judge(review(body(LAYER, kind="CacheLayer"))) == Verdict()
    assert judge(review(body({**POLICY, "timeZone": "Europe/Vienna"}, kind="ScalingPolicy"))) == Verdict()
    foreign = review(body({"replicas": 1}, kind="Deployment"))
    assert judge({**foreign, "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}}) == Verdict()


def test_what_was_wrong_before_can_be_edited_paused_and_deleted() -> None:
    wrong = edited(lambda spec: spec["queues"][0].update(hours="offce"))
    old = body(wrong)
    finalizer = copy.deepcopy(old)
    finalizer["metadata"]["finalizers"] = ["trunkline.dev/cleanup"]
    assert judge(review(finalizer, old)) == Verdict(), "the spec is as it was"
    going = body(edited(lambda spec: spec["queues"].append(bad_flow()), wrong))
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert judge(review(going, old)) == Verdict(), "it is being deleted"
    status = {**review(body(edited(lambda spec: spec["flows"].append(bad_flow()))), old), "subResource": "status"}
    assert judge(status) == Verdict(), "what the operator writes is not judged"

    towards_the_end = body({**wrong, "deletionPolicy": "Delete", "paused": True})
    (warning,) = judge(review(towards_the_end, old)).warnings
    assert warning.startswith("still wrong, and not applied: spec.queues[name=sales].hours: ")
    halves = body(edited(lambda spec: spec["flows"].append(bad_flow())))
    mended = copy.deepcopy(halves)
    mended["spec"]["flows"][-1]["content"]["inline"]["Actions"][0]["Parameters"] = {"Text": "Hello."}
    assert judge(review(mended, halves)).refusals == (), "one of two mistakes is gone"
    worse = judge(review(body(edited(lambda spec: spec["flows"].append(bad_flow()), wrong)), old))
    assert len(worse.refusals) == 1, "only what this edit brings in"
    assert worse.refusals[0].startswith("spec.flows[name=broken]: ")


def without(section: str, *names: str) -> Callable[[Value], None]:
    def edit(spec: Value) -> None:
        spec[section] = [entry for entry in spec[section] if entry["name"] not in names]
        if section == "queues":
            for entry in spec["routingProfiles"]:
                entry["queues"] = [item for item in entry["queues"] if item["queue"] not in names]

    return edit


def grown(number: int) -> Value:
    return edited(lambda spec: spec["queues"].extend(queue(f"extra-{index}") for index in range(number)))


def renamed(spec: Value) -> None:
    """Another handle of the same queue."""
    spec["queues"][1].update(name="help", awsName="support")
    for entry in spec["routingProfiles"]:
        for item in entry["queues"]:
            item["queue"] = "help" if item["queue"] == "support" else item["queue"]


EXTRA = [f"extra-{index}" for index in range(30)]


@pytest.mark.parametrize(
    ("edit", "spec", "said"),
    [
        pytest.param(lambda spec: spec.update(tags={"a": "b"}), None, (), id="nothing goes"),
        pytest.param(
            without("queues", "support"),
            None,
            ("deletes in AWS: queues/support",),
            id="a queue",
        ),
        pytest.param(
            renamed,
            None,
            (),
            id="the same queue under another handle",
        ),
        pytest.param(
            without("queues", *EXTRA),
            grown(30),
            ("30 deletes in AWS wait for a confirmation: queues/extra-0, ",),
            id="so many that a person is asked",
        ),
        pytest.param(
            lambda spec: spec.update(confirm="Never") or without("queues", *EXTRA)(spec),
            grown(5),
            ("deletes in AWS: queues/extra-0, ",),
            id="unless nobody wants to be asked",
        ),
        pytest.param(
            lambda spec: spec["functions"][0].update(environment=ELSEWHERE) or spec.pop("tables"),
            None,
            ("leaves in AWS, no longer managed: tables/customers",),
            id="a table, which holds data",
        ),
        pytest.param(
            lambda spec: spec["functions"][0].update(roleArn="arn:aws:iam::123456789012:role/theirs"),
            None,
            ("deletes in AWS: role of functions/lookup",),
            id="a part of an entry that stays",
        ),
        pytest.param(
            lambda spec: spec["flowModules"][0].update(content={"configMapKeyRef": {"name": "m", "key": "identify"}}),
            None,
            (),
            id="a module that cannot be read, and may call the function",
        ),
        pytest.param(
            lambda spec: spec["queues"][0].update(status="DISABLED"),
            None,
            ("waits for a confirmation: sales takes no new contacts",),
            id="a queue that closes",
        ),
        pytest.param(
            lambda spec: spec["tables"][0].update(indexes=[]),
            None,
            ("waits for a confirmation: drops the index PhoneNumberIndex of small-customers: queries of it fail",),
            id="an index",
        ),
        pytest.param(
            lambda spec: spec["functions"][0].update(reservedConcurrency=0) or spec.update(paused=True),
            None,
            (
                "waits for a confirmation: small-lookup answers no more calls",
                "paused: nothing of this happens before spec.paused is false",
            ),
            id="a function that stops, of a paused center",
        ),
        pytest.param(
            lambda spec: spec.update(management={"queues": "Exclusive"}),
            None,
            ("queues becomes Exclusive: what is in the instance and nobody listed waits to be deleted too",),
            id="a section that becomes exclusive",
        ),
        pytest.param(
            lambda spec: spec.update(management={"queues": "Observe"}) or without("queues", "support")(spec),
            None,
            (),
            id="a section that is only observed",
        ),
    ],
)
def test_an_edit_is_warned_of_what_it_takes_away(
    edit: Callable[[Value], Any], spec: Value | None, said: tuple[str, ...]
) -> None:
    found = warned(edit, spec)
    assert [line[: len(start)] for line, start in zip(found, said, strict=False)] == list(said), found
    assert len(found) == len(said), found


def test_a_cache_is_warned_of_too() -> None:
    before = body({**LAYER, "publish": {"awsSecretName": "acme"}}, kind="CacheLayer", name="acme")
    resources = [
        {"kind": kind, "section": "cache", "name": "cache", "id": "acme", "awsName": "acme", "state": "Ready"}
        for kind in ("replication-group", "cache-secret")
    ]
    before["status"] = {"observedGeneration": 1, "resources": resources}
    after = body({**LAYER, "nodes": {"type": "cache.r7g.large"}}, kind="CacheLayer", name="acme")
    assert judge(review(after, before)).warnings == (
        "leaves in AWS, no longer managed: cache-secret of cache/cache",
        "waits for a confirmation: moves acme to other nodes: each shard fails over",
    )


def test_a_policy_is_warned_of_levers_that_go() -> None:
    levers = [
        {"name": name, "function": name, "provisionedConcurrency": {"min": 1, "max": 5}} for name in ("lookup", "other")
    ]
    sound = {**POLICY, "timeZone": "Europe/Vienna", "mode": "Auto"}
    before = body({**sound, "levers": levers}, kind="ScalingPolicy", name="peak")
    resources = [
        {
            "kind": "scalable-target",
            "section": "levers",
            "name": f"{name}.provisionedConcurrency",
            "id": name,
            "state": "Ready",
        }
        for name in ("lookup", "other")
    ]
    before["status"] = {"observedGeneration": 1, "resources": resources}

    def said(**spec: Any) -> tuple[str, ...]:
        return judge(review(body({**sound, **spec}, kind="ScalingPolicy", name="peak"), before)).warnings

    gone = ("deletes in AWS: levers/other.provisionedConcurrency",)
    assert said(levers=levers[:1]) == gone
    assert said(levers=[levers[0], {**levers[1], "through": "Claim"}]) == gone
    assert said(levers=levers, priority=1) == ()
    assert said(levers=levers[:1], mode="Recommend") == (), "what AWS was told stays"


def test_without_a_record_nothing_is_said_to_go() -> None:
    before = body(small_spec())
    assert read_record(before.get("status") or {}).entries == {}
    assert judge(review(body(edited(without("queues", "support"))), before)) == Verdict()


def test_the_answer_is_a_review_and_comes_in_time_or_not_at_all() -> None:
    async def main() -> None:
        def post(value: Any, query: str = "10s") -> Request:
            return Request("POST", "/validate", {"timeout": query}, body=json.dumps(value).encode())

        def asked(new: Value) -> Value:
            return {"apiVersion": VERSION, "kind": "AdmissionReview", "request": review(new)}

        reviews = Reviews()
        many = edited(lambda spec: [entry.update(hours="nowhere") for entry in spec["queues"]], grown(30))
        answer = await reviews.answer(post(asked(body(many))))
        response = json.loads(answer.body)["response"]
        assert (answer.status, response["uid"], response["allowed"]) == (200, "1", False)
        assert response["status"]["reason"] == "Forbidden", "Invalid makes `kubectl apply --force` and Flux recreate it"
        assert "and 12 more" in response["status"]["message"]
        good = json.loads((await reviews.answer(post(asked(body(small_spec()))))).body)["response"]
        assert good == {"uid": "1", "allowed": True}
        nonsense: Any
        for nonsense in ([], {}, {"request": {}}, {**asked(body({})), "apiVersion": "admission.k8s.io/v1beta1"}):
            assert (await reviews.answer(post(nonsense))).status == 400
        assert (await reviews.answer(Request("POST", "/validate", body=b"{"))).status == 400
        assert (await reviews.answer(Request("POST", "/mutate"))).status == 404
        assert (await reviews.answer(Request("GET", "/validate"))).status == 405
        reviews.close()

        ended = threading.Event()

        def slow(_: Any) -> Verdict:
            ended.wait(60)
            return Verdict()

        late = Reviews(slow)
        answers = [late.answer(post(asked(body({})), "1s")) for _ in range(MOST_WAITING + 1)]
        found = await asyncio.wait_for(asyncio.gather(*answers), 30)
        assert {answer.status for answer in found} == {503}, "the API server lets in what it gets no verdict on"
        assert sum(b"too many" in answer.body for answer in found) == 1
        assert sum(b"not judged within 0.8 s" in answer.body for answer in found) == MOST_WAITING
        ended.set()
        late.close()

        quick = Reviews(lambda _: Verdict())
        asking = asyncio.create_task(quick.answer(post(asked(body({})))))
        await asyncio.sleep(0)  # it is given to the thread
        quick._thread.shutdown()  # the verdict is there, and the loop has not heard of it
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled(), "it was told to end, and goes on"

    asyncio.run(main())


def test_a_large_object_does_not_stop_the_loop() -> None:
    """As much as is taken, and more than etcd keeps: the loop turns all the while."""
    sizes = [flow(f"flow-{number}", says("greet", f"Welcome to {number}. " * 400)) for number in range(480)]
    spec = edited(lambda spec: spec["flows"].extend(sizes))
    before = edited(lambda spec: spec["flows"][-1].update(description="as it was"), spec)
    asked = {"apiVersion": VERSION, "kind": "AdmissionReview", "request": review(body(spec), body(before))}
    text = json.dumps(asked).encode()
    assert 0.7 * LARGEST < len(text) <= LARGEST

    async def main() -> int:
        reviews = Reviews(seconds=60)
        call = asyncio.create_task(reviews.answer(Request("POST", "/validate", body=text)))
        turns = 0
        while not call.done():
            await asyncio.sleep(0.001)
            turns += 1
        answer = await call
        assert json.loads(answer.body)["response"]["allowed"], answer.body
        reviews.close()
        return turns

    assert asyncio.run(main()) > 8, "the loop has turns while the object is judged"  # one or two if it had none


def test_what_is_warned_of_is_what_the_pass_does() -> None:
    """By the record of a center that was really made."""
    world = World()
    small = world.make(small_center())
    assert edited_elsewhere(small) == Verdict()

    def edit(spec: Value) -> None:
        without("queues", "support")(spec)
        spec["queues"][0]["status"] = "DISABLED"
        spec["functions"][0]["environment"] = ELSEWHERE
        del spec["tables"]

    before = body(copy.deepcopy(small.spec), name=small.name, status=small.status)
    after = edited(edit, small.spec)
    assert judge(review(body(after, name=small.name), before)).warnings == (
        "deletes in AWS: queues/support",
        "leaves in AWS, no longer managed: tables/customers",
        "waits for a confirmation: sales takes no new contacts",
    )
    number = world.cloud.calls.number
    small.spec, small.generation = after, small.generation + 1
    world.run(world.settle(small))
    assert [call for call in world.mutating(number) if call.startswith(("Delete", "UpdateQueueStatus"))] == [
        "DeleteQueue"
    ]
    assert "sales takes no new contacts" in small.condition("ConfirmationRequired")["message"]


@pytest.mark.sweep  # test_what_is_warned_of_is_what_the_pass_does is its sibling with a small center
def test_nothing_is_said_to_go_of_a_large_center_whose_flows_are_in_config_maps() -> None:
    large = World().make(example("high-volume"))
    assert len(large.status["resources"]) == 45
    assert edited_elsewhere(large) == Verdict()


def edited_elsewhere(center: Object) -> Verdict:
    """The verdict on an edit that takes nothing away."""
    before = body(copy.deepcopy(center.spec), name=center.name, status=center.status)
    return judge(review(body({**copy.deepcopy(center.spec), "resyncSeconds": 700}, name=center.name), before))
