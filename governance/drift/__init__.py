"""What differs from what was agreed."""
