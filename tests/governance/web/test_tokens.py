"""The screen of a person's own API tokens."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.models import ApiToken, Profile
from tests.factories.people import UserFactory, give_role, person, take_roles, token_of

pytestmark = pytest.mark.django_db

TOKENS = reverse("tokens")


@pytest.fixture
def author(client):
    user = person("author", username="ada")
    client.force_login(user)
    return user


def given(**changes):
    ends_on = (timezone.now() + timedelta(days=30)).date().isoformat()
    return {"name": "nightly", "scopes": [rights.VIEW_INVENTORY], "ends_on": ends_on} | changes


def text(answer):
    return answer.content.decode()


class TestMaking:
    def test_shows_the_token_once_and_it_works_on_the_api(self, client, author):
        answer = client.post(TOKENS, given())

        token = answer.context["token"]
        assert token in text(answer)
        assert answer.headers["Cache-Control"] == "no-store"
        assert token not in text(client.get(TOKENS))
        client.logout()
        used = client.get(reverse("api:connections"), headers={"Authorization": f"Bearer {token}"})
        assert used.status_code == 200

    def test_offers_only_rights_that_the_person_holds(self, client, author):
        page = text(client.get(TOKENS))

        assert rights.START_RUN in page
        assert rights.TEST_CONNECTION not in page
        answer = client.post(TOKENS, given(scopes=[rights.TEST_CONNECTION]))
        assert "scopes" in answer.context["form"].errors
        assert not ApiToken.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"scopes": []}, "scopes"),
            ({"ends_on": ""}, "ends_on"),
            ({"ends_on": "2020-01-01"}, "ends_on"),
            ({"ends_on": "2999-01-01"}, "ends_on"),
        ],
    )
    def test_says_by_field_what_is_wrong_and_makes_nothing(self, client, author, changes, field):
        answer = client.post(TOKENS, given(**changes))

        assert list(answer.context["form"].errors) == [field]
        assert not ApiToken.objects.exists()

    def test_needs_the_right(self, client):
        client.force_login(UserFactory.create())

        assert client.get(TOKENS).status_code == 403
        assert client.post(TOKENS, given()).status_code == 403


class TestList:
    def test_tells_of_rights_that_the_person_has_lost(self, client, author):
        token_of(author, rights.START_RUN)
        take_roles(author)
        give_role(author, "viewer")

        assert "You no longer hold it" in text(client.get(TOKENS))

    def test_parts_the_live_from_the_ended_and_shows_nobody_elses(self, client, author):
        live, _ = token_of(author, rights.VIEW_INVENTORY)
        ended, _ = token_of(author, rights.VIEW_INVENTORY)
        ApiToken.objects.filter(pk=ended.pk).update(expires_at=timezone.now())
        token_of(person("viewer"), rights.VIEW_INVENTORY)

        answer = client.get(TOKENS)

        assert [one.token for one in answer.context["live"]] == [live]
        assert [(one.token, one.state) for one in answer.context["over"]] == [(ended, "ended")]

    def test_costs_the_same_queries_for_more_tokens(
        self, client, author, django_assert_max_num_queries
    ):
        for _ in range(12):
            token_of(author, rights.VIEW_INVENTORY)

        with django_assert_max_num_queries(8):
            client.get(TOKENS)


class TestRevoking:
    def test_ends_the_token_at_once(self, client, author):
        row, token = token_of(author, rights.VIEW_INVENTORY)

        answer = client.post(reverse("token-revoke", kwargs={"token_id": row.pk}))

        assert answer.url == TOKENS
        client.logout()
        refused = client.get(
            reverse("api:connections"), headers={"Authorization": f"Bearer {token}"}
        )
        assert refused.status_code == 401

    def test_is_not_for_tokens_of_others(self, client, author):
        row, _ = token_of(person("viewer"), rights.VIEW_INVENTORY)

        answer = client.post(reverse("token-revoke", kwargs={"token_id": row.pk}))

        assert answer.status_code == 404
        row.refresh_from_db()
        assert row.revoked_at is None


class TestReplacing:
    def test_shows_the_new_one_once_and_lets_the_old_one_work_a_day(self, client, author):
        old, old_token = token_of(author, rights.VIEW_INVENTORY)

        answer = client.post(reverse("token-rotate", kwargs={"token_id": old.pk}))

        new_token = answer.context["token"]
        assert new_token in text(answer)
        page = text(client.get(TOKENS))
        assert f'data-dialog="rotate-{answer.context["issued"].pk}"' in page
        assert f'data-dialog="rotate-{old.pk}"' not in page
        for token in (old_token, new_token):
            headers = {"Authorization": f"Bearer {token}"}
            assert Client().get("/api/v1/tokens/self", headers=headers).status_code == 200

    def test_is_offered_to_administrators_for_service_accounts_alone(self, client):
        client.force_login(person("administrator"))
        vera, program = person("viewer", username="vera"), person("viewer", username="nightly")
        Profile.objects.filter(user=program).update(kind=Profile.Kind.SERVICE_ACCOUNT)
        of_vera, _ = token_of(vera, rights.VIEW_INVENTORY)
        of_program, _ = token_of(program, rights.VIEW_INVENTORY)

        page = text(client.get(TOKENS))

        assert "Replace tests of nightly" in page
        assert "Replace tests of vera" not in page
        refused = client.post(reverse("token-rotate", kwargs={"token_id": of_vera.pk}), follow=True)
        assert "only vera can replace it" in text(refused)
        client.post(reverse("token-rotate", kwargs={"token_id": of_program.pk}))
        assert ApiToken.objects.filter(user=program).count() == 2
        assert "Replace tests of nightly" in text(client.get(TOKENS))
