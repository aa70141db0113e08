"""Second factors, recovery codes and fresh proofs, of local people."""

import base64
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from governance.access.actors import user_actor
from governance.access.groups import group_members_set
from governance.access.step_up import Method, is_stepped_up, step_up_methods, stepped_up_at
from governance.audit import actions
from governance.audit.models import AuditEntry
from tests.factories.people import UserFactory, give_role, person

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def code_of(secret: str, *, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def sign_in(client: Client, user) -> None:
    answer = client.post(reverse("sign-in"), {"login": user.username, "password": PASSWORD})
    assert answer.status_code == 302


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """Set up the authenticator app; return its secret and the recovery codes."""
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    return secret, answer.context["unused_codes"]


def age_proofs(client: Client, seconds: float) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= seconds
    session["signed_in_at"] -= seconds
    session.save()


class TestAuthenticatorApp:
    def test_is_asked_for_after_the_password_from_then_on(self, client):
        user = person("viewer")
        sign_in(client, user)
        secret, _ = set_up_app(client)

        other = Client()
        answer = other.post(reverse("sign-in"), {"login": user.username, "password": PASSWORD})
        assert answer["Location"] == reverse("mfa_authenticate")
        assert other.get(reverse("profile"))["Location"].startswith(reverse("sign-in"))
        wrong = other.post(reverse("mfa_authenticate"), {"code": "000000"})
        right = other.post(reverse("mfa_authenticate"), {"code": code_of(secret, steps=1)})

        assert "The code is wrong" in wrong.content.decode()
        assert right["Location"] == reverse("start")
        assert other.get(reverse("profile")).status_code == 200
        recorded = set(AuditEntry.objects.values_list("action", flat=True))
        assert {actions.SECOND_FACTOR_ADD, actions.PERSON_SIGN_IN} <= recorded

    def test_is_not_added_where_the_audit_log_cannot_be_written(self, client, monkeypatch):
        user = person("viewer")
        sign_in(client, user)
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret

        def refuses(**_):
            raise OperationalError("the log is away")

        monkeypatch.setattr("governance.access.sign_in.recording.audit_record", refuses)
        with pytest.raises(OperationalError):
            client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
        assert not Authenticator.objects.filter(user=user).exists()

    def test_takes_a_code_once(self, client):
        user = person("viewer")
        sign_in(client, user)
        secret, _ = set_up_app(client)
        code = code_of(secret, steps=1)
        statuses = []
        for other in (Client(), Client()):
            other.post(reverse("sign-in"), {"login": user.username, "password": PASSWORD})
            statuses.append(other.post(reverse("mfa_authenticate"), {"code": code}).status_code)

        assert statuses == [302, 200]

    def test_secret_is_not_in_the_database_in_the_clear(self, client):
        sign_in(client, person("viewer"))
        secret, _ = set_up_app(client)

        stored = Authenticator.objects.get(type="totp").data["secret"]
        assert secret not in stored
        assert base64.b32decode(secret) not in base64.urlsafe_b64decode(stored)

    def test_wrong_codes_are_slowed(self, client):
        user = person("viewer")
        sign_in(client, user)
        set_up_app(client)
        other = Client()
        other.post(reverse("sign-in"), {"login": user.username, "password": PASSWORD})
        pages = [
            other.post(reverse("mfa_authenticate"), {"code": f"{n:06}"}).content.decode()
            for n in range(8)
        ]

        assert "Too many wrong" in pages[-1]

    def test_says_when_the_secret_key_of_the_instance_is_another(self, client, settings):
        user = person("viewer")
        sign_in(client, user)
        secret, _ = set_up_app(client)
        settings.SECRET_KEY = "another" * 10
        other = Client()
        other.post(reverse("sign-in"), {"login": user.username, "password": PASSWORD})

        page = other.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).content.decode()

        assert "no longer has" in page

    def test_goes_with_the_recovery_codes(self, client):
        sign_in(client, person("viewer"))
        set_up_app(client)

        client.post(reverse("mfa_deactivate_totp"))

        assert Authenticator.objects.count() == 0


