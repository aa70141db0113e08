"""What django-allauth asks Orgwarden about local accounts."""

import hashlib
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from governance.access.claims import roles_from_claims
from governance.access.client_address import client_address
from governance.access.models import Profile
from governance.access.sign_in.recording import record_failed_sign_in, record_lock_out
from governance.access.step_up import is_stepped_up, may_change_proofs

_LOCK_OUT_SECONDS: Final = 300


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up, no mail of allauth's own, and wrong passwords counted by user name alone."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "Enter a correct username and password. "
        "Both may be case-sensitive.",
        "too_many_login_attempts": "Too many wrong passwords. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: administrators and identity providers make people."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that rate limits count by: the one that the audit log names."""
        return client_address(request)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponseBase | None:
        """Stop service accounts and people who left; give the roles that claims name."""
        if user.profile.kind != Profile.Kind.PERSON:
            clear_login(request)
            answer: HttpResponseBase = self.respond_user_inactive(request, user)
            return answer
        stopped: HttpResponseBase | None = super().pre_login(request, user, **kwargs)
        if stopped is None and "sociallogin" in (kwargs.get("signal_kwargs") or {}):
            roles_from_claims(user=user, now=timezone.now())
        return stopped

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:
        """Return whether what allauth guards waits for a fresh proof, as everything else does."""
        if app == "allauth.mfa":
            return not may_change_proofs(context.request)
        return not is_stepped_up(context.request)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, str]]:
        """Lead to the one page that asks for all proofs."""
        return [{"id": "step-up", "description": "Confirm", "url": reverse("step-up")}]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse further tries before any hash is computed, and record the first refusal.

        :raises ValidationError: too many wrong passwords.
        """
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            name = str(credentials.get("username", ""))
            key = f"{self._get_login_attempts_cache_key(request, **credentials)}:recorded"
            if cache.add(hashlib.sha256(key.encode()).hexdigest(), 1, timeout=_LOCK_OUT_SECONDS):
                record_lock_out(request, name=name)
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong name or password."""
        name = str(credentials.get("username", ""))
        record_failed_sign_in(request, name=name, reason="wrong user name or password")

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """Say nothing in allauth's words; pages say in their own what was done."""

    def send_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """Send none of allauth's mails: notifications are Orgwarden's own."""

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count by user name, whichever of the instance's host names is used."""
        return f"login:{str(credentials.get('username', '')).lower()}"
