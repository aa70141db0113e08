"""Brings an approved plan into AWS: one call at a time, journaled, watched, and taken back."""
