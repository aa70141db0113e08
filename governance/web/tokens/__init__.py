"""The screen of a person's own API tokens."""
