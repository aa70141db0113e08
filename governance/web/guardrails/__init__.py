"""Guardrails: accounts and OUs by guardrails, one guardrail, one result with its proof."""
