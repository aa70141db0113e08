"""Signing in by password: right ones, wrong ones, too many of them."""

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.core.cache import cache
from django.urls import reverse

from governance.access.models import Profile
from governance.audit import actions
from governance.audit.models import AuditEntry
from governance.config.settings import sign_in
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def hashed(monkeypatch):
    """Passwords that were hashed, each as costly as a real one is in production."""
    seen: list[str] = []
    verify = hashers.MD5PasswordHasher.verify
    encode = hashers.MD5PasswordHasher.encode

    def counted_encode(self, password, salt):
        seen.append(password)
        return encode(self, password, salt)

    def counted_verify(self, password, encoded):
        seen.append(password)
        return verify(self, password, encoded)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted_encode)
    monkeypatch.setattr(hashers.MD5PasswordHasher, "verify", counted_verify)
    return seen


def try_password(client, name: str, password: str, **extra):
    return client.post(reverse("sign-in"), {"login": name, "password": password}, **extra)


class TestWrongPasswords:
    def test_lock_the_name_after_five_and_are_not_hashed_any_more(self, client, hashed):
        user = person("viewer")
        answers = [try_password(client, user.username, f"wrong {n}") for n in range(60)]

        told = ["Too many wrong passwords" in answer.content.decode() for answer in answers]
        assert told == [False] * 5 + [True] * 55
        assert {password for password in hashed if password.startswith("wrong")} == {
            f"wrong {n}" for n in range(5)
        }

    def test_lock_out_the_right_password_too(self, client):
        user = person("viewer")
        for n in range(5):
            try_password(client, user.username, f"wrong {n}")

        answer = try_password(client, user.username, "correct horse battery")

        assert answer.status_code == 200
        assert "Too many wrong passwords" in answer.content.decode()

    def test_are_counted_whatever_the_case_of_the_name_and_the_host(self, client, settings):
        settings.ALLOWED_HOSTS = ["one.example.com", "two.example.com"]
        user = person("viewer", username="vera")
        for n in range(5):
            try_password(client, "VERA" if n % 2 else "vera", "wrong", HTTP_HOST="one.example.com")

        answer = try_password(client, user.username, "wrong", HTTP_HOST="two.example.com")

        assert "Too many wrong passwords" in answer.content.decode()

    def test_of_many_names_are_stopped_by_address(self, client):
        answers = [try_password(client, f"nobody-{n}", "wrong") for n in range(12)]

        told = ["Too many wrong passwords" in answer.content.decode() for answer in answers]
        assert told == [False] * 10 + [True] * 2

    def test_leave_another_person_at_another_address_alone(self, client):
        user, other = person("viewer"), person("viewer")
        for n in range(6):
            try_password(client, user.username, f"wrong {n}")

        answer = try_password(
            client, other.username, "correct horse battery", REMOTE_ADDR="192.0.2.7"
        )

        assert answer.status_code == 302

    def test_do_not_count_where_the_right_one_follows(self, client):
        user = person("viewer")
        for _ in range(3):
            try_password(client, user.username, "wrong")
            assert try_password(client, user.username, "correct horse battery").status_code == 302
            client.post(reverse("sign-out"))

    def test_many_requests_of_one_address_get_a_page_that_says_to_wait(self, client, settings):
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "3/m/ip"}
        answers = [try_password(client, f"nobody-{n}", "wrong") for n in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert "Wait a minute" in answers[-1].content.decode()


class TestWhoMayNotSignIn:
    def test_somebody_deactivated_is_told_so_only_with_the_right_password(self, client):
        user = UserFactory.create(is_active=False)

        wrong = try_password(client, user.username, "wrong")
        right = client.post(
            reverse("sign-in"),
            {"login": user.username, "password": "correct horse battery"},
            follow=True,
        )

        assert "deactivated" not in wrong.content.decode()
        assert "Your account is deactivated" in right.content.decode()
        assert not right.wsgi_request.user.is_authenticated

    def test_a_service_account_has_no_session_whatever_its_password(self, client):
        user = UserFactory.create()
        Profile.objects.filter(user=user).update(kind=Profile.Kind.SERVICE_ACCOUNT)

        answer = try_password(client, user.username, "correct horse battery")

        assert answer.url == reverse("account_inactive")
        client.force_login(user)
        assert client.get(reverse("start")).url.startswith(reverse("sign-in"))

    def test_nobody_signs_up(self, client):
        assert client.get("/sign-up/").status_code == 404
        assert client.get("/accounts/signup/").status_code == 404


class TestPasswordHashes:
    def test_are_argon2id_and_older_ones_are_replaced_at_sign_in(self, client, settings):
        settings.PASSWORD_HASHERS = sign_in.PASSWORD_HASHERS
        user = UserFactory.create()
        user.password = hashers.make_password("correct horse battery", hasher="pbkdf2_sha256")
        user.save()

        assert try_password(client, user.username, "correct horse battery").status_code == 302

        user.refresh_from_db()
        assert user.password.startswith("argon2$argon2id$")

    def test_are_no_business_of_djangos_admin_which_is_not_there(self):
        assert "django.contrib.admin" not in settings.INSTALLED_APPS


class TestAuditLog:
    def test_tells_sign_in_failure_lock_out_and_sign_out(self, client):
        user = person("viewer", username="vera")
        try_password(client, "vera", "correct horse battery")
        client.post(reverse("sign-out"))
        for n in range(8):
            try_password(client, "vera", f"wrong {n}")

        entries = AuditEntry.objects.order_by("pk")
        assert [(entry.action, entry.outcome) for entry in entries] == [
            (actions.PERSON_SIGN_IN, "done"),
            (actions.PERSON_SIGN_OUT, "done"),
            *[(actions.PERSON_SIGN_IN, "failed")] * 5,
            (actions.PERSON_LOCK_OUT, "refused"),
        ]
        assert entries[0].actor_id == user.pk
        assert entries[0].address == "127.0.0.1"
        assert entries[0].after == {"by": ["password"]}
        assert {entry.object_id for entry in entries} == {str(user.pk)}

    def test_names_the_address_that_the_trusted_proxy_tells_and_no_other(self, client, settings):
        person("viewer", username="vera")
        forged = {"HTTP_X_FORWARDED_FOR": "198.51.100.9, 203.0.113.5"}

        try_password(client, "vera", "wrong", **forged)
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        try_password(client, "vera", "wrong", **forged)

        addresses = AuditEntry.objects.order_by("pk").values_list("address", flat=True)
        assert list(addresses) == ["127.0.0.1", "203.0.113.5"]
