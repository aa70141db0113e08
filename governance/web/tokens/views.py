"""The API tokens of the person who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
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
from governance.access.models import ApiToken
from governance.access.tokens import (
    CannotIssueToken,
    CannotRevokeToken,
    token_issue,
    token_revoke,
    tokens_of,
)
from governance.access.viewers import holds
from governance.web.parts.pages import Page, RightsView
from governance.web.parts.people import person_of
from governance.web.tokens.forms import RIGHT_WORDS, TokenForm


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token as a row. `state`: live, ended or revoked. `lost`: rights its person lost since."""

    token: ApiToken
    state: str
    words: tuple[str, ...]
    lost: tuple[str, ...]


def shown_tokens(user: User, *, now: datetime) -> list[ShownToken]:
    """Describe a person's tokens, the newest first."""
    return [_shown(token, user, now) for token in tokens_of(user)]


def _shown(token: ApiToken, user: User, now: datetime) -> ShownToken:
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
        return self.show(TokenForm(user=person_of(request), now=timezone.now()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Issue a token and show it in this answer alone, or say by field what is wrong."""
        user, now = person_of(request), timezone.now()
        form = TokenForm(request.POST, user=user, now=now)
        if not form.is_valid():
            return self.show(form)
        try:
            row, token = token_issue(
                actor=actor_of(request),
                user=user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(),
                now=now,
            )
        except CannotIssueToken as error:
            form.add_error("ends_on" if "366" in str(error) else None, _sentence(error))
            return self.show(form)
        return self.show(TokenForm(user=user, now=now), issued=row, token=token)

    def show(
        self, form: TokenForm, *, issued: ApiToken | None = None, token: str = ""
    ) -> HttpResponseBase:
        """Show the page; no cache may keep it."""
        now = timezone.now()
        shown: Sequence[ShownToken] = shown_tokens(person_of(self.request), now=now)
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(
                form=form,
                issued=issued,
                token=token,
                live=[one for one in shown if one.state == "live"],
                over=[one for one in shown if one.state != "live"],
            )
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer


class TokenRevoke(RightsView):
    """Ends a token of the person's own."""

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
                may_revoke_all=False,
                now=timezone.now(),
            )
        except CannotRevokeToken as error:
            raise Http404(_sentence(error)) from None
        messages.success(request, f"The token {row.name} is revoked: it opens nothing any more.")
        return HttpResponseRedirect(reverse("tokens"))


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
