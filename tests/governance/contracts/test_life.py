"""A contract holds once an owner of its target agreed who did not write it, and until it ends."""

from datetime import timedelta

import pytest

from governance.access.owners.acting import MayNot
from governance.approvals.agreements.changing import AgreementMoved, WrongAgreementState
from governance.approvals.agreements.deciding import agreements_end_due
from governance.approvals.models import Review
from governance.approvals.reviews import (
    MayNotReview,
    ReviewNeedsStepUp,
    StaleDigest,
    TokensMayNotApprove,
)
from governance.audit.models import AuditEntry
from governance.contracts.approving import contract_standing
from governance.contracts.deciding import (
    contract_end,
    contract_review,
    contract_submit,
    contract_withdraw,
)
from governance.contracts.declaring import contract_edit
from governance.contracts.directory import ContractDirectory
from governance.contracts.kind import CONTRACT
from governance.contracts.reading import read_terms
from tests.factories.edits import NOW
from tests.factories.owners import LabelFactory
from tests.factories.people import LONG_AGO, person
from tests.governance.contracts.conftest import TESTING, acting, given_terms, in_session


def review(contract, user, verdict="approve", *, stepped_up=True, digest=None, body="Agreed."):
    made = contract_review(
        by=in_session(user),
        contract_id=contract.pk,
        verdict=verdict,
        body=body,
        digest=digest or contract.digest,
        stepped_up_at=NOW if stepped_up else None,
        now=NOW,
    )
    contract.refresh_from_db()
    return made


def submit(contract, user):
    done = contract_submit(by=acting(user), contract_id=contract.pk, now=NOW)
    contract.refresh_from_db()
    return done


def edited(contract, by, **members):
    terms = read_terms(given_terms(**members), ContractDirectory(contract.connection))
    done = contract_edit(by=acting(by), contract_id=contract.pk, terms=terms, now=NOW)
    contract.refresh_from_db()
    return done


class TestDeclaring:
    def test_makes_a_draft_with_its_version_and_an_audit_entry(self, declare, ada):
        contract = declare()
        assert (str(contract), contract.state, contract.version) == ("C-1", "draft", 1)
        assert contract.versions.get().digest == contract.digest
        entry = AuditEntry.objects.get(action="contract.declare")
        assert entry.after is not None
        assert (entry.object_id, entry.actor_id) == ("1", ada.pk)
        assert entry.after["from"] == {"kind": "account", "value": "222222222223"}
        assert str(declare()) == "C-2"

    def test_needs_the_right_where_it_lets_in(self, declare):
        with pytest.raises(MayNot):
            declare(by=person("viewer"))


class TestApproving:
    def test_waits_for_an_owner_of_the_target_and_security_where_production_is(
        self, declare, ada, ben, sam
    ):
        contract = declare()
        submit(contract, ada)
        assert contract.state == "proposed"
        # Payments is production by its OU's name: security agrees as well.
        assert sorted(contract.waiting_for) == sorted([ben.pk, sam.pk])
        review(contract, ben)
        assert (contract.state, contract.waiting_for) == ("proposed", [sam.pk])
        review(contract, sam)
        assert (contract.state, contract.waiting_for) == ("active", [])
        assert contract.decided_at == NOW

    def test_who_wrote_it_cannot_approve_it(self, declare, ben, sam):
        contract = declare(by=sam)
        submit(contract, sam)
        with pytest.raises(MayNotReview, match="took part"):
            review(contract, sam)
        edited(contract, by=person("author"), purpose="Another purpose.")
        assert sam.pk in contract_standing(contract, now=NOW).subject.excluded

    def test_a_token_cannot_approve(self, declare, ada, ben):
        contract = declare()
        submit(contract, ada)
        with pytest.raises(TokensMayNotApprove):
            contract_review(
                by=acting(ben),
                contract_id=contract.pk,
                verdict="approve",
                body="",
                digest=contract.digest,
                stepped_up_at=NOW,
                now=NOW,
            )

    def test_production_needs_a_fresh_proof_of_who_approves(self, declare, ada, ben):
        contract = declare()
        submit(contract, ada)
        with pytest.raises(ReviewNeedsStepUp):
            review(contract, ben, stepped_up=False)

    def test_another_version_than_the_one_shown_is_not_approved(self, declare, ada, ben):
        contract = declare()
        submit(contract, ada)
        with pytest.raises(StaleDigest):
            review(contract, ben, digest="0" * 64)

    def test_outsiders_nobody_knows_by_name_need_security_outside_production_too(
        self, snapshot, declare, sam
    ):
        LabelFactory.create(
            connection=snapshot.connection,
            target_id=TESTING,
            value="test",
            needs_second_person=True,
            confirmed_at=LONG_AGO,
        )
        known = declare(to={"kind": "account", "value": TESTING})
        stranger = declare(
            **{"from": {"kind": "account", "value": "999999999999"}},
            to={"kind": "account", "value": TESTING},
        )
        asked = {
            contract.number: [
                one.needs_security for one in contract_standing(contract, now=NOW).subject.required
            ]
            for contract in (known, stranger)
        }
        assert asked == {known.number: [False], stranger.number: [True]}

    def test_a_rejected_one_is_a_draft_again_once_it_is_edited(self, declare, ada, ben):
        contract = declare()
        submit(contract, ada)
        review(contract, ben, "reject", body="Nobody asked us.")
        assert contract.state == "rejected"
        edited(contract, by=ada, purpose="Asked, and narrower.")
        assert (contract.state, contract.version) == ("draft", 2)


