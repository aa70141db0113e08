"""Adding and removing second factors, passkeys and recovery codes, by allauth's own flows."""

from typing import Any, ClassVar

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as passkey_views
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access.step_up import may_change_proofs, require_step_up
from governance.web.parts.pages import Crumb
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening, RightsView
from governance.web.profile.views import profile_tabs


class SecurityStep(RightsView):
    """A step that needs a fresh proof even to be looked at: it shows secrets."""

    required_right = Opening.SIGNED_IN
    page_title: ClassVar[str]

    def begin(self) -> None:
        """Demand the proof. Somebody fresh from sign-in without any of their own may add a first.

        :raises StepUpRequired: leads to the page that asks for a proof.
        """
        super().begin()
        if not may_change_proofs(self.request):
            require_step_up(self.request)

    @transaction.atomic
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer; what changes about a factor and its audit entry are stored together or not."""
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the frame shows."""
        found: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # allauth's
        return {
            **found,
            "page_title": self.page_title,
            "crumbs": [Crumb("Your profile", reverse("profile-security")), Crumb(self.page_title)],
            "tabs": profile_tabs("profile-security"),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """Render; no cache may keep it."""
        answer = super().render_to_response(context, **kwargs)  # type: ignore[misc]  # allauth's
        answer.headers["Cache-Control"] = "no-store"
        return answer


class TotpAdd(SecurityStep, totp_views.ActivateTOTPView):
    """Set up an authenticator app."""

    page_title = "Authenticator app"
    template_name = "governance/profile/totp_add.html"

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Add it; a code of it is a proof."""
        answer: HttpResponseBase = super().form_valid(form)
        _note_proof(self.request, "totp")
        return answer

    def get_success_url(self) -> str:
        """Go on to the recovery codes, the first time."""
        return _after(self.did_generate_recovery_codes)


class TotpRemove(SecurityStep, totp_views.DeactivateTOTPView):
    """Remove the authenticator app."""

    page_title = "Remove the authenticator app"
    template_name = "governance/profile/totp_remove.html"

    def get_success_url(self) -> str:
        """Go back."""
        return reverse("profile-security")


class PasskeyAdd(SecurityStep, passkey_views.AddWebAuthnView):
    """Make a passkey."""

    page_title = "Add a passkey"
    template_name = "governance/profile/passkey_add.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Have the browser ask for one that works without a user name."""
        found = super().get_context_data(**kwargs)
        selection = found["js_data"]["creation_options"]["publicKey"]["authenticatorSelection"]
        selection |= {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        }
        return found

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Add it; making one is a proof."""
        answer: HttpResponseBase = super().form_valid(form)
        _note_proof(self.request, "webauthn")
        return answer

    def get_success_url(self) -> str:
        """Go on to the recovery codes, the first time."""
        return _after(self.did_generate_recovery_codes)


class PasskeyRemove(SecurityStep, passkey_views.RemoveWebAuthnView):
    """Remove a passkey."""

    page_title = "Remove the passkey"
    template_name = "governance/profile/passkey_remove.html"

    def get_success_url(self) -> str:
        """Go back."""
        return reverse("profile-security")


class RecoveryCodes(SecurityStep, code_views.ViewRecoveryCodesView):
    """Show the recovery codes, once."""

    page_title = "Recovery codes"
    template_name = "governance/profile/recovery_codes.html"


class RecoveryCodesMake(SecurityStep, code_views.GenerateRecoveryCodesView):
    """Make new recovery codes; the earlier ones no longer work."""

    page_title = "Make new recovery codes"
    template_name = "governance/profile/recovery_codes_make.html"


def _note_proof(request: HttpRequest, kind: str) -> None:
    """Have the new factor count as the proof that a password was before there was a factor."""
    record_authentication(request, person_of(request), "mfa", type=kind, reauthenticated=True)


def _after(made_codes: bool) -> str:
    return reverse("mfa_view_recovery_codes" if made_codes else "profile-security")
