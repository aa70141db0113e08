"""The menu of a list's saved views."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property

from governance.access.models import SavedView
from governance.access.saved_views import may_remove, may_share, saved_views
from governance.web.parts.filters import PLACES
from inventory.models import Connection

# What of an address a view does not hold: the place in the list, what is open beside it.
_PASSING: Final = (*PLACES, "format", "item", "part")


def view_query(query: QueryDict, further: Mapping[str, str] | None = None) -> str:
    """Return what of an address a view holds. `further`: what holds without being in it."""
    pairs = {(key, value) for key, values in query.lists() for value in values if value}
    pairs |= {(key, value) for key, value in (further or {}).items() if key not in query}
    return urlencode(sorted(pair for pair in pairs if pair[0] not in _PASSING))


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view in the menu. `shared_by`: who shares it, empty for one's own."""

    view: SavedView
    href: str
    is_current: bool
    shared_by: str
    may_share: bool
    may_remove: bool


class ViewsMenu:
    """The saved views of the list that a request shows, read once the menu is drawn."""

    def __init__(
        self,
        request: HttpRequest,
        connection: Connection | None,
        further: Mapping[str, str] | None = None,
    ) -> None:
        self.request = request
        self.connection = connection
        self.query = view_query(request.GET, further)

    @property
    def list_name(self) -> str:
        """The name of the list's address."""
        match = self.request.resolver_match
        return (match and match.url_name) or ""

    @cached_property
    def views(self) -> list[ShownView]:
        """The views that this person sees."""
        user = self.request.user
        if not isinstance(user, User) or not self.list_name:
            return []
        found = saved_views(user, connection=self.connection, list_name=self.list_name)
        shares = may_share(user, self.connection)
        return [
            ShownView(
                view=one,
                href=f"?{one.query}",
                is_current=one.query == self.query,
                shared_by="" if one.person_id == user.pk else one.person.get_username(),
                may_share=one.person_id == user.pk and (shares or one.is_shared),
                may_remove=may_remove(user, one),
            )
            for one in found
        ]

    @property
    def current(self) -> str:
        """The name of the view that is shown; empty: none is."""
        return next((one.view.name for one in self.views if one.is_current), "")
