"""Revoking many tokens at once."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import ApiToken
from governance.access.tokens import CannotRevokeToken, token_revoke, tokens_of, tokens_of_others
from governance.access.viewers import holds
from governance.web.parts.ages import ago
from governance.web.parts.bulk import BulkActPage, BulkDone, ChosenRow
from governance.web.parts.markup import counted
from governance.web.parts.pages import Crumb
from governance.web.parts.people import person_of


class TokensRevokePage(BulkActPage):
    """Revokes the chosen tokens: a person's own, or anybody's where that is their right."""

    required_right = rights.MANAGE_OWN_TOKENS
    section = "tokens"
    verb = "Revoke"
    noun = "token,tokens"
    effect = "Programs that use them are refused from now on. This cannot be undone."
    refusals = (CannotRevokeToken,)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this act."""
        return [Crumb("API tokens", self.back_href()), Crumb("Revoke")]

    def back_href(self) -> str:
        """Return the list."""
        return reverse("tokens")

    def chosen(self, keys: Sequence[str]) -> Sequence[ChosenRow]:
        """Return the tokens; those that work no more stay."""
        person, now = person_of(self.request), timezone.now()
        rows: list[ApiToken] = list(tokens_of(person).filter(pk__in=keys))
        if holds(person, rights.MANAGE_ALL_TOKENS):
            rows += tokens_of_others(person, now=now).filter(pk__in=keys)
        return [
            ChosenRow(
                str(row.pk),
                row.name if row.user_id == person.pk else f"{row.name} of {row.user.username}",
                f"{row.prefix}…, "
                + (
                    f"last used {ago(row.last_used_at, now=now)}"
                    if row.last_used_at
                    else "never used"
                ),
                stays="" if row.revoked_at is None and row.expires_at > now else "it has ended",
            )
            for row in rows
        ]

    def act(self, keys: Sequence[str], given: dict[str, Any]) -> BulkDone:
        """Revoke each."""
        for key in keys:
            token_revoke(
                actor=actor_of(self.request),
                token_id=int(key),
                may_revoke_all=holds(self.request.user, rights.MANAGE_ALL_TOKENS),
                now=timezone.now(),
            )
        return BulkDone(f"{counted(len(keys), self.noun)} revoked.", self.back_href())
