"""Two states of an organization side by side: what differs, and what that meant."""
