"""Signing in at a real identity provider: who one becomes, what one may, and what is refused."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.access.actors import command_actor
from governance.access.claims import claim_rule_create, claim_rule_delete
from governance.access.identities import identities_move
from governance.access.models import RoleAssignment
from governance.access.role_assignments import EVERYWHERE, RolePlace
from governance.access.step_up import is_stepped_up
from governance.audit import actions
from governance.audit.models import AuditEntry
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db
ACTOR = command_actor("tests")


def rule(value: str, role: str, place: RolePlace = EVERYWHERE):
    return claim_rule_create(
        actor=ACTOR, provider_id="sso", value=value, role=role, place=place, now=timezone.now()
    )


def roles_of(user: User) -> set[str]:
    return set(user.role_assignments.values_list("role", flat=True))


class TestTheWayThere:
    def test_uses_code_pkce_state_and_nonce(self, client, provider):
        answer = client.get(reverse("openid_connect_login", kwargs={"provider_id": "sso"}))

        query = parse_qs(urlsplit(answer["Location"]).query)
        assert answer["Location"].startswith(provider.issuer)
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
        assert set(query["scope"][0].split()) == {"openid", "profile", "email"}
        assert {"state", "nonce", "code_challenge"} <= set(query)

    def test_takes_no_parameters_from_the_address(self, client, provider):
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})

        answer = client.get(start, {"scope": "admin", "auth_params": "prompt=none&acr_values=0"})

        query = parse_qs(urlsplit(answer["Location"]).query)
        assert "admin" not in query["scope"][0]
        assert "prompt" not in query
        assert "acr_values" not in query

    def test_asks_first_where_another_site_leads_there(self, client, provider):
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})

        answer = client.get(start, headers={"Sec-Fetch-Site": "cross-site"})

        assert answer.status_code == 200
        assert "Another site led you here" in answer.content.decode()

    def test_has_a_button_with_the_providers_name(self, client, provider):
        assert "Sign in with Acme Login" in client.get(reverse("sign-in")).content.decode()

    def test_says_when_the_provider_does_not_answer(self, client, provider, settings):
        apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        apps[0]["settings"]["server_url"] = "http://127.0.0.1:1"
        settings.OIDC_HTTP_ALLOWED = ["http://127.0.0.1:1"]
        try:
            answer = client.get(reverse("openid_connect_login", kwargs={"provider_id": "sso"}))
        finally:
            apps[0]["settings"]["server_url"] = provider.issuer

        assert answer.status_code == 502
        assert "cannot be read" in answer.content.decode()

    def test_refuses_plain_http_that_the_settings_do_not_allow(self, client, provider, settings):
        settings.OIDC_HTTP_ALLOWED = []

        answer = client.get(reverse("openid_connect_login", kwargs={"provider_id": "sso"}))

        assert answer.status_code == 502
        assert "is not an https address" in answer.content.decode()

    def test_knows_no_other_provider(self, client, provider):
        other = reverse("openid_connect_login", kwargs={"provider_id": "other"})
        back = reverse("openid_connect_callback", kwargs={"provider_id": "other"})

        assert client.get(other).status_code == 404
        assert client.get(back).status_code == 404


class TestFirstSignIn:
    def test_makes_the_person_with_the_roles_that_the_claim_names(
        self, client, provider, sign_in_at
    ):
        rule("aws-security", "security")
        acme = ConnectionFactory.create(slug="acme")
        rule("everyone", "viewer", RolePlace(acme))
        provider.know(
            "sam",
            preferred_username="sam",
            name="Sam Security",
            email="sam@example.com",
            groups=["aws-security", "everyone", "unknown"],
        )

        answer = sign_in_at(client, "sam")

        user = User.objects.get(username="sam")
        assert answer.wsgi_request.user == user
        assert (user.first_name, user.email) == ("Sam", "sam@example.com")
        assert not user.has_usable_password()
        given = {(row.role, row.connection): row for row in user.role_assignments.all()}
        assert set(given) == {("security", None), ("viewer", acme)}
        for row in given.values():
            assert row.source == RoleAssignment.Source.CLAIM
            assert row.ends_at is not None
            assert timedelta(hours=23) < row.ends_at - timezone.now() <= timedelta(hours=24)
        recorded = AuditEntry.objects.values_list("action", flat=True)
        assert {actions.PERSON_SIGN_IN, actions.ROLE_ASSIGN} <= set(recorded)

    def test_without_a_claim_that_a_rule_names_gives_nothing_and_says_whom_to_ask(
        self, client, provider, sign_in_at
    ):
        person("administrator", first_name="Alma", last_name="Admin", email="alma@example.com")
        provider.know("nora", preferred_username="nora", groups=["everyone"])

        page = sign_in_at(client, "nora").content.decode()

        assert roles_of(User.objects.get(username="nora")) == set()
        assert "You hold no role yet" in page
        assert "Alma Admin" in page

    def test_never_takes_over_somebody_of_the_same_name(self, client, provider, sign_in_at):
        local = person("administrator", username="sam", email="sam@example.com")
        provider.know("sam-2", preferred_username="sam", email="sam@example.com", groups=[])

        answer = sign_in_at(client, "sam-2")

        assert answer.wsgi_request.user.pk != local.pk
        assert answer.wsgi_request.user.username != "sam"

    def test_refused_at_the_provider_is_told_so(self, client, provider, sign_in_at):
        answer = sign_in_at(client, None)

        assert "The identity provider did not sign you in" in answer.content.decode()
        assert not answer.wsgi_request.user.is_authenticated


class TestNextSignIn:
    def test_takes_back_what_the_claim_no_longer_names_and_keeps_what_was_given_by_hand(
        self, provider, sign_in_at
    ):
        rule("aws-security", "security")
        rule("aws-readers", "viewer")
        provider.know("sam", preferred_username="sam", groups=["aws-security", "aws-readers"])
        sign_in_at(Client(), "sam")
        user = User.objects.get(username="sam")
        RoleAssignment.objects.create(user=user, role="auditor", created_at=timezone.now())

        provider.know("sam", preferred_username="sam", groups=["aws-readers"])
        sign_in_at(Client(), "sam")

        assert roles_of(user) == {"viewer", "auditor"}
        assert AuditEntry.objects.filter(action=actions.ROLE_WITHDRAW).count() == 1

    def test_has_roles_last_longer(self, provider, sign_in_at):
        rule("aws-readers", "viewer")
        provider.know("sam", preferred_username="sam", groups=["aws-readers"])
        sign_in_at(Client(), "sam")
        held = RoleAssignment.objects.get()
        RoleAssignment.objects.update(ends_at=timezone.now() + timedelta(hours=1))

        sign_in_at(Client(), "sam")

        again = RoleAssignment.objects.get()
        assert again.pk == held.pk
        assert again.ends_at is not None
        assert again.ends_at - timezone.now() > timedelta(hours=23)

    def test_takes_back_what_a_removed_rule_gave(self, provider, sign_in_at):
        made = rule("aws-readers", "viewer")
        provider.know("sam", preferred_username="sam", groups=["aws-readers"])
        sign_in_at(Client(), "sam")

        claim_rule_delete(actor=ACTOR, rule_id=made.pk, now=timezone.now())
        sign_in_at(Client(), "sam")

        assert RoleAssignment.objects.count() == 0

    def test_reads_groups_inside_other_claims(self, client, provider, sign_in_at, settings):
        settings.OIDC_GROUPS_CLAIM = "realm_access.roles"
        rule("aws-readers", "viewer")
        provider.know("sam", preferred_username="sam", realm_access={"roles": ["aws-readers"]})

        sign_in_at(client, "sam")

        assert roles_of(User.objects.get(username="sam")) == {"viewer"}

    def test_of_somebody_deactivated_is_refused(self, provider, sign_in_at):
        provider.know("sam", preferred_username="sam")
        sign_in_at(Client(), "sam")
        User.objects.filter(username="sam").update(is_active=False)

        answer = sign_in_at(Client(), "sam")

        assert "Your account is deactivated" in answer.content.decode()
        assert not answer.wsgi_request.user.is_authenticated


class TestForgedAnswers:
    def test_of_another_browser_are_refused(self, client, provider):
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})
        back = urlsplit(provider.sign_in(client.get(start)["Location"], "sam"))

        answer = Client().get(f"{back.path}?{back.query}", follow=True)

        assert answer.status_code == 401
        assert not answer.wsgi_request.user.is_authenticated

    def test_with_a_used_state_are_refused(self, client, provider):
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})
        back = urlsplit(provider.sign_in(client.get(start)["Location"], "sam"))
        client.get(f"{back.path}?{back.query}")
        client.post(reverse("sign-out"))

        answer = client.get(f"{back.path}?{back.query}")

        assert answer.status_code == 401

    def test_with_another_nonce_are_refused(self, client, provider):
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})
        there = client.get(start)["Location"]
        nonce = parse_qs(urlsplit(there).query)["nonce"][0]
        back = urlsplit(provider.sign_in(there.replace(nonce, "forged"), "sam"))

        answer = client.get(f"{back.path}?{back.query}")

        assert answer.status_code == 403
        assert "belongs to another try" in answer.content.decode()


class TestOnePerson:
    def test_links_an_identity_after_a_fresh_proof_and_signs_in_with_either(
        self, client, provider, sign_in_at
    ):
        user = person("viewer", username="vera")
        client.post(reverse("sign-in"), {"login": "vera", "password": "correct horse battery"})
        provider.know("vera@acme", preferred_username="someone")

        sign_in_at(client, "vera@acme", process="connect", next=reverse("profile-security"))
        again = sign_in_at(Client(), "vera@acme")

        assert SocialAccount.objects.get().user == user
        assert again.wsgi_request.user == user
        assert AuditEntry.objects.filter(action=actions.IDENTITY_LINK).count() == 1

    def test_needs_the_fresh_proof_to_link(self, client, provider):
        client.force_login(person("viewer"))
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})

        answer = client.get(start, {"process": "connect"})

        assert answer.url.startswith(reverse("step-up"))

    def test_does_not_link_by_a_verified_address_alone(self, client, provider, sign_in_at):
        local = person("viewer", email="vera@example.com")
        provider.know("vera", email="vera@example.com", email_verified=True)

        assert sign_in_at(client, "vera").wsgi_request.user != local

    def test_links_by_a_verified_address_where_the_settings_trust_the_provider(
        self, client, provider, sign_in_at, settings
    ):
        settings.OIDC_TRUST_EMAIL = True
        local = person("viewer", email="vera@example.com")
        provider.know("vera", email="vera@example.com", email_verified=True)

        assert sign_in_at(client, "vera").wsgi_request.user == local
        local.refresh_from_db()
        assert local.has_usable_password()

    @pytest.mark.parametrize("verified", [False, None])
    def test_never_links_by_an_address_that_is_not_verified(
        self, client, provider, sign_in_at, settings, verified
    ):
        settings.OIDC_TRUST_EMAIL = True
        local = person("viewer", email="vera@example.com")
        provider.know("vera", email="vera@example.com", email_verified=verified)

        assert sign_in_at(client, "vera").wsgi_request.user != local

    def test_who_came_in_twice_is_made_one_by_an_administrator(self, provider, sign_in_at):
        person("administrator")
        local = person("viewer", username="vera")
        provider.know("vera", preferred_username="vera2")
        twin = sign_in_at(Client(), "vera").wsgi_request.user

        identities_move(actor=ACTOR, source=twin, target=local, now=timezone.now())

        assert sign_in_at(Client(), "vera").wsgi_request.user == local
        twin.refresh_from_db()
        assert not twin.is_active


class TestStepUp:
    @pytest.fixture
    def signed_in(self, client, provider, sign_in_at):
        provider.know("sam", preferred_username="sam")
        sign_in_at(client, "sam")
        return client

    def test_is_not_given_by_the_sign_in_itself(self, signed_in):
        assert not is_stepped_up(signed_in.get(reverse("profile")).wsgi_request)

    def test_at_the_provider_demands_a_new_sign_in_and_checks_its_time(
        self, signed_in, provider, sign_in_at
    ):
        start = reverse("openid_connect_login", kwargs={"provider_id": "sso"})
        there = parse_qs(urlsplit(signed_in.get(start, {"process": "step-up"})["Location"]).query)

        answer = sign_in_at(signed_in, "sam", process="step-up", next=reverse("profile"))

        assert there["prompt"] == ["login"]
        assert there["max_age"] == ["0"]
        assert answer.redirect_chain[-1][0] == reverse("profile")
        assert is_stepped_up(answer.wsgi_request)

    def test_by_somebody_else_is_refused_and_leaves_who_is_signed_in(self, signed_in, sign_in_at):
        answer = sign_in_at(signed_in, "rita", process="step-up")

        assert "Someone else signed in" in answer.content.decode()
        page = signed_in.get(reverse("profile"))
        assert page.wsgi_request.user.username == "sam"
        assert not is_stepped_up(page.wsgi_request)

    def test_demands_the_class_of_sign_in_that_the_settings_name(
        self, signed_in, sign_in_at, settings
    ):
        settings.OIDC_STEP_UP_ACR = ["phishing-resistant"]

        answer = sign_in_at(signed_in, "sam", process="step-up")

        assert "weaker sign-in" in answer.content.decode()
        assert AuditEntry.objects.filter(action=actions.PERSON_PROVE, outcome="refused").exists()

    def test_page_offers_the_provider(self, signed_in):
        page = signed_in.get(reverse("step-up"))

        assert page.status_code == 200
        assert "Confirm at Acme Login" in page.content.decode()

    def test_is_refused_to_who_has_no_method(self, client):
        user = UserFactory.create()
        user.set_unusable_password()
        user.save()
        client.force_login(user)

        page = client.get(reverse("step-up"))

        assert page.status_code == 403
        assert "You have no way to confirm" in page.content.decode()


class TestSignOut:
    def test_leads_to_the_provider_that_signed_the_person_in(self, client, provider, sign_in_at):
        provider.know("sam", preferred_username="sam")
        sign_in_at(client, "sam")

        answer = client.post(reverse("sign-out"))

        page = answer.content.decode()
        assert f"{provider.issuer}/oauth2/end_session?id_token_hint=" in page
        assert "Sign out of Acme Login" in page
        assert client.get(reverse("start")).url.startswith(reverse("sign-in"))

    def test_stays_here_for_local_people_and_where_the_provider_does_not_answer(
        self, client, provider, sign_in_at, settings
    ):
        provider.know("sam", preferred_username="sam")
        sign_in_at(client, "sam")
        cache.clear()
        settings.OIDC_HTTP_ALLOWED = []

        assert client.post(reverse("sign-out")).url == reverse("sign-in")
        client.force_login(person("viewer"))
        assert client.post(reverse("sign-out")).url == reverse("sign-in")
