"""What the inbox is filled from: one module a source, each registers itself in `registry`."""
