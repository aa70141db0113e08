"""Accounts in no OU are found as soon as they are moved there."""

from governance.posture.findings.kinds.account_under_root import KIND
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import changed


class TestAccountUnderRoot:
    def test_a_change_is_seen_at_once(self, snapshot, ask):
        assert ask(KIND)[0] == []
        changed(
            snapshot.accounts["website"],
            at=SECOND_RUN_AT,
            parent_id=snapshot.root.target_id,
            path=f"{snapshot.root.target_id}/",
        )
        assert [one.places[0].name for one in ask(KIND)[0]] == ["website"]