class TestRecoveryCodes:
    def test_are_shown_once_and_each_signs_in_once(self, client):
        user = person("viewer")
        sign_in(client, user)
        _, codes = set_up_app(client)
        assert len(set(codes)) == 10
        again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
        assert codes[0] not in again
        statuses = []
        for other in (Client(), Client()):
            other.post(reverse("sign-in"), {"login": user.username, "password": PASSWORD})
            statuses.append(other.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code)

        assert statuses == [302, 200]

    def test_are_replaced_by_new_ones(self, client):
        sign_in(client, person("viewer"))
        _, codes = set_up_app(client)

        page = client.post(reverse("mfa_generate_recovery_codes"), follow=True).content.decode()

        assert codes[0] not in page
        assert "Download the codes" in page


class TestStepUp:
    def test_is_given_by_a_fresh_password_of_who_has_no_second_factor(self, client):
        sign_in(client, person("viewer"))

        assert is_stepped_up(client.get(reverse("profile")).wsgi_request)

    def test_ends_after_its_minutes_and_is_asked_for_again(self, client, settings):
        user = person("viewer")
        sign_in(client, user)
        age_proofs(client, settings.STEP_UP_SECONDS)

        asked = client.get(reverse("mfa_add_webauthn"))
        assert (
            asked["Location"]
            == f"{reverse('step-up')}?next=%2Fprofile%2Fsecurity%2Fpasskeys%2Fadd%2F"
        )
        wrong = client.post(asked["Location"], {"method": "password", "password": "wrong"})
        right = client.post(
            reverse("step-up"),
            {"method": "password", "password": PASSWORD, "next": reverse("mfa_add_webauthn")},
        )

        assert wrong.status_code == 200
        assert right["Location"] == reverse("mfa_add_webauthn")
        assert client.get(reverse("mfa_add_webauthn")).status_code == 200
        assert AuditEntry.objects.filter(action=actions.PERSON_PROVE).count() == 1

    def test_by_password_is_not_enough_for_who_has_a_second_factor(self, client, settings):
        user = person("viewer")
        sign_in(client, user)
        secret, _ = set_up_app(client)
        age_proofs(client, settings.STEP_UP_SECONDS)

        assert {one.method for one in step_up_methods(user)} == {Method.CODE}
        client.post(reverse("step-up"), {"method": "password", "password": PASSWORD})
        assert not is_stepped_up(client.get(reverse("profile")).wsgi_request)
        client.post(reverse("step-up"), {"method": "code", "code": code_of(secret, steps=1)})
        assert is_stepped_up(client.get(reverse("profile")).wsgi_request)

    def test_leads_back_to_the_page_whose_form_was_sent(self, client, settings):
        sign_in(client, person("viewer"))
        age_proofs(client, settings.STEP_UP_SECONDS)

        answer = client.post(
            reverse("profile-password"), headers={"Referer": "http://testserver/profile/x/?a=1"}
        )

        assert answer["Location"] == f"{reverse('step-up')}?next=%2Fprofile%2Fx%2F%3Fa%3D1"

    def test_does_what_was_asked_before_with_all_that_was_sent(self, client, settings):
        group = Group.objects.create(name="Approvers")
        give_role(group, "approver")
        newcomer = person("viewer")
        (proposal,) = group_members_set(
            actor=user_actor(person("administrator")),
            group_id=group.pk,
            user_ids=[newcomer.pk],
            now=timezone.now(),
        ).proposals
        sign_in(client, person("security"))
        age_proofs(client, settings.STEP_UP_SECONDS)
        sent = {"decision": "confirm", "note": "seen & agreed"}

        asked = client.post(reverse("grant-decide", kwargs={"proposal_id": proposal.pk}), sent)
        resume = reverse("step-up-resume")
        assert asked["Location"] == f"{reverse('step-up')}?{urlencode({'next': resume})}"
        assert client.get(resume)["Location"].startswith(reverse("step-up"))
        proof = {"method": "password", "password": PASSWORD, "next": resume}
        assert client.post(reverse("step-up"), proof)["Location"] == resume
        page = client.get(resume)
        assert 'name="note" value="seen &amp; agreed"' in page.content.decode()
        kept = page.context["kept"]
        client.post(kept["path"], dict(kept["sent"]))

        assert list(group.user_set.all()) == [newcomer]
        assert client.get(resume)["Location"] == reverse("start")

    def test_keeps_nothing_of_forms_that_hold_secrets(self, client, settings):
        sign_in(client, person("viewer"))
        age_proofs(client, settings.STEP_UP_SECONDS)
        client.post(reverse("profile-password"), {"password": "hunter2 hunter2"})
        assert "act_after_step_up" not in client.session

    def test_leads_nowhere_else(self, client):
        sign_in(client, person("viewer"))

        answer = client.post(
            reverse("step-up"),
            {"method": "password", "password": PASSWORD, "next": "https://example.com/"},
        )

        assert answer["Location"] == reverse("start")

    def test_of_another_session_counts_for_nothing(self, client):
        user = person("viewer")
        sign_in(client, user)
        other = Client()
        other.force_login(user)

        assert stepped_up_at(other.get(reverse("profile")).wsgi_request) is None

    def test_wrong_passwords_are_slowed(self, client, settings):
        sign_in(client, person("viewer"))
        for n in range(12):
            page = client.post(reverse("step-up"), {"method": "password", "password": f"wrong {n}"})

        assert "Too many" in page.content.decode()


