"""Prompts: audio that flows play. The audio itself cannot be read back as it was given."""

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import named, search
from trunkline_sandbox.aws.connect.store import Instance


def create_prompt(call: Call) -> Answer:
    """CreatePrompt from a .wav in S3, which is copied."""
    instance = call.instance()
    call.unique_name(instance, Kind.PROMPT, str(call.params["Name"]))
    call.room(instance, Kind.PROMPT, Quota.PROMPTS)
    _check_audio(str(call.params["S3Uri"]))
    entity = call.add(instance, Kind.PROMPT, call.present("Name", "Description"), {"audio": call.params["S3Uri"]})
    return {"PromptId": entity.id, "PromptARN": entity.arn}


def describe_prompt(call: Call) -> Answer:
    """DescribePrompt."""
    return {"Prompt": _shown(call.described(call.instance(), Kind.PROMPT, call.params["PromptId"]))}


def list_prompts(call: Call) -> Answer:
    """ListPrompts."""
    shown, token = page_seen(call, call.listed(call.instance(), Kind.PROMPT), 1000)
    summaries = [{"Id": e.id, "Arn": e.arn, "Name": s.fields["Name"], **modified(e, s)} for e, s in shown]
    return {"PromptSummaryList": summaries, **token}


def search_prompts(call: Call) -> Answer:
    """SearchPrompts: name, description, resourceID."""
    shown, more = search(call, call.searched(call.instance(), Kind.PROMPT), fields=named(), maximum=100)
    return {"Prompts": [_shown(seen) for seen in shown], **more}


def update_prompt(call: Call) -> Answer:
    """UpdatePrompt: what is absent stays."""
    instance = call.instance()
    entity = _named(call, instance)
    changes = call.present("Name", "Description")
    if "Name" in changes:
        call.unique_name(instance, Kind.PROMPT, changes["Name"], besides=entity)
    links = {}
    if "S3Uri" in call.params:
        _check_audio(str(call.params["S3Uri"]))
        links = {"audio": call.params["S3Uri"]}
    entity.write(call.now, changes, links)
    return {"PromptId": entity.id, "PromptARN": entity.arn}


def delete_prompt(call: Call) -> Answer:
    """DeletePrompt, also while flows play it."""
    _named(call, call.instance()).delete(call.now)
    return {}


def _named(call: Call, instance: Instance) -> Entity:
    return call.require(instance, Kind.PROMPT, call.params["PromptId"])


def _check_audio(uri: str) -> None:
    """Only .wav files (admin guide, create prompts)."""
    if not uri.partition("?")[0].lower().endswith(".wav"):
        raise faults.invalid_parameter("S3Uri must name a .wav file.")


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    names = {"PromptARN": entity.arn, "PromptId": entity.id}
    return {**names, **state.fields, "Tags": dict(state.tags), **modified(entity, state)}


OPERATIONS: dict[str, Handler] = {
    "CreatePrompt": create_prompt,
    "DescribePrompt": describe_prompt,
    "ListPrompts": list_prompts,
    "SearchPrompts": search_prompts,
    "UpdatePrompt": update_prompt,
    "DeletePrompt": delete_prompt,
}
