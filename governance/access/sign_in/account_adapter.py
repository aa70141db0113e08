"""What django-allauth asks Orgwarden about local accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase

from governance.access.models import Profile


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
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

    def pre_login(
        self, request: HttpRequest, user: User, **kwargs: Any
    ) -> HttpResponseBase | None:
        """Stop service accounts, which have tokens and no sessions, as people who left."""
        if user.profile.kind != Profile.Kind.PERSON:
            clear_login(request)
            answer: HttpResponseBase = self.respond_user_inactive(request, user)
            return answer
        stopped: HttpResponseBase | None = super().pre_login(request, user, **kwargs)
        return stopped

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """Say nothing in allauth's words; pages say in their own what was done."""

    def send_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """Send none of allauth's mails: notifications are Orgwarden's own."""

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count by user name, whichever of the instance's host names is used."""
        return f"login:{str(credentials.get('username', '')).lower()}"
