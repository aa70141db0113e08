"""Targets at which the last allowed action is lost are found, the highest alone."""

import json

from governance.posture.findings.kinds.broken_allow_chain import KIND
from inventory.models import PolicyAttachment


class TestAllowChains:
    def _without_full_access(self, snapshot, name):
        account_id = snapshot.accounts[name].account_id
        for row in PolicyAttachment.objects.filter(
            connection=snapshot.connection, target_id=account_id
        ):
            row.delete()
        return account_id

    def test_an_account_without_any_allow_is_a_break(self, snapshot, ask):
        target = self._without_full_access(snapshot, "payments-test")
        found, _ = ask(KIND)
        assert target in {one.places[0].key for one in found}

    def test_lists_that_have_nothing_in_common_are_a_break(self, snapshot, ask, attach):
        target = self._without_full_access(snapshot, "website")
        allow = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
            }
        )
        attach("only-ec2", target, text=allow)
        (found,) = [one for one in ask(KIND)[0] if one.places[0].key == target]
        assert "nothing in common" in found.title

    def test_a_break_is_unknown_while_an_scp_there_cannot_be_read(self, snapshot, ask, attach):
        target = self._without_full_access(snapshot, "payments-test")
        attach("broken", target, text="{not json")
        found, unjudged = ask(KIND)
        assert target not in {one.places[0].key for one in found}
        assert target in {place.key for one in unjudged for place in one.places}

    def test_only_the_highest_break_is_told(self, snapshot, ask):
        unit_id = snapshot.units["Test"].target_id
        PolicyAttachment.objects.filter(connection=snapshot.connection, target_id=unit_id).delete()
        places = {one.places[0].key for one in ask(KIND)[0]}
        assert unit_id in places
        assert snapshot.accounts["payments-test"].account_id not in places
