"""What production's settings make of cookies, redirects and plain HTTP."""

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from governance.config.settings import prod

NAMES = (
    *("MIDDLEWARE", "SECURE_REDIRECT_EXEMPT", "SECURE_SSL_REDIRECT", "SECURE_PROXY_SSL_HEADER"),
    *("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"),
    *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE"),
)


@pytest.fixture
def production(db):
    """Production's settings, but for where files and secrets are."""
    with override_settings(**{name: getattr(prod, name) for name in NAMES}):
        yield Client()


class TestProduction:
    def test_has_no_debug_mode(self):
        assert prod.DEBUG is False

    def test_leads_pages_to_https(self, production):
        answer = production.get("/tokens/")
        assert answer.status_code == 301
        assert answer.url.startswith("https://")

    def test_refuses_the_api_without_https_rather_than_leading_it_on(self, production):
        answer = production.get(
            "/api/v1/tokens/self", headers={"Authorization": "Bearer ow_something"}
        )
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:orgwarden:problem:not-secure"

    def test_takes_the_proxys_word_for_https(self, production):
        answer = production.get("/api/v1/tokens/self", headers={"X-Forwarded-Proto": "https"})
        assert answer.status_code == 401
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
        assert "includeSubDomains" in answer.headers["Strict-Transport-Security"]

    def test_sets_cookies_that_no_other_host_and_no_plain_page_can_set(self, production):
        production.get(reverse("sign-in"), secure=True)
        assert set(production.cookies) <= {"__Host-sessionid", "__Host-csrftoken"}
        assert production.cookies
        for cookie in production.cookies.values():
            assert cookie["secure"]
            assert cookie["path"] == "/"
            assert not cookie["domain"]
            assert cookie["samesite"] == "Lax"
        assert prod.SESSION_COOKIE_HTTPONLY
