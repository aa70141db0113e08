"""What statements of an organization are compared by, from one state of it to the next."""

from weakref import ref

from policies.compiled import default_compiler
from policies.full_access import full_access
from policies.guardrails.concerning import AllStatements
from policies.language.policy_types import PolicyType

NOTHING: frozenset = frozenset()
(EVERYTHING,) = default_compiler().document(full_access(PolicyType.SERVICE_CONTROL_POLICY))


class TestAllStatements:
    def test_bits_beyond_are_of_the_statements_that_only_one_has(self):
        one, other = (
            AllStatements(frozenset({EVERYTHING}), NOTHING),
            AllStatements(NOTHING, NOTHING),
        )
        assert one.bits_beyond(other) == other.bits_beyond(one) == EVERYTHING.action_bits
        assert one.bits_beyond(one) == 0

    def test_a_later_state_does_not_hold_the_ones_it_was_compared_with(self):
        later, earlier = (
            AllStatements(frozenset({EVERYTHING}), NOTHING),
            AllStatements(NOTHING, NOTHING),
        )
        later.bits_beyond(earlier)
        held = ref(earlier)
        del earlier
        assert held() is None
