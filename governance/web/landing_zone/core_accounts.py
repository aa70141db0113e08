"""Confirming core accounts, and removing a confirmation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.baseline.landing_zone.confirming import (
    CannotConfirmCoreAccount,
    NoSuchCoreAccount,
    core_account_confirm,
    core_account_remove,
)
from governance.baseline.landing_zone.models import CoreAccount
from governance.web.landing_zone.frame import LandingZoneScreen
from governance.web.parts.markup import sentence


class CoreAccountConfirmation(LandingZoneScreen):
    """Confirms the account of one purpose; with `remove`, forgets who was confirmed."""

    required_right = rights.VIEW_LANDING_ZONE
    post_right = rights.CONFIRM_CORE_ACCOUNTS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Confirm or remove, or say why not."""
        purpose = request.POST.get("purpose", "")
        try:
            if request.POST.get("remove"):
                core_account_remove(
                    by=self.by, connection=self.connection, purpose=purpose, now=self.now
                )
                messages.success(request, f"{CoreAccount.Purpose(purpose).label}: not confirmed.")
            else:
                made = core_account_confirm(
                    by=self.by,
                    connection=self.connection,
                    purpose=purpose,
                    account_id=request.POST.get("account_id", ""),
                    now=self.now,
                )
                messages.success(request, f"{made} is confirmed.")
        except (CannotConfirmCoreAccount, NoSuchCoreAccount, MayNot) as error:
            messages.error(request, sentence(error))
        return HttpResponseRedirect(self.href("landing-zone"))