class TestEditing:
    def test_makes_a_version_and_voids_the_reviews(self, declare, ada, ben, sam):
        contract = declare()
        submit(contract, ada)
        review(contract, ben)
        edited(contract, by=ada, guards=["external_id"])
        assert (contract.state, contract.version) == ("proposed", 2)
        assert Review.objects.get().voided_at == NOW
        assert ben.pk in contract.waiting_for
        entry = AuditEntry.objects.get(action="contract.edit")
        assert entry.before is not None
        assert entry.after is not None
        assert (entry.before["guards"], entry.after["guards"]) == ([], ["external_id"])

    def test_equal_terms_are_no_edit(self, declare, ada):
        contract = declare()
        edited(contract, by=ada)
        assert contract.version == 1

    def test_an_active_one_stays_as_it_was_agreed_to(self, declare, ada, ben, sam):
        contract = declare()
        submit(contract, ada)
        review(contract, ben)
        review(contract, sam)
        with pytest.raises(WrongAgreementState, match="declare another one"):
            edited(contract, by=ada, purpose="Wider.")

    def test_who_read_an_earlier_version_reads_again(self, declare, ada):
        contract = declare()
        edited(contract, by=ada, purpose="Other.")
        terms = read_terms(given_terms(), ContractDirectory(contract.connection))
        with pytest.raises(AgreementMoved):
            contract_edit(by=acting(ada), contract_id=contract.pk, terms=terms, version=1, now=NOW)


class TestEnding:
    @pytest.fixture
    def active(self, declare, ada, ben, sam):
        def made(**members):
            contract = declare(**members)
            submit(contract, ada)
            review(contract, ben)
            review(contract, sam)
            return contract

        return made

    def test_a_person_ends_it_with_a_reason(self, active, ada):
        contract = active()
        with pytest.raises(WrongAgreementState, match="say in a sentence"):
            contract_end(by=acting(ada), contract_id=contract.pk, reason=" ", now=NOW)
        done = contract_end(by=acting(ada), contract_id=contract.pk, reason="Moved.", now=NOW)
        assert (done.state, done.end_reason, done.ended_at) == ("ended", "Moved.", NOW)

    def test_it_ends_after_its_last_day(self, active):
        last_day = NOW.date() + timedelta(days=1)
        contract = active(until=last_day.isoformat())
        system = acting(person("viewer")).actor
        assert agreements_end_due(CONTRACT, actor=system, now=NOW + timedelta(days=1)) == 0
        assert agreements_end_due(CONTRACT, actor=system, now=NOW + timedelta(days=2)) == 1
        contract.refresh_from_db()
        assert (contract.state, contract.end_reason) == ("ended", "its last day is past")

    def test_its_successor_ends_it(self, active):
        first = active()
        second = active(replaces=first, purpose="The website reads payments, another year.")
        first.refresh_from_db()
        assert (first.state, first.end_reason) == ("ended", f"replaced by {second}")

    def test_what_is_not_active_is_withdrawn_instead(self, declare, ada):
        contract = declare()
        with pytest.raises(WrongAgreementState):
            contract_end(by=acting(ada), contract_id=contract.pk, reason="Over.", now=NOW)
        assert contract_withdraw(by=acting(ada), contract_id=contract.pk, now=NOW).state == (
            "withdrawn"
        )

    def test_a_contract_whose_day_is_past_is_not_submitted(self, declare, ada):
        contract = declare(until="2020-01-01")
        with pytest.raises(WrongAgreementState, match="last day"):
            submit(contract, ada)
