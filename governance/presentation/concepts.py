"""The product's concepts in two sentences each: beside them on screens, and on the help page."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Concept:
    """`text`: two sentences at most. `document`: the page of docs that says all of it."""

    title: str
    text: str
    document: str


CONCEPTS: Final[dict[str, Concept]] = {
    "ceiling": Concept(
        "Ceiling",
        "The most that SCPs leave to principals of an account or OU, or RCPs to callers of its "
        "resources. It grants nothing: IAM policies still decide what each principal may do.",
        "docs/engine.md",
    ),
    "level-stack": Concept(
        "Level stack",
        "Each row is one level from the root down to here, with its policies and the actions they "
        "leave. An action must be allowed at every level; red is what a level removes.",
        "docs/engine.md",
    ),
    "assumptions": Concept(
        "Assumptions",
        "Request values that the answer takes as given, such as the region. Change them to ask "
        "for another kind of request; values that nobody sets stay open.",
        "docs/engine.md",
    ),
    "witness": Concept(
        "Witness request",
        "A concrete request that shows a difference: denied on one side, allowed on the other. "
        "The engine evaluates it before it is shown.",
        "docs/engine.md",
    ),
    "coverage": Concept(
        "Coverage",
        "The result of each collector in each account. Denied, failed and stale are never counted "
        "as empty, so an answer that rests on them says so.",
        "docs/operations.md",
    ),
    "drift": Concept(
        "Drift",
        "What an inventory run collected differs from the baseline. Revert it by a change "
        "request, adopt it into the baseline, or ignore it by a rule.",
        "docs/drift.md",
    ),
    "guardrail": Concept(
        "Guardrail",
        "A rule that must hold in every account in its scope, proven from the policies in force "
        "or from how services are set up. Where it fails, a request that passes is shown.",
        "docs/guardrails.md",
    ),
    "mutation-test": Concept(
        "Mutation test",
        "Removes each policy statement in memory and checks which guardrails notice. A statement "
        "that none notices protects nothing that you have a rule for.",
        "docs/guardrails.md",
    ),
    "ring": Concept(
        "Ring",
        "The targets that a change reaches together, before the next ring does. After each ring "
        "the rollout waits and checks before it goes on.",
        "docs/changes.md",
    ),
    "crossing": Concept(
        "Crossing",
        "A role or resource that gives a principal of another account, an outside party or a "
        "service access. Guards narrow who gets in; a contract declares it as intended.",
        "docs/trust.md",
    ),
    "blast-radius": Concept(
        "Blast radius",
        "What someone who holds this principal or account could become and reach, step by step. "
        "Each step is a permission that the engine found allowed.",
        "docs/trust-paths.md",
    ),
}
