"""What is answered of a denied request: statements, policies, levels, assumptions."""

from dataclasses import dataclass
from enum import StrEnum

from governance.posture.requests.applicable_policies import (
    ApplicablePolicy,
    RequestGap,
)
from governance.posture.requests.claims import ClaimCheck
from governance.posture.requests.context_keys import KeyValue
from governance.posture.requests.questions import Question
from governance.posture.state.identities import Identity
from governance.posture.state.organization import (
    TargetName,
)
from policies import Statement
from policies.evaluation.aws_rules import AwsRule
from policies.evaluation.layers import Decider
from policies.evaluation.request import Request
from policies.evaluation.trace import StatementTrace
from policies.evaluation.verdict import Decision, DecisionOutcome


@dataclass(frozen=True, slots=True, eq=False)
class AnsweredStatement:
    """A statement with what became of it. `decides`: the decision rests on it."""

    trace: StatementTrace
    written: Statement
    decides: bool


@dataclass(frozen=True, slots=True, eq=False)
class AnsweredPolicy:
    """A policy with its statements, in the order of its text."""

    policy: ApplicablePolicy
    statements: tuple[AnsweredStatement, ...]

    @property
    def decides(self) -> bool:
        """Whether one of its statements does."""
        return any(statement.decides for statement in self.statements)


@dataclass(frozen=True, slots=True, eq=False)
class AnsweredLevel:
    """One attachment point. `target`: of an SCP or RCP.

    `result` and `exempt` are the engine's. `result` is UNKNOWN too where a policy of this level
    cannot be read, unless a statement that can denies. `decides`: a statement here does, or that
    nothing here allows, or `rule`, which is set where no policy but AWS itself decides.
    """

    decider: Decider
    target: TargetName | None
    result: DecisionOutcome | None
    exempt: str | None
    policies: tuple[AnsweredPolicy, ...]
    unreadable: tuple[ApplicablePolicy, ...]
    decides: bool
    rule: AwsRule | None = None


class AssumptionKind(StrEnum):
    """What is assumed, and so what may be changed."""

    RESOURCE_ACCOUNT = "resource_account"
    RESOURCE_POLICY = "resource_policy"
    SESSION_POLICY = "session_policy"
    VPC_ENDPOINT_POLICY = "endpoint_policy"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What an answer assumes, in a sentence."""

    kind: AssumptionKind
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class WhyDeniedAnswer:
    """The answer to a question.

    `decision` is UNKNOWN where `gaps` (those that can change it) or `unknown_keys` could turn it.
    `without_gaps`: what the known policies alone would decide; None where that is no different.
    `notes`: what applies to the decision and stands in no policy.
    """

    question: Question
    request: Request
    decision: Decision
    without_gaps: Decision | None
    levels: tuple[AnsweredLevel, ...]
    gaps: tuple[RequestGap, ...]
    other_gaps: tuple[RequestGap, ...]
    keys: tuple[KeyValue, ...]
    assumptions: tuple[Assumption, ...]
    notes: tuple[str, ...]
    claim: ClaimCheck | None
    identity: Identity
    caller_account: TargetName | None
    resource_account: TargetName | None

    @property
    def deciding_levels(self) -> tuple[AnsweredLevel, ...]:
        """The levels that decide."""
        return tuple(level for level in self.levels if level.decides)

    @property
    def unknown_keys(self) -> tuple[KeyValue, ...]:
        """The context keys on which the decision hangs."""
        wanted = set(self.decision.unknown_keys)
        return tuple(key for key in self.keys if key.name.lower() in wanted)
