"""What is asked of the engine: who wants to do what to what, and what a message said of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from policies.evaluation.layers import Decider


class UncollectedPolicy(StrEnum):
    """Parts of a request that the inventory does not hold, and that are assumed or left open."""

    RESOURCE_POLICY = "resource_policy"
    SESSION_POLICY = "session_policy"
    VPC_ENDPOINT_POLICY = "endpoint_policy"


class AssumedPolicy(StrEnum):
    """NONE: there is no such policy. UNKNOWN: there may be one that says anything.

    COLLECTED: the one that the inventory holds; where it holds none, as UNKNOWN. Of the resource's
    own policy alone: the other parts are never collected.
    """

    COLLECTED = "collected"
    NONE = "none"
    UNKNOWN = "unknown"


USUAL_ASSUMPTIONS: Final = {
    UncollectedPolicy.RESOURCE_POLICY: AssumedPolicy.COLLECTED,
    UncollectedPolicy.SESSION_POLICY: AssumedPolicy.NONE,
    UncollectedPolicy.VPC_ENDPOINT_POLICY: AssumedPolicy.NONE,
}
"""A bucket or key most often has a policy of its own; session and endpoint policies are rare."""


def choices(part: UncollectedPolicy) -> tuple[AssumedPolicy, ...]:
    """Return what may be assumed of a part."""
    if part is UncollectedPolicy.RESOURCE_POLICY:
        return tuple(AssumedPolicy)
    return (AssumedPolicy.NONE, AssumedPolicy.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Claim:
    """What AWS said of its decision. `decider` is None where the message names no policy type.

    `explicit`: an explicit deny; False: nothing allowed it; None: not said. `policy_arn`: of the
    policy that denied, empty where not said.
    """

    decider: Decider | None
    explicit: bool | None
    policy_arn: str = ""

    @property
    def policy_id(self) -> str:
        """The id of an SCP or RCP (`p-…`), empty for other policies."""
        last = self.policy_arn.rpartition("/")[2]
        return last if last.startswith("p-") else ""


@dataclass(frozen=True, slots=True)
class Question:
    """One request as people give it. Nothing is checked yet; see `why_denied.explain`.

    `context`: (key, values) pairs that are known. `absent`: keys that are known not to be in the
    request. Every other key that a statement asks for counts as unknown. `resource_account_id`
    is empty where the resource's ARN, or else the caller, tells it.
    """

    principal: str
    action: str
    resource: str = "*"
    resource_account_id: str = ""
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    absent: tuple[str, ...] = ()
    parts: tuple[tuple[UncollectedPolicy, AssumedPolicy], ...] = ()
    claim: Claim | None = None

    def assumed(self, part: UncollectedPolicy) -> AssumedPolicy:
        """Return what is assumed of a part."""
        return dict(self.parts).get(part, USUAL_ASSUMPTIONS[part])


@dataclass(frozen=True, slots=True)
class DenialProblem:
    """A part of a pasted text that was not understood, and what to do about it.

    `part`: principal, action, resource or message. `text`: the words it is about.
    """

    part: str
    text: str
    remedy: str


@dataclass(slots=True)
class ParsedDenial:
    """What was read out of a pasted text. Empty fields were not found.

    `kind`: message or event. `notes`: what was taken for granted, for people to check. `several`:
    what was read of each, where the text holds several denials.
    """

    kind: str
    principal: str = ""
    action: str = ""
    resource: str = ""
    resource_account_id: str = ""
    context: dict[str, tuple[str, ...]] = field(default_factory=dict)
    claim: Claim | None = None
    problems: list[DenialProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    several: tuple["ParsedDenial", ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether a question can be asked of it."""
        return bool(self.principal and self.action) and not self.problems

    def question(self) -> Question:
        """Return the question; what was not found is empty in it."""
        return Question(
            principal=self.principal,
            action=self.action,
            resource=self.resource or "*",
            resource_account_id=self.resource_account_id,
            context=tuple(self.context.items()),
            claim=self.claim,
        )

    def lack(self, parts: Iterable[tuple[str, str, str]]) -> None:
        """Add a problem for each part (name, words, remedy)."""
        self.problems.extend(DenialProblem(*part) for part in parts)
