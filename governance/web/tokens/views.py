"""The API tokens of the person who is signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import ApiToken, Profile
from governance.access.tokens import (
    CannotIssueToken,
    CannotRevokeToken,
    CannotRotateToken,
    token_issue,
    token_revoke,
    token_rotate,
    tokens_of,
    tokens_of_others,
)
from governance.access.viewers import holds
from governance.web.parts.bulk import BulkButton
from governance.web.parts.pages import Page
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import RightsView
from governance.web.tokens.forms import RIGHT_WORDS, TokenForm
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token as a row. `state`: live, ended or revoked. `lost`: rights its person lost since."""

    token: ApiToken
    state: str
    words: tuple[str, ...]
    lost: tuple[str, ...]
    places: tuple[str, ...] = ()
    replaced: bool = False


def shown_tokens(user: User, *, now: datetime) -> list[ShownToken]:
    """Describe a person's tokens, the newest first."""
    tokens = list(tokens_of(user))
    slugs = dict(Connection.objects.values_list("pk", "slug"))
    replaced = {token.rotated_from_id for token in tokens}
    return [_shown(token, user, now, slugs, token.pk in replaced) for token in tokens]


def place_words(token: ApiToken, slugs: Mapping[int, str]) -> tuple[str, ...]:
    """Say what a token is limited to, a place each; empty: nothing of its own."""
    return tuple(
        "/".join(filter(None, (slugs.get(connection_id, "an organization that is gone"), target)))
        for connection_id, target in token.places or ()
    )


def _shown(
    token: ApiToken, user: User, now: datetime, slugs: Mapping[int, str], replaced: bool
) -> ShownToken:
    state = "live"
    if token.revoked_at is not None:
        state = "revoked"
    elif token.expires_at <= now:
        state = "ended"
    lost = [scope for scope in token.scopes if not holds(user, scope)]
    return ShownToken(
        token,
        state,
        tuple(_words(scope) for scope in token.scopes if scope not in lost),
        tuple(_words(scope) for scope in lost),
        place_words(token, slugs),
        replaced,
    )


def _words(scope: str) -> str:
    return RIGHT_WORDS.get(scope, scope).partition(":")[0]


class TokensPage(Page):
    """The person's tokens and the form for another. A new token is shown this once."""

    required_right = rights.MANAGE_OWN_TOKENS
    section = "tokens"
    page_title = "API tokens"
    template_name = "governance/tokens/page.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show tokens and form."""
        return self.show(self.form())

    @property
    def manages_all(self) -> bool:
        """Whether this person may make and end tokens of others."""
        return holds(self.request.user, rights.MANAGE_ALL_TOKENS)

    def form(self, data: Any = None) -> TokenForm:
        """Return the form, filled with `data`."""
        accounts = User.objects.filter(
            is_active=True, profile__kind=Profile.Kind.SERVICE_ACCOUNT
        ).order_by("username")
        return TokenForm(
            data,
            user=person_of(self.request),
            now=timezone.now(),
            service_accounts=accounts if self.manages_all else None,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Issue a token and show it in this answer alone, or say by field what is wrong."""
        user, now = person_of(request), timezone.now()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            row, token = token_issue(
                actor=actor_of(request),
                user=form.cleaned_data.get("owner") or user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                places=form.cleaned_data["places"],
                address_ranges=form.cleaned_data["address_ranges"],
                expires_at=form.expires_at(),
                now=now,
            )
        except CannotIssueToken as error:
            form.add_error(_FIELDS.get(str(error)[:16]), _sentence(error))
            return self.show(form)
        return self.show(self.form(), issued=row, token=token)

    def show(
        self, form: TokenForm, *, issued: ApiToken | None = None, token: str = ""
    ) -> HttpResponseBase:
        """Show the page; no cache may keep it."""
        now, user = timezone.now(), person_of(self.request)
        shown: Sequence[ShownToken] = shown_tokens(user, now=now)
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(
                form=form,
                bulk_buttons=[BulkButton("Revoke", "lock", reverse("tokens-revoke"))],
                issued=issued,
                token=token,
                live=[one for one in shown if one.state == "live"],
                over=[one for one in shown if one.state != "live"],
                of_others=list(tokens_of_others(user, now=now)) if self.manages_all else [],
            )
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer


# By how the reason of a refusal begins: the field that it is about.
_FIELDS = {"a token ends in ": "ends_on"}


class TokenRotate(TokensPage):
    """Replaces a token by a new one; the old one works on for a while."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the new token and show it in this answer alone.

        :raises Http404: the person has no such token.
        :raises BadRequest: the hours are no number.
        """
        hours = request.POST.get("overlap_hours", "24")
        if not (hours.isascii() and hours.isdecimal() and len(hours) < 5):
            raise BadRequest("overlap_hours has to be a number of hours.")
        try:
            row, token = token_rotate(
                actor=actor_of(request),
                token_id=self.kwargs["token_id"],
                may_rotate_all=self.manages_all,
                overlap=timedelta(hours=int(hours)),
                now=timezone.now(),
            )
        except CannotRotateToken as error:
            if "no such token" in str(error):
                raise Http404(_sentence(error)) from None
            messages.error(request, f"Nothing was replaced: {error}.")
            return HttpResponseRedirect(reverse("tokens"))
        return self.show(self.form(), issued=row, token=token)


class TokenRevoke(RightsView):
    """Ends a token of the person's own, or of anybody where that is an administrator's right."""

    required_right = rights.MANAGE_OWN_TOKENS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """End it now.

        :raises Http404: the person has no such token.
        """
        try:
            row = token_revoke(
                actor=actor_of(request),
                token_id=self.kwargs["token_id"],
                may_revoke_all=holds(request.user, rights.MANAGE_ALL_TOKENS),
                now=timezone.now(),
            )
        except CannotRevokeToken as error:
            raise Http404(_sentence(error)) from None
        messages.success(request, f"The token {row.name} is revoked: it opens nothing any more.")
        return HttpResponseRedirect(reverse("tokens"))


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
