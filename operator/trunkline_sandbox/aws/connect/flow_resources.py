"""What a flow can name, looked up in its instance: the answers that publishing needs."""

from trunkline_sandbox.aws.connect.call import Call
from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_module_contract import Contract, read_contract
from trunkline_sandbox.aws.connect.integrations import associated_functions
from trunkline_sandbox.aws.connect.managed_views import managed_view
from trunkline_sandbox.aws.connect.store import Instance
from trunkline_sandbox.aws.service import ServiceFault


class InstanceResources:
    """Implements `flow_language.Resources` for one instance, as a reference sees it."""

    def __init__(self, call: Call, instance: Instance) -> None:
        self._call = call
        self._instance = instance

    def exists(self, kind: Kind, value: str) -> bool:
        """An id, or an ARN of this very instance."""
        if kind is Kind.USER:  # AgentId names the user, or the queue that is the user's own
            return self._found(Kind.USER, value) or self._found(Kind.QUEUE, value)
        if kind is Kind.VIEW and managed_view(value) is not None:
            return True
        return self._found(kind, value)

    def _found(self, kind: Kind, value: str) -> bool:
        head, slash, tail = value.rpartition("/")
        try:
            return self._call.find(self._instance, kind, head + slash + tail.partition(":")[0]) is not None
        except ServiceFault:  # an ARN of something else
            return False

    def invokable(self, function_arn: str) -> bool:
        """Associated by this ARN, or the same function by another qualifier."""
        if not self._call.switches.flow_lambda_must_be_associated:
            return True
        functions = {_unqualified(arn) for arn in associated_functions(self._instance)}
        return _unqualified(function_arn) in functions

    def contract(self, module: str) -> Contract | None:
        """The contract of a module by id or ARN, with or without a version or alias."""
        head, slash, tail = module.rpartition("/")
        try:
            entity = self._call.find(self._instance, Kind.FLOW_MODULE, head + slash + tail.partition(":")[0])
        except ServiceFault:
            return None
        return read_contract(entity.fields.get("Settings")) if entity is not None else None


def _unqualified(function_arn: str) -> str:
    return ":".join(function_arn.split(":")[:7])
