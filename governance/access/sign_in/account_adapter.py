"""What django-allauth asks Orgwarden about local accounts."""

import hashlib
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase

from governance.access.models import Profile
from governance.access.sign_in.recording import record_failed_sign_in, record_lock_out

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

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponseBase | None:
        """Stop service accounts, which have tokens and no sessions, as people who left."""
        if user.profile.kind != Profile.Kind.PERSON:
            clear_login(request)
            answer: HttpResponseBase = self.respond_user_inactive(request, user)
            return answer
        stopped: HttpResponseBase | None = super().pre_login(request, user, **kwargs)
        return stopped

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
