"""How well all accounts are known now, read once for a page and the frame around it."""

from datetime import datetime
from weakref import WeakKeyDictionary

from django.http import HttpRequest

from governance.web.parts.recent_facts import recent_fact
from inventory.models import Connection
from inventory.selectors.organization_coverage import OrganizationCoverage, organization_coverage
from inventory.viewing import Viewer

_read: WeakKeyDictionary[HttpRequest, tuple[int, OrganizationCoverage]] = WeakKeyDictionary()


def known_accounts(
    request: HttpRequest, viewer: Viewer, *, connection: Connection, now: datetime
) -> OrganizationCoverage:
    """Return the coverage of an organization as it is now, a few seconds old at most.

    Read once a request.

    `viewer`: who sent the request.
    """
    known = _read.get(request)
    if known is not None and known[0] == connection.pk:
        return known[1]
    found = recent_fact(
        request,
        viewer,
        connection,
        "known accounts",
        lambda: organization_coverage(viewer, connection=connection, now=now),
    )
    _read[request] = (connection.pk, found)
    return found
