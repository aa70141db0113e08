"""`python -m benchmarks.load_addresses`: sign somebody in; print cookie and main pages."""

from __future__ import annotations

import sys

import django


def main() -> int:
    """Print the cookie, then a line for each page: its name, a tab, its address."""
    django.setup()
    from django.conf import settings
    from django.test import Client

    from benchmarks.pages_addresses import Sampler
    from benchmarks.pages_requests import reader
    from inventory.models import Connection

    found = Sampler(Connection.objects.get(slug="scale"))
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(reader())
    name = settings.SESSION_COOKIE_NAME
    print(f"{name}={client.cookies[name].value}")
    root = f"/o/{found.slug}"
    for title, address in (
        ("posture", "posture/"),
        ("organization", "organization/"),
        ("accounts", "accounts/"),
        ("account", f"accounts/{found.accounts[0]}/"),
        ("OU", f"organizational-units/{found.units[0]}/"),
        ("policies", "policies/"),
        ("policy", f"policies/{found.control_policies[0]}/"),
        ("principals", "principals/"),
        ("findings", "findings/"),
        ("changes", "changes/"),
    ):
        print(f"{title}\t{root}/{address}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
