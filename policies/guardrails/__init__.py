"""Guardrails by effect: whether nobody can do what must not be done, proven for each account."""

from policies.guardrails.checking import GuardrailChecker, UnknownAccount
from policies.guardrails.compiled_guardrail import BadGuardrail
from policies.guardrails.guardrail import AccountResult, EffectGuardrail, GuardrailOutcome
from policies.guardrails.mutation import (
    MutatedPolicy,
    MutatedStatement,
    MutationReport,
    StatementPlace,
    UnbrokenReason,
    mutation_test,
)

__all__ = [
    "AccountResult",
    "BadGuardrail",
    "EffectGuardrail",
    "GuardrailChecker",
    "GuardrailOutcome",
    "MutatedPolicy",
    "MutatedStatement",
    "MutationReport",
    "StatementPlace",
    "UnbrokenReason",
    "UnknownAccount",
    "mutation_test",
]
