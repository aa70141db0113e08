"""/role-assignments."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from governance.access import rights
from governance.access.models import RoleAssignment
from inventory.viewing import Place
from tests.factories.people import UserFactory, give_role, person, prove, token_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/role-assignments"
PROD, WORKLOADS = "ou-ab12-prod0001", "ou-ab12-work0001"


@pytest.fixture
def admin():
    client = APIClient()
    client.force_login(person("administrator", username="ada"))
    prove(client)
    return client


class TestList:
    def test_lists_and_filters(self, admin, acme):
        give_role(UserFactory.create(username="olga"), "author", Place(acme.connection.pk, PROD))
        (row,) = admin.get(URL, {"person": "olga"}).json()["results"]
        assert row["role"] == "author"
        assert row["organization"] == "acme"
        assert row["target_id"] == PROD
        assert row["state"] == "holds"
        assert len(admin.get(URL, {"role": "author"}).json()["results"]) == 1
        assert admin.get(URL, {"role": "king"}).status_code == 400

    def test_goes_on_by_cursor(self, admin):
        for _ in range(3):
            person("viewer")
        first = admin.get(URL, {"limit": 2}).json()
        second = admin.get(first["next"]).json()
        assert [row["id"] for row in first["results"] + second["results"]] == list(
            RoleAssignment.objects.order_by("pk").values_list("pk", flat=True)
        )

    def test_shows_a_token_its_places_alone(self, acme):
        owner = person("auditor")
        give_role(UserFactory.create(), "viewer", Place(acme.connection.pk, PROD))
        row, token = token_of(owner, rights.VIEW_ROLES)
        row.places = [[acme.connection.pk, WORKLOADS]]
        row.save()
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert [one["target_id"] for one in client.get(URL).json()["results"]] == [PROD]


class TestChange:
    def test_gives_and_withdraws(self, admin, acme):
        UserFactory.create(username="olga")
        made = admin.post(
            URL,
            {"person": "olga", "role": "viewer", "organization": "acme", "target_id": PROD},
            format="json",
        )
        assert made.status_code == 201
        assert made.json()["target_id"] == PROD
        assert admin.delete(made.headers["Location"], HTTP_IF_MATCH="*").status_code == 204
        assert admin.get(made.headers["Location"]).status_code == 404

    def test_refuses_the_same_twice_and_the_last_administrator(self, admin, acme):
        UserFactory.create(username="olga")
        body = {"person": "olga", "role": "viewer"}
        assert admin.post(URL, body, format="json").status_code == 201
        assert admin.post(URL, body, format="json").status_code == 409
        mine = RoleAssignment.objects.get(role="administrator")
        give_role(User.objects.get(username="ada"), "viewer")
        assert admin.delete(f"{URL}/{mine.pk}", HTTP_IF_MATCH="*").status_code == 409

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"role": "viewer"}, "person"),
            ({"person": "nobody", "role": "viewer"}, "person"),
            ({"person": "ada", "role": "king"}, "role"),
            ({"person": "ada", "role": "viewer", "target_id": PROD}, "organization"),
            ({"person": "ada", "role": "viewer", "organization": "no"}, "organization"),
        ],
    )
    def test_says_which_member_is_wrong(self, admin, body, field):
        answer = admin.post(URL, body, format="json")
        assert answer.status_code == 400
        assert [one["pointer"] for one in answer.json()["errors"]] == [f"#/{field}"]

    def test_demands_a_fresh_proof(self, acme):
        client = APIClient()
        client.force_login(person("administrator"))
        UserFactory.create(username="olga")
        answer = client.post(URL, {"person": "olga", "role": "viewer"}, format="json")
        assert answer.status_code == 403
        assert "/step-up/" in answer.json()["detail"]

    def test_is_not_for_who_administers_elsewhere(self, acme):
        client = APIClient()
        client.force_login(person("administrator", Place(acme.connection.pk, PROD)))
        prove(client)
        UserFactory.create(username="olga")
        body = {"person": "olga", "role": "viewer"}
        assert client.post(URL, body, format="json").status_code == 403
        there = {**body, "organization": "acme", "target_id": PROD}
        assert client.post(URL, there, format="json").status_code == 201
