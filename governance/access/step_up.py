"""Demands a fresh proof of who somebody is, where being signed in is not enough.

A page says `needs_step_up = True` (`governance.web.parts.rights_view.RightsView`) and an endpoint
lists the permission `SteppedUp` (`governance.api.parts.permissions`); both call `require_step_up`.

What counts as a proof, not older than `STEP_UP_SECONDS`: a passkey or the second factor; the
password of somebody who has neither; a new sign-in at the identity provider, whose `auth_time` was
checked. A sign-in through the provider's running session is none. allauth keeps the proofs in the
session, as records of method and time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from governance.access.models import ApiToken
from governance.access.sessions.store import SIGNED_IN_AT

# What a proof at the identity provider is recorded as, beside allauth's `password` and `mfa`.
PROVIDER_PROOF = "provider"


class Method(StrEnum):
    """How somebody can prove who they are."""

    PASSKEY = "passkey"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105
    PROVIDER = "provider"


class StepUpRequired(Exception):
    """Being signed in is not enough: a fresh proof is needed. `methods`: what the person has.

    Without any method the person has to set one up; a token can prove nothing and is refused.
    """

    def __init__(self, methods: "tuple[StepUpMethod, ...]") -> None:
        self.methods = methods
        super().__init__("confirm first that it is you")


@dataclass(frozen=True, slots=True)
class StepUpMethod:
    """A way somebody has. `provider_id`: the identity provider it leads to, else empty."""

    method: Method
    provider_id: str = ""


def step_up_methods(user: User) -> tuple[StepUpMethod, ...]:
    """Return the ways this person has, the strongest first."""
    types = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    found: list[StepUpMethod] = []
    if Authenticator.Type.WEBAUTHN in types:
        found.append(StepUpMethod(Method.PASSKEY))
    if Authenticator.Type.TOTP in types or (found and Authenticator.Type.RECOVERY_CODES in types):
        found.append(StepUpMethod(Method.CODE))
    if not found and user.has_usable_password():
        found.append(StepUpMethod(Method.PASSWORD))
    providers = SocialAccount.objects.filter(user_id=user.pk).values_list("provider", flat=True)
    found += [StepUpMethod(Method.PROVIDER, provider) for provider in sorted(set(providers))]
    return tuple(found)


def stepped_up_at(request: HttpRequest | Request) -> datetime | None:
    """Return when the person of this session proved last who they are; None: never, or a token."""
    user = request.user
    if not isinstance(user, User) or isinstance(getattr(request, "auth", None), ApiToken):
        return None
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    counting = {PROVIDER_PROOF, "mfa"}
    if any(record["method"] == "password" for record in records) and not has_factor(user):
        counting.add("password")
    times = [record["at"] for record in records if record["method"] in counting]
    return datetime.fromtimestamp(max(times), tz=UTC) if times else None


def has_factor(user: User) -> bool:
    """Return whether this person has a second factor or a passkey, besides recovery codes."""
    return bool(
        Authenticator.objects.filter(user_id=user.pk)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .exists()
    )


def is_stepped_up(request: HttpRequest | Request) -> bool:
    """Return whether the last proof is fresh enough."""
    at = stepped_up_at(request)
    return at is not None and timezone.now() - at < timedelta(seconds=settings.STEP_UP_SECONDS)


def may_change_proofs(request: HttpRequest | Request) -> bool:
    """Return whether this person may add and remove second factors and passkeys now.

    Whoever just proved who they are, and who has nothing of their own to prove it with and signed
    in within `STEP_UP_SECONDS`: else nobody from an identity provider that tells no time of
    sign-in could set up a first passkey.
    """
    if is_stepped_up(request):
        return True
    user = request.user
    if not isinstance(user, User) or user.has_usable_password() or has_factor(user):
        return False
    signed_in_at = request.session.get(SIGNED_IN_AT, 0)
    return bool(timezone.now().timestamp() - signed_in_at < settings.STEP_UP_SECONDS)


def require_step_up(request: HttpRequest | Request) -> None:
    """Go on only if whoever asks has just proved who they are.

    :raises StepUpRequired: they have not; pages lead to `/step-up/`, endpoints answer 403.
    """
    if is_stepped_up(request):
        return
    user = request.user
    by_token = isinstance(getattr(request, "auth", None), ApiToken)
    methods = () if by_token or not isinstance(user, User) else step_up_methods(user)
    raise StepUpRequired(methods)
