"""The baseline and exceptions on screen."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.structure.models import BaselineVersion
from inventory.viewing import Place
from tests.factories.exceptions import guardrail_exception
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, prove
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db

PAYMENTS, WEBSITE = "222222222222", "222222222223"


@pytest.fixture
def connection():
    return organization_snapshot().connection


@pytest.fixture
def ada(client, connection):
    client.force_login(person("security", username="ada"))
    return client


def address(connection, name, **kwargs):
    return reverse(name, kwargs={"slug": connection.slug, **kwargs})


class TestBaseline:
    def test_is_adopted_exported_and_imported_again_without_a_difference(self, ada, connection):
        said = ada.get(address(connection, "baseline")).content.decode()
        ada.post(address(connection, "baseline-adopt"), {"reason": "the first"})
        text = ada.get(address(connection, "baseline-file", baseline_number=1)).content.decode()
        preview = ada.post(address(connection, "baseline-import"), {"content": text})

        assert "No baseline yet" in said
        assert "No difference" in preview.content.decode()
        assert BaselineVersion.objects.count() == 1

    def test_says_what_is_wrong_with_a_file(self, ada, connection):
        answer = ada.post(address(connection, "baseline-import"), {"content": "units: ["})
        assert "The file cannot be used" in answer.content.decode()

    def test_shows_nothing_of_a_whole_that_a_viewer_sees_a_part_of(self, client, connection, ada):
        ada.post(address(connection, "baseline-adopt"), {"reason": "the first"})
        client.force_login(person("security", Place(connection.pk, PAYMENTS), username="ben"))

        page = client.get(address(connection, "baseline")).content.decode()
        assert "the first" not in page
        gone = client.get(address(connection, "baseline-file", baseline_number=1))
        assert gone.status_code == HTTPStatus.NOT_FOUND
        preview = client.post(address(connection, "baseline-import"), {"content": ""})
        assert preview.status_code == HTTPStatus.FORBIDDEN


class TestExceptions:
    def given(self, **values):
        return {
            "guardrail_id": "cloudtrail-stays-on",
            "kind": "waiver",
            "targets": PAYMENTS,
            "reason": "until the move is done",
            "until": f"{timezone.now() + timedelta(days=30):%Y-%m-%d}",
            **values,
        }

    def test_is_asked_for_with_its_proof_and_submitted(self, ada, connection):
        answer = ada.post(address(connection, "exception-ask"), self.given(), follow=True)
        made = GuardrailException.objects.get()
        ada.post(address(connection, "exception-act", exception_number=1), {"act": "submit"})
        made.refresh_from_db()

        assert "until the move is done" in answer.content.decode()
        assert made.state == "proposed"

    def test_is_decided_by_an_owner_who_confirms_who_they_are(self, ada, connection, client):
        ben = person("approver", username="ben")
        OwnershipFactory.create(
            connection=connection, target_id=PAYMENTS, user=ben, confirmed_at=LONG_AGO
        )
        made = guardrail_exception(
            connection, User.objects.get(username="ada"), target_ids=[PAYMENTS]
        )
        one = {"exception_number": made.number}
        ada.post(address(connection, "exception-act", **one), {"act": "submit"})
        client.force_login(ben)
        page = client.get(address(connection, "exception", **one)).content.decode()
        assert "Your review is requested" in page
        assert "Can approve: ben" in page
        review = {"verdict": "approve", "digest": made.digest}
        unproven = client.post(address(connection, "exception-review", **one), review)
        assert unproven.url == "/step-up/?next=%2Fstep-up%2Fresume%2F"
        prove(client)
        answer = client.post(address(connection, "exception-review", **one), review, follow=True)
        assert "You approved E-1." in answer.content.decode()
        wrong = client.post(address(connection, "exception-review", **one), {"verdict": "keep"})
        assert wrong.status_code == HTTPStatus.BAD_REQUEST

    def test_says_what_is_wrong_at_the_field(self, ada, connection):
        answer = ada.post(address(connection, "exception-ask"), self.given(targets="nowhere"))
        assert 'class="error"' in answer.content.decode()

    def test_is_listed(self, ada, connection):
        ada.post(address(connection, "exception-ask"), self.given())
        text = ada.get(address(connection, "exceptions")).content.decode()

        assert "E-1" in text
        # It is a draft: nothing of it can have been needed.
        assert "Never needed" not in text.split("<tbody>")[1]

    def test_shows_what_becomes_possible_and_of_hidden_accounts_nothing(
        self, ada, client, connection
    ):
        request = {"principal": "arn:aws:iam::222222222222:role/x", "action": "iam:CreateUser"}
        shown = [
            {"account_id": one, "outcome": "fails", "because": "", "request": request}
            for one in (PAYMENTS, "222222222223")
        ]
        proof = {
            "accounts": 2,
            "counts": {"fails": 2},
            "failing": 2,
            "counterexamples": shown,
            "allowed": [{"actions": ["iam:CreateUser"], "resources": ["*"], "principals": ["*"]}],
            "worked_out_at": LONG_AGO.isoformat(),
            "guardrail_sha256": "a" * 64,
        }
        made = guardrail_exception(
            connection,
            User.objects.get(username="ada"),
            target_ids=[PAYMENTS, "222222222223"],
            proof=proof,
        )
        url = address(connection, "exception", exception_number=made.number)
        text = ada.get(url).content.decode()
        assert "<span>in 2 accounts</span>" in text
        assert text.count("Not denied, should be") == 2
        assert "a" * 64 not in text

        client.force_login(person("viewer", Place(connection.pk, PAYMENTS), username="vic"))
        part = client.get(url).content.decode()
        assert part.count("Not denied, should be") == 1
        assert "<span>in 2 accounts</span>" not in part
