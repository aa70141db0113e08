"""Calls to addresses that people typed in, made so that they cannot lead inside of the network."""
