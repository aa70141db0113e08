"""Reviews: who may give them, for what they count, and how they are carried and proven."""

import pytest

from governance.access.actors import user_actor
from governance.access.owners.models import Ownership
from governance.approvals.effects import TargetEffect
from governance.approvals.models import Review
from governance.approvals.requirements import standing
from governance.approvals.reviews import (
    MayNotReview,
    ReviewNeedsStepUp,
    ReviewRefused,
    StaleDigest,
    TokensMayNotApprove,
    review_give,
    reviews_carry,
    reviews_of,
    reviews_void,
    still_entitled,
    unproven,
)
from governance.audit.actors import Actor
from tests.factories.people import person, take_roles
from tests.governance.approvals.conftest import NOW


@pytest.fixture
def subject(needed, own, testing, subject_of, ada, ben):
    """Return what Ada has to approve, in Test; Ben took part in it."""
    own("Test", ada)
    return subject_of(needed("Test", excluded=[ben]), excluded=[ben])


def give(user, subject, verdict="approve", **values):
    given = {
        "actor": user_actor(user),
        "body": "" if verdict == "approve" else "Please explain.",
        "digest": subject.digest,
        "stepped_up_at": None,
        "session": "0123456789abcdef",
        "now": NOW,
    }
    return review_give(user=user, subject=subject, verdict=verdict, **{**given, **values})


@pytest.mark.django_db
class TestReviewGive:
    def test_an_approval_is_recorded_with_the_digest_that_was_shown(self, subject, ada):
        review = give(ada, subject)
        entry = review.audit_entry
        assert entry is not None
        assert (entry.action, entry.actor_id) == ("change_request.review", ada.pk)
        after = entry.after or {}
        assert (after["verdict"], after["digest"]) == ("approve", subject.digest)
        assert standing(subject.required, reviews_of(subject)).complete

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            ({"digest": "b" * 64}, StaleDigest),
            ({"session": ""}, TokensMayNotApprove),
            ({"actor": Actor(kind="person", user_id=1, name="x", token_id=3)}, TokensMayNotApprove),
            ({"verdict": "maybe"}, ReviewRefused),
            ({"verdict": "reject", "body": " "}, ReviewRefused),
        ],
    )
    def test_what_is_no_review_of_this_state_in_a_session_is_refused(
        self, subject, ada, values, error
    ):
        with pytest.raises(error):
            give(ada, subject, **values)
        assert not Review.objects.exists()

    def test_who_took_part_or_owns_nothing_of_it_may_only_comment(self, subject, ben, sam):
        for user in (ben, sam, person("viewer")):
            for verdict in ("approve", "reject", "request_changes"):
                with pytest.raises(MayNotReview):
                    give(user, subject, verdict)
            give(user, subject, "comment")
        assert not standing(subject.required, reviews_of(subject)).rejected

    def test_production_is_approved_with_a_fresh_proof_alone(
        self, needed, own, subject_of, ada, sam
    ):
        own("Prod", ada)
        subject = subject_of(needed("Prod"))
        with pytest.raises(ReviewNeedsStepUp):
            give(ada, subject)
        give(ada, subject, stepped_up_at=NOW)
        found = standing(subject.required, reviews_of(subject))
        assert [one.lacks_security for one in found.by_requirement.values()] == [True]
        assert found.waits_for == {sam.pk}
        give(sam, subject, stepped_up_at=NOW)
        assert standing(subject.required, reviews_of(subject)).complete


@pytest.mark.django_db
class TestLater:
    def again(self, connection, subject, target_id):
        effects = [TargetEffect(target_id("Test"), newly_denied=True)]
        return still_entitled(connection, subject, effects, now=NOW)

    def test_who_lost_ownership_or_right_counts_no_more(self, connection, subject, target_id, ada):
        give(ada, subject)
        assert self.again(connection, subject, target_id).complete
        take_roles(ada)
        assert not self.again(connection, subject, target_id).complete

    def test_an_owner_who_was_replaced_counts_no_more(
        self, connection, subject, target_id, own, ada, sam
    ):
        give(ada, subject)
        Ownership.objects.update(ended_at=NOW)
        own("Test", sam)
        assert self.again(connection, subject, target_id).waits_for == {sam.pk}

    def test_voided_reviews_count_no_more(self, subject, ada):
        give(ada, subject)
        facts = {"subject_kind": subject.kind, "subject_id": subject.id}
        assert (
            reviews_void(
                **facts, connection_id=subject.connection_id, reason="It was edited.", now=NOW
            )
            == 1
        )
        assert reviews_of(subject) == []

    def test_carried_reviews_count_for_the_other_digest_and_are_linked_in_the_audit_log(
        self, connection, subject, subject_of, target_id, ada, sam
    ):
        given = give(ada, subject)
        other = subject_of(subject.required, digest="b" * 64)
        (carried,) = reviews_carry(
            other, "a" * 64, "b" * 64, actor=user_actor(sam), reason="Equal.", now=NOW
        )
        assert (carried.carried_from_id, carried.reviewer_id) == (given.pk, ada.pk)
        assert carried.audit_entry is not None
        linked = (carried.audit_entry.after or {})["reviews"]
        assert [one["entry"] for one in linked] == [given.audit_entry_id]
        assert self.again(connection, other, target_id).complete
        assert not self.again(connection, subject, target_id).complete

    def test_a_review_that_the_audit_log_does_not_bear_out_counts_for_nothing(
        self, connection, subject, target_id, ada, sam
    ):
        give(ada, subject)
        row = reviews_of(subject)[0]
        for values in (
            {"audit_entry": None},
            {"reviewer": sam},
            {"digest": "b" * 64},
            {"stepped_up_at": NOW},
        ):
            was = {name: getattr(row, name) for name in values}
            Review.objects.update(**values)
            assert unproven(Review.objects.all()) == [row]
            Review.objects.update(**was)
        assert unproven(Review.objects.all()) == []

    def test_a_forged_review_is_found_though_it_borrows_the_entry_of_another(
        self, connection, subject, target_id, ada
    ):
        said = give(ada, subject, "comment")
        Review.objects.create(
            connection=connection,
            subject_kind=subject.kind,
            subject_id=subject.id,
            digest=subject.digest,
            reviewer=ada,
            verdict="approve",
            audit_entry_id=said.audit_entry_id,
            created_at=NOW,
        )
        assert not self.again(connection, subject, target_id).complete
