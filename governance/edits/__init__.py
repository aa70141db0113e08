"""Edits of policies and the tree: operations, the organization after them, checks of limits."""
