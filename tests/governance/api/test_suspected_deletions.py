"""Suspected deletions over the API."""

import pytest
from rest_framework.test import APIClient

from inventory.models import InventoryRun, Policy
from tests.factories.people import person
from tests.factories.suspected import suspected

LIST = "/api/v1/organizations/acme/suspected-deletions"


@pytest.fixture
def security(db):
    client = APIClient()
    client.force_login(person("security", username="sam"))
    return client


@pytest.fixture
def policies(acme):
    return suspected(acme.run, list(Policy.objects.as_of(None)[:2]))


class TestList:
    def test_tells_what_was_missing_of_how_many_and_since_when(self, viewer, acme, policies):
        [told] = viewer.get(LIST).json()["results"]
        assert told["kind"] == "policies"
        assert told["account_id"] is None
        assert (told["missing"], told["known"], told["deleted"]) == (2, 2, 0)
        assert (told["state"], told["decided_at"], told["decided_by"]) == ("suspected", None, None)

    def test_filters_by_state_and_by_run(self, viewer, acme, policies):
        def found(**query):
            return len(viewer.get(LIST, query).json()["results"])

        assert found(state="suspected", run_id=acme.run.pk) == 1
        assert found(state="deleted") == 0
        assert found(run_id=acme.run.pk + 1) == 0

    def test_is_empty_where_nothing_was_held_back(self, viewer, acme):
        assert viewer.get(LIST).json()["results"] == []


class TestConfirm:
    def test_closes_the_rows(self, security, acme, policies):
        answer = security.post(f"{LIST}/{policies.pk}/confirm")
        assert answer.status_code == 200
        assert answer.json()["state"] == "deleted"
        assert (answer.json()["deleted"], answer.json()["decided_by"]) == (2, "sam")
        assert not Policy.objects.as_of(None).filter(pk__in=policies.row_ids).exists()

    def test_is_a_conflict_while_a_run_goes_on_and_when_it_was_decided(
        self, security, acme, policies
    ):
        InventoryRun.objects.filter(pk=acme.run.pk).update(state=InventoryRun.State.RUNNING)
        assert security.post(f"{LIST}/{policies.pk}/confirm").status_code == 409
        InventoryRun.objects.filter(pk=acme.run.pk).update(state=InventoryRun.State.COMPLETE)
        assert security.post(f"{LIST}/{policies.pk}/confirm").status_code == 200
        assert security.post(f"{LIST}/{policies.pk}/confirm").status_code == 409

    def test_knows_only_what_there_is(self, security, acme):
        assert security.post(f"{LIST}/999/confirm").status_code == 404
