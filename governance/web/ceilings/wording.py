"""What the screens say about ceilings: outcomes, types of policy, and why nothing is measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from governance.posture.ceilings.organization_ceilings import Binding, CeilingOutcome
from governance.posture.state.organization import RCP, SCP
from policies import PolicyType

OUTCOME_WORDS: Final = {
    CeilingOutcome.ALWAYS: "Always",
    CeilingOutcome.CONDITIONAL: "Conditional",
    CeilingOutcome.NEVER: "Never",
    CeilingOutcome.UNKNOWN: "Not known",
}


@dataclass(frozen=True, slots=True)
class TypeWords:
    """A type of policy in words. `limits`: what its policies limit, where it needs saying."""

    code: str
    plural: str
    limits: str


TYPE_WORDS: Final[Mapping[PolicyType, TypeWords]] = {
    SCP: TypeWords(
        "SCP",
        "service control policies",
        "",
    ),
    RCP: TypeWords(
        "RCP",
        "resource control policies",
        "What anyone can do at most with the resources here, whoever calls. Resource control "
        "policies reach some services alone; the others they do not limit, and they do not count.",
    ),
}


@dataclass(frozen=True, slots=True)
class NotMeasuredText:
    """Why there is no measured stack: a state, with its title and text."""

    state: str
    title: str
    text: str


def not_measured(binding: Binding, policy_type: PolicyType) -> NotMeasuredText | None:
    """Say why nothing is measured; None where it is."""
    return _NOT_MEASURED[policy_type].get(binding)


_NOT_MEASURED: Final[Mapping[PolicyType, Mapping[Binding, NotMeasuredText]]] = {
    SCP: {
        Binding.MANAGEMENT: NotMeasuredText(
            "info",
            "Every action is left: this is the management account",
            "Service control policies never bind the management account, whatever is attached.",
        ),
        Binding.NOT_ENABLED: NotMeasuredText(
            "info",
            "Every action is left: SCPs are not in use",
            "The root does not have the type SERVICE_CONTROL_POLICY enabled.",
        ),
        Binding.NOT_COLLECTED: NotMeasuredText(
            "unknown",
            "Not known: the SCPs were never collected",
            "No run could read the organization's service control policies. What this target may "
            "do at most is not known. The last inventory run says which call is missing.",
        ),
        Binding.NOT_PLACED: NotMeasuredText(
            "unknown",
            "Not known: its place in the tree was not collected",
            "Which service control policies bind it is not known until the organization is read "
            "completely.",
        ),
    },
    RCP: {
        Binding.MANAGEMENT: NotMeasuredText(
            "info",
            "Nothing is limited: this is the management account",
            "Resource control policies never bind the resources of the management account, "
            "whatever is attached.",
        ),
        Binding.NOT_ENABLED: NotMeasuredText(
            "info",
            "Nothing is limited: RCPs are not in use",
            "The root does not have the type RESOURCE_CONTROL_POLICY enabled.",
        ),
        Binding.NOT_COLLECTED: NotMeasuredText(
            "unknown",
            "Not known: the RCPs were never collected",
            "No run could read the organization's resource control policies. What may be done at "
            "most with the resources here is not known. The last inventory run says which call is "
            "missing.",
        ),
        Binding.NOT_PLACED: NotMeasuredText(
            "unknown",
            "Not known: its place in the tree was not collected",
            "Which resource control policies bind its resources is not known until the "
            "organization is read completely.",
        ),
    },
}
