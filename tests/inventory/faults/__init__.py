"""Runs through faults: what exists is never closed, what was not read never complete, all ends."""
