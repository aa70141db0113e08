"""Measurements: one script a claim; `make bench` runs them and prints a table."""
