"""Makes people and service accounts, changes and deactivates them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from governance.access.models import ApiToken, Profile
from governance.access.owners.recovery import require_recovery
from governance.access.role_assignments import ensure_administrator, lock_administrators
from governance.access.sessions.services import sessions_end
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


class PersonInvalid(ValueError):
    """Values that a person cannot have. `fields`: what is wrong, in words, by field."""

    def __init__(self, **fields: str) -> None:
        self.fields = fields
        super().__init__("; ".join(f"{name}: {words}" for name, words in fields.items()))


class CannotDeactivate(ValueError):
    """Somebody cannot be deactivated; the message says why."""


@dataclass(frozen=True, slots=True)
class PersonValues:
    """What is written down of a person."""

    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How pages look to somebody; each value one of `Profile`'s choices, or an IANA time zone."""

    time_zone: str
    date_format: str
    theme: str
    density: str


@transaction.atomic
def person_create(*, actor: Actor, values: PersonValues, now: datetime) -> User:
    """Make somebody who cannot sign in yet: see `password_link`.

    :raises PersonInvalid: no user name, one that is taken, or one with odd characters.
    """
    user = User(**_checked(values))
    user.set_unusable_password()
    user.date_joined = now
    user.save()
    _record(actor, actions.PERSON_CREATE, user, now=now, after=_described(user))
    return user


