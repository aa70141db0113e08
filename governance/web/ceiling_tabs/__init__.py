"""The tabs Ceiling and Differences of an account or OU."""
