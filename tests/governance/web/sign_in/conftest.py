"""A real identity provider in a process of its own, named in the settings."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from demo.identity_provider.process import RunningProvider, running_provider

SignInAt = Callable[..., Any]


@pytest.fixture(scope="session")
def provider_process() -> Iterator[RunningProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def provider(provider_process: RunningProvider, settings: Any) -> Iterator[RunningProvider]:
    """The provider, as an instance knows it whose environment names it."""
    settings.OIDC_HTTP_ALLOWED = [provider_process.issuer]
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "Acme Login",
                    "client_id": "orgwarden",
                    "secret": "for tests",
                    "settings": {
                        "server_url": provider_process.issuer,
                        "oauth_pkce_enabled": True,
                        "scope": ["openid", "profile", "email"],
                    },
                }
            ]
        }
    }
    cache.clear()
    yield provider_process
    cache.clear()


@pytest.fixture
def sign_in_at(provider: RunningProvider) -> SignInAt:
    """Return a function that goes the way there and back as somebody."""

    def go(client: Client, subject: str | None, **query: str) -> Any:
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})
        there = client.get(start, query)
        assert there.status_code == 302, there.content.decode()
        back = urlsplit(provider.sign_in(there["Location"], subject))
        return client.get(f"{back.path}?{back.query}", follow=True)

    return go
