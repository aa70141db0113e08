"""Findings of structure, trust, guardrails, drift and landing zone: one list with one life."""
