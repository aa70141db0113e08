"""Reads of the inventory, one module a topic. Each takes the viewer first."""
