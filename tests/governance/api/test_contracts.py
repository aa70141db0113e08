"""Contracts over the API: declared, edited against an ETag, proposed, reviewed by people alone."""

import pytest
from rest_framework.test import APIClient

from governance.contracts.models import TrustContract
from tests.factories.contracts import PAYMENTS, WEBSITE, trust_contract
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, prove, token_of
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

URL = "/api/v1/organizations/acme/contracts"
GIVEN = {
    "from": {"kind": "account", "value": WEBSITE},
    "to": {"kind": "account", "value": "payments"},
    "actions": ["sts:AssumeRole"],
    "guards": ["external_id"],
    "purpose": "The website reads payments.",
    "until": "2100-01-31",
}


@pytest.fixture
def author(acme):
    client = APIClient()
    client.force_login(person("author", username="ada"))
    return client


@pytest.fixture
def owner(acme):
    made = person("approver", username="ben")
    OwnershipFactory.create(
        connection=acme.connection, target_id=PAYMENTS, user=made, confirmed_at=LONG_AGO
    )
    client = APIClient()
    client.force_login(made)
    return client


def post(client, path="", body=None, **headers):
    return client.post(f"{URL}{path}", body or {}, format="json", headers=headers)


class TestDeclaring:
    def test_makes_one_draft_however_often_it_is_sent(self, author):
        first = post(author, body=GIVEN, **{"Idempotency-Key": "once"})
        again = post(author, body=GIVEN, **{"Idempotency-Key": "once"})
        assert (first.status_code, again.json()["number"]) == (201, first.json()["number"])
        assert TrustContract.objects.count() == 1
        told = first.json()
        assert told["to"] == {"kind": "account", "value": PAYMENTS}
        assert (told["state"], told["until"]) == ("draft", "2100-01-31")

    def test_names_each_member_that_is_wrong(self, author):
        wrong = {**GIVEN, "from": {"kind": "vendor", "value": "Datadgo"}, "actions": ["x"]}
        answer = post(author, body=wrong)
        assert answer.status_code == 400
        errors = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
        assert set(errors) == {"#/from/value", "#/actions"}
        assert "did you mean Datadog?" in errors["#/from/value"]

    def test_a_viewer_may_not(self, viewer, acme):
        assert post(viewer, body=GIVEN).status_code == 403


class TestEditing:
    def test_demands_the_etag_of_what_was_read(self, author, acme):
        trust_contract(acme.connection, person("author"))
        read = author.get(f"{URL}/1")
        body = {"purpose": "Another purpose."}
        assert author.patch(f"{URL}/1", body, format="json").status_code == 428
        edited = author.patch(
            f"{URL}/1", body, format="json", headers={"If-Match": read.headers["ETag"]}
        )
        assert (edited.status_code, edited.json()["version"]) == (200, 2)
        late = author.patch(
            f"{URL}/1", {"purpose": "x"}, format="json", headers={"If-Match": read.headers["ETag"]}
        )
        assert late.status_code == 412


class TestReviewing:
    def test_a_person_approves_in_their_session_and_no_token_does(self, author, owner, acme):
        made = trust_contract(acme.connection, person("author"))
        assert post(author, f"/{made.number}/submit").json()["waiting_for"] == ["ben"]
        told = owner.get(f"{URL}/1").json()
        review = {"verdict": "approve", "digest": told["digest"]}
        _, secret = token_of(person("security"), "contracts.view_trustcontract")
        program = APIClient(headers={"Authorization": f"Bearer {secret}"})
        assert post(program, "/1/reviews", review).status_code == 403
        assert post(owner, "/1/reviews", review).json()["type"].endswith("step-up-required")
        prove(owner)
        assert post(owner, "/1/reviews", review).status_code == 201
        told = owner.get(f"{URL}/1").json()
        assert [one["approved_by"] for one in told["required_approvals"]] == [["ben"]]
        assert post(owner, "/1/reviews", {**review, "digest": "0" * 64}).status_code == 409


class TestActing:
    def test_withdraws_and_ends_only_from_where_that_leads_on(self, author, acme):
        ada = person("author")
        trust_contract(acme.connection, ada)
        trust_contract(acme.connection, ada, state="active")
        assert post(author, "/1/end", {"reason": "Over."}).status_code == 409
        assert post(author, "/1/withdraw").json()["state"] == "withdrawn"
        assert post(author, "/2/end").status_code == 400
        assert post(author, "/2/end", {"reason": "Over."}).json()["state"] == "ended"


class TestReading:
    def test_lists_and_filters_contracts(self, viewer, acme):
        ada = person("author", username="ada")
        trust_contract(acme.connection, ada)
        trust_contract(acme.connection, ada, state="active", purpose="Backups.")
        numbers = [one["number"] for one in viewer.get(URL).json()["results"]]
        assert numbers == [2, 1]
        for query in ("state=active", "q=backup", "q=C-2"):
            found = viewer.get(f"{URL}?{query}").json()["results"]
            assert [one["number"] for one in found] == [2]
        assert viewer.get(f"{URL}?waiting_for=me").json()["results"] == []

    def test_a_draft_names_the_edges_that_it_would_cover(self, viewer, acme):
        trust_contract(acme.connection, person("author"))
        edge = TrustEdgeFactory.create(
            connection=acme.connection,
            seen_from=FIRST_RUN_AT,
            principal_account_id=WEBSITE,
            crossing="organization",
        )
        assert viewer.get(f"{URL}/1").json()["edge_keys"] == [edge.key]


class TestFiles:
    def test_what_is_exported_is_imported_as_the_same(self, author, acme):
        trust_contract(acme.connection, person("author"), state="active")
        text = author.get(f"{URL}/export").json()["text"]
        same = post(author, "/import", {"content": text}).json()
        assert (same["declared"], same["unchanged"]) == ([], [1])
        other = text.replace("reads", "writes")
        tried = post(author, "/import", {"content": other, "dry_run": True}).json()
        assert (tried["applied"], tried["new"]) == (False, 1)
        done = post(author, "/import", {"content": other, "submit": True}).json()
        assert done["declared"] == [2]
        assert TrustContract.objects.get(number=2).state == "proposed"

    def test_errors_name_lines(self, author):
        answer = post(author, "/import", {"content": "- from: {account: x}\n  to: {a: b}\n"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["detail"].startswith("line ")
