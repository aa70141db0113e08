"""The screens of the organization's policies."""
