"""What is assumed of requests: read from terms, told in words, and what is no assumption."""

import pytest

from governance.posture.ceilings.assumptions import (
    NOTHING,
    in_words,
    read_assumed,
)
from policies.ceiling import BadAssumption
from tests.governance.posture.ceilings.stored_ceilings import EU


class TestAssumed:
    def test_takes_the_home_region_and_no_root_user_unless_told(self):
        assumed = read_assumed([], home_region="eu-west-2")
        assert assumed.terms == ("aws:RequestedRegion=eu-west-2", "principal!=root")
        assert assumed.engine.values == {"aws:requestedregion": "eu-west-2"}
        assert "root" not in (assumed.engine.principal_kinds or ())

    def test_assumes_nothing_when_told_so(self):
        assumed = read_assumed([NOTHING], home_region="eu-west-2")
        assert assumed.terms == ()
        assert assumed.address() == (NOTHING,)
        assert EU.without("principal!=root") == ("aws:RequestedRegion=eu-west-1",)

    def test_spells_keys_as_aws_does_and_knows_absent_ones(self):
        assumed = read_assumed(
            ["aws:requestedregion=eu-west-1", "!aws:sourcevpce"], home_region="x"
        )
        assert assumed.terms == ("aws:RequestedRegion=eu-west-1", "!aws:SourceVpce")
        assert [in_words(term) for term in assumed.terms] == [
            "aws:RequestedRegion = eu-west-1",
            "aws:SourceVpce is absent",
        ]

    @pytest.mark.parametrize(
        ("terms", "said"),
        [
            (["region"], "is no assumption"),
            (["aws:RequestedRegion="], "is no assumption"),
            (["principal=service"], "a principal is one of"),
            (["nothing", "principal=role"], "stands alone"),
            (["aws:RequestedRegion=a", "aws:RequestedRegion=b"], "holds one value"),
            (["principal=root", "principal!=root"], "cannot be the root user"),
            (["!aws:SourceVpc", "aws:SourceVpc=vpc-1"], "assumed to have two"),
            ([f"aws:PrincipalTag/a{n}=1" for n in range(21)], "at most 20"),
        ],
    )
    def test_says_what_is_wrong_with_a_term(self, terms, said):
        with pytest.raises(BadAssumption, match=said):
            read_assumed(terms, home_region="eu-west-1")
