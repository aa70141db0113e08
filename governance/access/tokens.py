"""Issues, revokes and recognises API tokens."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from governance.access import rights
from governance.access.models import ApiToken, Profile
from governance.access.viewers import holds
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.models import Connection
from inventory.viewing import Place

TOKEN_PREFIX: Final = "ow_"  # noqa: S105  so that scanners of secrets can tell one
LONGEST_LIFE: Final = timedelta(days=366)
LONGEST_OVERLAP: Final = timedelta(days=7)
_MOST_PLACES: Final = 50
_USE_IS_NOTED_EVERY: Final = timedelta(minutes=1)


class CannotIssueToken(ValueError):
    """A token cannot be had as asked; the message says why."""


class CannotRevokeToken(ValueError):
    """The token is not this person's to revoke."""


class CannotRotateToken(ValueError):
    """The token cannot be replaced; the message says why."""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def token_issue(
    *,
    actor: Actor,
    user: User,
    name: str,
    scopes: list[str],
    expires_at: datetime,
    now: datetime,
    places: Sequence[Place] | None = None,
    address_ranges: Sequence[str] = (),
) -> tuple[ApiToken, str]:
    """Create a token for `user`; the second value is the token, shown this once and never again.

    `places`: the OUs, accounts and organizations that it is limited to; None: none of its own.
    `address_ranges`: in CIDR, where it may be used from; empty: anywhere.

    :raises CannotIssueToken: no name, no scope, one that no token may have or the
        person lacks, there or at all, a bad range, or a bad end.
    """
    if not name.strip():
        raise CannotIssueToken("name what will use the token")
    if not scopes:
        raise CannotIssueToken("choose at least one right for the token")
    unfit = [scope for scope in scopes if scope not in rights.TOKEN_SCOPES]
    if unfit:
        raise CannotIssueToken(f"no token may have these rights: {', '.join(unfit)}")
    lacking = [scope for scope in scopes if not user.has_perm(scope)]
    if lacking:
        raise CannotIssueToken(f"you do not hold these rights yourself: {', '.join(lacking)}")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise CannotIssueToken("a token ends in the future, within 366 days")
    row, token = _made(
        user=user,
        name=name.strip(),
        scopes=sorted(set(scopes)),
        places=_checked_places(user, scopes, places),
        address_ranges=_checked_ranges(address_ranges),
        created_at=now,
        expires_at=expires_at,
    )
    _record(actor, actions.TOKEN_ISSUE, row, None, _described(row), now)
    return row, token


@transaction.atomic
def token_rotate(
    *, actor: Actor, token_id: int, may_rotate_all: bool, overlap: timedelta, now: datetime
) -> tuple[ApiToken, str]:
    """Create a token that may the same and lives as long, and end the old one after `overlap`.

    `may_rotate_all`: of service accounts too. A person's token is never replaced by somebody else,
    who would act as that person with it.

    :raises CannotRotateToken: it is somebody else's, has ended or was replaced before, or the
        overlap is negative or longer than a week.
    """
    old = (
        ApiToken.objects.select_for_update(of=("self",))
        .select_related("user__profile")
        .filter(pk=token_id)
        .first()
    )
    if old is None or (old.user_id != actor.user_id and not may_rotate_all):
        raise CannotRotateToken("no such token of yours")
    if old.user_id != actor.user_id and old.user.profile.kind != Profile.Kind.SERVICE_ACCOUNT:
        raise CannotRotateToken(f"only {old.user.get_username()} can replace it; revoke it instead")
    if old.revoked_at is not None or old.expires_at <= now:
        raise CannotRotateToken("the token has expired; create a new one")
    if ApiToken.objects.filter(rotated_from=old).exists():
        raise CannotRotateToken("the token was already replaced; replace the newer one")
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise CannotRotateToken("both may work side by side for 0 hours to 7 days")
    row, token = _made(
        user=old.user,
        name=old.name,
        scopes=old.scopes,
        places=old.places,
        address_ranges=old.address_ranges,
        rotated_from=old,
        created_at=now,
        expires_at=now + min(old.expires_at - old.created_at, LONGEST_LIFE),
    )
    before = {"expires_at": old.expires_at}
    old.expires_at = min(old.expires_at, now + overlap)
    old.save(update_fields=["expires_at"])
    after = {"expires_at": old.expires_at, "replaced_by": row.pk}
    _record(actor, actions.TOKEN_ROTATE, old, before, after, now)
    _record(actor, actions.TOKEN_ISSUE, row, None, _described(row), now)
    return row, token


