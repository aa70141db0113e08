"""/change-requests: checked, reviewed, scheduled and read by people; tokens agree to nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from governance.access import rights
from governance.changes.life.checking import change_check
from governance.changes.models import ChangeRequest
from inventory.viewing import Place
from tests.factories.edits import LOG_ARCHIVE, PAYMENTS, PROD, SECURITY
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, prove, token_of
from tests.governance.api.test_changes import LIST, client_of

ATTACH = {"kind": "attach_policy", "policy_id": "p-unatt001", "target_id": SECURITY}
ACTS = (
    *("reviews", "overrides", "schedule", "start", "resume", "roll-back", "rings/1/go"),
    *("emergency", "ratify"),
)


@pytest.fixture
def ada(db):
    """The author's client."""
    return client_of(person("author", username="ada"))


@pytest.fixture
def olga(acme):
    """The client of who owns Security."""
    user = person("approver", username="olga")
    OwnershipFactory.create(
        connection=acme.connection, target_id=SECURITY, user=user, confirmed_at=LONG_AGO
    )
    return client_of(user)


@pytest.fixture
def sam(db):
    """Security's client."""
    return client_of(person("security", username="sam"))


@pytest.fixture
def url(acme, ada, olga, sam):
    """The address of a request in review."""
    made = ada.post(LIST, {"title": "No users", "operations": [ATTACH]}, format="json").json()
    ada.post(f"{made['url']}/submit")
    checked = change_check(change_request_id=ChangeRequest.objects.get().pk, clock=timezone.now)
    assert checked is not None
    assert checked.state == "in_review", checked.state_reason
    return made["url"]


def review(client, url, verdict="approve", **given):
    digest = client.get(url).json()["plan_sha256"]
    body = {"verdict": verdict, "plan_sha256": digest, "body": "", **given}
    return client.post(f"{url}/reviews", body, format="json")


class TestTokens:
    @pytest.mark.parametrize("act", ACTS)
    def test_may_not_agree_to_anything(self, url, act):
        _, token = token_of(
            person("security"), rights.VIEW_INVENTORY, rights.VIEW_CHANGES, rights.PROPOSE_CHANGE
        )
        answer = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").post(f"{url}/{act}")
        assert answer.status_code == 403
        assert answer.json()["code"] == "tokens-may-not-approve"
        assert answer.json()["type"] == "urn:orgwarden:problem:session-only"


class TestReviews:
    def test_say_who_has_to_agree_and_approve_when_all_have(self, url, ada, olga, sam):
        told = ada.get(url).json()
        assert told["waiting_for"] == ["olga", "sam"]
        assert [one["entitled"] for one in told["required_approvals"]] == [["olga"]]
        assert told["required_approvals"][0]["security"] == ["sam"]
        for client, state in ((olga, "in_review"), (sam, "approved")):
            assert review(client, url).status_code == 403
            prove(client)
            answer = review(client, url)
            assert answer.status_code == 201, answer.json()
            assert answer.json()["counts"] is True
            assert ada.get(url).json()["state"] == state
        approved = ada.get(url).json()["required_approvals"][0]["approved_by"]
        assert approved == ["olga", "sam"]
        assert len(ada.get(f"{url}/reviews").json()["results"]) == 2

    def test_need_a_fresh_proof_the_present_digest_and_a_part_in_it(self, url, ada, olga):
        assert review(olga, url).json()["type"] == "urn:orgwarden:problem:step-up-required"
        assert review(olga, url, plan_sha256="0" * 64).status_code == 409
        assert review(olga, url, plan_sha256="short").status_code == 400
        assert review(olga, url, "reject").status_code == 400
        prove(ada)
        assert review(ada, url).status_code == 403

    def test_that_reject_close_it(self, url, olga, ada):
        assert review(olga, url, "reject", body="Never.").status_code == 201
        told = ada.get(url).json()
        assert (told["state"], told["state_reason"]) == ("rejected", "Never.")
        assert review(olga, url, "reject", body="Never.").status_code == 409


