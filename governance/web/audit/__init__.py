"""The screen Audit: entries, one of them, and how the log stands."""
