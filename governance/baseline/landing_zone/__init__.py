"""Which accounts do the landing zone's work, and what Control Tower says of it."""