def _made(**values: Any) -> tuple[ApiToken, str]:
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    return ApiToken.objects.create(prefix=token[:8], sha256=_digest(token), **values), token


def _checked_places(
    user: User, scopes: Iterable[str], places: Sequence[Place] | None
) -> list[list[Any]] | None:
    """Return the places as they are stored."""
    if places is None:
        return None
    if not places or len(places) > _MOST_PLACES:
        raise CannotIssueToken(f"give 1 to {_MOST_PLACES} places, or leave the token unlimited")
    connections = Connection.objects.in_bulk([place.connection_id for place in places])
    for place in places:
        connection = connections.get(place.connection_id)
        held = connection is not None and all(
            # Seeing is had in all below a place; other rights as wide as they need.
            holds(user, scope, connection=connection, target_id=place.target_id)
            for scope in scopes
        )
        if not held:
            where = place.target_id or "that organization"
            raise CannotIssueToken(f"you do not hold these rights at {where}")
    return [[place.connection_id, place.target_id] for place in dict.fromkeys(places)]


def _checked_ranges(ranges: Sequence[str]) -> list[str]:
    found = []
    for text in ranges:
        try:
            found.append(str(ip_network(text.strip())))
        except ValueError:
            raise CannotIssueToken(
                f"{text.strip()[:60]!r} is not an address range: write it as 203.0.113.0/24 or "
                "2001:db8::/48"
            ) from None
    return list(dict.fromkeys(found))


def _comes_from(row: ApiToken, address: str) -> bool:
    """Return whether a token may be used from an address."""
    if not row.address_ranges:
        return True
    try:
        client = ip_address(address)
    except ValueError:
        return False
    return any(client in ip_network(each) for each in row.address_ranges)


@transaction.atomic
def token_revoke(*, actor: Actor, token_id: int, may_revoke_all: bool, now: datetime) -> ApiToken:
    """End a token now. Ending one twice is no error.

    :raises CannotRevokeToken: it is somebody else's, or there is none.
    """
    row = ApiToken.objects.select_for_update().filter(pk=token_id).first()
    if row is None or (row.user_id != actor.user_id and not may_revoke_all):
        raise CannotRevokeToken("no such token of yours")
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        _record(actor, actions.TOKEN_REVOKE, row, {"revoked_at": None}, {"revoked_at": now}, now)
    return row


def _described(row: ApiToken) -> dict[str, Any]:
    return {
        "person": row.user.get_username(),
        "prefix": row.prefix,
        "scopes": row.scopes,
        "places": row.places,
        "address_ranges": row.address_ranges,
        "expires_at": row.expires_at,
    }


def _record(
    actor: Actor,
    action: str,
    row: ApiToken,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="token",
        object_id=str(row.pk),
        object_name=row.name,
        before=before,
        after=after,
        now=now,
    )


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The tokens of a person, the newest first, those that have ended too."""
    return ApiToken.objects.filter(user=user).order_by("-created_at", "-pk")


def tokens_of_others(user: User, *, now: datetime) -> QuerySet[ApiToken]:
    """The live tokens of everybody else, by person and name. `replaced`: a newer one took over."""
    newer = ApiToken.objects.filter(rotated_from=OuterRef("pk"))
    rows = (
        ApiToken.objects.exclude(user=user)
        .select_related("user__profile")
        .annotate(replaced=Exists(newer))
    )
    return rows.filter(revoked_at__isnull=True, expires_at__gt=now).order_by(
        "user__username", "name", "pk"
    )


def tokens_of_everyone() -> QuerySet[ApiToken]:
    """The tokens of all people, the newest first, those that have ended too."""
    return ApiToken.objects.select_related("user").order_by("-created_at", "-pk")


def token_find(*, token: str, now: datetime, address: str = "") -> ApiToken | None:
    """Return the live token with its person, or None; notes its use at most once a minute.

    `address`: where the request comes from; outside of a token's ranges there is no such token.
    """
    row = (
        ApiToken.objects.select_related("user")
        .filter(sha256=_digest(token), revoked_at__isnull=True, expires_at__gt=now)
        .filter(user__is_active=True)
        .first()
    )
    if row is None or not _comes_from(row, address):
        return None
    if row.last_used_at is None or row.last_used_at < now - _USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(
            last_used_at=now, last_used_address=_address(address)
        )
    return row


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
