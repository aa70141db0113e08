"""Changes applied at once, and ratified by a second person afterwards or reverted."""
