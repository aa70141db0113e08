"""Whose is this: owners, deputies, labels, and what needs a second person."""
