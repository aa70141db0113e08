"""Who outside of the organization is let in."""