@transaction.atomic
def person_change(*, actor: Actor, user_id: int, values: PersonValues, now: datetime) -> User:
    """Change what is written down of somebody.

    :raises PersonInvalid: no user name, one that is taken, or one with odd characters; or one's own
        mail address, where the identity provider is trusted with addresses.
    :raises RecoveryNotConfirmed: another mail address would let somebody else in, by the identity
        provider, and no second person has confirmed it.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    before, was_at = _described(user), user.email
    for name, value in _checked(values, of=user).items():
        setattr(user, name, value)
    if settings.OIDC_TRUST_EMAIL and user.email.casefold() != was_at.casefold():
        # Whoever has this address at the provider would come into this account, with their roles.
        if actor.user_id == user.pk:
            raise PersonInvalid(
                email="an administrator other than you changes it: it lets someone sign in"
            )
        require_recovery(actor=actor, user=user, now=now)
    user.save(update_fields=["username", "first_name", "last_name", "email"])
    after = _described(user)
    if after != before:
        _record(actor, actions.PERSON_CHANGE, user, now=now, before=before, after=after)
    return user


@transaction.atomic
def service_account_create(*, actor: Actor, username: str, description: str, now: datetime) -> User:
    """Make an account for a program: it has tokens and roles, and never a session.

    :raises PersonInvalid: no name, one that is taken, or one with odd characters.
    """
    user = User(**_checked(PersonValues(username)))
    user.set_unusable_password()
    user.date_joined = now
    user.save()
    Profile.objects.filter(user=user).update(
        kind=Profile.Kind.SERVICE_ACCOUNT, description=description.strip()[:200]
    )
    user.refresh_from_db()
    after = {**_described(user), "description": description}
    _record(actor, actions.SERVICE_ACCOUNT_CREATE, user, now=now, after=after)
    return user


@transaction.atomic
def service_account_change(
    *, actor: Actor, user_id: int, username: str, description: str, now: datetime
) -> User:
    """Change the name of a service account and what it is for.

    :raises PersonInvalid: no name, one that is taken, or one with odd characters.
    """
    user = User.objects.select_for_update(of=("self",)).select_related("profile").get(pk=user_id)
    before = {**_described(user), "description": user.profile.description}
    user.username = _checked(PersonValues(username), of=user)["username"]
    user.save(update_fields=["username"])
    user.profile.description = description.strip()[:200]
    user.profile.save(update_fields=["description"])
    after = {**_described(user), "description": user.profile.description}
    if after != before:
        action = actions.SERVICE_ACCOUNT_CHANGE
        _record(actor, action, user, now=now, before=before, after=after)
    return user


@transaction.atomic
def person_deactivate(*, actor: Actor, user_id: int, now: datetime) -> User:
    """Let somebody, or a service account, in no more: ends sessions and revokes tokens at once.

    Roles stay written down, and count again only if somebody reactivates the account.

    :raises CannotDeactivate: it is who asks.
    :raises LastAdministrator: nobody would be an administrator of everything.
    """
    if actor.user_id == user_id:
        raise CannotDeactivate("you cannot deactivate yourself; ask another administrator")
    lock_administrators()
    user = User.objects.select_for_update().get(pk=user_id)
    if not user.is_active:
        return user
    user.is_active = False
    user.save(update_fields=["is_active"])
    ensure_administrator(now=now)
    Profile.objects.filter(user=user).update(deactivated_at=now)
    sessions = sessions_end(actor=actor, user=user, now=now)
    tokens = ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now)
    after = {"sessions ended": sessions, "tokens revoked": tokens}
    _record(actor, actions.PERSON_DEACTIVATE, user, now=now, after=after)
    return user


@transaction.atomic
def person_reactivate(*, actor: Actor, user_id: int, now: datetime) -> User:
    """Let somebody in again, with the roles that are written down. Tokens stay revoked."""
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_active:
        return user
    user.is_active = True
    user.save(update_fields=["is_active"])
    Profile.objects.filter(user=user).update(deactivated_at=None)
    _record(actor, actions.PERSON_REACTIVATE, user, now=now)
    return user


@transaction.atomic
def password_link(*, actor: Actor, user: User, now: datetime) -> tuple[str, str]:
    """Return key and token of a link with which somebody sets their password, once, within a day.

    Setting one ends the link, and so does a sign-in.

    :raises RecoveryNotConfirmed: they decide, and no second person has confirmed it.
    """
    require_recovery(actor=actor, user=user, now=now)
    _record(actor, actions.PERSON_INVITE, user, now=now)
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return key, default_token_generator.make_token(user)


@transaction.atomic
def password_set(*, actor: Actor, user: User, password: str, now: datetime) -> None:
    """Set a password that was judged already, and end all other sessions of the person."""
    user.set_password(password)
    user.save(update_fields=["password"])
    _record(actor, actions.PASSWORD_CHANGE, user, now=now)


@transaction.atomic
def second_factors_remove(*, actor: Actor, user: User, now: datetime) -> int:
    """Remove every second factor of somebody who lost theirs; return how many there were.

    :raises RecoveryNotConfirmed: they decide, and no second person has confirmed it.
    """
    require_recovery(actor=actor, user=user, now=now)
    found = list(Authenticator.objects.filter(user=user))
    for authenticator in found:
        after = {"type": authenticator.type, "name": str(authenticator)}
        _record(actor, actions.SECOND_FACTOR_REMOVE, user, now=now, after=after)
        authenticator.delete()
    return len(found)


@transaction.atomic
def preferences_change(*, user: User, preferences: Preferences) -> None:
    """Keep how pages look to somebody. It changes nothing for others and is not audited.

    :raises PersonInvalid: a value that is none of the choices.
    """
    known = {
        "time_zone": available_timezones(),
        "date_format": set(Profile.DateFormat.values),
        "theme": set(Profile.Theme.values),
        "density": set(Profile.Density.values),
    }
    values = {name: getattr(preferences, name) for name in known}
    unknown = {name: "choose one of the list" for name in known if values[name] not in known[name]}
    if unknown:
        raise PersonInvalid(**unknown)
    Profile.objects.filter(user=user).update(**values)


@transaction.atomic
def list_columns_change(*, user: User, list_name: str, keys: Sequence[str]) -> None:
    """Keep which columns of a list somebody sees; without keys, those it has by itself.

    It changes nothing for others and is not audited.
    """
    profile = Profile.objects.select_for_update().get(user=user)
    columns = {name: kept for name, kept in profile.list_columns.items() if name != list_name}
    if keys:
        columns[list_name] = list(keys)
    profile.list_columns = columns
    profile.save(update_fields=["list_columns"])


def _checked(values: PersonValues, *, of: User | None = None) -> dict[str, str]:
    username = values.username.strip()
    problems: dict[str, str] = {}
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        problems["username"] = "letters, digits and @ . + - _ only"
    if not username:
        problems["username"] = "give a user name"
    elif len(username) > 150:
        problems["username"] = "at most 150 characters"
    taken = User.objects.filter(username__iexact=username)
    if (taken.exclude(pk=of.pk) if of else taken).exists():
        problems["username"] = "someone has this user name"
    if problems:
        raise PersonInvalid(**problems)
    return {
        "username": username,
        "first_name": values.first_name.strip()[:150],
        "last_name": values.last_name.strip()[:150],
        "email": values.email.strip()[:254],
    }


def _described(user: User) -> dict[str, str]:
    return {
        "user name": user.username,
        "first name": user.first_name,
        "last name": user.last_name,
        "mail": user.email,
    }


def _record(
    actor: Actor,
    action: str,
    user: User,
    *,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="person",
        object_id=str(user.pk),
        object_name=user.get_username(),
        before=before,
        after=after,
        now=now,
    )
