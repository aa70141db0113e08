"""Owners and roles that nobody has looked at for too long."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.recertification import (
    CannotRecertify,
    overdue_roles,
    owners_recertify,
    roles_recertify,
)
from governance.access.owners.standing import OwnerSource, StandingOwner
from governance.web.owners.frame import OwnersPart
from governance.web.parts.markup import sentence
from governance.web.parts.rights_view import RightMissing
from governance.web.parts.targets import page_href

_MOST = 500


class OwnersRecertification(OwnersPart):
    """Overdue owners and roles, each with "Still right", and all of them at once."""

    template_name = "governance/owners/recertification.html"
    tab = "owners-recertification"
    post_right = rights.MANAGE_OWNERS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is overdue."""
        places = self.by.places(rights.MANAGE_OWNERS, self.connection)
        rows = [
            {
                "owner": owner,
                "key": _key(owner),
                "name": self.state.tree.by_id[owner.target_id].name,
                "unit_words": self.unit_words(owner.target_id),
                "href": page_href(self.connection.slug, owner.target_id),
                "may": places.covers(self.state.tree, owner.target_id),
            }
            for owner in self.gaps.overdue[:_MOST]
        ]
        return super().get_context_data(
            overdue_owners=rows,
            more=max(0, len(self.gaps.overdue) - _MOST),
            overdue_roles=self._roles(),
            days=settings.OWNERS_RECERTIFY_DAYS,
            **kwargs,
        )

    def _roles(self) -> list[dict[str, Any]]:
        """Return overdue roles at places where this person manages roles."""
        places = self.by.places(rights.MANAGE_ROLES, self.connection)
        if places.is_nowhere:
            return []
        everywhere = self.by.may(rights.MANAGE_ROLES, None)
        mine = set(self.by.user.groups.values_list("pk", flat=True))
        rows = []
        for role in overdue_roles(now=self.now):
            if role.connection_id is None:
                may, place = everywhere, "Everywhere"
            elif role.connection_id != self.connection.pk:
                continue
            elif not role.target_id:
                may, place = places.whole, "Organization"
            else:
                may = places.covers(self.state.tree, role.target_id)
                known = role.target_id in self.state.tree.by_id
                place = self.place_words(role.target_id) if known else role.target_id
            if not may:
                continue
            own = role.user_id == self.by.user.pk or role.group_id in mine
            rows.append({"role": role, "place": place, "may": not own})
        return rows[:_MOST]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Begin the time again for what was chosen, all of it or nothing.

        :raises RightMissing: at one of the targets.
        """
        keys = request.POST.getlist("still_right")
        by_kind = {
            kind: [int(key[1:]) for key in keys if key[:1] == kind and key[1:].isdecimal()]
            for kind in "ocr"
        }
        count = 0
        try:
            with transaction.atomic():
                count += owners_recertify(
                    by=self.by,
                    connection=self.connection,
                    ownership_ids=by_kind["o"],
                    confirmation_ids=by_kind["c"],
                    now=self.now,
                )
                count += roles_recertify(by=self.by, assignment_ids=by_kind["r"], now=self.now)
        except CannotRecertify as error:
            messages.error(request, f"Nothing was recertified. {sentence(error)}")
        except MayNot:
            raise RightMissing(rights.MANAGE_OWNERS) from None
        else:
            words = f"{count:,} recertified." if count else "Nothing was chosen."
            (messages.success if count else messages.error)(request, words)
        return HttpResponseRedirect(
            reverse("owners-recertification", kwargs={"slug": self.connection.slug})
        )


def _key(owner: StandingOwner) -> str:
    """Return what the form sends: an ownership by hand, or a tag's confirmation."""
    return f"{'c' if owner.source is OwnerSource.TAG else 'o'}{owner.row_id}"
