"""Contracts: which crossings are meant."""
