"""Accounts that no SCP below the root guards are found."""

from governance.posture.findings.kinds.no_scp_of_its_own import KIND
from tests.factories.policies import denying


class TestNoScpOfItsOwn:
    def test_an_account_with_full_access_alone_below_the_root_is_found(self, snapshot, ask):
        (found,) = ask(KIND)[0]
        assert found.places[0].key == snapshot.units["Security"].target_id
        assert [place.name for place in found.places[1:]] == ["log-archive"]

    def test_an_scp_with_an_effect_at_the_account_clears_it(self, snapshot, ask, attach):
        own = snapshot.accounts["log-archive"].account_id
        attach("own", own, text=denying("s3:DeleteBucket"))
        assert ask(KIND)[0] == []

    def test_an_scp_that_changes_nothing_does_not_count(self, snapshot, ask, attach):
        own = snapshot.accounts["log-archive"].account_id
        attach("again", own, text=denying("organizations:LeaveOrganization"))
        assert own in {place.key for one in ask(KIND)[0] for place in one.places}

    def test_one_that_cannot_be_read_may_guard_the_account(self, snapshot, ask, attach):
        own = snapshot.accounts["log-archive"].account_id
        attach("broken", own, text="{not json")
        found, unjudged = ask(KIND)
        assert found == []
        assert own in {place.key for one in unjudged for place in one.places}
