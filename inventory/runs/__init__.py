"""Inventory runs: asked for, lived, kept going, counted and aged out."""