class TestPassword:
    def test_is_changed_after_a_fresh_proof_and_ends_other_sessions(self, client):
        user = person("viewer")
        sign_in(client, user)
        other = Client()
        sign_in(other, user)

        answer = client.post(
            reverse("profile-password"),
            {"password": "a much longer secret", "again": "a much longer secret"},
        )

        assert answer["Location"] == reverse("profile-security")
        assert client.get(reverse("profile")).status_code == 200
        assert other.get(reverse("profile")).status_code == 302
        user.refresh_from_db()
        assert user.check_password("a much longer secret")

    @pytest.mark.parametrize(
        ("password", "again", "said"),
        [
            ("short", "short", "too short"),
            ("password1234", "password1234", "too common"),
            ("a much longer secret", "another one here", "not the same"),
        ],
    )
    def test_that_could_be_guessed_or_differs_is_refused(self, client, password, again, said):
        sign_in(client, person("viewer"))

        page = client.post(reverse("profile-password"), {"password": password, "again": again})

        assert said in page.content.decode()


class TestSessions:
    def test_are_listed_and_ended_by_oneself(self, client):
        user = person("viewer")
        sign_in(client, user)
        other = Client(HTTP_USER_AGENT="Mozilla/5.0 (other)")
        sign_in(other, user)

        listed = client.get(reverse("profile-sessions")).context["sessions"]
        assert [current for _, current in listed].count(True) == 1
        theirs = next(one for one, current in listed if not current)
        assert "other" in theirs.user_agent
        client.post(reverse("profile-session-end", kwargs={"session_id": theirs.pk}))

        assert other.get(reverse("profile")).status_code == 302
        assert client.get(reverse("profile")).status_code == 200

    def test_of_others_are_not_found(self, client):
        stranger = Client()
        sign_in(stranger, person("viewer"))
        sign_in(client, person("viewer"))
        theirs = stranger.get(reverse("profile-sessions")).context["sessions"][0][0]

        answer = client.post(reverse("profile-session-end", kwargs={"session_id": theirs.pk}))

        assert answer.status_code == 404
        assert stranger.get(reverse("profile")).status_code == 200

    def test_all_others_are_ended_at_once(self, client):
        user = person("viewer")
        others = [Client(), Client()]
        for one in (client, *others):
            sign_in(one, user)

        client.post(reverse("profile-sessions-end"))

        assert [one.get(reverse("profile")).status_code for one in others] == [302, 302]
        assert client.get(reverse("profile")).status_code == 200


class TestProfile:
    def test_shows_times_in_the_chosen_zone_and_form(self, client):
        user = person("viewer")
        sign_in(client, user)
        chosen = {
            "part": "look",
            "time_zone": "Asia/Kathmandu",
            "date_format": "iso",
            "theme": "dark",
            "density": "comfortable",
        }

        assert client.post(reverse("profile"), chosen).status_code == 302
        page = client.get(reverse("profile-sessions")).content.decode()

        local = (timezone.now() + timedelta(hours=5, minutes=45)).strftime("%Y-%m-%d %H:")
        assert f'data-tip="{local}' in page
        assert "UTC+0545" in page
        assert 'data-theme="dark" data-density="comfortable"' in page
        other = Client()
        sign_in(other, person("viewer"))
        assert "UTC+0545" not in other.get(reverse("profile-sessions")).content.decode()

    def test_refuses_what_is_no_time_zone(self, client):
        sign_in(client, UserFactory.create())

        page = client.post(
            reverse("profile"),
            {
                "part": "look",
                "time_zone": "Mars/Olympus",
                "date_format": "iso",
                "theme": "dark",
                "density": "compact",
            },
        )

        assert page.status_code == 200
        assert "Mars/Olympus" in page.content.decode()
