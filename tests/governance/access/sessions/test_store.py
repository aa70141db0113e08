"""How long a session lasts, used and unused."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from governance.access.sessions.store import SEEN_AT, SIGNED_IN_AT, SessionStore
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def aged(client, **ages: float) -> None:
    """Put times of the session so many seconds into the past."""
    session = client.session
    now = timezone.now().timestamp()
    for name, seconds in ages.items():
        session[name] = now - seconds
    session.save()


def is_signed_in(client) -> bool:
    return not client.get(reverse("start")).get("Location", "").startswith(reverse("sign-in"))


class TestSession:
    def test_goes_on_while_it_is_used(self, client):
        client.force_login(person("viewer"))
        aged(client, signed_in_at=settings.SESSION_SECONDS - 60, seen_at=61)

        assert is_signed_in(client)

    def test_ends_so_long_after_sign_in_even_though_it_is_used(self, client):
        client.force_login(person("viewer"))
        aged(client, signed_in_at=settings.SESSION_SECONDS, seen_at=1)

        assert not is_signed_in(client)
        assert Session.objects.count() == 0

    def test_ends_when_nobody_uses_it(self, client):
        client.force_login(person("viewer"))
        aged(client, signed_in_at=7000, seen_at=settings.SESSION_IDLE_SECONDS)

        assert not is_signed_in(client)

    def test_ends_for_endpoints_as_for_pages(self, client):
        client.force_login(person("viewer"))
        aged(client, signed_in_at=settings.SESSION_SECONDS, seen_at=1)

        assert client.get("/api/v1/connections").status_code == 401

    def test_of_before_the_update_begins_its_life_when_it_is_next_used(self, client):
        client.force_login(person("viewer"))
        session = client.session
        del session[SIGNED_IN_AT], session[SEEN_AT]
        session.save()

        assert is_signed_in(client)
        assert SIGNED_IN_AT in client.session

    def test_is_not_used_by_what_a_page_asks_by_itself(self, client):
        bell = {"Orgwarden-Unattended": "1"}
        client.force_login(person("viewer"))
        aged(client, seen_at=settings.SESSION_IDLE_SECONDS - 60)
        assert client.get(reverse("inbox-bell"), headers=bell).status_code == 200
        row = Session.objects.get(pk=client.cookies[settings.SESSION_COOKIE_NAME].value)
        assert row.get_decoded()[SEEN_AT] < timezone.now().timestamp() - 120
        aged(client, seen_at=settings.SESSION_IDLE_SECONDS + 1)
        assert client.get(reverse("inbox-bell"), headers=bell).status_code == 302

    def test_notes_its_use_once_a_minute_with_the_person(self, client):
        user = person("viewer")
        client.force_login(user)
        UserSession.objects.create(
            user=user,
            ip="192.0.2.1",
            session_key=client.session.session_key,
            last_seen_at=timezone.now() - timedelta(hours=1),
        )
        aged(client, seen_at=90)

        client.get(reverse("start"))

        now = timezone.now()
        assert now - UserSession.objects.get().last_seen_at < timedelta(minutes=1)
        user.profile.refresh_from_db()
        seen = user.profile.last_seen_at
        assert seen is not None
        assert now - seen < timedelta(minutes=1)

    def test_keeps_what_another_request_stored_meanwhile(self, client):
        client.force_login(person("viewer"))
        aged(client, seen_at=90)
        early = SessionStore(client.session.session_key)
        row = early._get_session_from_db()
        other = client.session
        other["stored"] = "meanwhile"
        other.save()

        early._note_use(row, early.decode(row.session_data), now=timezone.now().timestamp())

        assert SessionStore(client.session.session_key)["stored"] == "meanwhile"
