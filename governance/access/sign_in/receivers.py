"""What happens when somebody signs in, out, or changes how they prove who they are."""

from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.core import context
from allauth.mfa import signals as second_factor_signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount.signals import social_account_added
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_save
from django.http import HttpRequest
from django.utils import timezone

from governance.access.break_glass import break_glass_signed_in
from governance.access.identities import identity_linked
from governance.access.models import Profile
from governance.access.sessions.store import SEEN_AT, SIGNED_IN_AT
from governance.access.sign_in.recording import actor_signing_in, record_of_person
from governance.audit import actions


def connect() -> None:
    """Listen to Django's and allauth's signals."""
    user_logged_in.connect(_signed_in, dispatch_uid="access.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="access.signed_out")
    authentication_step_completed.connect(_proved_again, dispatch_uid="access.proved_again")
    social_account_added.connect(identity_linked, dispatch_uid="access.identity")
    # allauth sends its own signals of what is added only after the commit.
    post_save.connect(_factor_added, sender=Authenticator, dispatch_uid="access.factor")
    second_factor_signals.authenticator_removed.connect(
        _factor_removed, dispatch_uid="access.factor"
    )
    second_factor_signals.authentication_failed.connect(
        _factor_failed, dispatch_uid="access.factor"
    )


def _signed_in(*, request: HttpRequest | None, user: User, **_: Any) -> None:
    """Note since when the session is, and that the person was seen."""
    now = timezone.now()
    Profile.objects.filter(user=user).update(last_seen_at=now)
    if request is None or not hasattr(request, "session"):
        return
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now.timestamp()
    methods = sorted({record["method"] for record in _records(request)})
    record_of_person(request, user, actions.PERSON_SIGN_IN, after={"by": methods})
    if user.profile.break_glass:
        break_glass_signed_in(user=user, actor=actor_signing_in(request, user), now=now)


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    found = request.session.get("account_authentication_methods", [])
    return found if isinstance(found, list) else []


def _signed_out(*, request: HttpRequest | None, user: User | None, **_: Any) -> None:
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        UserSession.objects.filter(session_key=session.session_key).delete()
    if user is not None:
        record_of_person(request, user, actions.PERSON_SIGN_OUT)


def _proved_again(*, request: HttpRequest, user: User, method: str, **extra: Any) -> None:
    if extra.get("reauthenticated"):
        by = {"by": method, "type": extra.get("type", "")}
        record_of_person(request, user, actions.PERSON_PROVE, after=by)


def _factor_added(*, instance: Authenticator, created: bool, **_: Any) -> None:
    """Record a new factor or new codes in the transaction that stores them."""
    if created:
        codes = instance.type == Authenticator.Type.RECOVERY_CODES
        action = actions.RECOVERY_CODES_MAKE if codes else actions.SECOND_FACTOR_ADD
        _record_factor(context.request, instance.user, instance, action)


def _factor_removed(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    _record_factor(request, user, authenticator, actions.SECOND_FACTOR_REMOVE)


def _record_factor(
    request: HttpRequest | None, user: User, authenticator: Authenticator, action: str
) -> None:
    after = {"type": authenticator.type, "name": str(authenticator)}
    record_of_person(request, user, action, after=after)


def _factor_failed(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    after = {"reason": f"wrong {authenticator.type} code"}
    record_of_person(request, user, actions.PERSON_SIGN_IN, outcome="failed", after=after)
