"""Counting of approvals: distinct people, the last word of each, of those entitled alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from governance.approvals.models import Review
from governance.approvals.requirements import RequiredApproval, standing

START = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE = range(1, 7)
DIGESTS = ("a" * 64, "b" * 64)

people_sets = st.frozensets(st.sampled_from(PEOPLE))
requirements = st.lists(
    st.builds(
        RequiredApproval,
        key=st.uuids().map(str),
        label=st.just("Owners"),
        target_ids=st.just(()),
        account_count=st.just(0),
        count=st.integers(1, 4),
        entitled=people_sets,
        source=st.just("owners"),
        needs_security=st.booleans(),
        needs_step_up=st.booleans(),
        security=people_sets,
    ),
    max_size=4,
)
histories = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(["approve", "reject", "request_changes", "comment"]),
        st.sampled_from(DIGESTS),
        st.booleans(),
        st.booleans(),
    ),
    max_size=20,
)


def reviews(history):
    """Return reviews, one a minute, of (person, verdict, digest, proof is fresh, voided)."""
    return [
        Review(
            pk=number,
            reviewer_id=person,
            verdict=verdict,
            digest=digest,
            stepped_up_at=START if is_fresh else None,
            created_at=START + timedelta(minutes=number),
            voided_at=START if is_voided else None,
        )
        for number, (person, verdict, digest, is_fresh, is_voided) in enumerate(history)
    ]


def last_words(history):
    """Return by hand the last word of each person that counts for the first digest."""
    words = {}
    for person, verdict, digest, is_fresh, is_voided in history:
        if digest == DIGESTS[0] and not is_voided and verdict != "comment":
            words[person] = (verdict, is_fresh)
    return words


@given(requirements, histories)
def test_complete_means_enough_distinct_entitled_people_and_no_objection(required, history):
    words = last_words(history)
    met = True
    for one in required:
        approving = {
            person
            for person, (verdict, is_fresh) in words.items()
            if verdict == "approve" and (is_fresh or not one.needs_step_up)
        }
        met &= len(approving & one.entitled) >= one.count
        met &= bool(approving & one.security) or not one.needs_security
    counted = {person for one in required for person in one.entitled | one.security}
    objecting = {
        person
        for person, (verdict, _) in words.items()
        if verdict in ("reject", "request_changes") and person in counted
    }
    found = standing(required, reviews(history), digest=DIGESTS[0])
    assert found.complete == (met and not objecting)
    assert {*found.rejected, *found.changes_requested} == objecting


@given(requirements, histories, st.sampled_from(PEOPLE))
def test_the_same_person_approving_again_changes_nothing(required, history, person):
    once = [*history, (person, "approve", DIGESTS[0], True, False)]
    twice = [*once, once[-1]]

    def counts(of):
        found = standing(required, reviews(of), digest=DIGESTS[0])
        return {key: len(one.approved_by) for key, one in found.by_requirement.items()}

    assert counts(once) == counts(twice)


@given(requirements, histories)
def test_whom_it_waits_for_are_those_whose_approval_brings_it_further(required, history):
    found = standing(required, reviews(history), digest=DIGESTS[0])
    for person in PEOPLE:
        more = [*history, (person, "approve", DIGESTS[0], True, False)]
        after = standing(required, reviews(more), digest=DIGESTS[0])

        def lacking(of):
            return sum(one.missing_count + one.lacks_security for one in of.by_requirement.values())

        assert (person in found.waits_for) == (lacking(after) < lacking(found))
