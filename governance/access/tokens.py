"""Issues, revokes and recognises API tokens."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from governance.access import rights
from governance.access.models import ApiToken
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record

TOKEN_PREFIX: Final = "ow_"  # noqa: S105  so that scanners of secrets can tell one
LONGEST_LIFE: Final = timedelta(days=366)
_USE_IS_NOTED_EVERY: Final = timedelta(minutes=1)


class CannotIssueToken(ValueError):
    """A token cannot be had as asked; the message says why."""


class CannotRevokeToken(ValueError):
    """The token is not this person's to revoke."""


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
) -> tuple[ApiToken, str]:
    """Make a token for `user`; the second value is the token, shown this once and never again.

    :raises CannotIssueToken: no name, no scope, one that no token may have or the
        person lacks, or a bad end.
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
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        prefix=token[:8],
        sha256=_digest(token),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    _record(actor, actions.TOKEN_ISSUE, row, None, _described(row), now)
    return row, token


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


def token_find(*, token: str, now: datetime) -> ApiToken | None:
    """Return the live token with its person, or None; notes its use at most once a minute."""
    row = (
        ApiToken.objects.select_related("user")
        .filter(sha256=_digest(token), revoked_at__isnull=True, expires_at__gt=now)
        .filter(user__is_active=True)
        .first()
    )
    if row is None:
        return None
    if row.last_used_at is None or row.last_used_at < now - _USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row
