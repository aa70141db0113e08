"""What should be: the structure that was agreed, guardrails, exceptions, the landing zone."""
