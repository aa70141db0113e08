"""Guardrails by effect: whether nobody can do what must not be done, proven for each account."""

from policies.guardrails.guardrail import AccountResult, EffectGuardrail, GuardrailOutcome

__all__ = ["AccountResult", "EffectGuardrail", "GuardrailOutcome"]
