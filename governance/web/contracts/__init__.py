"""Screens of contracts: the list, one contract, declaring, files."""
