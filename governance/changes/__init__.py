"""Change requests: proposed, proven, approved, rolled out in rings, watched and undone."""
