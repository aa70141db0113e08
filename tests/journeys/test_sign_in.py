"""Signing in by passkey, second factor and identity provider, as people do in a browser."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from demo.identity_provider.process import RunningProvider, running_provider
from tests.journeys.conftest import PASSWORD, OpenPage, sign_in
from tests.journeys.looking import seen


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="module")
def provider_process() -> Iterator[RunningProvider]:
    with running_provider() as running:
        yield running


def with_authenticator(page: Page) -> None:
    """Give the browser a device that keeps passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def on_localhost(page: Page, path: str, live_server: Any) -> str:
    """Return an address by the name that browsers allow passkeys on over plain http."""
    return f"{live_server.url.replace('127.0.0.1', 'localhost')}{path}"


class TestPasskey:
    def test_is_added_signs_in_without_a_password_and_confirms(
        self, browser_page: OpenPage, viewer: User, live_server: Any
    ):
        page = browser_page()
        with_authenticator(page)
        page.goto(on_localhost(page, reverse("sign-in"), live_server))
        page.get_by_label("Username").fill(viewer.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda address: "/sign-in/" not in address)
        page.goto(on_localhost(page, reverse("profile-security"), live_server))
        assert seen(page, "security") == []
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Name").fill("Laptop")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("button", name="Copy the codes")).to_be_visible()
        page.get_by_role("link", name="I saved them").click()
        expect(page.get_by_text("Laptop")).to_be_visible()

        page.locator("summary .avatar-s").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(lambda address: "/sign-in/" not in address)
        expect(page.get_by_text("VV, signed in as")).to_be_visible()

        session = viewer.usersession_set.get()  # type: ignore[attr-defined]  # allauth's
        assert session.session_key
        page.goto(on_localhost(page, reverse("step-up"), live_server))
        assert seen(page, "step-up") == []
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_text("Confirmed.")).to_be_visible()


class TestAuthenticatorApp:
    def test_is_set_up_by_its_key_and_asked_for_at_sign_in(
        self, browser_page: OpenPage, viewer: User
    ):
        page = browser_page()
        sign_in(page, viewer)
        page.goto(reverse("mfa_activate_totp"))
        assert seen(page, "authenticator") == []
        secret = page.locator("[data-copy]").first.get_attribute("data-copy") or ""
        page.get_by_label("Authenticator code").fill(code_of(secret))
        page.get_by_role("button", name="Set up the app").click()
        expect(page.get_by_role("link", name="Download the codes")).to_be_visible()
        assert seen(page, "recovery-codes") == []

        page.locator("summary .avatar-s").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_label("Username").fill(viewer.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("Code").fill(code_of(secret, steps=1))
        assert seen(page, "second-factor") == []
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_text("VV, signed in as")).to_be_visible()


class TestIdentityProvider:
    def test_leads_there_and_back_and_says_whom_to_ask_for_a_role(
        self,
        browser_page: OpenPage,
        administrator: User,
        provider_process: RunningProvider,
        settings: Any,
    ):
        issuer = provider_process.issuer
        app = {
            "provider_id": "sso",
            "name": "Acme Login",
            "client_id": "orgwarden",
            "secret": "for tests",
            "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
        }
        settings.OIDC_HTTP_ALLOWED = [issuer]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        page = browser_page()

        page.goto(reverse("sign-in"))
        assert seen(page, "sign-in-with-provider") == []
        page.get_by_role("link", name="Sign in with Acme Login").click()
        page.get_by_role("button", name="nora").click()
        expect(page.get_by_text("You hold no role yet")).to_be_visible()
        expect(page.get_by_text(administrator.username)).to_be_visible()
        assert seen(page, "no-role") == []

        page.locator("summary .avatar-s").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(lambda address: address.startswith(issuer))


class TestPeople:
    def test_screens_are_whole_and_accessible(
        self, browser_page: OpenPage, administrator: User, viewer: User
    ):
        page = browser_page()
        sign_in(page, administrator)
        for name, path in (
            ("people", reverse("people")),
            ("person", reverse("person", kwargs={"user_id": viewer.pk})),
            ("person-create", reverse("person-create")),
            ("groups", reverse("groups")),
            ("claim-rules", reverse("claim-rules")),
            ("profile", reverse("profile")),
            ("sessions", reverse("profile-sessions")),
        ):
            page.goto(path)
            assert seen(page, name) == [], name


def code_of(secret: str, *, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))
