"""Links what identity providers say of a person to that person, so that both count as one."""

from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from governance.access.actors import actor_of
from governance.access.models import Profile
from governance.access.owners.recovery import require_recovery
from governance.access.people import person_deactivate
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


class CannotLinkIdentity(ValueError):
    """An identity cannot be linked or unlinked as asked; the message says why."""


def identity_linked(*, request: HttpRequest, sociallogin: SocialLogin, **_: Any) -> None:
    """Record that an identity was linked to a person: by allauth's signal, whoever linked it."""
    user, account = sociallogin.user, sociallogin.account
    by = "the person" if isinstance(request.user, User) else "verified address"
    with transaction.atomic():
        _record(actor_of(request), actions.IDENTITY_LINK, user, account, by=by, now=timezone.now())


@transaction.atomic
def identity_unlink(*, actor: Actor, user: User, account_id: int, now: datetime) -> None:
    """Take an identity from a person.

    :raises CannotLinkIdentity: no such identity, or there is no other way left to sign in.
    """
    account = SocialAccount.objects.select_for_update().filter(user=user, pk=account_id).first()
    if account is None:
        raise CannotLinkIdentity("there is no such identity")
    others = SocialAccount.objects.filter(user=user).exclude(pk=account.pk).exists()
    if not others and not user.has_usable_password():
        raise CannotLinkIdentity("it is the only way to sign in; set a password first")
    _record(actor, actions.IDENTITY_UNLINK, user, account, by="hand", now=now)
    account.delete()


@transaction.atomic
def identities_move(*, actor: Actor, source: User, target: User, now: datetime) -> int:
    """Link the identities of `source` to `target` and deactivate `source`; return how many moved.

    For one person who came in twice: by the identity provider and as a local account.

    :raises CannotLinkIdentity: they are the same, one is no person, or there is nothing to move.
    :raises CannotDeactivate: `source` may not be deactivated.
    :raises RecoveryNotConfirmed: `target` decides, and no second person has confirmed that somebody
        may sign in as them by these identities.
    """
    if source.pk == target.pk:
        raise CannotLinkIdentity("choose another person")
    kinds = {source.profile.kind, target.profile.kind}
    if kinds != {Profile.Kind.PERSON}:
        raise CannotLinkIdentity("service accounts have no identities")
    accounts = list(SocialAccount.objects.select_for_update().filter(user=source))
    if not accounts:
        raise CannotLinkIdentity(f"{source.get_username()} has no identity at a provider")
    require_recovery(actor=actor, user=target, now=now)
    for account in accounts:
        account.user = target
        account.save(update_fields=["user"])
        _record(actor, actions.IDENTITY_LINK, target, account, by="hand", now=now)
    person_deactivate(actor=actor, user_id=source.pk, now=now)
    return len(accounts)


def _record(
    actor: Actor, action: str, user: User, account: SocialAccount, *, by: str, now: datetime
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="person",
        object_id=str(user.pk),
        object_name=user.get_username(),
        after={"provider": account.provider, "subject": account.uid, "by": by},
        now=now,
    )
