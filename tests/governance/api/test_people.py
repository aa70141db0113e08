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

    def test_that_decide_name_who_waits_for_a_second_person(self, proven, administrator):
        group = Group.objects.create(name="Approvers")
        give_role(group, "approver")
        address = f"/api/v1/groups/{group.pk}"
        tag = proven.get(address)["ETag"]

        changed = proven.patch(
            address, {"members": ["alma"]}, format="json", headers={"If-Match": tag}
        ).json()

        assert (changed["members"], changed["waiting"]) == ([], ["alma"])
        (grant,) = proven.get("/api/v1/grants").json()["results"]
        assert (grant["kind"], grant["person"], grant["what"]) == (
            "membership",
            "alma",
            "Approvers",
        )


class TestWriting:
    def test_makes_and_changes_a_person_after_a_fresh_proof(self, client_of, proven):
        body = {"username": "greta", "first_name": "Greta", "email": "greta@example.com"}
        refused = client_of.post("/api/v1/people", body, format="json")
        assert refused.json()["type"] == "urn:orgwarden:problem:step-up-required"

        made = proven.post("/api/v1/people", body, format="json")

        assert made.status_code == 201
        address = made["Location"]
        assert not User.objects.get(username="greta").has_usable_password()
        tag = proven.get(address)["ETag"]
        assert proven.patch(address, {"last_name": "Grün"}, format="json").status_code == 428
        changed = proven.patch(
            address, {"last_name": "Grün"}, format="json", headers={"If-Match": tag}
        )
        assert changed.json()["name"] == "Greta Grün"
        assert changed.json()["email"] == "greta@example.com"

    def test_says_which_member_is_wrong(self, proven):
        for body, member in (
            ({"username": "alma"}, "username"),
            ({"username": "a b"}, "username"),
            ({"username": "new", "email": "nobody"}, "email"),
            ({"username": "new", "colour": "red"}, "colour"),
        ):
            answer = proven.post("/api/v1/people", body, format="json")
            assert answer.status_code == 400
            assert [each["pointer"] for each in answer.json()["errors"]] == [f"#/{member}"]

    def test_makes_and_changes_a_service_account(self, proven):
        made = proven.post(
            "/api/v1/service-accounts",
            {"username": "nightly", "description": "Reports"},
            format="json",
        )
        address = made["Location"]
        changed = proven.patch(
            address,
            {"description": "Nightly reports"},
            format="json",
            headers={"If-Match": proven.get(address)["ETag"]},
        )
        assert changed.json()["username"] == "nightly"
        assert changed.json()["description"] == "Nightly reports"

    def test_makes_fills_and_removes_a_group(self, client_of, proven):
        refused = client_of.post("/api/v1/groups", {"name": "Platform"}, format="json")
        assert refused.json()["type"] == "urn:orgwarden:problem:step-up-required"
        address = proven.post("/api/v1/groups", {"name": "Platform"}, format="json")["Location"]
        vera = person("viewer")

        def change(body):
            tag = proven.get(address)["ETag"]
            return proven.patch(address, body, format="json", headers={"If-Match": tag})

        assert change({"members": [vera.username]}).json()["members"] == [vera.username]
        assert change({"members": ["nobody"]}).json()["errors"][0]["pointer"] == "#/members"
        assert change({"name": "Cloud platform"}).json()["name"] == "Cloud platform"
        tag = proven.get(address)["ETag"]
        assert proven.delete(address, headers={"If-Match": tag}).status_code == 204
        assert not Group.objects.filter(name="Cloud platform").exists()
