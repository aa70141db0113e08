"""Approval rules over the API: what holds, proposing, the second person, and the preview."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from governance.access import rights
from inventory.viewing import Place
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, prove, token_of

RULES = "/api/v1/organizations/acme/approval-rules"
PREVIEW = "/api/v1/organizations/acme/approvals/preview"
TEST = "ou-ab12-test0001"


def client_of(user, *, proven=True):
    client = APIClient()
    client.force_login(user)
    if proven:
        prove(client)
    return client


@pytest.fixture
def sam(acme):
    return client_of(person("security", username="sam"))


@pytest.fixture
def kim(acme):
    return client_of(person("administrator", username="kim"))


def proposed(client, **changes):
    """Propose the active content, changed, as read just before."""
    read = client.get(RULES)
    return client.post(
        RULES,
        {"content": {**read.json()["content"], **changes}, "reason": "Less time."},
        format="json",
        headers={"if-match": read.headers["ETag"]},
    )


class TestApprovalRules:
    def test_the_defaults_are_version_0_and_another_holds_once_confirmed(self, sam, kim):
        told = sam.get(RULES).json()
        assert (told["version"], told["proposed"], told["lone_person"]) == (0, None, "")
        made = proposed(sam, expire_after_days=3)
        assert made.status_code == 201, made.json()
        assert made.headers["Location"] == made.json()["url"]
        assert kim.get(RULES).json()["proposed"]["proposed_by"] == "sam"
        assert kim.post(f"{RULES}/1/confirm").json()["state"] == "active"
        told = sam.get(RULES).json()
        assert (told["version"], told["content"]["expire_after_days"]) == (1, 3)
        (row,) = sam.get(f"{RULES}/versions").json()["results"]
        assert (row["decided_by"], sam.get(f"{RULES}/1").json()["version"]) == ("kim", 1)

    def test_the_proposer_neither_confirms_nor_refuses_and_may_withdraw(self, sam, kim):
        proposed(sam, expire_after_days=3)
        for word in ("confirm", "refuse"):
            assert sam.post(f"{RULES}/1/{word}").status_code == 403
        assert kim.post(f"{RULES}/1/withdraw").status_code == 403
        assert sam.post(f"{RULES}/1/withdraw").json()["state"] == "withdrawn"
        assert kim.post(f"{RULES}/1/confirm").status_code == 409
        assert kim.post(f"{RULES}/2/confirm").status_code == 404

    def test_a_lone_person_reads_that_nobody_else_may_confirm(self, sam):
        assert "Nobody else may confirm this" in sam.get(RULES).json()["lone_person"]

    def test_a_proposal_names_the_state_it_was_made_of(self, sam, kim):
        content = sam.get(RULES).json()["content"]
        body = {"content": {**content, "expire_after_days": 3}}
        assert sam.post(RULES, body, format="json").status_code == 428
        tag = sam.get(RULES).headers["ETag"]
        proposed(kim, expire_after_days=9)
        answer = sam.post(RULES, body, format="json", headers={"if-match": tag})
        assert answer.status_code == 412
        assert proposed(sam, expire_after_days=3).status_code == 409

    def test_what_is_wrong_is_told_by_its_place(self, sam):
        rules = sam.get(RULES).json()["content"]["rules"]
        rules[1]["count"] = 0
        answer = proposed(sam, rules=rules, expire_after_days="soon")
        assert answer.status_code == 400
        assert {(one["pointer"], one["detail"]) for one in answer.json()["errors"]} == {
            ("#/content/rules/1/count", "give a number from 1 to 10"),
            ("#/content/expire_after_days", "give a whole number"),
        }

    def test_nobody_without_a_fresh_proof_and_no_token_changes_rules(self, acme, sam):
        stale = client_of(person("security"), proven=False)
        assert proposed(stale, expire_after_days=3).json()["type"].endswith("step-up-required")
        scopes = rights.VIEW_INVENTORY, rights.VIEW_APPROVAL_SETTINGS
        _, token = token_of(person("security"), *scopes)
        program = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert program.get(RULES).status_code == 200
        assert proposed(program, expire_after_days=3).status_code == 403

    def test_rules_are_shown_to_who_sees_the_whole_organization(self, acme):
        narrow = client_of(person("viewer", Place(acme.connection.pk, TEST)))
        assert narrow.get(RULES).status_code == 403


class TestPreview:
    def asked(self, client, **effect):
        return client.post(PREVIEW, {"effects": [{"target_id": TEST, **effect}]}, format="json")

    def test_tells_who_would_have_to_approve(self, acme, viewer):
        ada = person("approver", username="ada")
        OwnershipFactory.create(
            connection=acme.connection, target_id=TEST, user=ada, confirmed_at=LONG_AGO
        )
        answer = self.asked(viewer, newly_denied=True, operations=["attach_policy"])
        assert answer.status_code == 200, answer.json()
        (one,) = answer.json()["required_approvals"]
        assert (one["label"], one["entitled"], one["count"]) == ("Owners of OU Test", ["ada"], 1)
        assert one["target_ids"] == [TEST]

    def test_whoever_asks_would_be_the_author_and_does_not_count(self, acme):
        ada = person("approver", username="ada")
        OwnershipFactory.create(
            connection=acme.connection, target_id=TEST, user=ada, confirmed_at=LONG_AGO
        )
        (one,) = self.asked(client_of(ada)).json()["required_approvals"]
        assert one["entitled"] == []
        assert "ada took part in the change." in one["problem"]

    def test_works_out_whom_operations_would_hit(self, acme, viewer):
        for name in ("ada", "ben"):
            target_id = TEST if name == "ada" else "ou-ab12-prod0001"
            OwnershipFactory.create(
                connection=acme.connection,
                target_id=target_id,
                user=person("approver", username=name),
                confirmed_at=LONG_AGO,
            )
        move = {"kind": "detach_policy", "policy_id": "p-regio001", "target_id": "ou-ab12-work0001"}
        answer = viewer.post(PREVIEW, {"operations": [move]}, format="json")
        assert answer.status_code == 200, answer.json()
        found = {one["label"]: one for one in answer.json()["required_approvals"]}
        assert found["Owners of OU Test"]["target_ids"] == ["222222222224"]
        wrong: list[dict[str, Any]] = [
            {},
            {"operations": [{"kind": "explode"}]},
            {"operations": [], "effects": []},
        ]
        for body in wrong:
            assert viewer.post(PREVIEW, body, format="json").status_code == 400

    def test_targets_that_are_not_seen_are_404(self, acme, viewer):
        narrow = client_of(person("viewer", Place(acme.connection.pk, "222222222222")))
        assert self.asked(narrow).status_code == 404
        assert self.asked(viewer, target_id="ou-none").status_code == 404
        assert self.asked(viewer, target_id="new-unit").status_code == 200
