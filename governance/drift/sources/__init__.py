"""Where drift comes from beside the structure: guardrails, trust, services, roles, writes."""
