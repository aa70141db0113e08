"""Rows for tests, one module a topic; `snapshots` stores a whole small organization."""
