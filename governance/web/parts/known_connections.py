"""The organizations that somebody may see, read once for a page and the frame around it."""

from weakref import WeakKeyDictionary

from django.http import HttpRequest

from inventory.models import Connection
from inventory.selectors.connections import every_connection
from inventory.viewing import Viewer

_read: WeakKeyDictionary[HttpRequest, list[Connection]] = WeakKeyDictionary()


def known_connections(request: HttpRequest, viewer: Viewer) -> list[Connection]:
    """Return every connection that the sender of the request sees; the second time at once.

    `viewer`: who sent the request.
    """
    known = _read.get(request)
    if known is None:
        known = _read[request] = every_connection(viewer)
    return known
