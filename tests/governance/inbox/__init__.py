"""The inbox of findings."""
