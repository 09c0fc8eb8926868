"""What Amazon Connect checks when a flow or a flow module is published. What is only SAVED is not checked.

`problems` is the whole of it: structure (`flow_document`), then for every action of a known type (`flow_actions`)
its parameters, values (`flow_parameters`), branches, the flow type, and the resources that it names. A problem is a
text in the service's words with a place such as `Actions[1]`; the service gives no other location.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_action_type import MODULE, NO_CONDITION, ActionType
from trunkline_sandbox.aws.connect.flow_actions import ACTION_TYPES, UNKNOWN_TYPES
from trunkline_sandbox.aws.connect.flow_document import Action, Document, dynamic, read
from trunkline_sandbox.aws.connect.flow_module_contract import Contract, check_call, check_return
from trunkline_sandbox.aws.connect.flow_parameters import VALUE_CHECKS

MAX_PROBLEMS = 50

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ARN = re.compile(r"arn:aws[\w-]*:[a-z-]+:[a-z0-9-]*:(\d{12}|aws)?:\S+")
_FUNCTION = re.compile(r"arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[$A-Za-z0-9_-]+)?")
# Flow types whose restrictions no action page states.
_UNRESTRICTED = frozenset({MODULE, "CAMPAIGN"})


class Resources(Protocol):
    """What a flow can name in its instance."""

    def exists(self, kind: Kind, value: str) -> bool:
        """Whether the instance has that resource; `value` is an id or an ARN."""
        ...

    def invokable(self, function_arn: str) -> bool:
        """Whether the instance may use that function."""
        ...

    def contract(self, module: str) -> Contract | None:
        """What a flow module takes and gives back; none if there is no such module."""
        ...


def problems(content: str, flow_type: str, resources: Resources, own: Contract | None = None) -> list[str]:
    """Everything that keeps this content from being published, at most 50; empty if nothing does.

    `flow_type` is that of CreateContactFlow, or `MODULE`; `own` is the contract of a module.
    """
    document = read(content)
    found = list(document.problems)
    if document.actions:
        found += _document(document, flow_type)
    for action in document.actions:
        found += _action(action, flow_type, resources, own)
    return list(dict.fromkeys(found))[:MAX_PROBLEMS]


def _document(document: Document, flow_type: str) -> Iterator[str]:
    if flow_type != MODULE and document.settings is not None:
        yield "Invalid property name. Path: Settings"


def _action(action: Action, flow_type: str, resources: Resources, own: Contract | None) -> Iterator[str]:
    yield from _empty_texts(action)
    if action.type in UNKNOWN_TYPES:
        yield f"Invalid Action type. Type: {action.type}"
    known = ACTION_TYPES.get(action.type)
    if known is None:
        return
    if known.flow_types is not None and flow_type not in known.flow_types | _UNRESTRICTED:
        yield f"Action type is not supported in this flow type. Type: {action.type}, Path: {action.path}"
    yield from _parameters(action, known)
    yield from _branches(action, known, flow_type)
    if action.type in VALUE_CHECKS:
        yield from VALUE_CHECKS[action.type](action)
    yield from _references(action, known, resources)
    if action.type == "InvokeFlowModule":
        yield from _invoked_module(action, resources)
    if action.type == "EndFlowModuleExecution" and own is not None:
        yield from check_return(action, own)


def _empty_texts(action: Action) -> Iterator[str]:
    """An empty text is never a value, wherever it stands."""
    if action.type == "UpdateContactAttributes" and _has_empty(action.parameters.get("Attributes")):
        yield "Empty value in Parameters.Attributes"
    elif _has_empty(dict(action.parameters)):
        yield f"Invalid Action property value. Path: {action.index}.Parameter"
    if any("" in condition.operands for condition in action.conditions):
        yield f"Invalid branch. Path: {action.index}.Evaluate"


def _has_empty(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_empty(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_has_empty(inner) for inner in value)
    return value == ""


def _parameters(action: Action, known: ActionType) -> Iterator[str]:
    if known.parameters is not None:
        for name in action.parameters:
            if name not in known.parameters:
                yield f"Invalid Action property name. Path: {action.at(name)}"
    for name in known.required:
        if action.parameters.get(name) is None:
            yield f"Action is missing required property. Path: {action.at(name)}"
    given = [name for name in known.exclusive if action.parameters.get(name) is not None]
    if len(given) > 1:
        yield f"Only one of these properties may be defined. Properties: [{', '.join(given)}]"
    if known.one_of and not any(action.parameters.get(name) for name in known.one_of):
        yield f"At least one of [{', '.join(known.one_of)}] must be set"
    for name, values in known.enums.items():
        if name in action.parameters and action.parameters[name] not in values:
            yield f"Invalid Action property value. Path: {action.at(name)}"


def _branches(action: Action, known: ActionType, flow_type: str) -> Iterator[str]:
    if known.terminal:
        if action.next_action is not None or action.errors or action.conditions:
            yield f"Action does not support transitions. Path: {action.path}"
        return
    if known.needs_next and action.next_action is None:
        yield f"Action is missing required property. Path: {action.path}.Transitions.NextAction"
    if action.conditions and not known.conditional:
        yield f"Action does not support conditions. Path: {action.path}"
    required, optional = _errors(action, known, flow_type)
    given = [error for error, _ in action.errors]
    for error in sorted(required - set(given)):
        yield f"Action is missing required error. Error: {error}, Path: {action.path}"
    for error in given:
        if optional is not None and error not in required | optional:
            yield f"Invalid Action error. Error: {error}, Path: {action.path}"


def _errors(action: Action, known: ActionType, flow_type: str) -> tuple[frozenset[str], frozenset[str] | None]:
    """Error types that the action must and may have. For some types that depends on parameters."""
    required, optional = known.required_errors, known.optional_errors
    if action.type == "GetParticipantInput":
        if action.parameters.get("StoreInput") != "True":
            return required | {NO_CONDITION, "InputTimeLimitExceeded"}, frozenset()
        validation = action.parameters.get("InputValidation")
        phone = isinstance(validation, dict) and "PhoneNumberValidation" in validation
        return (required | {"InvalidPhoneNumber"} if phone else required), frozenset()
    if action.type == "TransferParticipantToThirdParty":
        keeps = action.parameters.get("ContinueFlowExecution") == "True" and flow_type != "AGENT_TRANSFER"
        return (required | (optional or frozenset()) if keeps else required), frozenset()
    return required, optional


def _references(action: Action, known: ActionType, resources: Resources) -> Iterator[str]:
    for name, kind in known.references.items():
        yield from _reference(action, name, action.parameters.get(name), kind, resources)
    if action.type == "UpdateContactEventHooks":
        hooks = action.parameters.get("EventHooks")
        for hook, flow in (hooks if isinstance(hooks, dict) else {}).items():
            yield from _reference(action, f"EventHooks.{hook}", flow, Kind.FLOW, resources)
    if action.type == "MessageParticipantIteratively":
        messages = action.parameters.get("Messages")
        for position, message in enumerate(messages if isinstance(messages, list) else []):
            prompt = message.get("PromptId") if isinstance(message, dict) else None
            yield from _reference(action, f"Messages[{position}].PromptId", prompt, Kind.PROMPT, resources)
    if action.type == "ShowView":
        view = action.parameters.get("ViewResource")
        identifier = view.get("Id") if isinstance(view, dict) else None
        if isinstance(identifier, str) and not dynamic(identifier) and not resources.exists(Kind.VIEW, identifier):
            yield f"Invalid Action property value. Path: {action.at('ViewResource.Id')}"
    if action.type == "InvokeLambdaFunction":
        yield from _function(action, resources)


def _reference(action: Action, name: str, value: Any, kind: Kind, resources: Resources) -> Iterator[str]:
    """A static reference is the id or the ARN of something that exists in this instance."""
    if value is None or value == "" or dynamic(value):
        return
    if not isinstance(value, str):
        yield f"Invalid Action property value. Path: {action.at(name)}"
    elif not (_ID.fullmatch(value) or _ARN.fullmatch(value)):
        yield f"Not a supported id format. Path: {action.at(name)}"
    elif not resources.exists(kind, value):
        yield f"Invalid Action property value. Path: {action.at(name)}"


def _function(action: Action, resources: Resources) -> Iterator[str]:
    arn = action.parameters.get("LambdaFunctionARN")
    if arn is None or arn == "" or dynamic(arn):
        return
    if not isinstance(arn, str) or not _FUNCTION.fullmatch(arn) or not resources.invokable(arn):
        yield f"Invalid Action property value. Path: {action.at('LambdaFunctionARN')}"


def _invoked_module(action: Action, resources: Resources) -> Iterator[str]:
    value = action.parameters.get("FlowModuleId")
    if value is None or value == "" or dynamic(value):
        return
    contract = resources.contract(value) if isinstance(value, str) else None
    if contract is None:
        yield f"Invalid Action property value. Path: {action.at('FlowModuleId')}"
    else:
        yield from check_call(action, contract)


def invoked_modules(content: str) -> list[str]:
    """The modules that content invokes by a static id or ARN, in order. Nothing for content that cannot be read."""
    actions = [action for action in read(content).actions if action.type == "InvokeFlowModule"]
    values = [action.parameters.get("FlowModuleId") for action in actions]
    return [value for value in values if isinstance(value, str) and not dynamic(value)]


def module_settings(content: str) -> Mapping[str, Any] | None:
    """The `Settings` that the content of a module must carry at its top; none if it does not."""
    settings = read(content).settings
    return settings if isinstance(settings, dict) else None
