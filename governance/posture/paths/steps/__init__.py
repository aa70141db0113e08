"""What makes edges: one module a kind of step."""
