"""A change request begun from what nobody used: SCPs that deny it, in the form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.changes.proposals.unused import NothingToDeny
from governance.web.changes.proposing import ChangeCreate, proposal_written
from governance.web.parts.markup import sentence
from governance.web.usage.unused import UnusedScreen


class ChangeFromUnused(UnusedScreen, ChangeCreate):
    """Writes the SCPs into the form, which is then looked through and saved."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form; or go back, where there is nothing to deny."""
        try:
            found = self.proposed().as_proposal()
        except NothingToDeny as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.href("unused"))
        names = {key: name.name for key, name in self.organization.names.items()}
        return self.show(proposal_written(found, names))
