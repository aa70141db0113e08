"""OUs and accounts to pick, where a role is to be held."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from governance.access import rights
from governance.access.viewers import viewer_with
from governance.web.parts.rights_view import RightsView
from governance.web.simulator.pickers import Option
from inventory.models import Account, OrganizationalUnit
from inventory.selectors.connections import connections
from inventory.viewing import whole_targets

_MOST: Final = 30


class RolePlaces(RightsView):
    """Options for the field of an OU or account, of the organization that is chosen beside it."""

    required_right = rights.MANAGE_ROLES
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return what matches by name or id, where this person may give roles."""
        text = request.GET.get("target_id", "").strip().replace("\0", "")
        found = self._found(request.GET.get("organization", ""), text)
        return render(request, "governance/simulator/options.html", {"options": found})

    def _found(self, slug: str, text: str) -> list[Option]:
        viewer = viewer_with(self.request.user, rights.MANAGE_ROLES)
        connection = connections(viewer).filter(slug=slug.replace("\0", "")).first()
        if connection is None:
            return []
        seen = whole_targets(viewer, connection)
        here = {"connection": connection, "seen_until__isnull": True}
        found: list[Option] = []
        for model, key, about in (
            (OrganizationalUnit, "target_id", "OU"),
            (Account, "account_id", "account"),
        ):
            rows = model.objects.filter(**here)
            rows = rows.filter(name__icontains=text) | rows.filter(**{f"{key}__startswith": text})
            if seen is not None:
                rows = rows.filter(**{f"{key}__in": seen})
            named = rows.order_by("name", key).values_list(key, "name")[:_MOST]
            found += [Option(target_id, name, about) for target_id, name in named]
        return found[:_MOST]
