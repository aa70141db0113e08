"""Security's word on owners that tags name."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.parties import PartyKey, PartyKind
from governance.access.owners.reading import TagOwner
from governance.access.owners.rules import CannotConfirmTag, ShownTag, tag_owners_confirm
from governance.web.owners.frame import OwnersPart
from governance.web.parts.markup import sentence
from governance.web.parts.rights_view import RightMissing
from governance.web.parts.targets import page_href

_MOST = 500


class OwnersToConfirm(OwnersPart):
    """The owners from tags that do not count yet, each and all with a button."""

    template_name = "governance/owners/confirming.html"
    tab = "owners-to-confirm"
    post_right = rights.CONFIRM_OWNERS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the owners, those first that this person may confirm."""
        places = self.by.places(rights.CONFIRM_OWNERS, self.connection)
        rows = []
        for owner in self.to_confirm[:_MOST]:
            found = self.state.owners.at(owner.target_id)
            rows.append(
                {
                    "owner": owner,
                    "name": self.state.tree.by_id[owner.target_id].name,
                    "place": self.place_words(owner.target_id),
                    "unit_words": self.unit_words(owner.target_id),
                    "href": page_href(self.connection.slug, owner.target_id),
                    "key": shown_key(self.state.tag_owners[owner.target_id], owner.party.key),
                    "counting": [] if found is None else found.entitled,
                    "counting_at": None if found is None else found.entitled_at,
                    "may": places.covers(self.state.tree, owner.target_id),
                }
            )
        return super().get_context_data(
            rows_to_confirm=rows,
            more=max(0, len(self.to_confirm) - _MOST),
            may_confirm=any(row["may"] for row in rows),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Confirm what was chosen, all of it or nothing.

        :raises BadRequest: the form names something in another form.
        :raises RightMissing: at one of the targets.
        """
        chosen = request.POST.getlist("owner")
        shown = [_shown(key) for key in chosen]
        if not shown:
            messages.error(request, "Nothing was chosen, so nothing was confirmed.")
        else:
            try:
                count = tag_owners_confirm(
                    by=self.by, connection=self.connection, shown=shown, now=self.now
                )
            except CannotConfirmTag as error:
                messages.error(request, f"Nothing was confirmed. {sentence(error)}")
            except MayNot:
                raise RightMissing(rights.CONFIRM_OWNERS) from None
            else:
                messages.success(request, f"{count:,} owner{'' if count == 1 else 's'} confirmed.")
        return HttpResponseRedirect(
            reverse("owners-to-confirm", kwargs={"slug": self.connection.slug})
        )


def shown_key(match: TagOwner, key: PartyKey) -> str:
    """Return what a form sends back of an owner that was shown."""
    return json.dumps(
        [match.target.target_id, match.tag_key, match.tag_value, key.kind.value, key.pk]
    )


def _shown(text: str) -> ShownTag:
    try:
        target_id, tag_key, tag_value, kind, pk = json.loads(text)
        return ShownTag(
            str(target_id), str(tag_key), str(tag_value), PartyKey(PartyKind(kind), int(pk))
        )
    except (ValueError, TypeError, RecursionError):
        raise BadRequest(
            "The form names an owner in a form that this page does not send."
        ) from None
