"""What the organization's logs say was used, and what a change of its policies would do to it."""
