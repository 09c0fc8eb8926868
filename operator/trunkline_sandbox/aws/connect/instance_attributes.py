"""The fourteen attributes of an instance. Values are "true" and "false" as text, as the service takes and gives them."""

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler
from trunkline_sandbox.aws.connect.paging import page

# What a new instance has (defaults as Terraform's provider found them on new instances).
DEFAULTS: dict[str, str] = {
    "INBOUND_CALLS": "true",
    "OUTBOUND_CALLS": "true",
    "CONTACTFLOW_LOGS": "false",
    "CONTACT_LENS": "true",
    "AUTO_RESOLVE_BEST_VOICES": "true",
    "USE_CUSTOM_TTS_VOICES": "false",
    "EARLY_MEDIA": "true",
    "MULTI_PARTY_CONFERENCE": "false",
    "AUTO_MUTE_AGENT_ON_HOLD": "false",
    "HIGH_VOLUME_OUTBOUND": "false",
    "ENHANCED_CONTACT_MONITORING": "false",
    "ENHANCED_CHAT_MONITORING": "false",
    "MULTI_PARTY_CHAT_CONFERENCE": "false",
    "MESSAGE_STREAMING": "false",
}


def initial_attributes(inbound: bool, outbound: bool) -> dict[str, str]:
    """The attributes of a new instance."""
    return DEFAULTS | {"INBOUND_CALLS": str(inbound).lower(), "OUTBOUND_CALLS": str(outbound).lower()}


def describe_instance_attribute(call: Call) -> Answer:
    """DescribeInstanceAttribute."""
    name = str(call.params["AttributeType"])
    attributes = _attributes(call, call.switches.describe_lag_seconds)
    return {"Attribute": {"AttributeType": name, "Value": attributes[name]}}


def list_instance_attributes(call: Call) -> Answer:
    """ListInstanceAttributes: pages of seven at most."""
    attributes = _attributes(call, call.switches.list_lag_seconds)
    shown, token = page(call, attributes, list(DEFAULTS).index, 7)
    return {"Attributes": [{"AttributeType": name, "Value": attributes[name]} for name in shown], **token}


def update_instance_attribute(call: Call) -> Answer:
    """UpdateInstanceAttribute."""
    instance = call.instance()
    name, value = str(call.params["AttributeType"]), str(call.params["Value"])
    if value.lower() not in {"true", "false"}:
        raise faults.invalid_parameter(f"Value of {name} must be true or false, not {value!r}.")
    if name == "USE_CUSTOM_TTS_VOICES" and value.lower() == "true":
        raise faults.invalid_request("USE_CUSTOM_TTS_VOICES is only available to allowlisted customers.")
    attributes = instance.entity.links["attributes"]
    instance.entity.write(call.now, links={"attributes": attributes | {name: value.lower()}})
    return {}


def _attributes(call: Call, lag: float) -> dict[str, str]:
    entity = call.instance().entity
    state = entity.seen(call.now, lag) or entity.history[0][1]
    assert state is not None, "an instance that is found has a first state"
    return dict(state.links["attributes"])


OPERATIONS: dict[str, Handler] = {
    "DescribeInstanceAttribute": describe_instance_attribute,
    "ListInstanceAttributes": list_instance_attributes,
    "UpdateInstanceAttribute": update_instance_attribute,
}
