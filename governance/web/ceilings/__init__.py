"""What an account or OU may do at most: the level stack, and the ceiling by service and action."""
