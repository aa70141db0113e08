"""Change requests and drift: rollouts' own edits, the baseline that follows them, the way back."""
