"""Inventory rows → the engine's input, and what the engine finds in it. All rules are here."""
