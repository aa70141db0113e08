"""What is assumed of requests: read from terms, told in words, and what is no assumption."""

import json

import pytest

from governance.posture.ceilings.assumptions import (
    NOTHING,
    ORDINARY_ROLE,
    in_words,
    read_assumed,
    usual_terms,
)
from governance.posture.ceilings.organization_ceilings import organization_ceilings
from governance.posture.ceilings.usual import usual_assumptions
from governance.posture.state.organization import RCP, load_organization
from policies import load_catalogue
from policies.ceiling import BadAssumption
from tests.factories.edits import LOG_ARCHIVE, ROOT, region_lock
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT
from tests.governance.posture.ceilings.stored_ceilings import EU


class TestAssumed:
    def test_takes_the_home_region_and_no_root_user_unless_told(self):
        assumed = read_assumed([], usual=usual_terms("eu-west-2"))
        assert assumed.terms == ("aws:RequestedRegion=eu-west-2", "principal!=root")
        assert assumed.engine.values == {"aws:requestedregion": "eu-west-2"}
        assert "root" not in (assumed.engine.principal_kinds or ())

    def test_assumes_nothing_when_told_so(self):
        assumed = read_assumed([NOTHING], usual=usual_terms("eu-west-2"))
        assert assumed.terms == ()
        assert assumed.address() == (NOTHING,)
        assert EU.without("principal!=root") == ("aws:RequestedRegion=eu-west-1",)

    def test_spells_keys_as_aws_does_and_knows_absent_ones(self):
        assumed = read_assumed(["aws:requestedregion=eu-west-1", "!aws:sourcevpce"], usual=())
        assert assumed.terms == ("aws:RequestedRegion=eu-west-1", "!aws:SourceVpce")
        assert [in_words(term) for term in assumed.terms] == [
            "aws:RequestedRegion = eu-west-1",
            "aws:SourceVpce is absent",
        ]

    @pytest.mark.parametrize(
        ("terms", "said"),
        [
            (["region"], "is not an assumption"),
            (["aws:RequestedRegion="], "is not an assumption"),
            (["principal=service"], "a principal is one of"),
            (["nothing", "principal=role"], "stands alone"),
            (["aws:RequestedRegion=a", "aws:RequestedRegion=b"], "holds one value"),
            (["principal=root", "principal!=root"], "cannot be the root user"),
            ([ORDINARY_ROLE, "principal=user"], "says who calls"),
            (["!aws:SourceVpc", "aws:SourceVpc=vpc-1"], "assumed to have two"),
            ([f"aws:PrincipalTag/a{n}=1" for n in range(21)], "at most 20"),
        ],
    )
    def test_says_what_is_wrong_with_a_term(self, terms, said):
        with pytest.raises(BadAssumption, match=said):
            read_assumed(terms, usual=())


class TestUsualAssumptions:
    """What is assumed comes from the organization's own policies."""

    @pytest.fixture
    def usual(self, db, viewer):
        """Return what is assumed of the small organization with one more SCP at its root."""

        def of(text, home_region):
            snapshot = organization_snapshot()
            at = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
            policy = PolicyFactory.create(text=text, **at)
            PolicyAttachmentFactory.create(policy_id=policy.policy_id, target_id=ROOT, **at)
            organization = load_organization(viewer, connection=snapshot.connection)
            return organization, usual_assumptions(organization, home_region)

        return of

    def test_are_a_region_that_the_organization_allows_and_a_role_that_it_does_not_exempt(
        self, usual
    ):
        _, found = usual(region_lock("eu-west-1", "eu-west-2", action="*"), "us-east-1")
        assert found.terms() == ("aws:RequestedRegion=eu-west-1", ORDINARY_ROLE)
        assert found.terms(RCP) == ("aws:RequestedRegion=eu-west-1",)

    def test_keep_the_home_region_where_it_is_allowed(self, usual):
        _, found = usual(region_lock("eu-west-1", "eu-west-2", action="*"), "eu-west-2")
        assert found.region == "eu-west-2"

    def test_leave_no_deny_open_that_only_exempts_roles_by_name(self, usual):
        exempt = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}
        statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": exempt}
        organization, found = usual(json.dumps({"Statement": [statement]}), "us-east-1")
        s3 = organization_ceilings(organization, found.read([])).of(LOG_ARCHIVE)
        before = organization_ceilings(organization, found.read(["principal!=root"])).of(
            LOG_ARCHIVE
        )
        bits = load_catalogue().service_bits("s3")
        assert before.conditional & bits == bits
        assert s3.never & bits == bits
