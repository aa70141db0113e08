"""Signing in and out, the frame, errors in words, headers, health."""

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from governance.access import rights
from governance.presentation.security_headers import POLICY, POLICY_WITH_CHARTS
from governance.web import health
from governance.web.parts import frame_cache
from governance.web.parts.recent_facts import recent_fact
from inventory.viewing import Place, Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, give_role, person, token_of
from tests.factories.runs import InventoryRunFactory

pytestmark = pytest.mark.django_db


class TestSignIn:
    def test_leads_to_the_page_that_was_asked_for(self, client):
        user = person("viewer", is_staff=True)
        asked = client.get(reverse("style"))

        answer = client.post(
            asked.url, {"login": user.username, "password": "correct horse battery"}
        )

        assert answer.status_code == 302
        assert answer.url == reverse("style")

    def test_never_leads_to_another_host(self, client):
        user = person("viewer")

        answer = client.post(
            reverse("sign-in") + "?next=https://example.com/",
            {"login": user.username, "password": "correct horse battery"},
        )

        assert answer.url == reverse("start")

    def test_does_not_tell_whether_the_name_exists(self, client):
        user = person("viewer")
        answers = [
            client.post(reverse("sign-in"), {"login": name, "password": "wrong"})
            for name in (user.username, "nobody")
        ]

        told = [str(answer.context["form"].non_field_errors()) for answer in answers]
        assert told[0] == told[1] != ""

    def test_out_only_by_post(self, client):
        client.force_login(person("viewer"))

        assert client.get(reverse("sign-out")).status_code == 405
        client.post(reverse("sign-out"))
        assert client.get(reverse("start")).url.startswith(reverse("sign-in"))


class TestStart:
    def test_says_what_is_missing_to_somebody_without_rights(self, client):
        client.force_login(UserFactory.create())

        page = client.get(reverse("start"), follow=True)

        assert page.status_code == 200

    def test_does_not_know_an_organization_that_the_person_may_not_see(self, client):
        ConnectionFactory.create(slug="acme")
        client.force_login(UserFactory.create())

        answer = client.get(reverse("start-of", kwargs={"slug": "acme"}))

        assert answer.status_code == 404
        assert "no connected organization" in answer.content.decode()


class TestFrame:
    def test_shows_only_entries_that_the_person_may_open(self, client):
        ConnectionFactory.create(name="Acme", slug="acme")
        client.force_login(person("viewer", is_staff=True))

        shell = client.get(reverse("style")).context["shell"]

        keys = {entry.key for _, entries in shell.navigation for entry in entries}
        assert "style" in keys
        assert shell.connection.name == "Acme"
        assert shell.freshness.state == "unknown"

        client.force_login(person("viewer"))
        page = client.get("/nowhere/")
        keys = {entry.key for _, entries in page.context["shell"].navigation for entry in entries}
        assert "style" not in keys

    def test_names_the_address_that_leads_nowhere(self, client):
        client.force_login(person("viewer"))

        answer = client.get("/nowhere/<script>/")

        assert answer.status_code == 404
        assert "/nowhere/&lt;script&gt;/" in answer.content.decode()

    def test_explains_a_form_that_is_too_old(self):
        user = person("viewer")
        client = Client(enforce_csrf_checks=True)

        answer = client.post(
            reverse("sign-in"), {"login": user.username, "password": "correct horse battery"}
        )

        assert answer.status_code == 403
        assert "nothing was changed" in answer.content.decode()


