"""Findings of structure, trust, guardrails and drift: one list with one life."""
