"""The flow language of Amazon Connect: read, link, check and compare flows. Pure: no I/O, no AWS.

`parse` reads content into a `Flow`; `check_references` and `link` put the engine's references in place of names; `lint`
tells before any call what the service would refuse; `canonical`, `same` and `diff` compare; `module_cycles` finds
modules that call each other in a circle.
"""

from trunkline.flows.action_type import MODULE
from trunkline.flows.canonical import canonical, same
from trunkline.flows.diff import diff
from trunkline.flows.document import Action, ConditionBranch, ErrorBranch, Flow, Kind, render
from trunkline.flows.lint import lint
from trunkline.flows.modules import CONTENT_SETTINGS, Contract, contract, module_cycles
from trunkline.flows.parsing import parse
from trunkline.flows.problem import FlowError, Problem, Severity
from trunkline.flows.references import Names, Reference, check_references, link, references

__all__ = [
    "CONTENT_SETTINGS",
    "MODULE",
    "Action",
    "ConditionBranch",
    "Contract",
    "ErrorBranch",
    "Flow",
    "FlowError",
    "Kind",
    "Names",
    "Problem",
    "Reference",
    "Severity",
    "canonical",
    "check_references",
    "contract",
    "diff",
    "link",
    "lint",
    "module_cycles",
    "parse",
    "references",
    "render",
    "same",
]
