"""Ids of networks, disks and images that seeded accounts have."""

import hashlib


def seeded_id(prefix: str, *names: str) -> str:
    """Return an id such as `vpc-` and 17 digits, always the same for the same names."""
    return prefix + hashlib.sha256("/".join((prefix, *names)).encode()).hexdigest()[:17]
