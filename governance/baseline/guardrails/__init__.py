"""Guardrails and what is found of them in each account."""
