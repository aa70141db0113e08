"""What an effect guardrail states, and what is found of it in one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from policies.language.json_reader import JsonValue


class GuardrailOutcome(StrEnum):
    """What is proven of a guardrail in one account.

    HOLDS: no request gets past SCPs and RCPs. FAILS: the evaluator confirmed one that does.
    UNDECIDED: neither; `keys` and `because` say on what it hangs.
    """

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class EffectGuardrail:
    """Nobody but `principals_except` may do `actions` on `resources` unless `unless` holds.

    `actions`: IAM action patterns. `resources`: ARN patterns; empty: any resource of the account's
    own principals, and outsiders are not asked about. `principals_except`: patterns of
    aws:PrincipalArn, as StringLike reads them. `unless`: a condition block as in a policy,
    operator → key → values, all of which must hold; or several blocks, one of which must; empty:
    always.
    """

    id: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principals_except: tuple[str, ...] = ()
    unless: Mapping[str, JsonValue] | Sequence[Mapping[str, JsonValue]] = field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True)
class AccountResult:
    """What is found of one guardrail in one account.

    `because`: a sentence. `counterexample`: where it fails, a request as `python -m policies
    evaluate` reads it. `keys`: the context keys that leave it undecided.
    """

    outcome: GuardrailOutcome
    because: str
    counterexample: Mapping[str, JsonValue] | None = None
    keys: tuple[str, ...] = ()
