"""SCPs of which no statement changes anything are found, and those that work are not."""

from governance.posture.findings.finding import FindingSeverity
from governance.posture.findings.kinds.scp_without_effect import KIND
from tests.factories.policies import denying


class TestScpsWithoutEffect:
    def test_a_deny_that_a_level_above_says_already_is_idle(self, snapshot, ask, attach):
        prod = snapshot.accounts["website"].account_id
        attach("again", prod, text=denying("organizations:LeaveOrganization"))
        (found,) = [one for one in ask(KIND)[0] if one.places[0].name == "again"]
        assert found.severity is FindingSeverity.MEDIUM
        assert "deny-leaving at Root" in found.places[1].said

    def test_of_two_that_say_the_same_at_one_target_one_is_idle(self, snapshot, ask, attach):
        target = snapshot.accounts["payments-test"].account_id
        attach("first", target, text=denying("s3:DeleteBucket"))
        attach("second", target, text=denying("s3:DeleteBucket"))
        idle = {one.places[0].name for one in ask(KIND)[0]}
        assert "second" in idle
        assert "first" not in idle

    def test_a_deny_at_the_management_account_reaches_nobody(self, snapshot, ask, attach):
        target = snapshot.accounts["management"].account_id
        attach("own", target, text=denying("s3:DeleteBucket"))
        (found,) = [one for one in ask(KIND)[0] if one.places[0].name == "own"]
        assert "no account that SCPs bind" in found.places[1].said

    def test_one_that_works_is_not_accused(self, snapshot, ask, attach):
        target = snapshot.accounts["payments-test"].account_id
        attach("works", target, text=denying("s3:DeleteBucket"))
        assert "works" not in {one.places[0].name for one in ask(KIND)[0]}

    def test_one_that_cannot_be_read_is_unknown(self, snapshot, ask, attach):
        target = snapshot.accounts["payments-test"].account_id
        attach("broken", target, text="{not json")
        found, unjudged = ask(KIND)
        assert "broken" not in {one.places[0].name for one in found}
        assert [place.name for one in unjudged for place in one.places] == ["broken"]
