"""Grants, absence and whom to ask, on the pages of owners."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.access.owners.models import (
    Absence,
    DeputyTerm,
    GrantProposal,
    Ownership,
)
from governance.audit.models import AuditEntry
from tests.factories.owners import OwnershipFactory
from tests.factories.people import UserFactory, person, prove
from tests.governance.web.owners.conftest import text

pytestmark = pytest.mark.django_db


class TestGrants:
    @pytest.fixture
    def proposal(self, client, ids, at, security, ada):
        client.post(at("owners-edit", target_id=ids["payments"]), {"add": "ada", "reason": "new"})
        return GrantProposal.objects.get()

    def decide(self, client, proposal, decision):
        return client.post(
            reverse("grant-decide", kwargs={"proposal_id": proposal.pk}),
            {"decision": decision},
            follow=True,
        )

    def test_the_proposer_sees_that_somebody_else_confirms(self, client, proposal):
        answer = client.get(reverse("grants"))
        assert "A second person must confirm" in text(
            answer
        ) or "a second person must confirm" in text(answer)
        assert "Not decided" in text(self.decide(client, proposal, "confirm"))

    def test_a_second_person_is_told_in_the_navigation_and_confirms(
        self, client, connection, proposal, at
    ):
        client.force_login(person("security"))
        entries = [
            entry
            for _, group in client.get(at("owners")).context["shell"].navigation
            for entry in group
        ]
        assert [entry.count for entry in entries if entry.key == "grants"] == [1]

        self.decide(client, proposal, "confirm")
        assert not Ownership.objects.get().confirmed_at, "it was confirmed without a fresh proof"
        prove(client)
        answer = self.decide(client, proposal, "confirm")

        assert "confirmed and counts now" in text(answer)
        assert Ownership.objects.get().confirmed_at

    def test_is_refused_and_taken_back(self, client, proposal):
        client.force_login(person("administrator"))
        assert "refused and revoked" in text(self.decide(client, proposal, "refuse"))
        assert Ownership.objects.get().ended_at

    def test_is_not_found_by_who_may_not_see_the_organization(self, client, proposal):
        client.force_login(UserFactory.create())
        assert self.decide(client, proposal, "confirm").status_code == 404


class TestAbsence:
    @pytest.fixture
    def me(self, client):
        user = person("viewer", username="me")
        client.force_login(user)
        return user

    def test_is_noted_with_a_deputy_and_removed(self, client, me, ada):
        today = timezone.now().date()
        span = {"starts_on": today, "ends_on": today + timedelta(days=7)}

        client.post(reverse("absence"), span)
        client.post(reverse("absence"), span | {"deputy": "ada"})

        absence, term = Absence.objects.get(), DeputyTerm.objects.get()
        assert (absence.user, term.deputy) == (me, ada)
        assert absence.ends_at.date() == today + timedelta(days=8)
        client.post(reverse("absence-remove", kwargs={"absence_id": absence.pk}))
        client.post(reverse("deputy-remove", kwargs={"term_id": term.pk}))
        assert not Absence.objects.exists()
        assert not DeputyTerm.objects.exists()
        acts = AuditEntry.objects.filter(object_kind="person").values_list("action", flat=True)
        assert {"absence.note", "deputy.name", "absence.remove", "deputy.remove"} <= set(acts)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"deputy": "me"}, "deputy"),
            ({"deputy": "nobody"}, "deputy"),
            ({"ends_on": "2020-01-01"}, "ends_on"),
        ],
    )
    def test_says_what_is_wrong(self, client, me, changes, field):
        given = {"starts_on": timezone.now().date(), "ends_on": timezone.now().date()} | changes
        answer = client.post(reverse("absence"), given)

        form = answer.context["deputy_form" if "deputy" in changes else "absence_form"]
        assert field in form.errors

    def test_leaves_that_of_others_alone(self, client, me, ada):
        now = timezone.now()
        row = Absence.objects.create(
            user=ada, starts_at=now, ends_at=now + timedelta(days=1), created_at=now
        )
        answer = client.post(reverse("absence-remove", kwargs={"absence_id": row.pk}))
        assert answer.status_code == 404


class TestWhoToAsk:
    def test_account_and_ou_say_whom_to_ask_and_who_stands_in(
        self, client, connection, ids, at, security, ada
    ):
        now = timezone.now()
        ben = UserFactory.create(first_name="Ben", last_name="Low")
        OwnershipFactory.create(connection=connection, target_id=ids["Test"], user=ada)
        Absence.objects.create(
            user=ada, starts_at=now, ends_at=now + timedelta(days=3), created_at=now
        )
        DeputyTerm.objects.create(
            user=ada, deputy=ben, starts_at=now, ends_at=now + timedelta(days=3), created_at=now
        )

        for address in (
            at("account", account_id=ids["payments-test"]),
            at("organizational-unit", target_id=ids["Test"]),
        ):
            shown = text(client.get(address))
            assert "Ada Byron" in shown
            assert "Deputy: Ben Low" in shown
