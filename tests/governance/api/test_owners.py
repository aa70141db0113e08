"""Owners, labels, files and grants over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from governance.access.owners.models import GrantProposal, Label, Ownership
from inventory.viewing import Place
from tests.factories.owners import OwnerRuleFactory, OwnershipFactory, group_of
from tests.factories.people import UserFactory, give_role, person, prove, token_of

LIST = "/api/v1/organizations/acme/owners"
TEST, PAYMENTS = "ou-ab12-test0001", "222222222222"
ANY: dict[str, Any] = {"HTTP_IF_MATCH": "*"}
ONCE: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": "once"}


def client_of(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def security(db):
    return client_of(person("security", username="sam"))


@pytest.fixture
def ada(db):
    return UserFactory.create(username="ada", email="ada@example.org")


def ids(answer):
    assert answer.status_code == 200, answer.json()
    return [row["target_id"] for row in answer.json()["results"]]


class TestList:
    @pytest.fixture(autouse=True)
    def owned(self, acme, ada):
        OwnershipFactory.create(connection=acme.connection, target_id=TEST, user=ada)

    def test_tells_owners_where_they_stand_and_labels_with_their_source(self, viewer, acme):
        rows = {row["target_id"]: row for row in viewer.get(LIST).json()["results"]}

        assert len(rows) == 12
        told = rows["222222222224"]
        assert told["owners_at"] == told["approvers_at"] == TEST
        (owner,) = told["owners"]
        assert (owner["kind"], owner["name"], owner["active"]) == ("person", "ada", True)
        assert told["environment"] == {
            "value": "test",
            "source": "guessed",
            "target_id": "222222222224",
            "said": "guessed from tag environment=test",
        }
        assert told["treated_as_production"] is False
        assert rows[PAYMENTS]["owners_at"] is None
        assert rows[PAYMENTS]["treated_as_production"] is True

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"owner": "ADA@example.org", "target_type": "ACCOUNT"}, ["222222222224"]),
            ({"gap": "unowned", "under": "ou-ab12-prod0001"}, [PAYMENTS, "222222222223"]),
            ({"gap": "overdue"}, [TEST]),
            ({"environment": "test", "target_type": "ORGANIZATIONAL_UNIT"}, [TEST]),
            ({"criticality": "high"}, []),
        ],
    )
    def test_filters(self, viewer, acme, query, found):
        assert ids(viewer.get(LIST, query)) == found

    def test_pages_by_key(self, viewer, acme):
        first = viewer.get(LIST, {"limit": 5}).json()
        second = viewer.get(first["next"]).json()

        told = [row["target_id"] for row in (*first["results"], *second["results"])]
        assert told == sorted(told)
        assert len(set(told)) == 10

    def test_refuses_a_filter_that_is_none(self, viewer, acme):
        assert viewer.get(LIST, {"gap": "x"}).status_code == 400

    def test_shows_a_viewer_of_a_part_that_part_alone(self, acme):
        client = client_of(person("viewer", Place(acme.connection.pk, TEST)))

        assert ids(client.get(LIST)) == ["222222222224", TEST]
        assert client.get(f"{LIST}/{PAYMENTS}").status_code == 404

    def test_costs_the_same_queries_for_more_owners(
        self, viewer, acme, ada, django_assert_max_num_queries
    ):
        OwnerRuleFactory.create(connection=acme.connection)
        for account in acme.accounts.values():
            OwnershipFactory.create(
                connection=acme.connection, target_id=account.account_id, user=ada
            )
        with django_assert_max_num_queries(20):
            viewer.get(LIST)


class TestChanging:
    def test_puts_owners_and_labels(self, security, acme, ada):
        group_of("team", ada)
        answer = security.put(
            f"{LIST}/{TEST}",
            {
                "owners": [{"person": "ada@example.org"}, {"group": "team"}],
                "criticality": "low",
                "reason": "moved",
            },
            format="json",
            **ANY,
        )

        assert answer.status_code == 200, answer.json()
        told = answer.json()
        assert [one["name"] for one in told["owners"]] == ["ada", "team"]
        assert told["criticality"]["said"] == "set here"
        again = security.put(
            f"{LIST}/{TEST}", {"owners": [], "criticality": None}, format="json", **ANY
        )
        assert (again.json()["owners"], again.json()["criticality"]["value"]) == ([], None)

    def test_in_production_says_that_it_is_not_confirmed(self, security, acme, ada):
        answer = security.put(
            f"{LIST}/{PAYMENTS}", {"owners": [{"person": "ada"}]}, format="json", **ANY
        )

        assert answer.json()["owners"][0]["confirmed"] is False
        assert answer.json()["approvers"] == []
        assert GrantProposal.objects.get().state == "proposed"

    def test_posts_one_more_and_deletes_all(self, security, acme, ada):
        OwnershipFactory.create(connection=acme.connection, target_id=TEST, user=ada)
        group_of("team", ada)

        answer = security.post(f"{LIST}/{TEST}", {"group": "team"}, format="json")
        assert [one["name"] for one in answer.json()["owners"]] == ["ada", "team"]
        assert security.delete(f"{LIST}/{TEST}", **ANY).status_code == 204
        assert Ownership.objects.as_of(None).count() == 0

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"owners": [{"person": "nobody"}]}, "#/owners/0/person"),
            ({"owners": [{"group": "ada"}]}, "#/owners/0/group"),
            ({"owners": [{}]}, "#/owners/0"),
            ({"owners": [{"person": "ada", "group": "x"}]}, "#/owners/0"),
            ({}, "#/owners"),
            ({"owners": [], "environment": "prod"}, "#/environment"),
        ],
    )
    def test_says_by_pointer_what_is_wrong(self, security, acme, ada, body, pointer):
        answer = security.put(f"{LIST}/{TEST}", body, format="json", **ANY)

        assert answer.status_code == 400
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
        assert not Ownership.objects.exists()

    def test_needs_the_right_at_the_place(self, acme, ada):
        client = client_of(person("security", Place(acme.connection.pk, TEST)))
        body = {"owners": [{"person": "ada"}]}

        assert client.put(f"{LIST}/{TEST}", body, format="json", **ANY).status_code == 200
        outside = client.put(f"{LIST}/{PAYMENTS}", body, format="json", **ANY)
        assert outside.status_code == 404
        viewer = client_of(person("viewer"))
        assert viewer.put(f"{LIST}/{TEST}", body, format="json", **ANY).status_code == 403

    def test_a_token_with_the_scope_gives_owners(self, acme, ada):
        _, token = token_of(
            person("security"), "owners.change_ownership", "inventory.view_connection"
        )
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

        answer = client.put(f"{LIST}/{TEST}", {"owners": [{"person": "ada"}]}, format="json", **ANY)
        assert answer.status_code == 200


class TestImport:
    def test_tries_and_then_applies(self, security, acme, ada):
        body = {"format": "csv", "content": f"target,owner,environment\n{TEST},ada,test\n"}

        tried = security.post(f"{LIST}/import", body | {"dry_run": True}, format="json").json()
        assert (tried["applied"], tried["owners_changed"], tried["errors"]) == (False, 1, [])
        assert not Ownership.objects.exists()
        done = security.post(f"{LIST}/import", body, format="json").json()
        assert (done["applied"], done["labels_changed"]) == (True, 1)
        assert (Ownership.objects.get().user, Label.objects.get().value) == (ada, "test")

    def test_tells_errors_by_line_and_changes_nothing(self, security, acme, ada):
        body = {
            "format": "yaml",
            "content": f"- target: {TEST}\n  owner: ada\n- target: x\n  owner: ada\n",
        }
        answer = security.post(f"{LIST}/import", body, format="json")

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["detail"].startswith("line 3: 'x' is not a root")
        assert not Ownership.objects.exists()
        unreadable = security.post(
            f"{LIST}/import", {"format": "csv", "content": "a,b"}, format="json"
        )
        assert unreadable.json()["errors"][0]["pointer"] == "#/content"


class TestGrants:
    @pytest.fixture
    def grant(self, security, acme, ada):
        security.put(f"{LIST}/{PAYMENTS}", {"owners": [{"person": "ada"}]}, format="json", **ANY)
        return GrantProposal.objects.get()

    def address(self, grant, act):
        return f"/api/v1/grants/{grant.pk}/{act}"

    def test_are_listed_and_confirmed_by_a_second_person(self, grant, acme):
        second = client_of(person("administrator", username="root"))
        (told,) = second.get("/api/v1/grants", {"state": "proposed"}).json()["results"]
        assert (told["kind"], told["person"], told["organization"]) == ("ownership", "ada", "acme")

        unproven = second.post(self.address(grant, "confirm"))
        assert unproven.json()["type"] == "urn:orgwarden:problem:step-up-required"
        prove(second)
        answer = second.post(self.address(grant, "confirm"), {"note": "yes"}, format="json")

        assert (answer.json()["state"], answer.json()["decided_by"]) == ("confirmed", "root")
        assert second.post(self.address(grant, "refuse")).status_code == 409
        assert second.get("/api/v1/grants", {"state": "proposed"}).json()["results"] == []
        assert second.get(told["url"]).json()["decision_note"] == "yes"

    def test_a_token_decides_none(self, grant):
        _, token = token_of(
            person("administrator"), "owners.change_ownership", "inventory.view_connection"
        )
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

        for act in ("confirm", "refuse"):
            answer = client.post(self.address(grant, act))
            assert answer.status_code == 403
            assert answer.json()["type"] == "urn:orgwarden:problem:session-only"
        grant.refresh_from_db()
        assert grant.state == "proposed"

    def test_the_proposer_is_refused_and_strangers_find_nothing(self, security, grant):
        answer = security.post(self.address(grant, "confirm"))
        assert answer.status_code == 403
        assert "you proposed it" in answer.json()["detail"]
        stranger = client_of(UserFactory.create())
        assert stranger.post(self.address(grant, "confirm")).status_code == 404

    def test_outside_of_ones_part_there_is_no_grant(self, grant, acme):
        client = client_of(person("security", Place(acme.connection.pk, TEST)))
        assert client.get("/api/v1/grants").json()["results"] == []
        assert client.post(self.address(grant, "confirm")).status_code == 404


RULES = LIST.replace("owners", "owner-rules")


class TestRules:
    BODY: dict[str, Any] = {"tag_key": "owner", "values": {"web": {"group": "Web"}}}

    def test_are_previewed_had_replaced_and_ended(self, security, viewer, acme, ada):
        group_of("Web", ada)
        preview = security.post(f"{RULES}/preview", self.BODY, format="json").json()
        assert set(preview) == {"targets", "named", "unnamed", "taken"}
        assert viewer.get(RULES).json()["results"] == []

        made = security.post(RULES, self.BODY, format="json")
        assert made.status_code == 201
        assert made.json()["values"] == {"web": {"group": "Web"}}
        body = {"tag_key": "owner", "values": {"web": {"person": "ada"}}}
        again = security.post(RULES, body, format="json")

        (told,) = viewer.get(RULES).json()["results"]
        assert told == again.json() == viewer.get(again["Location"]).json()
        assert told["values"] == {"web": {"person": "ada"}}
        assert viewer.delete(again["Location"], **ANY).status_code == 403
        assert security.delete(again["Location"], **ANY).status_code == 204
        assert viewer.get(again["Location"]).status_code == 404

    @pytest.mark.parametrize(
        "body",
        [
            {"tag_key": "owner", "values": {"web": {"group": "Nobody"}}},
            {"tag_key": "owner", "values": {"web": {}}},
            {"tag_key": "", "values": {}},
        ],
    )
    def test_that_are_wrong_are_said(self, security, acme, body):
        assert security.post(RULES, body, format="json").status_code == 400

    def test_are_for_who_manages_the_whole_organization(self, acme):
        of_test = client_of(person("security", Place(acme.connection.pk, TEST)))
        body = {"tag_key": "owner"}
        assert of_test.post(RULES, body, format="json").status_code == 403
        assert of_test.post(f"{RULES}/preview", body, format="json").status_code == 403


LABEL_RULES = LIST.replace("owners", "label-rules")


class TestLabelRules:
    def test_are_set_replaced_and_ended(self, security, viewer, acme):
        body = {"kind": "criticality", "tag_key": "tier", "values": {"1": "critical"}}
        assert security.post(LABEL_RULES, body, format="json").status_code == 201
        again = security.post(LABEL_RULES, {**body, "values": {"1": "high"}}, format="json", **ONCE)
        repeated = security.post(
            LABEL_RULES, {**body, "values": {"1": "high"}}, format="json", **ONCE
        )

        (listed,) = viewer.get(LABEL_RULES).json()["results"]
        assert listed == again.json() == repeated.json() == viewer.get(again["Location"]).json()
        assert (listed["kind"], listed["values"]) == ("criticality", {"1": "high"})
        assert viewer.delete(again["Location"], **ANY).status_code == 403
        assert security.delete(again["Location"], **ANY).status_code == 204
        assert viewer.get(again["Location"]).status_code == 404

    @pytest.mark.parametrize(
        "body",
        [
            {"kind": "criticality", "tag_key": "tier", "values": {"1": "production"}},
            {"kind": "mood", "tag_key": "tier"},
            {"kind": "environment", "tag_key": "x" * 129},
            {"kind": "environment", "tag_key": "tier", "value": {}},
        ],
    )
    def test_that_are_wrong_are_said(self, security, acme, body):
        assert security.post(LABEL_RULES, body, format="json").status_code == 400

    def test_are_for_who_manages_the_whole_organization(self, acme):
        of_test = client_of(person("security", Place(acme.connection.pk, TEST)))
        body = {"kind": "environment", "tag_key": "stage"}
        assert of_test.post(LABEL_RULES, body, format="json").status_code == 403


class TestRecertification:
    def test_begins_the_time_of_a_targets_owners_again(self, security, acme, ada):
        row = OwnershipFactory.create(connection=acme.connection, target_id=TEST, user=ada)
        assert ids(security.get(LIST, {"gap": "overdue"})) == [TEST]

        done = security.post(f"{LIST}/{TEST}/recertify")

        assert done.status_code == 200
        assert ids(security.get(LIST, {"gap": "overdue"})) == []
        row.refresh_from_db()
        assert row.recertified_by is not None
        assert security.post(f"{LIST}/{PAYMENTS}/recertify").status_code == 409

    def test_of_roles_is_never_ones_own(self, acme):
        alma = person("administrator")
        administrator = client_of(alma)
        of_sam = give_role(
            UserFactory.create(), "viewer", created_at=timezone.now() - timedelta(days=4000)
        )
        own = alma.role_assignments.get()
        roles = "/api/v1/role-assignments"

        def overdue():
            found = administrator.get(roles, {"overdue": "true"}).json()["results"]
            return {row["id"] for row in found}

        assert of_sam.pk in overdue()

        assert administrator.post(f"{roles}/{of_sam.pk}/recertify").status_code == 200

        assert of_sam.pk not in overdue()
        assert administrator.post(f"{roles}/{own.pk}/recertify").status_code == 409
