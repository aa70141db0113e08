"""What a digest binds, and what it does not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.changes.evidence.digests import digest_of, plan_digest
from governance.changes.planning.steps import PlanRing
from governance.edits.operations import Operation, OperationKind
from tests.factories.edits import attached, edited

TARGETS = st.lists(st.sampled_from(["ou-ab12-prod0001", "ou-ab12-test0001", "222222222222"]))
OPERATIONS = st.lists(
    st.one_of(
        st.builds(edited, st.sampled_from(["p-one", "p-two"]), st.text(max_size=8)),
        st.builds(
            attached,
            st.sampled_from(["p-one", "p-two"]),
            st.sampled_from(["r-ab12", "222222222222"]),
        ),
    ),
    max_size=4,
)
RINGS = st.lists(
    st.builds(
        PlanRing,
        number=st.integers(1, 3),
        name=st.sampled_from(["Canary", "Rest"]),
        targets=TARGETS.map(tuple),
        soak_minutes=st.integers(0, 60),
        gate=st.sampled_from(["automatic", "manual"]),
    ),
    max_size=3,
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
CONCLUSIONS = st.dictionaries(st.text(max_size=5), JSON, max_size=3)


def shuffled(value):
    """Return an equal JSON value whose objects hold their members in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [shuffled(one) for one in value]
    return value


class TestPlanDigest:
    @given(OPERATIONS, TARGETS, RINGS, CONCLUSIONS)
    @settings(deadline=None)
    def test_is_equal_for_equal_plans_in_whatever_order_they_were_found(
        self, operations, targets, rings, conclusions
    ):
        first = plan_digest(
            operations=operations, targets=targets, rings=rings, conclusions=conclusions
        )
        again = plan_digest(
            operations=list(operations),
            targets=[*reversed(targets), *targets],
            rings=list(rings),
            conclusions=shuffled(conclusions),
        )
        assert first == again

    @given(
        st.tuples(OPERATIONS, TARGETS, RINGS, CONCLUSIONS),
        st.tuples(OPERATIONS, TARGETS, RINGS, CONCLUSIONS),
    )
    @settings(deadline=None)
    def test_differs_where_any_part_differs(self, one, other):
        def parts(value):
            operations, targets, rings, conclusions = value
            return operations, set(targets), rings, digest_of(conclusions)

        def digest(value):
            operations, targets, rings, conclusions = value
            return plan_digest(
                operations=operations, targets=targets, rings=rings, conclusions=conclusions
            )

        assert (digest(one) == digest(other)) is (parts(one) == parts(other))

    @given(st.text(max_size=30))
    @settings(deadline=None)
    def test_any_edit_of_a_text_changes_it(self, text):
        def digest(value):
            operation = Operation(OperationKind.UPDATE_POLICY, policy_id="p-one", text=value)
            return plan_digest(operations=[operation], targets=(), rings=(), conclusions={})

        assert digest(text) != digest(f"{text} ")
