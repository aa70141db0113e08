"""SCPs that deny most of what AWS offers are found, whoever they exempt."""

import json

from governance.posture.findings.kinds.scp_denies_most import KIND


def deny_all(**more):
    """Return the text of an SCP that denies everything."""
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class TestScpDeniesMost:
    def test_a_deny_of_everything_but_for_one_role_is_found(self, snapshot, ask, attach):
        target = snapshot.units["Test"].target_id
        exempt = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Break"}}
        attach("lockdown", target, text=deny_all(Condition=exempt))
        (found,) = ask(KIND)[0]
        assert found.places[0].name == "lockdown"
        assert ("Exempt principals", "arn:aws:iam::*:role/Break") in found.measured

    def test_a_deny_that_depends_on_the_region_is_not(self, snapshot, ask, attach):
        other = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-2"}}
        attach("region", snapshot.units["Test"].target_id, text=deny_all(Condition=other))
        assert ask(KIND)[0] == []