class TestFiguresOfTheFrame:
    def frame_of(self, client, connection):
        return client.get(reverse("accounts", kwargs={"slug": connection.slug})).context["shell"]

    def test_are_kept_for_seconds_and_counted_anew_once_their_person_changes_something(
        self, client, settings
    ):
        settings.FRAME_SECONDS = 600
        connection = ConnectionFactory.create()
        client.force_login(person("administrator"))
        other = Client()
        other.force_login(person("administrator"))
        assert self.frame_of(client, connection).freshness.state == "unknown"
        assert self.frame_of(other, connection).freshness.state == "unknown"
        run = InventoryRunFactory.create(connection=connection)

        assert self.frame_of(client, connection).freshness.state == "unknown"
        client.post(reverse("inbox-mark-all-read"), {"until": "2026-11-01T00:00Z"})

        assert self.frame_of(client, connection).freshness.at == run.finished_at
        assert self.frame_of(client, connection).freshness.at == run.finished_at
        assert self.frame_of(other, connection).freshness.state == "unknown"

    @pytest.mark.parametrize("by_token", [False, True], ids=["in the browser", "by a token"])
    def test_are_counted_anew_once_their_person_changes_something_over_the_api(
        self, client, settings, by_token
    ):
        settings.FRAME_SECONDS = 600
        connection = ConnectionFactory.create()
        somebody = person("administrator")
        client.force_login(somebody)
        program = client
        if by_token:
            _, token = token_of(somebody, rights.VIEW_INVENTORY)
            program = Client(headers={"Authorization": f"Bearer {token}"})
        assert self.frame_of(client, connection).freshness.state == "unknown"
        run = InventoryRunFactory.create(connection=connection)

        assert program.post("/api/v1/notifications/read").status_code == 200

        assert self.frame_of(client, connection).freshness.at == run.finished_at

    def test_are_those_of_the_organization_and_of_the_roles_held(self, client, settings):
        settings.FRAME_SECONDS = 600
        first, second = ConnectionFactory.create_batch(2)
        run = InventoryRunFactory.create(connection=second)
        somebody = person("viewer")
        client.force_login(somebody)

        assert self.frame_of(client, first).freshness.state == "unknown"
        assert self.frame_of(client, second).freshness.at == run.finished_at
        run.delete()
        give_role(somebody, "approver")

        assert self.frame_of(client, second).freshness.state == "unknown"

    def test_are_counted_for_every_page_while_nothing_can_be_kept(
        self, client, settings, monkeypatch
    ):
        settings.FRAME_SECONDS = 600
        monkeypatch.setattr(frame_cache, "cache", UnreachableCache())
        connection = ConnectionFactory.create()
        client.force_login(person("administrator"))
        assert self.frame_of(client, connection).freshness.state == "unknown"
        run = InventoryRunFactory.create(connection=connection)

        assert (
            client.post(reverse("inbox-mark-all-read"), {"until": "2026-11-01T00:00Z"}).status_code
            == 302
        )
        assert self.frame_of(client, connection).freshness.at == run.finished_at


class UnreachableCache:
    """Valkey that does not answer."""

    def get(self, key):
        raise RedisConnectionError("no answer")

    def set(self, key, value, seconds):
        raise RedisConnectionError("no answer")


class TestRecentFacts:
    def test_are_read_once_for_who_sees_the_same_and_anew_for_who_changed_something(
        self, rf, settings
    ):
        settings.FRAME_SECONDS = 600
        connection = ConnectionFactory.create()
        first, second = person("viewer"), person("administrator")
        whole = Viewer(sees_inventory=True)
        part = Viewer(sees_inventory=True, limits=(frozenset({Place(connection.pk, "ou-a")}),))
        readings = []

        def fact(user, viewer=whole, question="how many"):
            request = rf.get("/")
            request.user = user
            readings.append(question)
            return recent_fact(request, viewer, connection, question, lambda: len(readings))

        assert [fact(first), fact(second)] == [1, 1]
        assert fact(second, part) == 3
        assert fact(second, question="of what") == 4

        frame_cache.forget(first)

        assert [fact(second), fact(first), fact(second)] == [1, 6, 6]


class TestContentSecurityPolicy:
    def test_allows_no_script_and_no_style_in_the_markup(self, client):
        answer = client.get(reverse("sign-in"))

        assert answer.headers["Content-Security-Policy"] == POLICY
        assert "unsafe" not in POLICY
        page = answer.content.decode()
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page

    def test_makes_way_for_plotly_on_pages_with_a_chart_only(self, client):
        client.force_login(UserFactory.create(is_staff=True))

        answer = client.get(reverse("style"))

        assert answer.headers["Content-Security-Policy"] == POLICY_WITH_CHARTS
        assert "script-src 'self';" in POLICY_WITH_CHARTS
        assert " style=" not in answer.content.decode()


class TestHealth:
    def test_answers_without_signing_in(self, client):
        answer = client.get(reverse("healthz"))

        assert answer.status_code == 200
        assert answer.json() == {"database": "ok", "valkey": "ok"}

    def test_names_what_does_not_answer(self, client, monkeypatch):
        def refuse() -> None:
            raise OperationalError("the server closed the connection")

        monkeypatch.setitem(health._CHECKS, "database", (refuse, (OperationalError,)))

        answer = client.get(reverse("healthz"))

        assert answer.status_code == 503
        assert answer.json() == {"database": "does not answer", "valkey": "ok"}
        assert cache.get("health") is None
