"""Records → rows: in bulk, as versions, writing only what differs."""
