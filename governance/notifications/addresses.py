"""Where Orgwarden's own pages are found from outside of it."""

from django.conf import settings


def absolute(path: str) -> str:
    """Return the whole address of a page, or its path alone where the settings do not say where."""
    site = settings.SITE_URL.rstrip("/")
    return f"{site}{path}" if site else path
