"""People, service accounts and groups over the API."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from rest_framework.test import APIClient

from governance.access.models import Profile
from tests.factories.people import UserFactory, give_role, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return person("administrator", username="alma", first_name="Alma", last_name="Admin")


@pytest.fixture
def client_of(administrator) -> APIClient:
    """An administrator's session whose sign-in proved nothing lately."""
    client = APIClient()
    client.force_login(administrator)
    return client


@pytest.fixture
def proven(administrator) -> APIClient:
    """An administrator's session right after a sign-in by password."""
    client = APIClient()
    client.post(reverse("sign-in"), {"login": "alma", "password": "correct horse battery"})
    return client


class TestPeople:
    def test_are_listed_apart_from_service_accounts(self, client_of):
        robot = UserFactory.create(username="nightly")
        Profile.objects.filter(user=robot).update(kind=Profile.Kind.SERVICE_ACCOUNT)

        people = client_of.get("/api/v1/people").json()["results"]
        robots = client_of.get("/api/v1/service-accounts").json()["results"]

        assert [one["username"] for one in people] == ["alma"]
        assert people[0]["name"] == "Alma Admin"
        assert "password" not in people[0]
        assert [one["username"] for one in robots] == ["nightly"]
        assert client_of.get(f"/api/v1/people/{robot.pk}").status_code == 404
        assert client_of.get(robots[0]["url"]).json()["id"] == robot.pk

    def test_are_filtered_by_whether_they_are_active(self, client_of):
        UserFactory.create(username="gone", is_active=False)

        gone = client_of.get("/api/v1/people", {"is_active": "false"}).json()["results"]

        assert [one["username"] for one in gone] == ["gone"]
        assert client_of.get("/api/v1/people", {"is_active": "no"}).status_code == 400

    def test_are_deactivated_only_after_a_fresh_proof(self, client_of, proven):
        vera = person("viewer")
        address = f"/api/v1/people/{vera.pk}/deactivate"

        refused = client_of.post(address)
        done = proven.post(address)

        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:orgwarden:problem:step-up-required"
        assert done.json()["is_active"] is False
        assert proven.post(address.replace("deactivate", "reactivate")).json()["is_active"] is True

    def test_are_never_deactivated_by_themselves(self, proven, administrator):
        answer = proven.post(f"/api/v1/people/{administrator.pk}/deactivate")

        assert answer.status_code == 409
        assert "yourself" in answer.json()["detail"]


class TestGroups:
    def test_tell_members_and_roles(self, client_of, administrator):
        group = Group.objects.create(name="Platform")
        group.user_set.add(administrator)
        give_role(group, "viewer")

        listed = client_of.get("/api/v1/groups").json()["results"]

        assert listed == [client_of.get(f"/api/v1/groups/{group.pk}").json()]
        assert listed[0]["members"] == ["alma"]
        assert listed[0]["roles"] == ["viewer"]
