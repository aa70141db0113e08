"""Addresses of a person's own API tokens."""

from django.urls import URLPattern, path

from governance.web.tokens.revoking import TokensRevokePage
from governance.web.tokens.views import TokenRevoke, TokenRotate, TokensPage

token_patterns: list[URLPattern] = [
    path("tokens/", TokensPage.as_view(), name="tokens"),
    path("tokens/revoke/", TokensRevokePage.as_view(), name="tokens-revoke"),
    path("tokens/<int:token_id>/rotate/", TokenRotate.as_view(), name="token-rotate"),
    path("tokens/<int:token_id>/revoke/", TokenRevoke.as_view(), name="token-revoke"),
]
