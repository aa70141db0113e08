"""What is likely not meant: each case a text that is found, and the nearest one that is not."""

import json

import pytest

from governance.changes.evidence.levels import DEFAULT_LEVELS
from inventory.store.names import keep_names
from tests.factories.edits import PAYMENTS, SECURITY, TEST, attached, created
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.principals import RoleFactory


def policy(**statement):
    element = {"Effect": "Deny", "Resource": "*", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [element]})


def exempting(name):
    return policy(
        Action="s3:DeleteBucket",
        Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{name}"}},
    )


def lock(*regions):
    return policy(
        NotAction=["iam:*", "organizations:*", "sts:*", "support:*"],
        Condition={"StringNotEquals": {"aws:RequestedRegion": list(regions)}},
    )


@pytest.fixture
def roles(snapshot):
    """Store a role of one account."""
    RoleFactory.create(connection=snapshot.connection, account_id=PAYMENTS, name="Operators")
    keep_names(["Operators"], connection=snapshot.connection)


@pytest.fixture
def existing(snapshot):
    """Return a function that stores an SCP that some targets have already."""

    def store(text, *target_ids):
        common = {"connection": snapshot.connection, "seen_from": snapshot.run.started_at}
        PolicyFactory.create(policy_id="p-exist001", name="existing", text=text, **common)
        for target_id in target_ids:
            PolicyAttachmentFactory.create(policy_id="p-exist001", target_id=target_id, **common)

    return store


def codes(made):
    return {one.code for one in made.findings}


CASES = {
    "an exempt role that exists nowhere": (exempting("Operator"), "exempt_role_"),
    "a name that anyone could take": (exempting("Operators"), "exempt_role_creatable"),
    "a statement of no action": (denying("s3:NoSuchThing"), "statement_without_effect"),
    "what another policy denies already": (
        denying("organizations:LeaveOrganization"),
        "statement_without_effect",
    ),
    "an allow beside FullAWSAccess": (
        policy(Effect="Allow", Action="s3:*"),
        "allow_without_effect",
    ),
    "a region lock on global services": (
        policy(
            Action=["iam:*", "ec2:*"],
            Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
        ),
        "region_lock_hits_global_service",
    ),
    "a region lock on inference": (lock("eu-west-1"), "region_lock_hits_inference"),
}
INNOCENT = {
    "an exempt role that exists": (exempting("Operators"), "exempt_role_missing"),
    "an exempt pattern that some role meets": (exempting("Oper*"), "exempt_role_missing"),
    "a role that only AWS creates": (exempting("aws-reserved/sso/*"), "exempt_role_"),
    "a statement with an effect": (denying("s3:DeleteBucket"), "statement_without_effect"),
    "a region lock that lets inference through": (
        lock("eu-west-1", "unspecified"),
        "region_lock_hits_inference",
    ),
}


@pytest.mark.usefixtures("roles")
class TestDoubts:
    @pytest.mark.parametrize("case", CASES, ids=list(CASES))
    def test_finds(self, evidence, case):
        text, code = CASES[case]
        found = [
            one
            for one in evidence(created(text), attached("new-1", SECURITY)).findings
            if one.code.startswith(code)
        ]
        assert found
        assert {one.policy_id for one in found} == {"new-1"}
        assert all(one.line for one in found)

    @pytest.mark.parametrize("case", INNOCENT, ids=list(INNOCENT))
    def test_does_not_find(self, evidence, case):
        text, code = INNOCENT[case]
        made = evidence(created(text), attached("new-1", SECURITY))
        assert not [one for one in made.findings if one.code.startswith(code)]

    @pytest.mark.parametrize(
        "case",
        [
            "an exempt role that exists nowhere",
            "a name that anyone could take",
            "a region lock on global services",
            "a region lock on inference",
        ],
    )
    def test_finds_it_in_a_policy_that_is_attached_as_it_is(self, evidence, existing, case):
        text, code = CASES[case]
        existing(text)
        made = evidence(attached("p-exist001", SECURITY))
        (found, *_) = [one for one in made.findings if one.code.startswith(code)]
        assert (found.policy_id, found.operation, found.line) == ("p-exist001", 0, 0)

    def test_of_a_policy_in_use_elsewhere_it_is_no_news(self, evidence, existing):
        existing(lock("eu-west-1"), TEST)
        made = evidence(attached("p-exist001", SECURITY))
        assert "region_lock_hits_inference" not in codes(made)
        assert any("inference" in one.message for one in made.findings if one.code == "lint")
        assert {one.code for one in made.blocked_by()} == {"locks_out_protected_role"}

    def test_an_rcp_that_denies_federated_sign_in_for_an_absent_key(self, evidence, with_rcps):
        text = policy(
            Principal="*",
            Action="sts:AssumeRoleWithWebIdentity",
            Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg"}},
        )
        operation = created(text)
        as_rcp = type(operation)(
            **{
                **{name: getattr(operation, name) for name in operation.__dataclass_fields__},
                "policy_type": "RESOURCE_CONTROL_POLICY",
            }
        )
        assert "blocks_federated_sign_in" in codes(evidence(as_rcp))

    def test_every_code_has_a_level(self, evidence):
        for text, _ in (*CASES.values(), *INNOCENT.values()):
            made = evidence(created(text), attached("new-1", SECURITY))
            assert codes(made) <= set(DEFAULT_LEVELS)
