"""Writes into the audit log who signed in and out, who failed to, and with what they prove it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from governance.access.actors import actor_of, session_digest
from governance.access.client_address import client_address
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import Outcome, audit_record


def actor_signing_in(request: HttpRequest | None, user: User) -> Actor:
    """Return the person who is about to be signed in, whom the request does not know yet."""
    key = request.session.session_key if request is not None and hasattr(request, "session") else ""
    return Actor(
        kind="person",
        user_id=user.pk,
        name=user.get_username(),
        session=session_digest(key) if key else "",
        address=client_address(request) if request is not None else "",
        request_id=str(getattr(request, "request_id", "")),
    )


def record_of_person(
    request: HttpRequest | None,
    user: User,
    action: str,
    *,
    outcome: Outcome = "done",
    after: dict[str, Any] | None = None,
) -> None:
    """Record what somebody did about their own account, or failed to."""
    with transaction.atomic():
        audit_record(
            actor=actor_signing_in(request, user),
            action=action,
            object_kind="person",
            object_id=str(user.pk),
            object_name=user.get_username(),
            after=after,
            outcome=outcome,
            now=timezone.now(),
        )


def record_failed_sign_in(request: HttpRequest, *, name: str, reason: str) -> None:
    """Record that somebody, known or not, could not sign in under `name`."""
    user = User.objects.filter(username=name).first()
    with transaction.atomic():
        audit_record(
            actor=actor_of(request),
            action=actions.PERSON_SIGN_IN,
            object_kind="person",
            object_id=str(user.pk) if user else "",
            object_name=name,
            after={"reason": reason},
            outcome="failed",
            now=timezone.now(),
        )


def record_lock_out(request: HttpRequest, *, name: str) -> None:
    """Record that a name, or an address, is locked out for some minutes."""
    user = User.objects.filter(username=name).first()
    with transaction.atomic():
        audit_record(
            actor=actor_of(request),
            action=actions.PERSON_LOCK_OUT,
            object_kind="person",
            object_id=str(user.pk) if user else "",
            object_name=name,
            outcome="refused",
            now=timezone.now(),
        )