class TestSchedule:
    def test_is_set_and_taken_away_by_who_may_apply(self, url, ada, olga, sam):
        for client in (olga, sam):
            prove(client)
            review(client, url)
        then = (timezone.now() + timedelta(days=1)).isoformat()
        set_it = {"scheduled_for": then}
        assert ada.post(f"{url}/schedule", set_it, format="json").status_code == 403
        prove(ada)
        assert ada.post(f"{url}/schedule", set_it, format="json").json()["state"] == "scheduled"
        answer = ada.post(f"{url}/schedule", {"scheduled_for": None}, format="json")
        assert answer.status_code == 202
        assert answer.json()["state"] == "approved"
        # Nothing is applied before the connection has a role for it.
        assert ada.post(f"{url}/start").status_code == 409

    def test_is_of_approved_requests_alone(self, url, ada):
        prove(ada)
        then = (timezone.now() + timedelta(days=1)).isoformat()
        assert (
            ada.post(f"{url}/schedule", {"scheduled_for": then}, format="json").status_code == 409
        )
        assert ada.post(f"{url}/start").status_code == 409
        for act in ("halt", "resume", "roll-back", "rings/1/go"):
            assert ada.post(f"{url}/{act}").status_code == 409, act


class TestEmergency:
    def test_needs_the_break_glass_right_a_fresh_proof_and_a_draft(self, url, ada, sam):
        why = {"reason": "Everyone is locked out."}
        assert ada.post(f"{url}/emergency", why, format="json").status_code == 403
        answer = sam.post(f"{url}/emergency", why, format="json")
        assert answer.json()["type"] == "urn:orgwarden:problem:step-up-required"
        prove(sam)
        assert sam.post(f"{url}/emergency", why, format="json").status_code == 409
        ratified = {"plan_sha256": "0" * 64}
        assert sam.post(f"{url}/ratify", ratified, format="json").status_code == 409


class TestReading:
    def test_tells_evidence_plan_conflicts_timeline_and_journal(self, url, ada):
        other = ada.post(LIST, {"title": "Same", "operations": [ATTACH]}, format="json").json()
        evidence = ada.get(f"{url}/evidence").json()
        assert evidence["plan_sha256"] == ada.get(url).json()["plan_sha256"]
        assert evidence["current"] is True
        assert evidence["headline"].endswith("in 1 account of OU Security.")
        assert [one["target_id"] for one in evidence["content"]["targets"]] == [LOG_ARCHIVE]
        plan = ada.get(f"{url}/plan").json()
        assert [one["call"] for one in plan["steps"]] == ["AttachPolicy"]
        assert plan["steps"][0]["transients"] == []
        assert ada.get(f"{url}/conflicts").status_code == 200
        timeline = ada.get(f"{url}/timeline").json()["results"]
        assert [one["action"] for one in timeline[:2]] == [
            "change_request.create",
            "change_request.submit",
        ]
        assert ada.get(f"{url}/journal").json()["results"] == []
        verdict = ada.get(f"{url}/verdict?digest={evidence['plan_sha256']}").json()
        assert verdict["may_be_applied"] is False
        assert ada.get(f"{url}/verdict").status_code == 400
        for odd in (evidence["plan_sha256"][:32], "sha256:" + "0" * 64, "ä" * 64):
            assert ada.get(f"{url}/verdict", {"digest": odd}).status_code == 400
        assert ada.get(f"{other['url']}/evidence").status_code == 404

    def test_hides_effects_outside_of_what_somebody_sees(self, url, acme):
        elsewhere = client_of(person("viewer", Place(acme.connection.pk, PROD)))
        assert elsewhere.get(url).status_code == 404
        number = ChangeRequest.objects.get().number
        ChangeRequest.objects.update(reaching_ids=["r-ab12"])
        told = elsewhere.get(f"{LIST}/{number}/evidence")
        assert told.status_code == 200
        assert told.json()["hides_places"] is True
        assert told.json()["headline"] == "Nobody's permissions change in your accounts."
        assert LOG_ARCHIVE not in told.content.decode()
        for part in ("plan", "timeline", "journal", "conflicts"):
            answer = elsewhere.get(f"{LIST}/{number}/{part}")
            assert answer.status_code == 200, part
            assert LOG_ARCHIVE not in answer.content.decode()
            assert SECURITY not in answer.content.decode()
        assert PAYMENTS not in told.content.decode()
