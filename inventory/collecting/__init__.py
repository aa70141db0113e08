"""Reads one organization or account through its role, and tests whether a connection could."""
