import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import Catalogue, load_catalogue
from policies.language.patterns import resource_glob
from policies.resource_arns import arn_pattern, can_be_resource, services_of

CATALOGUE = load_catalogue()
TYPED = [index for index in range(len(CATALOGUE)) if CATALOGUE.resource_types(index)]
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return CATALOGUE


def may(catalogue: Catalogue, action: str, resource: str) -> bool:
    return can_be_resource(catalogue, catalogue.bits(action), resource_glob((resource,)))


def filled(arn: str, draw: st.DrawFn) -> str:
    """Return an ARN with a value for each variable, as AWS would send it."""

    def value(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name == "partition":
            return draw(st.sampled_from(("aws", "aws-cn", "aws-us-gov")))
        if "region" in name:
            return draw(st.sampled_from(("eu-west-1", "us-east-1")))
        if "account" in name:
            return "111122223333"
        return draw(st.sampled_from(("x", "name-1", "a.b_c")))

    return _VARIABLE.sub(value, arn).replace("*", "x")


def _plain_value(match: re.Match[str]) -> str:
    return {"partition": "aws", "region": "eu-west-1"}.get(match[1].lower(), "x1")


@st.composite
def resources(draw: st.DrawFn) -> tuple[int, str, str]:
    """An action's index, an ARN of its resource, and a pattern that the evaluator matches it by."""
    index = draw(st.sampled_from(TYPED))
    kind, _ = draw(st.sampled_from(CATALOGUE.resource_types(index)))
    arn = filled(kind.arn, draw)
    pattern = list(arn)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(4, len(pattern)))
        end = draw(st.integers(start, len(pattern)))
        pattern[start:end] = [draw(st.sampled_from(("*", "?" * (end - start))))]
    return index, arn, "".join(pattern)


class TestCanBeResource:
    @given(resources())
    def test_never_excludes_a_resource_that_the_evaluator_matches(self, found):
        index, arn, pattern = found
        if resource_glob((pattern,)).matches(arn):
            assert can_be_resource(CATALOGUE, 1 << index, resource_glob((pattern,)))

    def test_tells_region_and_account_from_their_absence(self, catalogue):
        assert may(catalogue, "ec2:StartInstances", "arn:aws:ec2:eu-west-1:1:instance/i-1")
        assert not may(catalogue, "ec2:StartInstances", "arn:aws:ec2::1:instance/i-1")
        assert not may(catalogue, "iam:CreateRole", "arn:aws:iam:eu-west-1:1:role/x")
        assert not may(catalogue, "s3:GetObject", "arn:aws:s3::1:b/x")

    def test_leaves_the_account_open_for_resources_that_aws_owns(self, catalogue):
        assert may(catalogue, "iam:AttachRolePolicy", "arn:aws:iam::*:role/x")
        assert may(catalogue, "iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        assert may(catalogue, "ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/x")

    def test_knows_that_a_root_session_works_on_the_root_user(self, catalogue):
        assert may(catalogue, "iam:DeleteLoginProfile", "arn:aws:iam::*:root")
        assert not may(catalogue, "iam:CreateRole", "arn:aws:iam::*:root")

    def test_is_open_for_actions_without_a_resource_but_not_for_arns_of_none(self, catalogue):
        assert may(catalogue, "iam:ListRoles", "*")
        assert may(catalogue, "iam:ListRoles", "arn:aws:iam::*:role/team/*")
        assert may(catalogue, "s3:ListAllMyBuckets", "arn:aws:s3:::*")
        assert not may(catalogue, "iam:ListRoles", "arn:aws:iam:eu-west-1:*:role/x")

    def test_reads_wildcards_in_the_service(self, catalogue):
        assert may(catalogue, "s3:GetObject", "arn:aws:*:::b/*")
        assert not may(catalogue, "s3:GetObject", "arn:aws:q*:::b/*")


class TestArnPattern:
    def test_matches_an_arn_of_every_type_of_the_catalogue(self, catalogue):
        for kind, _ in catalogue.all_resource_types:
            arn = _VARIABLE.sub(_plain_value, kind.arn)
            assert arn_pattern(kind).matches(arn.replace("*", "x1")), kind


class TestServicesOf:
    def test_names_the_services_in_the_arns_and_not_in_the_actions(self, catalogue):
        assert services_of(catalogue, catalogue.bits("elasticloadbalancing:CreateRule")) == {
            "elasticloadbalancing"
        }
        assert "license-manager" in services_of(catalogue, catalogue.bits("ec2:RunInstances"))
