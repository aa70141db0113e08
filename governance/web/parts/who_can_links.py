"""Addresses of Who can with a question filled in, for other screens."""

from urllib.parse import urlencode

from django.urls import reverse


def who_can_href(slug: str, *, as_of_text: str = "", **asked: str) -> str:
    """Return the page's address. `asked`: `action`, `resource`, `under` and the like."""
    query = {**asked, **({"as_of": as_of_text} if as_of_text else {})}
    return f"{reverse('who-can', kwargs={'slug': slug})}?{urlencode(query)}"
